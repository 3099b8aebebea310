/** How stored rows differ from those that were built, in words. Pure. */
import type { Row, TableDefinition } from '../tables/define-table';

/**
 * What is missing, foreign, stored more than once or changed, each with the first row of its kind, as a clause. Empty where
 * nothing differs. Both sides may come in any order.
 */
export function describeDifference(
  table: TableDefinition,
  built: readonly Row[],
  stored: readonly Row[],
): string {
  const keyOf = (row: Row): string => table.key.map((column) => String(row[column])).join(' ');
  const left = new Map<string, Row[]>();
  for (const row of stored) left.set(keyOf(row), [...(left.get(keyOf(row)) ?? []), row]);
  const missing: string[] = [];
  const changed: string[] = [];
  const known = new Set<string>();
  for (const row of built) {
    const key = keyOf(row);
    known.add(key);
    const other = left.get(key)?.shift();
    const column = other && firstColumnOf(row, other);
    if (!other) missing.push(key);
    else if (column !== undefined)
      changed.push(`${key}: ${column} is ${spelled(other, column)}, built was ${spelled(row, column)}`);
  }
  const more = [...left].flatMap(([key, rows]) => rows.map(() => key));
  return [
    phrase(missing, 'missing'),
    phrase(
      more.filter((key) => !known.has(key)),
      'foreign',
    ),
    phrase(
      more.filter((key) => known.has(key)),
      'stored once more',
    ),
    phrase(changed, 'changed'),
  ]
    .filter(Boolean)
    .join('; ');
}

function firstColumnOf(row: Row, other: Row): string | undefined {
  return [...new Set([...Object.keys(row), ...Object.keys(other)])].find(
    (column) => row[column] !== other[column],
  );
}

function spelled(row: Row, column: string): string {
  return column in row ? JSON.stringify(row[column]) : 'absent';
}

function phrase([first, ...others]: readonly string[], what: string): string {
  if (first === undefined) return '';
  return others.length === 0
    ? `1 row is ${what}, ${first}`
    : `${others.length + 1} rows are ${what}, the first is ${first}`;
}
