/** The result of a processor that waited in vain. Pure. */
import { idleResult, type LookVerdict, type ProcessorResult } from '../contracts/phase3';
import { describeMissing } from './describe-missing';

/** What comes of a processor that is held up and for which nobody waits (`why`, a clause); the last is its live version. */
export function blockedResult(
  verdict: LookVerdict,
  why: string,
  { version, rowCount }: Pick<ProcessorResult, 'version' | 'rowCount'> = { version: null, rowCount: null },
): ProcessorResult {
  const { processor, missing, missingGames, details, readyGames, finalGames, expected } = verdict;
  return {
    ...idleResult(processor, 'blocked', `${why}: ${describeMissing([verdict])}`),
    ...{ version, rowCount, missing, missingGames, details, readyGames, finalGames },
    ...(expected ? { expected } : {}),
  };
}
