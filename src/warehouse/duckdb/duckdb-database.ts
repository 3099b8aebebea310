/**
 * A DuckDB file: read from a pool of one, written through a queue, and opened once, unless the driver gives it up. The only
 * import of the driver.
 */
import { AsyncResource } from 'node:async_hooks';
import { DuckDBInstance, type DuckDBConnection, type DuckDBValue } from '@duckdb/node-api';
import { Mutex } from 'async-mutex';
import type { Row } from '../../tables/define-table';
import { WarehouseError } from '../errors';
import { CallsUnderWay } from './calls-under-way';
import { isFatal, toWarehouseError } from './duckdb-errors';
import { traced } from '../../observability/traced';
import { PreparedStatements } from './prepared-statements';
import {
  everything,
  PartitionCache,
  type CommittedWrite,
  type Partitions,
  type Touched,
} from './partition-cache';

export type Parameters = readonly DuckDBValue[];

/** Statements of one connection. */
export interface Session {
  /** Runs a statement and returns the rows' cells as the driver's JSON. */
  query(sql: string, parameters?: Parameters): Promise<Row[]>;
  /** Runs a statement and returns the number of rows that it changed. */
  execute(sql: string, parameters?: Parameters): Promise<number>;
}

/** More would keep the first of them waiting for the last. */
const mostTogether = 16;

/** A write that waits for its turn. */
interface Write extends CommittedWrite {
  run(transaction: Transaction): Promise<void>;
  /** Tells who waits for it that it is committed. */
  through(): void;
  failed(error: unknown): void;
}

/** Statements of a transaction. */
export interface Transaction extends Session {
  /**
   * Inserts the rows of a JSON array, which is `$1` of the statement, before the transaction is committed: what others of it insert by
   * the same statement goes along. Throws `contract_broken` there if that is not `count` rows.
   */
  insert(sql: string, json: string, count: number): void;
}

export class DuckDbDatabase {
  /** What was read and not written since. */
  readonly partitions = new PartitionCache();
  private readonly writing = new Mutex();
  /** Writes whose turn has not come. */
  private readonly waiting = new Set<Write>();
  /** The driver is closed under nobody: that takes the whole process down, without an error. */
  private readonly calls = new CallsUnderWay();

  private reopening: Promise<OpenFile> | null = null;

  private constructor(
    private file: OpenFile,
    private readonly path: string,
  ) {}

  /** Opens the file, or creates it. Throws a {@link WarehouseError} naming the file when another process holds it. */
  static async open(path: string): Promise<DuckDbDatabase> {
    return new DuckDbDatabase(await OpenFile.open(path), path);
  }

  /** One read statement. */
  async read(sql: string, parameters: Parameters = []): Promise<Row[]> {
    return this.call((file) => file.run(file.reader, sql, parameters));
  }

  /**
   * Streams a read in chunks of the driver's vector size, on a connection of its own. With several lists of parameters it is one
   * statement for each of them, one after another and as of one instant.
   */
  async *stream(sql: string, lists: readonly Parameters[] = [[]]): AsyncGenerator<Row[]> {
    let connection: DuckDBConnection | null = null;
    // Of one file: what was opened again meanwhile is another.
    let begun: OpenFile | null = null;
    const call = <T>(work: (file: OpenFile) => Promise<T>): Promise<T> =>
      this.call((file) => {
        begun ??= file;
        if (file === begun) return file.whileValid(() => work(file), 'reading');
        throw new WarehouseError('unavailable', `The warehouse ${this.path} was opened again under a read.`);
      });
    try {
      const opened = await call((file) => file.instance.connect());
      connection = opened;
      if (lists.length > 1) await call(() => opened.run('BEGIN TRANSACTION'));
      for (const parameters of lists) {
        const result = await call(() => opened.stream(sql, [...parameters]));
        const chunks = result.yieldRowObjectJson();
        for (;;) {
          const chunk = await call(() => chunks.next());
          if (chunk.done) break;
          yield chunk.value as Row[];
        }
      }
    } finally {
      connection?.closeSync();
    }
  }

