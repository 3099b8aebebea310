/** What moved between two sets of rows of one table, and how it is said. Pure. */
import type { Cell, Row } from './define-table';
import { spellCell, spellKey } from './spell-row';

/** A cell that is not what it was. */
export interface MovedCell {
  readonly column: string;
  readonly before: Cell;
  readonly after: Cell;
}

/** Each list in the order of the table's key. */
export interface RowsMoved {
  readonly changed: readonly { readonly key: Row; readonly columns: readonly MovedCell[] }[];
  /** Keys. */
  readonly added: readonly Row[];
  readonly removed: readonly Row[];
}

/** What moved, as clauses: one for each cell, each row that came and each that is gone. */
export function sayRowsMoved({ changed, added, removed }: RowsMoved): string[] {
  return [
    ...changed.flatMap(({ key, columns }) =>
      columns.map(
        ({ column, before, after }) =>
          `${spellKey(key)}: ${column} ${spellCell(before)} → ${spellCell(after)}`,
      ),
    ),
    ...added.map((key) => `${spellKey(key)} came`),
    ...removed.map((key) => `${spellKey(key)} is gone`),
  ];
}
