/** Two versions of one partition, figure by figure. The rows are compared as everywhere: {@link RowsComparison}. Pure. */
import { RowsComparison } from '../adoption/compare-rows';
import { inputsOf, type InputsByGame } from '../contracts/manifests';
import type { KeptRaw } from '../publishing/raw-kept';
import { rawMovesBetween, type RawMove } from '../publishing/raw-moves';
import type { TableName } from '../tables/catalogue';
import type { Cell, Row, TableDefinition } from '../tables/define-table';
import type { ManifestRow } from '../tables/orchestration';
import { stampOf, type VersionStamp } from './published-version';
import { causesOf, mayHideInput, type Cause } from './why-changed';

/** A figure, or another cell, that is not what it was. */
export interface MovedFigure {
  readonly key: Row;
  readonly column: string;
  readonly before: Cell;
  readonly after: Cell;
  /** The move as a part of the figure before, 0.1 for 10 % more; null where there is no such ratio. */
  readonly relative: number | null;
}

export interface RowCounts {
  readonly same: number;
  readonly changed: number;
  readonly added: number;
  readonly removed: number;
}

export interface VersionsDifference {
  readonly gameDate: string;
  readonly table: TableName;
  readonly before: VersionStamp;
  readonly after: VersionStamp;
  readonly causes: readonly Cause[];
  /** Whether raw rows may have changed besides: then the manifests cannot say. */
  readonly mayHideInput: boolean;
  /**
   * Games whose raw rows differ between the two, by table; null where a manifest does not say what it was built from, or
   * where some differ and nobody has looked at what is kept of them.
   */
  readonly inputs: readonly RawMove[] | null;
  readonly rows: RowCounts;
  /** Keys of the rows that only one of the two has, in key order. */
  readonly added: readonly Row[];
  readonly removed: readonly Row[];
  /** Columns that moved, with the number of rows and the largest absolute difference in the column's own unit. */
  readonly columns: Readonly<Record<string, { readonly rows: number; readonly largest: number | null }>>;
  /** Every cell that moved: figures that appeared or vanished first, then the largest relative moves, then texts. */
  readonly moved: readonly MovedFigure[];
}

/** One version's manifest with its rows. */
export interface VersionRows {
  readonly manifest: ManifestRow;
  readonly rows: readonly Row[];
}

/**
 * What is different in `after`. Who built a row, and when, is no difference. `raw`: the raw rows that are kept of the date; left
 * out by who has not read them.
 */
export function compareVersions(
  table: TableDefinition,
  before: VersionRows,
  after: VersionRows,
  raw?: KeptRaw,
): VersionsDifference {
  const moved: MovedFigure[] = [];
  const added: Row[] = [];
  const removed: Row[] = [];
  const comparison = new RowsComparison(table, 0, {
    differs: (key, column, old, now) =>
      moved.push({ key, column, before: old, after: now, relative: relativeMove(old, now) }),
    onlyLive: (key) => removed.push(key),
    onlyShadow: (key) => added.push(key),
  });
  const gameDate = after.manifest.game_date;
  comparison.add(gameDate, before.rows, after.rows);
  const { columns } = comparison.result();
  const causes = causesOf(before.manifest, after.manifest);
  const [then, since] = [inputsOf(before.manifest), inputsOf(after.manifest)];
  return {
    ...{ gameDate, table: table.name, before: stampOf(before.manifest), after: stampOf(after.manifest) },
    ...{ causes, mayHideInput: mayHideInput(causes, [before.manifest, after.manifest]) },
    inputs: then && since && movesBetween(then, since, raw),
    rows: countRows(table, before.rows, after.rows),
    ...{ added, removed },
    columns: Object.fromEntries(
      Object.entries(columns).map(([column, { rows, largest }]) => [column, { rows, largest }]),
    ),
    moved: moved.sort(byMove),
  };
}

function movesBetween(before: InputsByGame, after: InputsByGame, raw?: KeptRaw): RawMove[] | null {
  const moves = rawMovesBetween(before, after, raw ?? { rowsOf: () => null });
  return raw || moves.length === 0 ? moves : null;
}

/** How many rows stayed, changed, came and went. */
export function countRows(table: TableDefinition, before: readonly Row[], after: readonly Row[]): RowCounts {
  const comparison = new RowsComparison(table, 0);
  comparison.add('', before, after);
  const [counts] = comparison.result().dates;
  const { same = 0, changed = 0, onlyLive: removed = 0, onlyShadow: added = 0 } = counts ?? {};
  return { same, changed, added, removed };
}

function relativeMove(before: Cell, after: Cell): number | null {
  if (typeof before !== 'number' || typeof after !== 'number' || before === 0) return null;
  return (after - before) / Math.abs(before);
}

/** Sorting keeps the order of rows and columns where two moves are as large. */
function byMove(a: MovedFigure, b: MovedFigure): number {
  return rankOf(a) - rankOf(b) || Math.abs(b.relative ?? 0) - Math.abs(a.relative ?? 0);
}

/** A figure that appears, vanishes, or leaves zero has moved further than any ratio says; texts and flags are no figures. */
function rankOf({ before, after, relative }: MovedFigure): number {
  if (relative !== null) return 1;
  return typeof before === 'number' || typeof after === 'number' ? 0 : 2;
}
