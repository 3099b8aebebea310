/** A DuckDB file: opened once, read from a pool of one, written through a queue. The only import of the driver. */
import { DuckDBInstance, type DuckDBConnection, type DuckDBValue } from '@duckdb/node-api';
import type { Row } from '../../tables/define-table';
import { toWarehouseError } from './duckdb-errors';
import { PreparedStatements } from './prepared-statements';
import { everything, PartitionCache, type Touched } from './partition-cache';

export type Parameters = readonly DuckDBValue[];

/** Statements of one connection. */
export interface Session {
  /** Runs a statement and returns the rows' cells as the driver's JSON. */
  query(sql: string, parameters?: Parameters): Promise<Row[]>;
}

export class DuckDbDatabase {
  /** What was read and not written since. */
  readonly partitions = new PartitionCache();
  private writing: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly reader: PreparedStatements,
    private readonly writer: PreparedStatements,
  ) {}

  /** Opens the file, or creates it. Throws a {@link WarehouseError} naming the file when another process holds it. */
  static async open(path: string): Promise<DuckDbDatabase> {
    try {
      const instance = await DuckDBInstance.create(path, {
        // Nothing is ever fetched: every extension used is built in.
        autoinstall_known_extensions: 'false',
        autoload_known_extensions: 'false',
        // A night's statements are too small to share out: further threads cost more than they bring.
        threads: '1',
      });
      const prepare = async (): Promise<PreparedStatements> =>
        new PreparedStatements(await instance.connect());
      return new DuckDbDatabase(instance, await prepare(), await prepare());
    } catch (error) {
      throw toWarehouseError(error, `opening ${path}`);
    }
  }

  /** One read statement. */
  async read(sql: string, parameters: Parameters = []): Promise<Row[]> {
    return runOn(this.reader, sql, parameters);
  }

  /** Streams a read in chunks of the driver's vector size, on a connection of its own. */
  async *stream(sql: string, parameters: Parameters = []): AsyncGenerator<Row[]> {
    let connection: DuckDBConnection | null = null;
    try {
      connection = await this.instance.connect();
      const result = await connection.stream(sql, [...parameters]);
      for await (const rows of result.yieldRowObjectJson()) yield rows as Row[];
    } catch (error) {
      throw toWarehouseError(error, 'reading');
    } finally {
      connection?.closeSync();
    }
  }

  /**
   * Runs `work` in a transaction. Writes go one after another: DuckDB refuses concurrent changes of one row at once
   * instead of letting the second wait. `touched` says what may be written; unless it does, nothing that was read counts
   * any more.
   */
  async transaction<T>(work: (session: Session) => Promise<T>, touched: Touched = everything): Promise<T> {
    return this.inTurn(async (session) => {
      await session.query('BEGIN TRANSACTION');
      try {
        const result = await work(session);
        await this.partitions.whileCommitting(touched, () => session.query('COMMIT'));
        return result;
      } catch (error) {
        // A run-time error leaves the transaction aborted but open.
        await session.query('ROLLBACK').catch(() => undefined);
        throw error;
      }
    });
  }

  /** Runs `work` on the writing connection when its turn has come. Temporary tables live on that connection. */
  async inTurn<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const turn = this.writing.then(() =>
      work({ query: (sql, parameters = []) => runOn(this.writer, sql, parameters) }),
    );
    this.writing = turn.catch(() => undefined);
    return turn;
  }

  /** Waits for the writes under way and closes the file. */
  async close(): Promise<void> {
    await this.writing;
    this.partitions.forget(everything);
    this.reader.closeSync();
    this.writer.closeSync();
    this.instance.closeSync();
  }
}

async function runOn(on: PreparedStatements, sql: string, parameters: Parameters): Promise<Row[]> {
  try {
    return await on.run(sql, parameters);
  } catch (error) {
    throw toWarehouseError(error, firstWords(sql));
  }
}

function firstWords(sql: string): string {
  return sql.trim().split(/\s+/).slice(0, 4).join(' ');
}
