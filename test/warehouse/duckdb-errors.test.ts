/** DuckDB's errors in our words. Where the driver can be made to throw one, the one it throws is what is mapped. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { toWarehouseError } from '../../src/warehouse/duckdb/duckdb-errors';
import { WarehouseError, type WarehouseErrorKind } from '../../src/warehouse/errors';

let instance: DuckDBInstance;
let connection: DuckDBConnection;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phase3-duckdb-errors-'));
  instance = await DuckDBInstance.create(':memory:', { autoload_known_extensions: 'false', threads: '1' });
  connection = await instance.connect();
  await connection.run('CREATE TABLE held (id INTEGER UNIQUE, name VARCHAR NOT NULL, day DATE)');
  await connection.run("INSERT INTO held VALUES (1, 'one', '2025-01-15')");
});

afterAll(async () => {
  connection.closeSync();
  instance.closeSync();
  await rm(folder, { recursive: true, force: true });
});

/** What the driver throws for a statement. */
async function errorOf(sql: string, on: DuckDBConnection = connection): Promise<unknown> {
  try {
    await on.runAndReadAll(sql);
  } catch (error) {
    return error;
  }
  throw new Error(`${sql} went through`);
}

it.each<[string, string, WarehouseErrorKind]>([
  ['a statement that is none', 'SELEC 1', 'contract_broken'],
  ['a table that is not there', 'SELECT * FROM missing', 'contract_broken'],
  ['a column that is not there', 'SELECT missing FROM held', 'contract_broken'],
  ['a function that is not there', 'SELECT missing(1)', 'contract_broken'],
  ['a schema that is not there', 'CREATE TABLE missing.t (a INTEGER)', 'contract_broken'],
  ['columns that do not match', 'INSERT INTO held VALUES (1)', 'contract_broken'],
  ['a parameter that was not given', 'SELECT $1::INTEGER', 'contract_broken'],
  ['a null where none may be', 'INSERT INTO held VALUES (2, NULL, NULL)', 'bad_rows'],
  ['a key twice', "INSERT INTO held VALUES (1, 'again', NULL)", 'bad_rows'],
  ['a text that is not a number', "SELECT 'many'::INTEGER", 'bad_rows'],
  ['a text that is not a date', "SELECT '2025-02-30'::DATE", 'bad_rows'],
  ['a number that is too big', 'SELECT 3000000000::INTEGER', 'bad_rows'],
  ['a sum that overflows', 'SELECT 9223372036854775807::BIGINT + 1::BIGINT', 'bad_rows'],
  ['text that is not JSON', `SELECT from_json('[{', '[{"a":"BIGINT"}]')`, 'bad_rows'],
  ['a file that is not there', "ATTACH '/missing/folder/file.db'", 'unavailable'],
])('%s (%s) is %s', async (_, sql, kind) => {
  expect(toWarehouseError(await errorOf(sql), 'trying').kind).toBe(kind);
});

it.each(['{"day":"some day"}', '{"day":"2025-'])('a file with the line %s has bad rows', async (line) => {
  const file = join(folder, 'rows.ndjson');
  await writeFile(file, `{"day":"2025-01-15"}\n${line}\n`);
  const error = await errorOf(
    `SELECT * FROM read_json('${file}', format = 'newline_delimited', columns = {day: 'DATE'})`,
  );
  expect(toWarehouseError(error, 'loading').kind).toBe('bad_rows');
});

it.each(["UPDATE held SET name = 'mine'", 'CREATE TABLE once (a INTEGER)'])(
  'of two transactions with %s the one that loses may try again',
  async (sql) => {
    const both = [await instance.connect(), await instance.connect()] as const;
    for (const one of both) await one.run('BEGIN');
    await both[0].run(sql);
    expect(toWarehouseError(await errorOf(sql, both[1]), 'writing').kind).toBe('unavailable');
    for (const one of both) {
      await one.run('ROLLBACK');
      one.closeSync();
    }
  },
);

