/** Writes of several dates that wait together share a transaction, and each still succeeds or fails by itself. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { latch } from '../support/latch';
import { DuckDbDatabase, type Session } from '../../src/warehouse/duckdb/duckdb-database';

const [one, other, third] = ['2025-01-15', '2025-01-16', '2025-01-17'] as const;
let database: DuckDbDatabase;

beforeEach(async () => {
  database = await DuckDbDatabase.open(':memory:');
  await database.transaction((session) => session.execute('CREATE TABLE written (game_date VARCHAR, n INT)'));
});
afterEach(() => database.close());

/** Lets writes come while another has its turn, and gives what became of each. */
async function meanwhile<T>(writes: () => readonly Promise<T>[]): Promise<PromiseSettledResult<T>[]> {
  const held = latch();
  const holder = database.inTurn(() => held.opened);
  const coming = Promise.allSettled(writes());
  held.open();
  await holder;
  return coming;
}

const writes = (gameDate: string | null, n = 1, after?: (session: Session) => Promise<unknown>) =>
  database.transaction(
    async (session) => {
      await session.execute('INSERT INTO written VALUES ($1, $2)', [gameDate ?? 'all', n]);
      await after?.(session);
      const [row] = await session.query('SELECT txid_current() AS id');
      return row?.['id'];
    },
    { tables: [], gameDate },
  );

const stored = (): Promise<unknown> => database.read('SELECT game_date AS d, n FROM written ORDER BY ALL');

test('writes of different dates share one, those of one date or of all dates do not', async () => {
  const found = await meanwhile(() => [
    writes(one),
    writes(other),
    writes(one, 2),
    writes(null),
    writes(third),
  ]);
  const [first, second, again, all, last] = found.map((each) =>
    each.status === 'fulfilled' ? each.value : each,
  );
  expect(second).toBe(first);
  expect(last).toBe(first);
  expect(new Set([first, again, all]).size).toBe(3);
  expect(await stored()).toEqual([
    ...[
      { d: one, n: 1 },
      { d: one, n: 2 },
      { d: other, n: 1 },
      { d: third, n: 1 },
    ],
    { d: 'all', n: 1 },
  ]);
});

test.each([
  ['its own check', () => Promise.reject(new Error('3 rows where 4 were checked'))],
  ['a statement', (session: Session) => session.execute("INSERT INTO written VALUES ('x', 'no number')")],
])('one that fails by %s takes nobody with it, and leaves nothing', async (_, fails) => {
  const found = await meanwhile(() => [writes(one), writes(other, 1, fails), writes(third)]);
  expect(found.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await stored()).toEqual([
    { d: one, n: 1 },
    { d: third, n: 1 },
  ]);
});

test('each runs in the context of who asks for it, as its trace needs', async () => {
  const asker = new AsyncLocalStorage<string>();
  const asking = (gameDate: string): Promise<unknown> =>
    asker.run(gameDate, () => database.transaction(async () => asker.getStore(), { tables: [], gameDate }));
  const found = await meanwhile(() => [asking(one), asking(other)]);
  expect(found).toMatchObject([{ value: one }, { value: other }]);
});

test('what they insert goes in together, and who counted wrong is the one who fails', async () => {
  const sql = `INSERT INTO written SELECT r.d, r.n FROM (SELECT unnest(from_json($1::VARCHAR, '[{"d":"VARCHAR","n":"INT"}]')) AS r)`;
  const inserting = (gameDate: string, count: number): Promise<unknown> =>
    database.transaction(
      async (session) => {
        session.insert(sql, JSON.stringify([{ d: gameDate, n: 1 }]), count);
        // Before the end there is nothing of it.
        return session.query('SELECT 1 FROM written WHERE game_date = $1', [gameDate]);
      },
      { tables: [], gameDate },
    );
  const found = await meanwhile(() => [inserting(one, 1), inserting(other, 2), inserting(third, 1)]);
  expect(found).toMatchObject([
    { value: [] },
    {
      reason: {
        kind: 'contract_broken',
        message: 'INSERT INTO written SELECT has inserted 1 rows where 2 were given',
      },
    },
    { value: [] },
  ]);
  expect(await stored()).toEqual([
    { d: one, n: 1 },
    { d: third, n: 1 },
  ]);
});

test('what a write says that its date holds is remembered of that date alone', async () => {
  const fence = [{ game_date: one }];
  const writing = (gameDate: string, rows: typeof fence): Promise<void> =>
    database.transaction(
      async () => undefined,
      { tables: ['date_fence'], gameDate },
      () => new Map([['date_fence', rows]]),
    );
  await meanwhile(() => [writing(one, fence), writing(other, [])]);
  expect(database.partitions.known(one, 'date_fence')).toBe(fence);
  expect(database.partitions.known(other, 'date_fence')).toEqual([]);
});
