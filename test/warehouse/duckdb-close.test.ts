/** A file that is closed while it is asked: the driver takes the whole process down when it is closed under a call. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Row } from '../../src/tables/define-table';
import { DuckDbDatabase } from '../../src/warehouse/duckdb/duckdb-database';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phase3-close-'));
  path = join(folder, 'warehouse.duckdb');
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

const numbers = 'SELECT n::INTEGER AS n FROM range(5000) AS numbers (n)';
const closed = {
  name: 'WarehouseError',
  kind: 'unavailable',
  message: expect.stringContaining('closed') as string,
};

async function all(stream: AsyncIterable<Row[]>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const chunk of stream) rows.push(...chunk);
  return rows;
}

test('what was asked before is answered or refused, and nothing is left running', async () => {
  for (let round = 0; round < 10; round++) {
    const database = await DuckDbDatabase.open(path);
    const asked: Promise<unknown>[] = [
      // More than the driver has threads for: some have not even connected when the file is closed.
      ...Array.from({ length: 40 }, () => all(database.stream(numbers))),
      ...Array.from({ length: 10 }, () => database.read(numbers)),
    ];
    await Promise.all([
      database.close(),
      ...asked.map(async (answer) => answer.catch((error: unknown) => expect(error).toMatchObject(closed))),
    ]);
  }
});

test('a read and a write under way are waited for', async () => {
  const database = await DuckDbDatabase.open(path);
  const reading = database.read(numbers);
  const writing = database.transaction(async (session) => {
    await session.query('CREATE TABLE t (a INTEGER)');
    await session.query('INSERT INTO t VALUES (7)');
  });
  await database.close();
  expect(await reading).toHaveLength(5000);
  await writing;

  const again = await DuckDbDatabase.open(path);
  expect(await again.read('SELECT * FROM t')).toEqual([{ a: 7 }]);
  await again.close();
});

test('a stream that somebody holds does not hold up the closing, and says so when it is read on', async () => {
  const database = await DuckDbDatabase.open(path);
  const stream = database.stream(numbers);
  const { value } = await stream.next();
  expect((value as Row[]).length).toBeLessThan(5000);
  await database.close();

  await expect(stream.next()).rejects.toMatchObject(closed);
});

test('afterwards everything is refused with the file’s name', async () => {
  const database = await DuckDbDatabase.open(path);
  await database.close();
  const refused = { ...closed, message: `The warehouse ${path} has been closed.` };
  await expect(database.read(numbers)).rejects.toMatchObject(refused);
  await expect(all(database.stream(numbers))).rejects.toMatchObject(refused);
  await expect(database.inTurn(async () => 1)).rejects.toMatchObject(refused);
});