it('a database without memory left may be asked again', async () => {
  const small = await DuckDBInstance.create(':memory:', {
    memory_limit: '10MB',
    max_temp_directory_size: '0KB',
    threads: '1',
  });
  const itsConnection = await small.connect();
  const error = await errorOf(
    `SELECT count(*) FROM (SELECT DISTINCT range::VARCHAR || repeat('x', 200) FROM range(200000))`,
    itsConnection,
  );
  expect(toWarehouseError(error, 'counting').kind).toBe('unavailable');
  itsConnection.closeSync();
  small.closeSync();
});

it('a statement that was interrupted may be tried again', async () => {
  const own = await instance.connect();
  const running = errorOf('SELECT count(*) FROM range(100000) a, range(100000) b', own);
  const poke = setInterval(() => own.interrupt(), 10);
  const error = await running.finally(() => clearInterval(poke));
  expect(toWarehouseError(error, 'counting').kind).toBe('unavailable');
  own.closeSync();
});

it('a connection that was closed is unavailable', async () => {
  const own = await instance.connect();
  own.closeSync();
  expect(toWarehouseError(await errorOf('SELECT 1', own), 'reading').kind).toBe('unavailable');
});

it('a file that is no DuckDB file does not become one by trying again', async () => {
  const file = join(folder, 'notes.txt');
  await writeFile(file, 'no database'.repeat(1_000));
  const error = await DuckDBInstance.create(file).catch((failure: unknown) => failure);
  expect(toWarehouseError(error, `opening ${file}`).kind).toBe('needs_person');
});

it.each<[string, WarehouseErrorKind]>([
  // Windows, and a lock that this machine cannot take twice in one process.
  [
    'IO Error: Cannot open file "C:\\w.duckdb": The process cannot access the file because it is being used by another process.',
    'unavailable',
  ],
  [
    'IO Error: Could not set lock on file "/w.duckdb": Conflicting lock is held in node (PID 7)',
    'unavailable',
  ],
  ['something that nobody has seen before', 'unavailable'],
])('%s is %s', (message, kind) => {
  expect(toWarehouseError(new Error(message), 'trying').kind).toBe(kind);
});

it('says what was tried and the first line of the reason, and keeps the error as its cause', () => {
  const cause = new Error('Catalog Error: Table with name t does not exist!\nDid you mean "u"?\nLINE 1: …');
  expect(toWarehouseError(cause, 'SELECT * FROM t')).toMatchObject({
    name: 'WarehouseError',
    message: 'DuckDB, SELECT * FROM t: Catalog Error: Table with name t does not exist!',
    cause,
  });
});

it('leaves an error that is ours as it is', () => {
  const ours = new WarehouseError('bad_rows', 'row 7 does not fit');
  expect(toWarehouseError(ours, 'trying')).toBe(ours);
});

it('takes what is thrown without being an error', () => {
  expect(toWarehouseError('IO Error: gone', 'reading')).toMatchObject({
    kind: 'unavailable',
    message: 'DuckDB, reading: IO Error: gone',
  });
});

it.each<[string, WarehouseErrorKind]>([
  [
    'INTERNAL Error: Failure while replaying WAL file "w.wal": Calling DatabaseManager::GetDefaultDatabase',
    'needs_person',
  ],
  ['TransactionContext Error: Failed to commit: Failure while replaying WAL file "w.wal"', 'needs_person'],
  [
    'IO Error: Failure while replaying WAL file "w.wal": Could not write file: No space left on device',
    'unavailable',
  ],
  ['IO Error: Failure while replaying WAL file "w.wal": Cannot open file: Permission denied', 'unavailable'],
])('a log that cannot be played in, as reported elsewhere: %s', (text, kind) => {
  const error = toWarehouseError(new Error(text), 'opening w');
  expect(error.kind).toBe(kind);
  expect(error.message.includes('restore-home')).toBe(kind === 'needs_person');
});
