/** The tables that are ours to make, and what may be done to one that is there. */
import type { TableDefinition } from '../tables/define-table';
import { lenient } from './stored-row';

/** Where the rows of every version of an analytics table are kept. */
export function versionsTable(table: TableDefinition): TableDefinition {
  return {
    ...table,
    name: `${table.name}_versions`,
    description: `Every published and quarantined version of ${table.name}, by stage id.`,
    key: ['game_date', 'stage_id'],
    columns: { stage_id: { type: 'STRING', required: true }, ...lenient(table).columns },
  };
}

/**
 * Declared columns that a table of ours is given where it lacks them. The rows that it holds will be null in them, so they
 * must be allowed to be; and no column of a key, without which the rows were never ours.
 */
export function columnsToAdd(table: TableDefinition, found: ReadonlySet<string>): readonly string[] {
  // Raw tables are another system's.
  if (table.dataset === 'nba_raw') return [];
  return Object.entries(table.columns).flatMap(([name, column]) =>
    found.has(name) || column.required || table.key.includes(name) ? [] : [name],
  );
}
