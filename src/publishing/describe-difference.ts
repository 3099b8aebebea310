/** How stored rows differ from those that were built, in words. Pure. */
import type { Cell, Row, TableDefinition } from '../tables/define-table';
import { compareWithPublished } from './compare-stored';

/**
 * What is missing, foreign, stored more than once or changed, each with the first row of its kind, as a clause. Empty where
 * nothing differs. Both sides may come in any order.
 */
export function describeDifference(
  table: TableDefinition,
  built: readonly Row[],
  stored: readonly Row[],
): string {
  const spell = (row: Row): string => table.key.map((column) => String(row[column])).join(' ');
  const { altered, missing, foreign } = compareWithPublished(table, built, stored);
  const known = new Set(built.map(spell));
  const others = foreign.map(spell);
  const changed = altered.map(({ key, columns: [cell] }) =>
    cell
      ? `${spell(key)}: ${cell.column} is ${text(cell.live)}, built was ${text(cell.published)}`
      : spell(key),
  );
  return [
    phrase(missing.map(spell), 'missing'),
    phrase(
      others.filter((row) => !known.has(row)),
      'foreign',
    ),
    phrase(
      others.filter((row) => known.has(row)),
      'stored once more',
    ),
    phrase(changed, 'changed'),
  ]
    .filter(Boolean)
    .join('; ');
}

function text(cell: Cell): string {
  return JSON.stringify(cell);
}

function phrase([first, ...others]: readonly string[], what: string): string {
  if (first === undefined) return '';
  return others.length === 0
    ? `1 row is ${what}, ${first}`
    : `${others.length + 1} rows are ${what}, the first is ${first}`;
}
