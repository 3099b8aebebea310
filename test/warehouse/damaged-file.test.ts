/** A warehouse whose file or log somebody or a disk has changed: what is damaged and what to do is said, and nothing is written over. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDbDatabase } from '../../src/warehouse/duckdb/duckdb-database';
import { WarehouseError } from '../../src/warehouse/errors';

let folder: string;
/** Written out whole; and as a process leaves it that is killed, with a log. */
let whole: Buffer;
let killed: { file: Buffer; log: Buffer };
let path: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phase3-damaged-'));
  const made = join(folder, 'made.duckdb');
  const database = await DuckDbDatabase.open(made);
  await database.inTurn(async ({ query }) => {
    await query('CREATE TABLE t AS SELECT range AS id, md5(range::VARCHAR) AS name FROM range(20000)');
    await query('CHECKPOINT');
    for (let n = 0; n < 50; n += 1)
      await query(`INSERT INTO t SELECT range, md5(range::VARCHAR) FROM range(${n}, ${n + 40})`);
  });
  killed = { file: await readFile(made), log: await readFile(`${made}.wal`) };
  await database.close();
  whole = await readFile(made);
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(() => {
  path = join(folder, `${expect.getState().currentTestName?.replaceAll(/\W+/g, '-')}.duckdb`);
});

/** Reads all that there is; rejects with what is said of it. */
async function readAll(): Promise<number> {
  const database = await DuckDbDatabase.open(path);
  try {
    return (await database.read("SELECT * FROM t WHERE name > ''")).length;
  } finally {
    await database.close();
  }
}

const noise = Buffer.from(Array.from({ length: 4_096 }, (_, n) => (n * 2_654_435_761) >>> 24));
const overwritten = (bytes: Buffer, at: number): Buffer =>
  Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at + noise.length)]).subarray(0, bytes.length);

test.each<[string, (bytes: Buffer) => Buffer]>([
  ['its first bytes', (bytes) => overwritten(bytes, 0)],
  ['its first block', (bytes) => overwritten(bytes, 4_096)],
  ['rows in the middle of it', (bytes) => overwritten(bytes, Math.floor(bytes.length / 2))],
  ['its second half, which is gone', (bytes) => bytes.subarray(0, Math.floor(bytes.length / 2))],
])('a file with other bytes: %s', async (_, damage) => {
  const damaged = damage(whole);
  await writeFile(path, damaged);
  const error: unknown = await readAll().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(WarehouseError);
  expect(error).toMatchObject({
    // Trying again helps nobody.
    kind: 'needs_person',
    message: expect.stringMatching(
      /The file of the warehouse is damaged\. Nothing was changed\..*restore-home FILE --replace/,
    ) as string,
  });
  expect((await readFile(path)).equals(damaged)).toBe(true);
});

test('a log with other bytes', async () => {
  const damaged = overwritten(killed.log, Math.floor(killed.log.length / 2));
  await writeFile(path, killed.file);
  await writeFile(`${path}.wal`, damaged);
  await expect(readAll()).rejects.toMatchObject({
    kind: 'needs_person',
    message: expect.stringMatching(/The log of the warehouse is damaged.*move the \.wal away/) as string,
  });
  expect((await readFile(path)).equals(killed.file)).toBe(true);
  expect((await readFile(`${path}.wal`)).equals(damaged)).toBe(true);
});

test('what a person is told to do without a backup works: the file without its log', async () => {
  await writeFile(path, killed.file);
  expect(await readAll()).toBe(20_000);
});

test('rows that speak of corruption are bad rows, and the file is whole', async () => {
  await writeFile(path, whole);
  const database = await DuckDbDatabase.open(path);
  await expect(database.read("SELECT 'Corrupt database file: checksum'::INTEGER")).rejects.toMatchObject({
    kind: 'bad_rows',
  });
  await database.close();
});
