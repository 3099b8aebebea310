/** DuckDB's SQL, made from the declared tables. */
import type { ColumnType, TableDefinition } from '../../tables/define-table';
import { qualifiedName, tables } from '../../tables/catalogue';

const types: Readonly<Record<ColumnType, string>> = {
  STRING: 'VARCHAR',
  INT64: 'BIGINT',
  FLOAT64: 'DOUBLE',
  BOOL: 'BOOLEAN',
  DATE: 'DATE',
  // UTC by convention: TIMESTAMPTZ would need an extension to be read.
  TIMESTAMP: 'TIMESTAMP',
};

/** Name of the table that holds the staged and the earlier versions of a published one. */
export function versionsTable(table: TableDefinition): string {
  return `nba_orchestration.${table.name}_versions`;
}

/** Every statement that creates what may be missing. */
export function createStatements(): string[] {
  const schemas = [...new Set(Object.values(tables).map((table) => table.dataset))];
  return [
    ...schemas.map((schema) => `CREATE SCHEMA IF NOT EXISTS ${schema}`),
    ...Object.values(tables).map((table) => createTable(qualifiedName(table), columnLines(table))),
    ...Object.values(tables)
      .filter((table) => table.dataset === 'nba_analytics')
      .map((table) =>
        createTable(versionsTable(table), ['stage_id VARCHAR NOT NULL', ...columnLines(table, false)]),
      ),
  ];
}

function createTable(name: string, lines: readonly string[]): string {
  return `CREATE TABLE IF NOT EXISTS ${name} (${lines.join(', ')})`;
}

/** A staged set may hold rows that a check will refuse, so its columns are all nullable. */
function columnLines(table: TableDefinition, strict = true): string[] {
  return Object.entries(table.columns).map(
    ([name, column]) => `${name} ${types[column.type]}${strict && column.required ? ' NOT NULL' : ''}`,
  );
}

/** `a, b, c` */
export function columnList(table: TableDefinition, prefix = ''): string {
  return Object.keys(table.columns)
    .map((name) => `${prefix}${name}`)
    .join(', ');
}

/** Inserts rows given as one JSON array parameter, `$1`: by far the fastest way for some hundred rows. */
export function insertFromJson(
  target: string,
  table: TableDefinition,
  extra: Readonly<Record<string, string>> = {},
): string {
  const shape = JSON.stringify([
    Object.fromEntries(Object.entries(table.columns).map(([name, column]) => [name, types[column.type]])),
  ]);
  const names = [...Object.keys(extra), ...Object.keys(table.columns)].join(', ');
  const values = [...Object.values(extra), columnList(table, 'r.')].join(', ');
  return `INSERT INTO ${target} (${names}) SELECT ${values} FROM (SELECT unnest(from_json($1, '${shape}')) AS r)`;
}

/** `columns = {…}` for `read_json`, so that nothing is inferred. */
export function readJsonColumns(table: TableDefinition): string {
  const columns = Object.entries(table.columns).map(([name, column]) => `${name}: '${types[column.type]}'`);
  return `{${columns.join(', ')}}`;
}

export function orderByKey(table: TableDefinition): string {
  return table.key.join(', ');
}
