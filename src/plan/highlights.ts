/** The rows of a night that people look at first, as processors declare them. */
import type { Highlight } from '../processors/define-highlight';
import type { Row, TableDefinition } from '../tables/define-table';
import { processors } from './registry';

export interface ListedHighlight extends Highlight {
  readonly table: TableDefinition;
}

/** Every highlight, in the order of the plan. */
export const highlights: readonly ListedHighlight[] = processors.flatMap(({ highlight, table }) =>
  highlight ? [{ ...highlight, table }] : [],
);

/** The rows that a highlight lists, at most `most` of them. */
export function highlighted(
  rows: readonly Row[],
  { figure, fewest }: Pick<Highlight, 'figure' | 'fewest'>,
  most: number,
): Row[] {
  const value = (row: Row, column: string): number => {
    const cell = row[column];
    return typeof cell === 'number' ? cell : -Infinity;
  };
  return rows
    .filter((row) => value(row, fewest.column) >= fewest.value && value(row, figure) > -Infinity)
    .sort((a, b) => value(b, figure) - value(a, figure))
    .slice(0, most);
}
