/** Partitions that were read and not written since: never one that was, and never two of different instants. */
import type { TableName } from '../../src/tables/catalogue';
import type { Row } from '../../src/tables/define-table';
import { everything, PartitionCache, type Touched } from '../../src/warehouse/duckdb/partition-cache';
import { latch } from '../support/latch';

const date = '2025-01-15';
const schedule: TableName = 'nbac_schedule';
const offense: TableName = 'team_offense_game_summary';
const defense: TableName = 'team_defense_game_summary';

/** A store whose every table holds one row with the number of the last write to it. */
class Store {
  readonly cache = new PartitionCache();
  readonly loads: (readonly TableName[])[] = [];
  /** Called while a read is under way, after it has seen the store. */
  whileReading: () => Promise<void> = async () => undefined;
  private readonly values = new Map<string, number>();

  write(table: TableName, gameDate: string, touched: Touched = { tables: [table], gameDate }): void {
    this.cache.forget(touched);
    const key = `${table} ${gameDate}`;
    this.values.set(key, (this.values.get(key) ?? 0) + 1);
    this.cache.forget(touched);
  }

  /** Makes a write visible without telling the cache. */
  commit(tables: readonly TableName[]): void {
    for (const table of tables) {
      const key = `${table} ${date}`;
      this.values.set(key, (this.values.get(key) ?? 0) + 1);
    }
  }

  async read(tables: readonly TableName[], gameDate = date): Promise<unknown[]> {
    const found = await this.cache.read(gameDate, tables, async (missing) => {
      this.loads.push(missing);
      const rows = new Map<TableName, readonly Row[]>(
        missing.map((table) => [table, [{ value: this.values.get(`${table} ${gameDate}`) ?? 0 }]]),
      );
      await this.whileReading();
      return rows;
    });
    return tables.map((table) => found.get(table)?.[0]?.['value']);
  }
}

let store: Store;
beforeEach(() => (store = new Store()));

it('reads a partition once for as long as nobody writes it', async () => {
  expect(await store.read([schedule, offense])).toEqual([0, 0]);
  expect(await store.read([offense])).toEqual([0]);
  expect(await store.read([offense, schedule])).toEqual([0, 0]);
  expect(store.loads).toEqual([[schedule, offense]]);
});

it('reads only what is not known', async () => {
  await store.read([schedule]);
  await store.read([schedule, offense, defense]);
  expect(store.loads).toEqual([[schedule], [offense, defense]]);
});

it.each<[string, Touched, TableName[]]>([
  ['the table and date', { tables: [offense], gameDate: date }, [offense]],
  ['the table on any date', { tables: [offense], gameDate: null }, [offense]],
  ['several tables', { tables: [offense, schedule], gameDate: date }, [schedule, offense]],
  ['anything on the date', { tables: 'all', gameDate: date }, [schedule, offense]],
  ['anything at all', everything, [schedule, offense]],
])('reads again what a write of %s has changed, and nothing else', async (_, touched, again) => {
  await store.read([schedule, offense]);
  store.loads.length = 0;
  store.write(offense, date, touched);
  expect(await store.read([schedule, offense])).toEqual([0, 1]);
  expect(store.loads).toEqual([again]);
});

it.each<[string, Touched]>([
  ['another date', { tables: 'all', gameDate: '2025-01-16' }],
  ['another table', { tables: [defense], gameDate: date }],
])('keeps what a write of %s leaves alone', async (_, touched) => {
  await store.read([schedule, offense]);
  store.cache.forget(touched);
  await store.read([schedule, offense]);
  expect(store.loads).toHaveLength(1);
});

it('does not keep what was written while it was read', async () => {
  store.whileReading = async () => {
    store.whileReading = async () => undefined;
    store.write(offense, date);
  };
  expect(await store.read([offense])).toEqual([1]);
  expect(await store.read([offense])).toEqual([1]);
});

it('gives tables of one instant though one was known and is written while the other is read', async () => {
  await store.read([offense]);
  store.whileReading = async () => {
    store.whileReading = async () => undefined;
    // One transaction writes both.
    const both: Touched = { tables: [offense, defense], gameDate: date };
    store.write(offense, date, both);
    store.write(defense, date, both);
  };
  expect(await store.read([offense, defense])).toEqual([1, 1]);
});

it('reads all in one statement when writes overtake it again and again', async () => {
  await store.read([schedule]);
  store.loads.length = 0;
  store.whileReading = async () => store.write(offense, date);
  await store.read([schedule, offense]);
  expect(store.loads.at(-1)).toEqual([schedule, offense]);
  expect(store.loads.length).toBeLessThan(6);
});

it('keeps nothing of a read that failed', async () => {
  store.whileReading = async () => Promise.reject(new Error('no answer'));
  await expect(store.read([offense])).rejects.toThrow('no answer');
  store.whileReading = async () => undefined;
  store.write(offense, date);
  expect(await store.read([offense])).toEqual([1]);
});

it('forgets the dates that were asked for longest ago', async () => {
  const dates = Array.from({ length: 70 }, (_, index) => `2024-${String(index + 10)}`);
  for (const gameDate of dates) await store.read([offense], gameDate);
  await store.read([offense], dates[69]);
  expect(store.loads).toHaveLength(70);
  await store.read([offense], dates[0]);
  expect(store.loads).toHaveLength(71);
});

it('lets others have a turn, however often it is asked for what is known', async () => {
  await store.read([offense]);
  const turn = latch();
  setImmediate(() => turn.open());
  let isOver = false;
  void turn.opened.then(() => (isOver = true));
  let asked = 0;
  while (!isOver && asked < 1_000) {
    await store.read([offense]);
    asked += 1;
  }
  expect(asked).toBeLessThan(1_000);
});

it('neither gives nor keeps a partition of before beside one of after a write that is being committed', async () => {
  const both: Touched = { tables: [offense, defense], gameDate: date };
  const committed = latch();
  await store.read([offense, defense]);
  const writing = store.cache.whileCommitting([{ touched: both }], async () => {
    // A reader of one table sees the store as it was …
    expect(await store.read([defense])).toEqual([0]);
    store.commit([offense, defense]);
    // … and now as it is, though the writer does not know yet that it is through.
    expect(await store.read([offense, defense])).toEqual([1, 1]);
    await committed.opened;
  });
  await new Promise(setImmediate);
  expect(await store.read([defense, schedule])).toEqual([1, 0]);
  committed.open();
  await writing;
  expect(await store.read([offense, defense])).toEqual([1, 1]);
});

it('forgets what a commit that failed may have changed', async () => {
  await store.read([offense]);
  const failing = store.cache.whileCommitting(
    [{ touched: { tables: [offense], gameDate: date } }],
    async () => {
      store.commit([offense]);
      throw new Error('the answer was lost');
    },
  );
  await expect(failing).rejects.toThrow('the answer was lost');
  expect(await store.read([offense])).toEqual([1]);
});
