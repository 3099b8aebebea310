/** What is live is held against what was published, on DuckDB through the real stack: nothing is run, and nothing is written. */
import { lostRuns } from '../../src/client/lost-runs';
import { dump, insertByHand, sql } from '../support/by-hand';
import { demoNight } from '../support/nights';
import { Rig } from '../support/rig';
import { findingsOf, verify } from '../support/verified';

const week = ['15', '16', '17', '18', '19', '20', '21'].map((day) => `2017-04-${day}`);
const [from = '', to = ''] = [week[0], week.at(-1)];
const tables = ['team_offense_game_summary', 'team_defense_game_summary', 'player_game_summary'] as const;
const table = 'player_game_summary';
let rig: Rig;

beforeAll(async () => {
  rig = await Rig.open();
  await rig.startWorker();
  const raw = week.map(demoNight);
  for (const name of ['nbac_schedule', 'nbac_team_boxscore', 'nbac_gamebook_player_stats'] as const)
    await rig.load(
      name,
      raw.flatMap((night) => night[name]),
    );
  const { workflowId } = await rig.client.backfill({ from, to, concurrency: 4 });
  for await (const _ of rig.client.followBackfill(workflowId));
});
afterAll(() => rig.close());

const touch = (statement: string): Promise<unknown> => sql(rig.warehouse, statement);
const runAll = async (): Promise<void> => {
  for (const gameDate of week) await rig.run({ gameDate });
};

test('nothing is wrong with what nobody touched, and verifying writes nothing', async () => {
  const before = [await dump(rig.warehouse, 'nba_analytics'), await dump(rig.warehouse, 'nba_orchestration')];
  const found = await verify(rig.warehouse, { newest: 14 });
  expect(found.map(({ gameDate, tables: own }) => [gameDate, own.length])).toEqual(
    week.map((gameDate) => [gameDate, 3]),
  );
  expect(findingsOf(found)).toEqual([]);
  expect([
    await dump(rig.warehouse, 'nba_analytics'),
    await dump(rig.warehouse, 'nba_orchestration'),
  ]).toEqual(before);
});

test('one figure of one live row is named by row and column; a run puts it right', async () => {
  await touch(
    `UPDATE nba_analytics.${table} SET points = 99 WHERE game_date = '${from}' AND player_lookup = 'lebronjames'`,
  );
  const found = await verify(rig.warehouse, { from, to: from });
  expect(findingsOf(found)).toEqual([`${from} ${table} altered`]);
  const [altered] = found[0]?.tables.filter(({ findings }) => findings.length > 0) ?? [];
  expect(altered?.changes).toEqual({
    altered: [
      {
        key: expect.objectContaining({ player_lookup: 'lebronjames' }),
        columns: [{ column: 'points', published: 32, live: 99 }],
      },
    ],
    ...{ missing: [], foreign: [] },
  });
  await rig.run({ gameDate: from });
  expect(findingsOf(await verify(rig.warehouse, { from, to: from }))).toEqual([]);
});

test('a row that is gone, and rows that nobody published, are named', async () => {
  await touch(
    `DELETE FROM nba_analytics.${table} WHERE game_date = '${from}' AND player_lookup = 'kyrieirving'`,
  );
  const twin = (await rig.warehouse.readDate(from, [table]))[table].find(
    (row) => row.player_lookup === 'lebronjames',
  )!;
  await insertByHand(rig.warehouse, `nba_analytics.${table}`, table, [
    twin,
    { ...twin, player_lookup: 'nobody' },
  ]);
  const [date] = await verify(rig.warehouse, { from, to: from });
  expect(date?.tables.find((one) => one.table === table)?.changes).toMatchObject({
    altered: [],
    missing: [{ player_lookup: 'kyrieirving' }],
    foreign: [{ player_lookup: 'lebronjames' }, { player_lookup: 'nobody' }],
  });
  await rig.run({ gameDate: from });
  expect(findingsOf(await verify(rig.warehouse, { from, to: from }))).toEqual([]);
});

test('a deleted week of live rows is found', async () => {
  for (const name of tables)
    await touch(`DELETE FROM nba_analytics.${name} WHERE game_date BETWEEN '${from}' AND '${to}'`);
  const found = await verify(rig.warehouse, { newest: 14 });
  expect(findingsOf(found)).toEqual(
    week.flatMap((gameDate) => tables.map((name) => `${gameDate} ${name} altered`)),
  );
  const gone = found[0]?.tables.find((one) => one.table === table);
  expect(gone?.changes?.missing).toHaveLength(gone?.publishedRows ?? -1);
  await runAll();
  expect(findingsOf(await verify(rig.warehouse, { newest: 14 }))).toEqual([]);
});

