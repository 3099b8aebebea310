/** Port errors → failures that Temporal carries. Whether to retry is a fact of the error, so it is decided here. */
import { ApplicationFailure } from '@temporalio/common';
import { failureTypes } from '../contracts/failures';
import { FencedError } from '../publishing/fenced-error';
import { WarehouseError } from '../warehouse/errors';

/** Wraps what a warehouse or a publish threw; anything else is returned as it is, to be retried and seen. */
function toFailure(error: unknown): unknown {
  if (error instanceof FencedError)
    return ApplicationFailure.create({
      type: failureTypes.passFenced,
      message: error.message,
      nonRetryable: true,
      cause: error,
    });
  if (!(error instanceof WarehouseError)) return error;
  switch (error.kind) {
    case 'unavailable':
      return ApplicationFailure.create({
        type: failureTypes.warehouseUnavailable,
        message: error.message,
        cause: error,
      });
    case 'contract_broken':
    case 'bad_rows':
      return ApplicationFailure.create({
        type: failureTypes.warehouseContractBroken,
        message: error.message,
        nonRetryable: true,
        cause: error,
      });
  }
}

/** Runs an effect and maps what it throws. */
export async function withFailures<T>(effect: () => Promise<T>): Promise<T> {
  try {
    return await effect();
  } catch (error) {
    throw toFailure(error);
  }
}
