/** DuckDB's SQL, made from the declared tables. */
import type { ColumnType, Row, TableDefinition } from '../../tables/define-table';
import { analyticsTables, tables } from '../../tables/catalogue';
import { storedName, versionsName, type DatasetPrefix } from '../datasets';
import { columnsToAdd, versionsTable } from '../our-tables';
import { misspeltColumns } from '../stored-row';

const types: Readonly<Record<ColumnType, string>> = {
  STRING: 'VARCHAR',
  INT64: 'BIGINT',
  FLOAT64: 'DOUBLE',
  BOOL: 'BOOLEAN',
  DATE: 'DATE',
  // UTC by convention: TIMESTAMPTZ would need an extension to be read.
  TIMESTAMP: 'TIMESTAMP',
};

/** Every statement that creates a table that may be missing. */
export function createStatements(prefix: DatasetPrefix): string[] {
  const written = writtenTables(prefix);
  const schemas = [...new Set(written.map(([name]) => name.slice(0, name.indexOf('.'))))];
  return [
    ...schemas.map((schema) => `CREATE SCHEMA IF NOT EXISTS ${schema}`),
    ...written.map(
      ([name, table]) => `CREATE TABLE IF NOT EXISTS ${name} (${columnLines(table).join(', ')})`,
    ),
  ];
}

/** Every column there is, as `t` (`schema.table`) and `c`. */
export const existingColumns = `SELECT schema_name || '.' || table_name AS t, column_name AS c
  FROM duckdb_columns() WHERE NOT internal`;

/** Statements that give our tables the columns they lack, usually none. `found`: what {@link existingColumns} answers. */
export function addStatements(prefix: DatasetPrefix, found: readonly Row[]): string[] {
  return writtenTables(prefix).flatMap(([name, table]) => {
    const columns = new Set(found.filter(({ t }) => t === name).map(({ c }) => String(c)));
    return columnsToAdd(table, columns).map(
      (column) => `ALTER TABLE ${name} ADD COLUMN IF NOT EXISTS ${columnLine(table, column)}`,
    );
  });
}

/** Columns of declared tables that differ from their declaration in case, as sentences. `found`: as above. */
export function misspeltNames(prefix: DatasetPrefix, found: readonly Row[]): string[] {
  const written = [
    ...Object.values(tables).map((table) => [storedName(table, prefix), table] as const),
    ...writtenTables(prefix),
  ];
  return [...new Map(written)].flatMap(([name, table]) => {
    const columns = new Set(found.filter(({ t }) => t === name).map(({ c }) => String(c)));
    return misspeltColumns(table, columns).map((clause) => `${name} ${clause}`);
  });
}

/** Tables that we make, by the name they are stored under. With a prefix, raw tables are another system's. */
function writtenTables(prefix: DatasetPrefix): (readonly [string, TableDefinition])[] {
  return [
    ...Object.values(tables)
      .filter((table) => prefix === null || table.dataset !== 'nba_raw')
      .map((table) => [storedName(table, prefix), table] as const),
    ...Object.values(analyticsTables).map(
      (table) => [versionsName(table, prefix), versionsTable(table)] as const,
    ),
  ];
}

function columnLines(table: TableDefinition): string[] {
  return Object.keys(table.columns).map((name) => columnLine(table, name));
}

function columnLine(table: TableDefinition, name: string): string {
  const column = table.columns[name];
  return `${name} ${types[column?.type ?? 'STRING']}${column?.required ? ' NOT NULL' : ''}`;
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

/** Inserts rows of versions, given as one JSON array of `{"stage": …, "rows": […]}`, `$1`. */
export function insertVersionsFromJson(target: string, table: TableDefinition): string {
  const shape = `[{"stage":"VARCHAR","rows":${shapeOf(table)}}]`;
  return `INSERT INTO ${target} (${columnList(table)}, stage_id)
    SELECT ${columnList(table, 'r.')}, stage FROM (
      SELECT unnest(v.rows) AS r, v.stage AS stage FROM (SELECT ${unnested(shape)} AS v)
    )`;
}

/** The rows of a JSON array parameter, `$1`, with the table's columns and types, as `r`. */
function selectFromJson(table: TableDefinition): string {
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
  return unnested(shapeOf(table));
}

function shapeOf(table: TableDefinition): string {
  const columns = Object.entries(table.columns).map(([name, column]) => [name, types[column.type]]);
  return JSON.stringify([Object.fromEntries(columns)]);
}

/** The elements of the JSON array in the parameter `$1`. */
function unnested(shape: string): string {
  // A parameter of no declared type is taken for a constant, and the statement planned anew around it, boxing each cell.
  return `unnest(from_json($1::VARCHAR, '${shape}'))`;
}

/** Whether an expression is one of the texts in a JSON array parameter. */
export function isListed(expression: string, parameter: string): string {
  return `(${expression}) IN (SELECT unnest(from_json(${parameter}::VARCHAR, '["VARCHAR"]')))`;
}

/** `columns = {…}` for `read_json`, so that nothing is inferred. */
export function readJsonColumns(table: TableDefinition): string {
  const columns = Object.entries(table.columns).map(([name, column]) => `${name}: '${types[column.type]}'`);
  return `{${columns.join(', ')}}`;
}

export function orderByKey(table: TableDefinition): string {
  return table.key.join(', ');
}