test('a moved input is stale, and its game is named; so is a schedule that lists a game no more', async () => {
  const night = demoNight(from);
  const moved = night.nbac_team_boxscore.map((row, index) =>
    // Turnovers of the team itself, of which no other source knows.
    index === 0 ? { ...row, turnovers: Number(row['turnovers']) + 1 } : row,
  );
  await rig.load('nbac_team_boxscore', moved);
  const [date] = await verify(rig.warehouse, { from, to: from });
  const stale = date?.tables.filter(({ findings }) => findings.includes('stale')) ?? [];
  expect(stale.map((one) => one.table)).toEqual(tables.slice(0, 2));
  const game = { gameId: expect.stringMatching(/^20170415_[A-Z]{3}_[A-Z]{3}$/), table: 'nbac_team_boxscore' };
  const turnovers = Number(night.nbac_team_boxscore[0]?.['turnovers']);
  const column = { column: 'turnovers', before: turnovers, after: turnovers + 1 };
  expect(stale[0]?.moved).toMatchObject([
    {
      ...{ ...game, detail: 'its rows changed' },
      rows: { changed: [{ columns: [column] }], added: [], removed: [] },
    },
  ]);

  const [, ...others] = night.nbac_schedule;
  await rig.load('nbac_schedule', others);
  const [again] = await verify(rig.warehouse, { from, to: from });
  expect(again?.tables.find((one) => one.table === table)?.moved).toEqual([
    {
      ...{ gameId: expect.any(String), table: null, rows: null },
      detail: 'the schedule of the date does not list it any more',
    },
  ]);

  await rig.loadNight(night);
  expect(findingsOf(await verify(rig.warehouse, { from, to: from }))).toEqual([]);
});

test('a version that is altered and stale at once is both; another processor version is stale', async () => {
  const night = demoNight(from);
  await rig.load(
    'nbac_team_boxscore',
    night.nbac_team_boxscore.map((row) => ({ ...row, turnovers: Number(row['turnovers']) + 1 })),
  );
  await touch(`UPDATE nba_analytics.team_offense_game_summary SET pace = 1 WHERE game_date = '${from}'`);
  const [date] = await verify(rig.warehouse, { from, to: from });
  expect(findingsOf(date ? [date] : [])).toEqual([
    ...['altered', 'stale'].map((finding) => `${from} team_offense_game_summary ${finding}`),
    `${from} team_defense_game_summary stale`,
  ]);
  await rig.run({ gameDate: from });
  await touch(
    `UPDATE nba_orchestration.partition_manifest SET processor_version = '0.9.0' WHERE game_date = '${to}' AND table_name = '${table}'`,
  );
  const [other] = await verify(rig.warehouse, { from: to, to });
  expect(other?.tables.flatMap(({ reasons }) => reasons)).toEqual([
    expect.stringContaining('the processor changed from version 0.9.0 to'),
  ]);
  await rig.run({ gameDate: to });
});

test('live rows that no manifest knows are found, beside the dates on record and by their own date', async () => {
  const gameDate = '2017-05-01';
  const [row] = (await rig.warehouse.readDate(from, [table]))[table];
  await insertByHand(rig.warehouse, `nba_analytics.${table}`, table, [{ ...row!, game_date: gameDate }]);
  const expected = [`${gameDate} ${table} unrecorded`];
  expect(findingsOf(await verify(rig.warehouse, { newest: 14 }))).toEqual(expected);
  expect(findingsOf(await verify(rig.warehouse, { from, to: '2017-06-30' }))).toEqual(expected);
});

describe('what Temporal knows as published', () => {
  const lost = async (): Promise<unknown> => {
    const runs = await rig.client.ended(from, to);
    const history: { run_id: string }[] = [];
    for await (const rows of rig.warehouse.exportRows('run_history', from, to))
      history.push(...(rows as { run_id: string }[]));
    return lostRuns(runs, history).map(({ gameDate, state }) => [gameDate, state]);
  };

  test('is on record', async () => {
    expect(await lost()).toEqual([]);
  });

  test('and is not in the warehouse is lost, until it is built again', async () => {
    for (const name of ['run_history', 'partition_manifest'])
      await touch(`DELETE FROM nba_orchestration.${name} WHERE game_date = '${to}'`);
    for (const name of tables) await touch(`DELETE FROM nba_analytics.${name} WHERE game_date = '${to}'`);
    expect(await lost()).toEqual([[to, 'published']]);
    await rig.run({ gameDate: to });
    expect(await lost()).toEqual([]);
  });
});
