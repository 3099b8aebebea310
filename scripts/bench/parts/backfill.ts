/** The product's own backfill, timed. */
import type { BackfillProgress } from '../../../src/contracts/backfill';
import type { BenchStack } from '../bench-stack';
import { BenchFailure } from '../failure';

export interface TimedBackfill {
  readonly seconds: number;
  /** Dates by the state they ended in. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface Range {
  readonly from: string;
  readonly to: string;
}

export function rangeOf(dates: readonly string[]): Range {
  const [from, to] = [dates[0], dates.at(-1)];
  if (from === undefined || to === undefined) throw new BenchFailure('There are no dates to backfill.');
  return { from, to };
}

/** Starts a backfill; the promise within resolves when every date has answered. */
export async function startBackfill(
  { phase3, temporal }: BenchStack,
  range: Range,
  concurrency: number,
): Promise<{ readonly workflowId: string; readonly done: Promise<TimedBackfill> }> {
  const begun = performance.now();
  const { workflowId } = await phase3.backfill({ ...range, concurrency });
  const done = temporal.workflow
    .getHandle(workflowId)
    .result()
    .then((result): TimedBackfill => {
      const counts: Record<string, number> = {};
      for (const { state } of Object.values((result as BackfillProgress).replies))
        counts[state] = (counts[state] ?? 0) + 1;
      return { seconds: (performance.now() - begun) / 1000, counts };
    });
  return { workflowId, done };
}

/** Throws {@link BenchFailure} unless just `expected` dates ended in `state` and the others had no game. */
export function requireCounts({ counts }: TimedBackfill, state: string, expected: number): void {
  const { [state]: found = 0, skipped: _, ...others } = counts;
  if (found !== expected || Object.keys(others).length > 0)
    throw new BenchFailure(`Of ${expected} dates that should be ${state}: ${JSON.stringify(counts)}.`);
}
