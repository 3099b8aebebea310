/** What a plan would cost: operations of the warehouse, rows, and time by the last runs. Pure. */
import type { PlannedDate, PlannedNode, PlanEstimate } from '../contracts/date-plan';
import { daysBetween } from '../contracts/game-date';
import type { ProcessorName } from '../contracts/phase3';
import { resultsOfPass } from '../contracts/run-record';
import type { RunHistoryRow } from '../tables/orchestration';

/**
 * What a pass asks of the warehouse, by the port's operations: `test/integration/plan.test.ts` counts them. A date: ending the pass, and
 * the record that is read after it. A level: the look that it begins with, the first of which claims the date. A table that is built: its
 * snapshot, staging, publishing and reading back. Tables that are held against their own history read that besides.
 */
export const [operationsADate, operationsALevel, operationsANode] = [2, 1, 4] as const;

/** So many of the newest passes are looked at: what was true of another machine, or another size of night, wears off. */
const newestPasses = 200;

/** Nodes that a plan runs, of a date. */
export function nodesToBuild({ nodes }: Pick<PlannedDate, 'nodes'>): PlannedNode[] {
  return nodes.filter(({ action }) => action === 'build');
}

/** Dates that lie no further apart than this are read together: more reads cost more than the days between. */
const daysApart = 3;

/** Dates, ascending, as few ranges. */
export function spansOf(dates: readonly string[]): { from: string; to: string }[] {
  const spans: { from: string; to: string }[] = [];
  for (const date of dates) {
    const span = spans.at(-1);
    if (span && daysBetween(span.to, date) <= daysApart) span.to = date;
    else spans.push({ from: date, to: date });
  }
  return spans;
}

export interface EstimateOptions {
  /** Passes of any dates, in any order. */
  readonly history: readonly RunHistoryRow[];
  readonly concurrency: number;
  /** Of one read of the raw rows of the dates that have something to build; null where nobody counts bytes. */
  readonly bytes: number | null;
  readonly levelOf: (processor: ProcessorName) => number;
}

export function estimateOf(
  dates: readonly PlannedDate[],
  { history, concurrency, bytes, levelOf }: EstimateOptions,
): PlanEstimate {
  const own = dates.filter((date) => nodesToBuild(date).length > 0);
  const nodes = own.flatMap(nodesToBuild).length;
  const levels = own
    .map((date) => new Set(nodesToBuild(date).map(({ processor }) => levelOf(processor))).size)
    .reduce((sum, count) => sum + count, 0);
  const perNode = secondsANode(history);
  const atOnce = Math.max(1, Math.min(concurrency, own.length));
  const seconds = (percent: number): number =>
    Number(((nodes * nearestRank(perNode, percent)) / atOnce).toFixed(1));
  return {
    ...{ dates: own.length, nodes, concurrency, passes: perNode.length },
    // A date's rows are read by each look, and for each table that is built.
    bytes: bytes === null || own.length === 0 ? bytes : Math.round((bytes * (levels + nodes)) / own.length),
    statements: own.length * operationsADate + levels * operationsALevel + nodes * operationsANode,
    rows: own.flatMap(({ raw }) => raw).reduce((sum, { rows }) => sum + rows, 0),
    seconds: perNode.length === 0 ? null : { p50: seconds(50), p90: seconds(90) },
  };
}

/** How long passes that published something took for each table, without what they waited; ascending. */
function secondsANode(history: readonly RunHistoryRow[]): number[] {
  return [...history]
    .sort((a, b) => (a.ended_at < b.ended_at ? 1 : -1))
    .flatMap((pass) => {
      const built = resultsOfPass(pass).filter(({ outcome }) => outcome === 'published').length;
      const ms = Date.parse(pass.ended_at) - Date.parse(pass.started_at) - pass.waited_ms;
      return built > 0 && ms >= 0 ? [ms / built / 1000] : [];
    })
    .slice(0, newestPasses)
    .sort((a, b) => a - b);
}

/** The smallest of the samples, ascending, that at least `percent` of them do not exceed. */
function nearestRank(samples: readonly number[], percent: number): number {
  return samples[Math.max(0, Math.ceil((percent / 100) * samples.length) - 1)] ?? 0;
}
