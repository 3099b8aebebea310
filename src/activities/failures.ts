/**
 * What activities throw → failures that Temporal carries. Whether to retry is a fact of the error, so it is decided here.
 *
 * Effects say what they are: the warehouse port throws {@link WarehouseError}, the Temporal client its `ServiceError`, the
 * operating system names the call that failed. Whatever else escapes an activity came from pure code, and is a bug: the same
 * inputs would meet it again at each attempt.
 */
import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure, TemporalFailure } from '@temporalio/common';
import { CodeFaultError, sentenceOfFault, type Builder } from '../contracts/code-fault';
import { failureTypes } from '../contracts/failures';
import { FencedError } from '../publishing/fenced-error';
import { WarehouseError, type WarehouseErrorKind } from '../warehouse/errors';

type FailureType = (typeof failureTypes)[keyof typeof failureTypes];

/** What a warehouse's error is called on its way; only what passes is tried again. */
const typeOfKind: Readonly<Record<WarehouseErrorKind, FailureType>> = {
  unavailable: failureTypes.warehouseUnavailable,
  contract_broken: failureTypes.warehouseContractBroken,
  bad_rows: failureTypes.warehouseContractBroken,
  needs_person: failureTypes.warehouseRefused,
};

/**
 * Runs an activity, or part of one, and maps what it throws. `builder` says whose pure code runs in it; without one a bug is
 * named by its activity and workflow.
 */
export async function withFailures<T>(work: () => Promise<T>, builder?: Builder): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toFailure(error, builder);
  }
}

function toFailure(error: unknown, builder: Builder | undefined): unknown {
  if (error instanceof TemporalFailure) return error;
  if (error instanceof WarehouseError)
    return failure(typeOfKind[error.kind], error, error.kind !== 'unavailable', error.retryAfterMs);
  if (error instanceof FencedError) return failure(failureTypes.passFenced, error, true);
  if (isOfEffect(error)) return error;
  return failure(failureTypes.codeFault, toCodeFault(error, builder), true);
}

function failure(
  type: FailureType,
  error: Error,
  nonRetryable: boolean,
  nextRetryDelay: number | null = null,
): ApplicationFailure {
  const { message } = error;
  return ApplicationFailure.create({
    ...{ type, message, nonRetryable, cause: error },
    ...(nextRetryDelay !== null && { nextRetryDelay }),
  });
}

/** Of the Temporal client, or of the operating system: a connection, a full disk. Pure code makes neither kind of call. */
function isOfEffect(error: unknown): boolean {
  return error instanceof Error && (error.name === 'ServiceError' || 'syscall' in error);
}

function toCodeFault(error: unknown, builder: Builder | undefined): Error {
  if (error instanceof CodeFaultError) return error;
  if (builder) return new CodeFaultError(builder, error);
  const { activityType, workflowExecution } = activityInfo();
  const whose = `${activityType} of ${workflowExecution?.workflowId ?? 'no workflow'}`;
  return new Error(`The code of ${whose} failed: ${sentenceOfFault(error)}`, { cause: error });
}
