/** The failure of an attempt that may not publish any more. */
import { ApplicationFailure } from '@temporalio/common';
import type { PassToken } from '../contracts/activities';
import { failureTypes } from '../contracts/failures';

export function fenced({ gameDate, runId, pass }: PassToken, holder: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: failureTypes.passFenced,
    message: `${gameDate} is held by ${holder}, not by run ${runId}, pass ${pass}; nothing was published`,
    nonRetryable: true,
  });
}
