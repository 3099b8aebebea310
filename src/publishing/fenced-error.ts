/** An attempt that may not publish any more. */
import type { PassToken } from '../contracts/activities';

/** Thrown instead of publishing: another pass holds the date, or this attempt was given up on. Nothing was published. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
  constructor({ gameDate, runId, pass }: PassToken, holder: string) {
    super(`${gameDate} is held by ${holder}, not by run ${runId}, pass ${pass}; nothing was published`);
  }
}
