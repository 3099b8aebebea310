/**
 * Dates of which Temporal knows that they were published, and the warehouse does not: somebody has put an older file in its
 * place, or the newest part of its log is gone, which DuckDB takes for what was being written when the power failed. Pure.
 */
import type { EndedRun } from './looks';
import type { RunState } from '../contracts/phase3';

/** What a run ends as that leaves something live. */
const published: readonly RunState[] = ['published', 'unchanged', 'partial', 'disputed', 'questioned'];

/** The newest published run of each date of which no pass is on record, by date. Each run records a pass before it ends. */
export function lostRuns(
  runs: readonly EndedRun[],
  history: readonly { readonly run_id: string }[],
): EndedRun[] {
  const recorded = new Set(history.map(({ run_id: runId }) => runId));
  const byDate = new Map<string, EndedRun[]>();
  for (const run of runs) byDate.set(run.gameDate, [...(byDate.get(run.gameDate) ?? []), run]);
  return [...byDate.values()]
    .flatMap((ofDate) => {
      const [newest, ...older] = [...ofDate].sort((a, b) => (a.since < b.since ? 1 : -1));
      if (!newest || newest.wentOn || !published.includes(newest.state)) return [];
      // A run that went on has left its passes to the one after it.
      const end = older.findIndex(({ wentOn }) => !wentOn);
      const chain = [newest, ...older.slice(0, end < 0 ? older.length : end)];
      return chain.some(({ runId }) => recorded.has(runId)) ? [] : [newest];
    })
    .sort((a, b) => (a.gameDate < b.gameDate ? -1 : 1));
}
