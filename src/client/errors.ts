/** Why a question or a decision came to nothing. */

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
