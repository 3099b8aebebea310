/** Orders that do not depend on a machine's locale. */
import type { Row, TableDefinition } from './define-table';

/** Code-unit order: −1, 0 or 1. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Order of a table's rows by its key; rows of equal keys keep their order under a stable sort. */
export function compareByKey(table: TableDefinition): (a: Row, b: Row) => number {
  return (a, b) => {
    for (const column of table.key) {
      const order = compareText(String(a[column] ?? ''), String(b[column] ?? ''));
      if (order !== 0) return order;
    }
    return 0;
  };
}
