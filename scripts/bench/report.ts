/** What the bench has measured, and the table it is printed as. Pure. */

/** A bound beside a figure. The bench judges nobody: it prints whether the bound is kept and exits 0 all the same. */
export interface Bound {
  readonly is: 'at most' | 'at least';
  readonly value: number;
}

export interface Figure {
  readonly name: string;
  readonly value: number;
  /** What `value` counts: ms, s, MB, a second … */
  readonly unit: string;
  /** How many measurements stand behind the value. */
  readonly samples: number;
  /** First mark, from a spike: to be passed. */
  readonly mark?: Bound;
  /** Where it should go. */
  readonly aim?: Bound;
}

export interface PartReport {
  readonly title: string;
  readonly seconds: number;
  /** Load average of one minute before and after the part. */
  readonly loadBefore: number;
  readonly loadAfter: number;
  /** Share (0 to 1) of the machine that was busy with other things meanwhile; null where it cannot be told. */
  readonly others: number | null;
  readonly figures: readonly Figure[];
  /** Sentences that belong to the figures. */
  readonly notes: readonly string[];
}

export function atMost(value: number): Bound {
  return { is: 'at most', value };
}

export function atLeast(value: number): Bound {
  return { is: 'at least', value };
}

/** A part as lines: its title, its figures in columns, its notes. */
export function renderPart(part: PartReport): string[] {
  const { title, figures, notes } = part;
  const rows = [
    ['', 'measured', 'samples', 'mark', 'aim'],
    ...figures.map((figure) => [
      figure.name,
      `${written(figure.value)} ${figure.unit}`,
      String(figure.samples),
      verdictOn(figure, figure.mark),
      verdictOn(figure, figure.aim),
    ]),
  ];
  return [`${title} (${circumstances(part)})`, ...inColumns(rows), ...notes.map((note) => `  ${note}`)];
}

function circumstances({ seconds, loadBefore, loadAfter, others }: PartReport): string {
  const busy = others === null ? '' : `, others took ${Math.round(100 * others)} % of the machine`;
  return `took ${written(seconds)} s, load ${loadBefore.toFixed(2)} before, ${loadAfter.toFixed(2)} after${busy}`;
}

/** Three digits are what such measurements are good for; whole numbers stay whole. */
function written(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 100) return String(Math.round(value));
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

function verdictOn({ value }: Figure, bound: Bound | undefined): string {
  if (!bound) return '';
  const isKept = bound.is === 'at most' ? value <= bound.value : value >= bound.value;
  return `${bound.is === 'at most' ? '≤' : '≥'} ${written(bound.value)} ${isKept ? '✓' : '✗'}`;
}

/** The first column to the left, figures to the right. */
function inColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    return `  ${cells.join('  ')}`.trimEnd();
  });
}
