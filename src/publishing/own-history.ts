/** Holds a night against the nights before it in the same table. It warns, and never blocks. */
import { addDays } from '../contracts/game-date';
import { inTime } from '../gate/in-time';
import type { HistoryFigure, HistoryRule } from '../processors/define-history';
import type { Processor } from '../processors/define-processor';
import type { Row, TableDefinition } from '../tables/define-table';
import type { Warehouse } from '../warehouse/warehouse';
import { keyOf, summarise, type CheckResult } from './check-rows';

/** Published rows of the days before; or why there are none to judge by, as a clause. */
export type OwnHistory =
  | { readonly kind: 'read'; readonly rows: readonly Row[] }
  | { readonly kind: 'unread'; readonly why: string };

/** A night is published without what it would be compared with, rather than late. */
const longestReadMs = 10_000;

/**
 * The rows that the processor's table has for the days before, in one statement over these dates; null where it has no rule for
 * them. It never rejects: a warehouse that does not answer here keeps nothing from being published.
 */
export async function readOwnHistory(
  warehouse: Pick<Warehouse, 'exportRows'>,
  { history, table }: Pick<Processor, 'history' | 'table'>,
  gameDate: string,
): Promise<OwnHistory | null> {
  if (!history) return null;
  const late: OwnHistory = { kind: 'unread', why: `it was not read within ${longestReadMs / 1000} s` };
  const read = async (): Promise<OwnHistory> => {
    try {
      const rows: Row[] = [];
      const [from, to] = [addDays(gameDate, -history.days), addDays(gameDate, -1)];
      for await (const batch of warehouse.exportRows(table.name, from, to)) rows.push(...batch);
      return { kind: 'read', rows };
    } catch (error) {
      const why = error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
      return { kind: 'unread', why: `it could not be read (${why})` };
    }
  };
  return inTime(read(), longestReadMs, late);
}

/** What is usual of a figure. */
interface Usual {
  /** Rows that have the figure. */
  readonly n: number;
  readonly median: number;
  /** Median of the distances from the median. */
  readonly mad: number;
}

/**
 * The robust z-score, in standard deviations of a normal distribution with this median and MAD.
 *
 * Source: Iglewicz and Hoaglin, "How to Detect and Handle Outliers" (1993): `0.6745 · (x − median) / MAD`.
 */
function robustZ(value: number, { median: middle, mad }: Usual): number {
  return (0.6745 * (value - middle)) / mad;
}

/** Judges rows by their table's history; the result says what it was judged by, or why it was not. Pure. */
export function judgeByHistory(
  rule: HistoryRule,
  table: TableDefinition,
  history: OwnHistory,
  rows: readonly Row[],
): CheckResult {
  const { name, fewestRows, figures, tolerance } = rule;
  const result = { name, blocking: false, passed: true, samples: [] };
  if (history.kind === 'unread')
    return { ...result, detail: `not judged by the history of the table: ${history.why}` };
  if (history.rows.length < fewestRows)
    return { ...result, detail: `not judged: ${history.rows.length} of ${fewestRows} rows of history` };
  const judged = figures.map((figure) => judgeFigure(rule, figure, history.rows, rows));
  const unusual = judged.flatMap((one) => one.unusual);
  const detail =
    unusual.length > 0
      ? summarise(unusual.map((one) => one.detail))
      : `${judged.map((one) => one.detail).join('; ')}; limit ${tolerance.value}`;
  const samples = unusual.slice(0, 3).map(({ row }) => keyOf(row, table));
  return { ...result, passed: unusual.length === 0, detail, samples };
}

interface JudgedFigure {
  /** What it was judged by, and the row that is furthest from it. */
  readonly detail: string;
  readonly unusual: readonly { readonly row: Row; readonly detail: string }[];
}

function judgeFigure(
  { days, fewestRows, rowOf, tolerance }: HistoryRule,
  { name, of }: HistoryFigure,
  history: readonly Row[],
  rows: readonly Row[],
): JudgedFigure {
  const known = history.flatMap((row) => of(row) ?? []);
  if (known.length < fewestRows)
    return { unusual: [], detail: `${name} not judged: ${known.length} of ${fewestRows} rows of history` };
  const usual = usualOf(known);
  if (usual.mad === 0)
    return { unusual: [], detail: `${name} not judged: it is ${usual.median} in half of the history` };
  const scored = rows
    .flatMap((row) => {
      const value = of(row);
      return value === null ? [] : [{ row, value, z: robustZ(value, usual) }];
    })
    .sort((a, b) => Math.abs(b.z) - Math.abs(a.z));
  const evidence = `median ${usual.median.toFixed(1)}, MAD ${usual.mad.toFixed(1)} of ${usual.n} rows`;
  const [furthest] = scored;
  return {
    detail: `${name}: ${evidence}${furthest ? `, ${rowOf(furthest.row)} z ${furthest.z.toFixed(2)}` : ''}`,
    unusual: scored
      .filter(({ z }) => Math.abs(z) > tolerance.value)
      .map(({ row, value, z }) => ({
        row,
        detail: `${rowOf(row)} has ${name} ${value.toFixed(1)}, z ${z.toFixed(2)} by the ${days} days before (${evidence}; limit ${tolerance.value})`,
      })),
  };
}

function usualOf(values: readonly number[]): Usual {
  const middle = median(values);
  return { n: values.length, median: middle, mad: median(values.map((value) => Math.abs(value - middle))) };
}

/** The middle one of some values, or the mean of the two in the middle. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const [below = 0, above = 0] = [sorted[sorted.length % 2 === 1 ? half : half - 1], sorted[half]];
  return (below + above) / 2;
}
