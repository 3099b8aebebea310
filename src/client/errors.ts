/** Why a question, a request or a decision came to nothing. */
import { ServiceError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';

/** A run that is known to Temporal but cannot be asked, since no worker is there. */
export class NoWorkerError extends Error {
  override readonly name = 'NoWorkerError';
}

/** A decision that the date does not take; the message says why. Nothing of it is on record. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** A decision that could not be carried out, by no fault of who sent it. */
export class FailedError extends Error {
  override readonly name = 'FailedError';
}

/** Nothing of the date is open, so nobody can decide about it. */
export class NotOpenError extends Error {
  override readonly name = 'NotOpenError';
}

/** A date that has been sent more than it can hold. The same message may be taken in a while. */
export class BusyError extends Error {
  override readonly name = 'BusyError';
}

/** What the server says where a run has been sent as many signals as it may get (10,000, unless configured otherwise). */
const signalLimit = 'exceeded workflow execution limit for signal events';

/** Why a signal was not taken: a {@link BusyError} where the run may get no more; it continues as a new run, which may. */
export function signalFault(gameDate: string, error: unknown): unknown {
  if (!(error instanceof ServiceError) || !reasonOf(error).includes(signalLimit)) return error;
  return new BusyError(
    `The run of ${gameDate} has received as many messages as Temporal lets a run have. It continues as a new run when a worker has processed them; send this one again in a minute.`,
    { cause: error },
  );
}

/** Why Temporal did not do what it was asked: the server's words are in the cause, in which field hangs on the connection. */
export function reasonOf({ cause, message }: Error): string {
  if (cause instanceof ServiceError) return reasonOf(cause);
  const { details, message: inner } = (cause ?? {}) as { details?: string; message?: string };
  return details || inner || message;
}

/** What the server says to an update when the task that was to look at it has failed, as one does when news come in before its end. */
const failedTask = 'unexpected workflow task failure';

/** Whether an update has been looked at by nobody, and may be sent again: the run continues, or has ended. */
export function isUnprocessed(error: unknown): boolean {
  if (error instanceof WorkflowUpdateFailedError)
    return error.cause instanceof ApplicationFailure && error.cause.type === 'UnprocessedUpdate';
  return error instanceof ServiceError && reasonOf(error).includes(failedTask);
}
