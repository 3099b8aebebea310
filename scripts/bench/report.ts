/** What was measured, side by side. Pure. */
import Table from 'cli-table3';

/** One measurement of one checkout. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
}

/** Least, median and most of what was measured in the rounds. */
export interface Range {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export interface Compared {
  readonly name: string;
  readonly unit: string;
  readonly ours: Range;
  /** Null without a baseline. */
  readonly baseline: Range | null;
  /** Ours divided by the baseline's of the same round; null where that says nothing. */
  readonly ratio: Range | null;
}

/** The figures of one round: each of ours beside the baseline's. */
export interface Round {
  readonly ours: readonly Figure[];
  readonly baseline: readonly Figure[] | null;
}

/** The value at `share` (0 to 1) of the sorted samples, between two of them by linear interpolation. */
export function percentile(samples: readonly number[], share: number): number {
  if (samples.length === 0) throw new Error('there are no samples');
  const sorted = [...samples].sort((a, b) => a - b);
  const position = share * (sorted.length - 1);
  const low = sorted[Math.floor(position)] ?? 0;
  const high = sorted[Math.ceil(position)] ?? low;
  return low + (high - low) * (position - Math.floor(position));
}

function rangeOf(values: readonly number[]): Range {
  return { min: percentile(values, 0), median: percentile(values, 0.5), max: percentile(values, 1) };
}

/** p50 and p95, or another upper share, of durations in ms. */
export function spreadOf(name: string, samples: readonly number[], upper = 0.95): Figure[] {
  return [0.5, upper].map((share) => ({
    name: `${name}, p${Math.round(100 * share)}`,
    unit: 'ms',
    value: percentile(samples, share),
  }));
}

/** What the rounds say of each figure. A figure that a side lacks in one round is left out of that round. */
export function compareRounds(rounds: readonly Round[]): Compared[] {
  const valueOf = (figures: readonly Figure[] | null, name: string): number | undefined =>
    figures?.find((figure) => figure.name === name)?.value;
  return (rounds[0]?.ours ?? []).map(({ name, unit }) => {
    const pairs = rounds.map(({ ours, baseline }) => [valueOf(ours, name), valueOf(baseline, name)] as const);
    const ours = pairs.flatMap(([value]) => value ?? []);
    const baseline = pairs.flatMap(([, value]) => value ?? []);
    // Of a pair one after the other, so that a machine that grows slower takes nothing from the ratio.
    const ratios = pairs.flatMap(([a, b]) => (a === undefined || !b ? [] : [a / b]));
    return {
      name,
      unit,
      ours: rangeOf(ours),
      baseline: baseline.length > 0 ? rangeOf(baseline) : null,
      ratio: ratios.length > 0 ? rangeOf(ratios) : null,
    };
  });
}

/** The figures as a table. `names` are the checkouts'. */
export function renderTable(figures: readonly Compared[], names: readonly [string, string | null]): string {
  const [ours, baseline] = names;
  const isCompared = baseline !== null;
  const table = new Table({
    head: ['measure', 'unit', ours, ...(isCompared ? [baseline, 'ratio'] : [])],
    colAligns: ['left', 'left', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const figure of figures)
    table.push([
      figure.name,
      figure.unit,
      written(figure.ours, short),
      ...(isCompared
        ? [written(figure.baseline, short), written(figure.ratio, (value) => value.toFixed(2))]
        : []),
    ]);
  return table.toString();
}

/** The median, with least and most where they differ. */
function written(range: Range | null, digits: (value: number) => string): string {
  if (range === null) return '-';
  const [min, median, max] = [range.min, range.median, range.max].map(digits);
  return min === max ? (median ?? '') : `${median} (${min}–${max})`;
}

/** Three digits are what such measurements are good for. */
function short(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 100) return String(Math.round(value));
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
