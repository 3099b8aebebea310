/** A DuckDB warehouse as somebody with a SQL prompt sees it: what the port neither shows nor allows. */
import { tableOf, type TableName } from '../../src/tables/catalogue';
import type { Row, TableDefinition } from '../../src/tables/define-table';
import type { DuckDbDatabase } from '../../src/warehouse/duckdb/duckdb-database';
import { columnList, insertFromJson } from '../../src/warehouse/duckdb/duckdb-sql';
import type { Warehouse } from '../../src/warehouse/warehouse';

/** Runs a statement and returns its rows. */
export async function sql(
  warehouse: Warehouse,
  statement: string,
  parameters: readonly string[] = [],
): Promise<Row[]> {
  const { database } = warehouse as unknown as { database: DuckDbDatabase };
  return database.transaction((session) => session.query(statement, parameters));
}

/** Puts rows into a table, as any other program would: nothing says who built them. `name` with its schema. */
export async function insertByHand(
  warehouse: Warehouse,
  name: string,
  table: TableName,
  rows: readonly Row[],
): Promise<void> {
  await sql(warehouse, insertFromJson(name, tableOf(table)), [JSON.stringify(rows)]);
}

/** A table as another system would have made it: these columns, all nullable. */
export async function tableByHand(
  warehouse: Warehouse,
  name: string,
  table: TableDefinition,
  columns: readonly string[] = Object.keys(table.columns),
): Promise<void> {
  const [schema = ''] = name.split('.');
  await sql(warehouse, `CREATE SCHEMA IF NOT EXISTS ${schema}`);
  const declared = columns.map((column) => `${column} ${duckDbType(table, column)}`);
  await sql(warehouse, `CREATE TABLE ${name} (${declared.join(', ')})`);
}

function duckDbType(table: TableDefinition, column: string): string {
  const type = table.columns[column]?.type ?? 'STRING';
  return { STRING: 'VARCHAR', INT64: 'BIGINT', FLOAT64: 'DOUBLE', BOOL: 'BOOLEAN' }[type as string] ?? type;
}

/** Every table of a schema, whole: two dumps are equal only if no row was written, moved or removed. */
export async function dump(warehouse: Warehouse, schema: string): Promise<Record<string, Row[]>> {
  const names = await sql(
    warehouse,
    'SELECT table_name AS name FROM duckdb_tables() WHERE schema_name = $1 ORDER BY 1',
    [schema],
  );
  const all: Record<string, Row[]> = {};
  for (const { name } of names)
    all[String(name)] = await sql(
      warehouse,
      `SELECT rowid::VARCHAR AS id, to_json(t)::VARCHAR AS j FROM ${schema}.${String(name)} t ORDER BY rowid`,
    );
  return all;
}

/** Rows that are kept of a table under a stage id. */
export async function keptUnder(warehouse: Warehouse, table: TableName, stageId: string): Promise<Row[]> {
  const kept = await sql(
    warehouse,
    `SELECT to_json(s)::VARCHAR AS j FROM (SELECT ${columnList(tableOf(table))}
     FROM nba_orchestration.${table}_versions WHERE stage_id = $1) s`,
    [stageId],
  );
  return kept.map(({ j }) => JSON.parse(String(j)) as Row);
}
