/** When the rows of a date are to be expected, from when those of the dates before it came. Pure. */
import type { Arrival, ExpectedArrival } from '../contracts/arrival';
import { newYorkMidnight } from '../contracts/new-york-midnight';
import type { TableName } from '../tables/catalogue';

/** Dates that are learned from, the newest ones: a source's hours change with the season. */
export const datesLearnedFrom = 30;

/** Of fewer nobody can say what is usual. */
const fewestSamples = 5;

/** What came later was loaded from history: it says when somebody loaded it, and not when a night's rows come. */
const longestWayMs = 3 * 24 * 60 * 60 * 1000;

/** `arrivals`: of the dates before, newest first. Null when too few of them say anything. */
export function expectedArrival(
  table: TableName,
  gameDate: string,
  arrivals: readonly Arrival[],
): ExpectedArrival | null {
  const offsets = arrivals
    .slice(0, datesLearnedFrom)
    .map((arrival) => Date.parse(arrival.arrivedAt) - startOf(arrival.gameDate))
    // Rows from before their date began hold nothing that was played on it.
    .filter((offset) => offset >= 0 && offset <= longestWayMs)
    .sort((a, b) => a - b);
  if (offsets.length < fewestSamples) return null;
  const instantOf = (percent: number): string =>
    new Date(startOf(gameDate) + nearestRank(offsets, percent)).toISOString();
  return { table, p50At: instantOf(50), p90At: instantOf(90), samples: offsets.length };
}

function startOf(gameDate: string): number {
  return newYorkMidnight(gameDate).getTime();
}

/**
 * The smallest of the samples that at least `percent` of them do not exceed: one that was seen, and nothing in between.
 *
 * Source: Wikipedia, "Percentile", the nearest-rank method: the value at rank `⌈P / 100 · N⌉` of N in ascending order.
 */
function nearestRank(sorted: readonly number[], percent: number): number {
  return sorted[Math.ceil((percent * sorted.length) / 100) - 1] ?? 0;
}
