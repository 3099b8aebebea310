/** What the run history says of a date. Pure. */
import type { RunHistoryRow } from '../tables/orchestration';
import { adoptionPrefix } from './identity';
import { stateOfResults, type ProcessorName, type ProcessorResult, type RunState } from './phase3';

/** Columns that a date's standing is read from. */
export type PassRow = Pick<RunHistoryRow, 'run_id' | 'pass' | 'state' | 'processors' | 'ended_at'>;

/**
 * Passes as they ended, the newest last. Those of one run are told apart by their number: a clock may step back, or two
 * passes end in one millisecond.
 */
export function inOrderOfEnd<R extends PassRow>(history: readonly R[]): R[] {
  const endOf = new Map<string, string>();
  for (const { run_id: runId, ended_at: endedAt } of history)
    if ((endOf.get(runId) ?? '') < endedAt) endOf.set(runId, endedAt);
  const runEnd = ({ run_id: runId }: R): string => endOf.get(runId) ?? '';
  return [...history].sort((a, b) =>
    a.run_id === b.run_id ? a.pass - b.pass : runEnd(a) < runEnd(b) ? -1 : 1,
  );
}

/** The newest recorded result of every processor that ever had one. */
export function newestResults(history: readonly PassRow[]): Map<ProcessorName, ProcessorResult> {
  const newest = new Map<ProcessorName, ProcessorResult>();
  for (const row of inOrderOfEnd(history))
    for (const result of resultsOfPass(row)) newest.set(result.processor, result);
  return newest;
}

/** What came of the processors of a pass. */
export function resultsOfPass({ processors }: Pick<PassRow, 'processors'>): ProcessorResult[] {
  // Written by `recordPass`, so the shape is ours.
  return Object.values(JSON.parse(processors) as Record<ProcessorName, ProcessorResult>);
}

export interface RecordedDate {
  readonly state: RunState;
  readonly results: readonly ProcessorResult[];
  /** ISO 8601, UTC. */
  readonly endedAt: string;
  /** The run of its newest pass. */
  readonly runId: string;
}

/**
 * How a date stands by its record; null when it was never run. A pass records what came of its own processors, so the date's
 * state is that of the newest result of each, unless the date was ended. An adoption ran nothing: it is the answer only where
 * there is no other.
 */
export function recordedDate(history: readonly PassRow[]): RecordedDate | null {
  const runs = inOrderOfEnd(history.filter((row) => !row.run_id.startsWith(adoptionPrefix)));
  const newest = runs.at(-1) ?? inOrderOfEnd(history).at(-1);
  if (!newest) return null;
  const results = [...newestResults(runs).values()];
  const isEnded = newest.state === 'cancelled' || newest.state === 'abandoned';
  const state = isEnded || results.length === 0 ? (newest.state as RunState) : stateOfResults(results);
  return { state, results, endedAt: newest.ended_at, runId: newest.run_id };
}
