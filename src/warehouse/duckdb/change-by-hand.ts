/** What anybody with an SQL prompt may do to a warehouse file: a rehearsal has to. */
import { DuckDBInstance } from '@duckdb/node-api';
import { toWarehouseError } from './duckdb-errors';

/** Runs one statement on a file that no worker has open, and returns how many rows it has changed. Throws a `WarehouseError`. */
export async function changeByHand(path: string, statement: string): Promise<number> {
  try {
    const instance = await DuckDBInstance.create(path, { threads: '1' });
    try {
      const connection = await instance.connect();
      const { rowsChanged } = await connection.run(statement);
      connection.closeSync();
      return rowsChanged;
    } finally {
      instance.closeSync();
    }
  } catch (error) {
    throw toWarehouseError(error, `changing ${path} by hand`);
  }
}