  /**
   * Runs `work` in a transaction. Writes go one after another: DuckDB refuses concurrent changes of one row at once
   * instead of letting the second wait. Those of several dates that wait together share a transaction; where one of them
   * fails, each is run again, alone, so `work` may run twice. `touched` says what may be written; unless it does, nothing
   * that was read counts any more. `written` says what partitions of its date hold once it is through.
   */
  async transaction<T>(
    work: (transaction: Transaction) => Promise<T>,
    touched: Touched = everything,
    written?: (result: T) => Partitions,
  ): Promise<T> {
    // In the trace of who asks for it, whoever's turn it is.
    const inOwnContext = AsyncResource.bind(work);
    return new Promise<T>((resolve, reject) => {
      const write: Write = {
        touched,
        run: async (transaction) => {
          const result = await inOwnContext(transaction);
          write.written = written?.(result);
          write.through = () => resolve(result);
        },
        through: () => undefined,
        failed: reject,
      };
      const begin = (file: OpenFile): Promise<void> => {
        // Only now: all that wait are for one file, and were not refused.
        this.waiting.add(write);
        return this.inTurnOf(file, async (session) => {
          // Unless whoever had his turn before has done it along with his own.
          if (this.waiting.has(write)) await this.commitAll(session, this.takeWith(write));
        });
      };
      this.call(begin).catch(reject);
    });
  }

  /** A write, and those that wait too and are of other dates: what a write has read of its date still holds beside them. */
  private takeWith(first: Write): Write[] {
    const taken = [first];
    const dates = new Set([first.touched.gameDate]);
    for (const write of this.waiting) {
      const { gameDate } = write.touched;
      if (gameDate === null || dates.has(null) || dates.has(gameDate)) continue;
      dates.add(gameDate);
      taken.push(write);
      if (taken.length === mostTogether) break;
    }
    for (const write of taken) this.waiting.delete(write);
    return taken;
  }

  private async commitAll(session: Session, writes: readonly Write[]): Promise<void> {
    try {
      await session.execute('BEGIN TRANSACTION');
      try {
        const inserts = new Inserts();
        const transaction: Transaction = { ...session, insert: (...given) => inserts.add(...given) };
        for (const write of writes) await write.run(transaction);
        await inserts.run(session);
        await this.partitions.whileCommitting(writes, () => session.execute('COMMIT'));
        for (const write of writes) write.through();
      } catch (error) {
        // A run-time error leaves the transaction aborted but open.
        await session.execute('ROLLBACK').catch(() => undefined);
        throw error;
      }
    } catch (error) {
      if (writes.length > 1) for (const write of writes) await this.commitAll(session, [write]);
      else for (const write of writes) write.failed(error);
    }
  }

  /** Runs `work` on the writing connection when its turn has come. Temporary tables live on that connection. */
  async inTurn<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.call((file) => this.inTurnOf(file, work));
  }

  private inTurnOf<T>(file: OpenFile, work: (session: Session) => Promise<T>): Promise<T> {
    const session: Session = {
      query: (sql, parameters = []) => file.run(file.writer, sql, parameters),
      execute: (sql, parameters = []) => file.execute(sql, parameters),
    };
    return this.writing.runExclusive(() => work(session));
  }

  /** Writes all that is in the file, as of one instant, into a new one. Writes wait meanwhile. */
  async copyTo(path: string): Promise<void> {
    const file = `'${path.replaceAll("'", "''")}'`;
    await this.call((from) =>
      this.writing.runExclusive(() =>
        from.whileValid(() => copyInto(from.instance, file), `copying ${this.path} to ${path}`),
      ),
    );
  }

  /**
   * Waits for the reads and writes under way and closes the file. Whatever is asked after this was called is refused as
   * `unavailable`, the next chunk of a stream too. The driver lets the file go once nobody holds such a stream any more.
   */
  async close(): Promise<void> {
    await this.calls.end();
    this.partitions.forget(everything);
    this.file.closeSync();
  }

  private async call<T>(work: (file: OpenFile) => Promise<T>): Promise<T> {
    this.refuseIfClosed();
    const file = this.file.isValid ? this.file : await this.reopen();
    this.refuseIfClosed();
    return this.calls.run(async () => work(file));
  }

  /** Opens the file again once nothing is under way on the old one. Whoever comes meanwhile waits for it too. */
  private async reopen(): Promise<OpenFile> {
    const opening = async (): Promise<OpenFile> => {
      await this.calls.settled();
      this.partitions.forget(everything);
      this.file.closeSync();
      this.file = await OpenFile.open(this.path);
      return this.file;
    };
    this.reopening ??= opening().finally(() => {
      this.reopening = null;
    });
    return this.reopening;
  }

  private refuseIfClosed(): void {
    if (this.calls.ended)
      throw new WarehouseError('unavailable', `The warehouse ${this.path} has been closed.`);
  }
}

