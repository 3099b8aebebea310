/** DuckDB's SQL, made from the declared tables. */
import type { ColumnType, TableDefinition } from '../../tables/define-table';
import { tables } from '../../tables/catalogue';
import { datasetOf, storedName, versionsName, type DatasetPrefix } from '../datasets';

const types: Readonly<Record<ColumnType, string>> = {
  STRING: 'VARCHAR',
  INT64: 'BIGINT',
  FLOAT64: 'DOUBLE',
  BOOL: 'BOOLEAN',
  DATE: 'DATE',
  // UTC by convention: TIMESTAMPTZ would need an extension to be read.
  TIMESTAMP: 'TIMESTAMP',
};

/** Every statement that creates what may be missing. With a prefix, raw tables are another system's. */
export function createStatements(prefix: DatasetPrefix): string[] {
  const written = Object.values(tables).filter((table) => prefix === null || table.dataset !== 'nba_raw');
  const schemas = [...new Set(written.map((table) => datasetOf(table.dataset, prefix)))];
  return [
    ...schemas.map((schema) => `CREATE SCHEMA IF NOT EXISTS ${schema}`),
    ...written.map((table) => createTable(storedName(table, prefix), columnLines(table))),
    ...written
      .filter((table) => table.dataset === 'nba_analytics')
      .map((table) =>
        createTable(versionsName(table, prefix), ['stage_id VARCHAR NOT NULL', ...columnLines(table, false)]),
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
export function insertFromJson(target: string, table: TableDefinition): string {
  return `INSERT INTO ${target} (${columnList(table)}) ${selectFromJson(table)}`;
}

/** The rows of a JSON array parameter, `$1`, with the table's columns and types, as `r`. */
export function selectFromJson(table: TableDefinition): string {
  return `SELECT ${columnList(table, 'r.')} FROM (SELECT ${structsFromJson(table)} AS r)`;
}

/**
 * The rows of a JSON array parameter, `$1`, through the table's types and back to JSON, as `j`. Structs are not taken apart
 * for it: forty columns by name cost more to plan than to read.
 */
export function echoFromJson(table: TableDefinition): string {
  return `SELECT to_json(${structsFromJson(table)})::VARCHAR AS j`;
}

function structsFromJson(table: TableDefinition): string {
  const shape = JSON.stringify([
    Object.fromEntries(Object.entries(table.columns).map(([name, column]) => [name, types[column.type]])),
  ]);
  return `unnest(from_json($1, '${shape}'))`;
}

/** `columns = {…}` for `read_json`, so that nothing is inferred. */
export function readJsonColumns(table: TableDefinition): string {
  const columns = Object.entries(table.columns).map(([name, column]) => `${name}: '${types[column.type]}'`);
  return `{${columns.join(', ')}}`;
}

export function orderByKey(table: TableDefinition): string {
  return table.key.join(', ');
}
