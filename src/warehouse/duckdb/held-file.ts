/** A warehouse file that is held against writers while it is copied, and counted. */
import { DuckDBInstance } from '@duckdb/node-api';
import { toWarehouseError } from './duckdb-errors';

export interface HeldFile {
  /** Rows of each table, by `dataset.table`. */
  readonly tables: Readonly<Record<string, number>>;
  release(): void;
}

/**
 * Opens the file for reading only: then no worker gets it until it is released, and nothing of it is changed, its log
 * neither. Reads every table, so that a file that cannot be read does not pass for one that can. Throws a `WarehouseError`.
 */
export async function holdFile(path: string): Promise<HeldFile> {
  try {
    const instance = await DuckDBInstance.create(path, {
      access_mode: 'READ_ONLY',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      threads: '1',
    });
    try {
      return { tables: await countRows(instance), release: () => instance.closeSync() };
    } catch (error) {
      instance.closeSync();
      throw error;
    }
  } catch (error) {
    throw toWarehouseError(error, `reading ${path}`);
  }
}

async function countRows(instance: DuckDBInstance): Promise<Record<string, number>> {
  const connection = await instance.connect();
  try {
    const found = await connection.runAndReadAll(
      'SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal ORDER BY schema_name, table_name',
    );
    const tables: Record<string, number> = {};
    for (const [schema, table] of found.getRows().map((row) => row.map(String))) {
      const { [0]: row } = (
        await connection.runAndReadAll(`SELECT count(*) FROM "${schema ?? ''}"."${table ?? ''}"`)
      ).getRows();
      tables[`${schema ?? ''}.${table ?? ''}`] = Number(row?.[0]);
    }
    return tables;
  } finally {
    connection.closeSync();
  }
}