/** What is to be inserted at the end of a transaction: DuckDB's cost is by the statement. */
class Inserts {
  private readonly bySql = new Map<string, { readonly lists: string[]; count: number }>();

  add(sql: string, json: string, count: number): void {
    const same = this.bySql.get(sql) ?? { lists: [], count: 0 };
    // Without its brackets.
    if (count > 0) same.lists.push(json.slice(1, -1));
    same.count += count;
    this.bySql.set(sql, same);
  }

  async run(session: Session): Promise<void> {
    for (const [sql, { lists, count }] of this.bySql) {
      const inserted = lists.length === 0 ? 0 : await session.execute(sql, [`[${lists.join(',')}]`]);
      if (inserted !== count)
        throw new WarehouseError(
          'contract_broken',
          `${firstWords(sql)} has inserted ${inserted} rows where ${count} were given`,
        );
    }
  }
}

/** The database's own name, which follows from its file's. */
function nameIn(row: Readonly<Record<string, unknown>> | undefined): string {
  const name = row?.['name'];
  return typeof name === 'string' ? name.replaceAll('"', '""') : '';
}

/** On a connection of its own, since the driver cannot prepare what is several statements to it: hence the transaction, too. */
async function copyInto(instance: DuckDBInstance, file: string): Promise<void> {
  const connection = await instance.connect();
  try {
    const [row] = (await connection.runAndReadAll('SELECT current_database() AS name')).getRowObjectsJson();
    await connection.run(`ATTACH ${file} AS phase3_copy`);
    try {
      await connection.run('BEGIN TRANSACTION');
      try {
        await connection.run(`COPY FROM DATABASE "${nameIn(row)}" TO phase3_copy`);
        await connection.run('COMMIT');
      } catch (error) {
        await connection.run('ROLLBACK');
        throw error;
      }
    } finally {
      await connection.run('DETACH phase3_copy');
    }
  } finally {
    connection.closeSync();
  }
}

/**
 * What the driver may keep in memory; beyond it, it reads blocks again, and puts what it works on into files beside the warehouse's.
 * By default it is four fifths of the machine, and so every block that was ever read stays: 13 MB more with each season. A
 * night needs less than 60 MB, and what is written stands in memory until the next checkpoint, a block for each column: 170 MB. A season
 * of years that is sorted at once goes to files.
 */
const memoryLimit = '256MB';

/** The file with its connections, for as long as the driver works on it. */
class OpenFile {
  private isGivenUp = false;
  private isClosed = false;

  private constructor(
    readonly instance: DuckDBInstance,
    readonly reader: PreparedStatements,
    readonly writer: PreparedStatements,
  ) {}

  static async open(path: string): Promise<OpenFile> {
    try {
      const instance = await DuckDBInstance.create(path, {
        // Nothing is ever fetched: every extension used is built in.
        autoinstall_known_extensions: 'false',
        autoload_known_extensions: 'false',
        // A night's statements are too small to share out: further threads cost more than they bring.
        threads: '1',
        memory_limit: memoryLimit,
      });
      const prepare = async (): Promise<PreparedStatements> =>
        new PreparedStatements(await instance.connect());
      return new OpenFile(instance, await prepare(), await prepare());
    } catch (error) {
      throw toWarehouseError(error, `opening ${path}`);
    }
  }

  /** False once the driver has refused everything, or it was closed. */
  get isValid(): boolean {
    return !this.isGivenUp && !this.isClosed;
  }

  async run(on: PreparedStatements, sql: string, parameters: Parameters): Promise<Row[]> {
    const doing = firstWords(sql);
    return traced(doing, { 'db.system.name': 'duckdb' }, () =>
      this.whileValid(() => on.run(sql, parameters), doing),
    );
  }

  /** Writes, and returns how many rows that touched. */
  async execute(sql: string, parameters: Parameters): Promise<number> {
    const doing = firstWords(sql);
    return traced(doing, { 'db.system.name': 'duckdb' }, () =>
      this.whileValid(() => this.writer.execute(sql, parameters), doing),
    );
  }

  /** Asks the driver; its errors become ours, and what it gives up is remembered. `doing` says what was tried. */
  async whileValid<T>(ask: () => Promise<T>, doing: string): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      this.isGivenUp ||= isFatal(error);
      throw toWarehouseError(error, doing);
    }
  }

  closeSync(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.reader.closeSync();
    this.writer.closeSync();
    this.instance.closeSync();
  }
}

function firstWords(sql: string): string {
  return sql.trim().split(/\s+/).slice(0, 4).join(' ');
}
