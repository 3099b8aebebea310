/** Which rows and columns that are stored are not as they were published. Pure. */
import { compareByKey } from '../tables/compare';
import type { Cell, Row, TableDefinition } from '../tables/define-table';

/** A cell that is not what was published. */
export interface AlteredCell {
  readonly column: string;
  readonly published: Cell;
  readonly live: Cell;
}

/** A live row of which cells were changed. */
export interface AlteredRow {
  readonly key: Row;
  readonly columns: readonly AlteredCell[];
}

/** What was done to a partition; each list in the order of the table's key. */
export interface AlteredRows {
  readonly altered: readonly AlteredRow[];
  /** Keys of rows that were published and are gone. */
  readonly missing: readonly Row[];
  /** Keys of rows that nobody published, and of rows that are there once too often. */
  readonly foreign: readonly Row[];
}

/** Holds live rows against the published ones: every column, provenance too. Both may come in any order. */
export function compareWithPublished(
  table: TableDefinition,
  published: readonly Row[],
  live: readonly Row[],
): AlteredRows {
  const inOrder = (rows: readonly Row[]): Row[] => [...rows].sort(compareByKey(table));
  const spell = (row: Row): string => JSON.stringify(table.key.map((column) => row[column] ?? null));
  const liveByKey = new Map<string, Row[]>();
  for (const row of inOrder(live)) liveByKey.set(spell(row), [...(liveByKey.get(spell(row)) ?? []), row]);
  const altered: AlteredRow[] = [];
  const missing: Row[] = [];
  for (const row of inOrder(published)) {
    const found = liveByKey.get(spell(row)) ?? [];
    // Of two rows of one key the one that is as it was published is the right one.
    const same = found.findIndex((other) => cellsApart(table, row, other).length === 0);
    const [one] = found.splice(Math.max(same, 0), 1);
    if (!one) missing.push(keyOf(table, row));
    else if (same < 0) altered.push({ key: keyOf(table, row), columns: cellsApart(table, row, one) });
  }
  const foreign = [...liveByKey.values()].flat().map((row) => keyOf(table, row));
  return { altered, missing, foreign };
}

function cellsApart({ columns }: TableDefinition, published: Row, live: Row): AlteredCell[] {
  return Object.keys(columns).flatMap((column) => {
    const [was, is] = [published[column] ?? null, live[column] ?? null];
    return was === is ? [] : [{ column, published: was, live: is }];
  });
}

function keyOf({ key }: TableDefinition, row: Row): Row {
  return Object.fromEntries(key.map((column) => [column, row[column] ?? null]));
}
