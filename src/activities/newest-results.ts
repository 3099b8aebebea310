/** What the run history says of each processor. */
import { processorNames, type ProcessorName, type ProcessorResult } from '../contracts/phase3';
import type { RunHistoryRow } from '../tables/orchestration';

/** Passes as they ended, the newest last. */
export function inOrderOfEnd(history: readonly RunHistoryRow[]): RunHistoryRow[] {
  return [...history].sort((a, b) => (a.ended_at < b.ended_at ? -1 : 1));
}

/** The newest recorded result of every processor that ever had one. */
export function newestResults(history: readonly RunHistoryRow[]): Map<ProcessorName, ProcessorResult> {
  const newest = new Map<ProcessorName, ProcessorResult>();
  for (const row of inOrderOfEnd(history)) {
    // Written by `recordPass`, so the shape is ours.
    const results = JSON.parse(row.processors) as Partial<Record<ProcessorName, ProcessorResult>>;
    for (const name of processorNames) {
      const result = results[name];
      if (result) newest.set(name, result);
    }
  }
  return newest;
}
