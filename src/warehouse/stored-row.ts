/** Rows as a warehouse gives them back. */
import { qualifiedName, tableOf, type TableName, type TableRow } from '../tables/catalogue';
import type { Row, TableDefinition } from '../tables/define-table';
import { decodeRow } from './decode-row';
import { WarehouseError } from './errors';

/**
 * A stored row, given as JSON. Throws `contract_broken` naming table, column and value where it does not fit the declaration:
 * somebody altered the table, or wrote what has no place in it.
 */
export function decodeStored(table: TableDefinition, json: unknown): Row {
  const decoded = decodeRow(table, parse(table, String(json)));
  if (decoded.ok) return decoded.row;
  const [fault] = decoded.faults;
  throw new WarehouseError(
    'contract_broken',
    `${qualifiedName(table)} holds a row that does not fit its declaration: ${fault?.field} ${fault?.problem}`,
  );
}

/** Warehouses write NaN and infinities as they are, which is no JSON: they become texts, which no figure may be. */
function parse(table: TableDefinition, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    try {
      return JSON.parse(json.replace(/:(-?(?:nan|inf(?:inity)?))(?=[,}])/gi, ':"$1"'));
    } catch (error) {
      throw new WarehouseError(
        'contract_broken',
        `${qualifiedName(table)} holds a row that is no JSON: ${json}`,
        {
          cause: error,
        },
      );
    }
  }
}

/** A staged row: it may hold nulls that a check will refuse. */
export function decodeStaged(table: TableDefinition, json: unknown): Row {
  return decodeStored(lenient(table), json);
}

/**
 * A row of any table, as readers get it. An analytics table may hold rows from before us, which lack what ours must have;
 * they are never taken for current.
 */
export function decodeRead(table: TableDefinition, json: unknown): Row {
  return table.dataset === 'nba_analytics' ? decodeStaged(table, json) : decodeStored(table, json);
}

/** A row that is to be written; throws `bad_rows` naming the field. */
export function requireRow(table: TableDefinition, value: unknown): Row {
  const decoded = decodeRow(table, value);
  if (decoded.ok) return decoded.row;
  const [fault] = decoded.faults;
  throw new WarehouseError('bad_rows', `${qualifiedName(table)}: ${fault?.field} ${fault?.problem}`);
}

const lenientTables = new WeakMap<TableDefinition, TableDefinition>();

/** The table without its required columns; the same one each time. */
export function lenient(table: TableDefinition): TableDefinition {
  const known = lenientTables.get(table);
  if (known) return known;
  const columns = Object.entries(table.columns).map(([name, { type }]) => [name, { type }]);
  const made = { ...table, columns: Object.fromEntries(columns) as TableDefinition['columns'] };
  lenientTables.set(table, made);
  return made;
}

/**
 * What can be read of a table that another system made: the declared columns that it has, all of them nullable. Throws
 * `contract_broken` when it is not there or lacks a column of the key.
 */
export function tableWithColumns(
  table: TableDefinition,
  found: ReadonlySet<string>,
  location: string,
): TableDefinition {
  if (found.size === 0)
    throw new WarehouseError('contract_broken', `There is no table ${qualifiedName(table)} in ${location}`);
  const misspelt = misspeltColumns(table, found);
  if (misspelt.length > 0)
    throw new WarehouseError('contract_broken', `${qualifiedName(table)} ${misspelt.join('; ')}`);
  const lacking = table.key.filter((column) => !found.has(column));
  if (lacking.length > 0)
    throw new WarehouseError(
      'contract_broken',
      `${qualifiedName(table)} has no column ${lacking.join(', ')}`,
    );
  const columns = Object.entries(lenient(table).columns).filter(([column]) => found.has(column));
  return { ...table, columns: Object.fromEntries(columns) };
}

/**
 * Declared columns that a table has in another case, as clauses without a subject. The warehouse tells them apart as little as
 * SQL does, and its answers have the names that the table has.
 */
export function misspeltColumns(table: TableDefinition, found: ReadonlySet<string>): string[] {
  return [...found].flatMap((name) => {
    const declared = name.toLowerCase();
    return name !== declared && Object.hasOwn(table.columns, declared) && !found.has(declared)
      ? [`has ${name}, expected ${declared}: rename the column`]
      : [];
  });
}

/**
 * The rows of a read of several tables, given as `t` (the table) and `j` (the row as JSON), by table. `decoded` knows rows of a
 * table by their text: the same text need not be decoded twice.
 */
export function rowsByTable<T extends TableName>(
  names: readonly T[],
  answer: readonly Row[],
  decoded: (table: T, text: string) => Row | undefined = () => undefined,
): { [K in T]: readonly TableRow<K>[] } {
  const found = new Map<string, Row[]>(names.map((name) => [name, []]));
  for (const { t, j } of answer) {
    const name = String(t) as T;
    found.get(name)?.push(decoded(name, String(j)) ?? decodeRead(tableOf(name), j));
  }
  // Decoded above, table by table: the one place where rows get their static type.
  return Object.fromEntries(found) as unknown as { [K in T]: readonly TableRow<K>[] };
}
