/** A shadow's table beside the live one of the same name, on DuckDB. */
import { diffLive } from '../../src/adoption/diff-live';
import { addDays } from '../../src/contracts/game-date';
import { tableOf } from '../../src/tables/catalogue';
import type { Row } from '../../src/tables/define-table';
import { DuckDbWarehouse } from '../../src/warehouse/duckdb/duckdb-warehouse';
import type { Warehouse } from '../../src/warehouse/warehouse';
import { insertByHand, sql, tableByHand } from '../support/by-hand';
import { replacing } from '../support/wrap-warehouse';
import { offenseRows } from '../warehouse/rows';

const table = 'team_offense_game_summary';
const live = `nba_analytics.${table}`;
const shadow = `shadow_nba_analytics.${table}`;
const from = '2024-10-22';
const to = '2025-04-13';
const same = { changed: 0, onlyLive: 0, onlyShadow: 0 };
let warehouse: DuckDbWarehouse;

beforeEach(async () => {
  warehouse = await DuckDbWarehouse.open(':memory:', undefined, 'shadow');
  await warehouse.ensureTables();
});
afterEach(() => warehouse.close());

const put = (name: string, rows: readonly Row[]) => insertByHand(warehouse, name, table, rows);

/** Every day of the season, two rows each. */
const season = (): Row[] => {
  const rows: Row[] = [];
  for (let date = from; date <= to; date = addDays(date, 1)) rows.push(...offenseRows(date, 1, 2));
  return rows;
};

it('over a season every date is compared once, in order, and only what differs is told', async () => {
  await tableByHand(warehouse, live, tableOf(table));
  await put(live, season().reverse());
  await put(shadow, season());
  await sql(
    warehouse,
    `UPDATE ${live} SET points_scored = 7 WHERE game_date = '2024-11-21' AND team_abbr = 'T0000'`,
  );
  await sql(warehouse, `UPDATE ${shadow} SET pace = pace + 0.004 WHERE game_date >= '2025-04-01'`);
  await sql(warehouse, `DELETE FROM ${shadow} WHERE game_date = '2024-11-22'`);
  await sql(warehouse, `DELETE FROM ${live} WHERE game_date = '${to}'`);
  const exact = await diffLive(warehouse, table, from, to);
  const dates = exact.dates.map(({ gameDate }) => gameDate);
  expect(dates).toEqual([...new Set(season().map((row) => row['game_date']))]);
  expect(exact.columns).toMatchObject({
    points_scored: { rows: 1, largest: 6, example: { key: { game_date: '2024-11-21', team_abbr: 'T0000' } } },
    pace: { rows: 24 },
  });
  const rounded = await diffLive(warehouse, table, from, to, 0.005);
  expect(rounded.dates.filter((date) => date.changed + date.onlyLive + date.onlyShadow > 0)).toEqual([
    { gameDate: '2024-11-21', ...same, same: 1, changed: 1 },
    { gameDate: '2024-11-22', ...same, same: 0, onlyLive: 2 },
    { gameDate: to, ...same, same: 0, onlyShadow: 2 },
  ]);
  expect(rounded.dates).toHaveLength(dates.length);
});

it('both ends of the range are included, and nothing beyond them', async () => {
  await tableByHand(warehouse, live, tableOf(table));
  await put(live, season());
  await put(shadow, season());
  for (const days of [0, 1, 29, 30, 31, 32, 61, 62, 63]) {
    const { dates } = await diffLive(warehouse, table, '2024-11-01', addDays('2024-11-01', days));
    expect(dates.map(({ gameDate }) => gameDate)).toEqual(
      Array.from({ length: days + 1 }, (_, day) => addDays('2024-11-01', day)),
    );
  }
});

it('reads a month at a time: no window overlaps another, or is longer', async () => {
  await tableByHand(warehouse, live, tableOf(table));
  const windows: [string, string][] = [];
  const watched: Warehouse = replacing(warehouse, {
    exportRows: (name, first, last) => {
      windows.push([first, last]);
      return warehouse.exportRows(name, first, last);
    },
  });
  await diffLive(watched, table, from, to);
  expect(windows[0]?.[0]).toBe(from);
  expect(windows.at(-1)?.[1]).toBe(to);
  for (const [index, [first, last]] of windows.entries()) {
    expect(last <= addDays(first, 30)).toBe(true);
    if (index > 0) expect(first).toBe(addDays(windows[index - 1]![1], 1));
  }
});

it('columns that the live table lacks are left out, and columns of its own are nobody’s business', async () => {
  const columns = Object.keys(tableOf(table).columns).filter(
    (column) => !['reconstructed', 'overtime_periods'].includes(column),
  );
  await tableByHand(warehouse, live, tableOf(table), columns);
  await sql(warehouse, `ALTER TABLE ${live} ADD COLUMN notes STRUCT(a INTEGER)`);
  const rows = offenseRows(from, 1, 3);
  await put(shadow, rows);
  const list = columns.join(', ');
  await sql(warehouse, `INSERT INTO ${live} (${list}) SELECT ${list} FROM ${shadow}`);
  expect(await diffLive(warehouse, table, from, from)).toEqual({
    dates: [{ gameDate: from, ...same, same: 3 }],
    columns: {},
    columnsNotLive: ['overtime_periods', 'reconstructed'],
    duplicateKeys: { live: 0, shadow: 0 },
  });
});

it('a live table may hold nulls where ours may not, and keys twice', async () => {
  await tableByHand(warehouse, live, tableOf(table));
  const rows = offenseRows(from, 1, 2);
  await put(shadow, rows);
  await put(live, [{ ...rows[0], possessions: null }, ...rows]);
  const { duplicateKeys, columns } = await diffLive(warehouse, table, from, from);
  expect(duplicateKeys).toEqual({ live: 1, shadow: 0 });
  expect(Object.keys(columns).every((column) => column === 'possessions')).toBe(true);
});

it.each<readonly [string, () => Promise<unknown>, string]>([
  [
    'no live table',
    async () => undefined,
    'There is no table nba_analytics.team_offense_game_summary in :memory:',
  ],
  [
    'a live table without a key',
    () => tableByHand(warehouse, live, tableOf(table), ['game_date', 'points_scored']),
    'nba_analytics.team_offense_game_summary has no column team_abbr',
  ],
])('%s: said in a sentence', async (_, make, sentence) => {
  await make();
  await expect(diffLive(warehouse, table, from, to)).rejects.toMatchObject({
    name: 'WarehouseError',
    kind: 'contract_broken',
    message: sentence,
  });
});

it('a live column of another type is named', async () => {
  await tableByHand(warehouse, live, tableOf(table));
  await put(live, offenseRows(from, 1, 1));
  await sql(warehouse, `ALTER TABLE ${live} ALTER points_scored TYPE VARCHAR`);
  await expect(diffLive(warehouse, table, from, from)).rejects.toMatchObject({
    kind: 'contract_broken',
    message: expect.stringContaining('points_scored is "1", expected a whole number or null') as string,
  });
});
