/** Whether the warehouse holds what was built. Pure. */
import { compareByKey } from '../tables/compare';
import type { Row, TableDefinition } from '../tables/define-table';

/** Whether two partitions have the same rows, cell by cell, in whatever order they are. */
export function holdSameRows(table: TableDefinition, some: readonly Row[], others: readonly Row[]): boolean {
  if (some.length !== others.length) return false;
  const ordered = [...others].sort(compareByKey(table));
  return [...some].sort(compareByKey(table)).every((row, index) => isSameRow(row, ordered[index]));
}

function isSameRow(row: Row, other: Row | undefined): boolean {
  if (row === other) return true;
  const columns = Object.keys(row);
  return (
    other !== undefined &&
    columns.length === Object.keys(other).length &&
    columns.every((column) => row[column] === other[column])
  );
}
