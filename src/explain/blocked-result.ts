/** Results of processors that were not started. Pure. */
import type { LookVerdict, Outcome, ProcessorName, ProcessorResult } from '../contracts/phase3';
import { describeMissing } from './describe-missing';

/** What comes of a processor that was not started, where no version of it is known. */
export function idleResult(processor: ProcessorName, outcome: Outcome, reason: string): ProcessorResult {
  return {
    ...{ processor, outcome, reason, version: null, rowCount: null },
    ...{ missing: [], missingGames: [], warnings: [], policyBypass: null },
  };
}

/** What comes of a processor that is held up and for which nobody waits (`why`, a clause); `live` is its published version. */
export function blockedResult(
  verdict: LookVerdict,
  why: string,
  live: Pick<ProcessorResult, 'version' | 'rowCount'>,
): ProcessorResult {
  const { processor, missing, missingGames, details, readyGames, finalGames, expected } = verdict;
  return {
    ...idleResult(processor, 'blocked', `${why}: ${describeMissing([verdict])}`),
    ...{ ...live, missing, missingGames, details, readyGames, finalGames },
    ...(expected ? { expected } : {}),
  };
}
