/** A file that the driver gives up, as it does when a checkpoint meets a full disk, is opened again for the next caller. */
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { latch } from '../support/latch';
import { DuckDbDatabase } from '../../src/warehouse/duckdb/duckdb-database';

let folder: string;
let path: string;
let database: DuckDbDatabase;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phase3-reopen-'));
  path = join(folder, 'warehouse.duckdb');
  database = await DuckDbDatabase.open(path);
  await database.transaction(async (session) => {
    await session.query('CREATE TABLE t (a INTEGER)');
    await session.query('INSERT INTO t VALUES (7)');
  });
});
afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

/** Breaks a checkpoint off, after which the driver refuses everything. */
async function giveUp(): Promise<void> {
  await database.inTurn(async (session) => {
    await session.query("SET debug_checkpoint_abort = 'before_header'");
    await session.query('CHECKPOINT').catch(() => undefined);
    await expect(session.query('SELECT 1')).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('database has been invalidated') as string,
    });
  });
}

const rows = (): Promise<unknown> => database.read('SELECT a FROM t ORDER BY a');

test('whoever asks next, and all who ask at once, read and write what was committed', async () => {
  await giveUp();
  const insert = (): Promise<unknown> =>
    database.transaction((session) => session.query('INSERT INTO t VALUES (8)'));
  const [read] = await Promise.all([rows(), insert(), insert()]);
  expect(read).toContainEqual({ a: 7 });
  expect(await rows()).toEqual([{ a: 7 }, { a: 8 }, { a: 8 }]);
});

test('a write that comes when the file is given up is not taken along by one of the old file', async () => {
  const writing = (gameDate: string, a: number): Promise<unknown> =>
    database.transaction((session) => session.execute('INSERT INTO t VALUES ($1)', [a]), {
      tables: [],
      gameDate,
    });
  const held = latch();
  const fresh: Promise<unknown>[] = [];
  const dying = database.inTurn(async (session) => {
    await held.opened;
    await session.query("SET debug_checkpoint_abort = 'before_header'");
    await session.query('CHECKPOINT').catch(() => undefined);
    fresh.push(writing('2025-01-16', 9));
  });
  const queued = writing('2025-01-15', 8);
  held.open();
  await Promise.all([dying, expect(queued).rejects.toMatchObject({ kind: 'unavailable' })]);
  await Promise.all(fresh);
  expect(await rows()).toEqual([{ a: 7 }, { a: 9 }]);
});

test('what was remembered of the old file is forgotten', async () => {
  const read = (): Promise<unknown> =>
    database.partitions.read(
      '2017-04-15',
      ['date_fence'],
      async () => new Map([['date_fence', [{ n: seen++ }]]]),
    );
  let seen = 0;
  await read();
  await giveUp();
  await rows();
  expect(await read()).toEqual(new Map([['date_fence', [{ n: 1 }]]]));
});

test('a stream of the old file ends with an error, and the next one is whole', async () => {
  const numbers = 'SELECT n::INTEGER AS n FROM range(5000) AS numbers (n)';
  const stream = database.stream(numbers);
  await stream.next();
  await giveUp();
  await rows();
  await expect(stream.next()).rejects.toMatchObject({ name: 'WarehouseError', kind: 'unavailable' });
  let count = 0;
  for await (const chunk of database.stream(numbers)) count += chunk.length;
  expect(count).toBe(5000);
});

test('while it cannot be opened everybody is told so, and it goes on once it can', async () => {
  await giveUp();
  await rename(path, `${path}.away`);
  await writeFile(path, 'no database '.repeat(1000));
  for (const _ of [1, 2]) await expect(rows()).rejects.toThrow(`DuckDB, opening ${path}`);
  await rename(`${path}.away`, path);
  expect(await rows()).toEqual([{ a: 7 }]);
});

test('what the driver may keep in memory is bounded whatever the machine has, also of a file that is opened again', async () => {
  const limit = (): Promise<unknown> => database.read("SELECT current_setting('memory_limit') AS most");
  // 256 MB, as the driver says it.
  expect(await limit()).toEqual([{ most: '244.1 MiB' }]);
  await giveUp();
  expect(await limit()).toEqual([{ most: '244.1 MiB' }]);
});
