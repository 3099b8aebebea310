/** A DuckDB file: opened once, read from a pool of one, written through a queue. The only import of the driver. */
import { DuckDBInstance, type DuckDBConnection, type DuckDBValue } from '@duckdb/node-api';
import { Mutex } from 'async-mutex';
import type { Row } from '../../tables/define-table';
import { WarehouseError } from '../errors';
import { CallsUnderWay } from './calls-under-way';
import { toWarehouseError } from './duckdb-errors';
import { PreparedStatements } from './prepared-statements';
import { everything, PartitionCache, type Partitions, type Touched } from './partition-cache';

export type Parameters = readonly DuckDBValue[];

/** Statements of one connection. */
export interface Session {
  /** Runs a statement and returns the rows' cells as the driver's JSON. */
  query(sql: string, parameters?: Parameters): Promise<Row[]>;
  /** Runs a statement and returns the number of rows that it changed. */
  execute(sql: string, parameters?: Parameters): Promise<number>;
}

export class DuckDbDatabase {
  /** What was read and not written since. */
  readonly partitions = new PartitionCache();
  private readonly writing = new Mutex();
  /** The driver is closed under nobody: that takes the whole process down, without an error. */
  private readonly calls = new CallsUnderWay();

  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly reader: PreparedStatements,
    private readonly writer: PreparedStatements,
    private readonly path: string,
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
      return new DuckDbDatabase(instance, await prepare(), await prepare(), path);
    } catch (error) {
      throw toWarehouseError(error, `opening ${path}`);
    }
  }

  /** One read statement. */
  async read(sql: string, parameters: Parameters = []): Promise<Row[]> {
    return this.call(() => inWords(sql, () => this.reader.run(sql, parameters)));
  }

  /** Streams a read in chunks of the driver's vector size, on a connection of its own. */
  async *stream(sql: string, parameters: Parameters = []): AsyncGenerator<Row[]> {
    let connection: DuckDBConnection | null = null;
    try {
      const opened = await this.call(() => this.instance.connect());
      connection = opened;
      const result = await this.call(() => opened.stream(sql, [...parameters]));
      const chunks = result.yieldRowObjectJson();
      for (;;) {
        const chunk = await this.call(() => chunks.next());
        if (chunk.done) return;
        yield chunk.value as Row[];
      }
    } catch (error) {
      throw toWarehouseError(error, 'reading');
    } finally {
      connection?.closeSync();
    }
  }

  /**
   * Runs `work` in a transaction. Writes go one after another: DuckDB refuses concurrent changes of one row at once
   * instead of letting the second wait. `touched` says what may be written; unless it does, nothing that was read counts
   * any more. `written` says what partitions of its date hold once it is through.
   */
  async transaction<T>(
    work: (session: Session) => Promise<T>,
    touched: Touched = everything,
    written?: (result: T) => Partitions,
  ): Promise<T> {
    return this.inTurn(async (session) => {
      await session.execute('BEGIN TRANSACTION');
      try {
        const result = await work(session);
        await this.partitions.whileCommitting(touched, () => session.execute('COMMIT'), written?.(result));
        return result;
      } catch (error) {
        // A run-time error leaves the transaction aborted but open.
        await session.execute('ROLLBACK').catch(() => undefined);
        throw error;
      }
    });
  }

  /** Runs `work` on the writing connection when its turn has come. Temporary tables live on that connection. */
  async inTurn<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const session: Session = {
      query: (sql, parameters = []) => inWords(sql, () => this.writer.run(sql, parameters)),
      execute: (sql, parameters = []) => inWords(sql, () => this.writer.execute(sql, parameters)),
    };
    return this.call(() => this.writing.runExclusive(() => work(session)));
  }

  /**
   * Waits for the reads and writes under way and closes the file. Whatever is asked after this was called is refused as
   * `unavailable`, the next chunk of a stream too. The driver lets the file go once nobody holds such a stream any more.
   */
  async close(): Promise<void> {
    await this.calls.end();
    this.partitions.forget(everything);
    this.reader.closeSync();
    this.writer.closeSync();
    this.instance.closeSync();
  }

  private async call<T>(work: () => Promise<T>): Promise<T> {
    if (this.calls.ended)
      throw new WarehouseError('unavailable', `The warehouse ${this.path} has been closed.`);
    return this.calls.run(work);
  }
}

async function inWords<T>(sql: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw toWarehouseError(error, firstWords(sql));
  }
}

function firstWords(sql: string): string {
  return sql.trim().split(/\s+/).slice(0, 4).join(' ');
}
