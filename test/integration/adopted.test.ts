/** Partitions that were there before this system: on record once adopted, and never the ground that anything is built on. */
import { adoptDate } from '../../src/adoption/adopt-date';
import type { Row } from '../../src/tables/define-table';
import { insertByHand } from '../support/by-hand';
import {
  defense,
  goodNight,
  offense,
  player,
  published,
  type Night as PublishedNight,
} from '../support/fixtures';
import { demoNight, movedTo, withoutTeamRows, type Night } from '../support/nights';
import { Rig, type PublishedTable } from '../support/rig';
import { inKeyOrder } from '../warehouse/rows';

const night = demoNight('2017-04-15');
const analytics: readonly PublishedTable[] = [
  'team_offense_game_summary',
  'team_defense_game_summary',
  'player_game_summary',
];
const all = (version: number): Record<string, number> =>
  Object.fromEntries(analytics.map((table) => [table, version]));

let rig: Rig;
let day = 10;

beforeAll(async () => {
  rig = await Rig.open();
});
afterAll(() => rig.close());

/** What a fresh run of the night builds. */
function fresh(gameDate: string, raw: Night): PublishedNight {
  const none = goodNight(0);
  const rows = { ...none.rows, ...raw } as unknown as PublishedNight['rows'];
  return published({ ...none, gameDate, rows }, offense, defense, player);
}

const withoutBuild = (rows: readonly Row[]): Row[] =>
  rows.map(({ processed_at: _, bypass_id: __, ...rest }) => rest);

/** A date whose tables another system has filled, not quite as we would, and that is adopted. */
async function adoptedDate(
  tables: readonly PublishedTable[] = analytics,
): Promise<{ gameDate: string; expected: Record<PublishedTable, Row[]>; byHand: Record<string, Row[]> }> {
  day += 1;
  const gameDate = `2017-06-${day}`;
  const raw = movedTo(night, gameDate);
  await rig.loadNight(raw);
  const snapshot = fresh(gameDate, raw);
  const byHand: Record<string, Row[]> = {};
  for (const table of tables) {
    byHand[table] = snapshot.rows[table].map((row) => ({
      ...row,
      data_hash: 'theirs',
      ...(table === 'player_game_summary' && { usage_rate: 1275 }),
      ...(table === 'team_offense_game_summary' && { turnovers: 0 }),
    }));
    await insertByHand(rig.warehouse, `nba_analytics.${table}`, table, byHand[table]);
  }
  const partitions = await adoptDate(rig.warehouse, gameDate, { by: 'maria', reason: 'there before us' });
  expect(partitions.map(({ outcome }) => outcome)).toEqual(tables.map(() => 'adopted'));
  const expected = Object.fromEntries(
    analytics.map((table) => [table, inKeyOrder(table, withoutBuild(snapshot.rows[table]))]),
  ) as Record<PublishedTable, Row[]>;
  return { gameDate, expected, byHand };
}

test('the first run of its date builds a version of its own, with the rows of a fresh night', async () => {
  const { gameDate, expected } = await adoptedDate();
  expect(await rig.versions(gameDate)).toEqual(all(1));
  await rig.startWorker();
  const { answer, state } = await rig.run({ gameDate });
  expect(answer.state).toBe('published');
  expect(await rig.versions(gameDate)).toEqual(all(2));
  expect(await rig.publishedNight(gameDate)).toEqual(expected);
  for (const result of Object.values(state.results)) expect(result.reason).toContain('adopted');
  expect((await rig.run({ gameDate })).answer.state).toBe('unchanged');
});

test('a trigger of the players alone has the offence built first: they never divide by adopted rows', async () => {
  const { gameDate, expected } = await adoptedDate();
  await rig.startWorker();
  const { answer, state } = await rig.run({ gameDate, source: 'nbac_injury_report' });
  expect(answer.state).toBe('published');
  expect(state.journal.map((line) => line.message).join('\n')).toContain('is published but not up to date');
  expect(await rig.versions(gameDate)).toMatchObject({
    team_offense_game_summary: 2,
    player_game_summary: 2,
  });
  expect(await rig.published('player_game_summary', gameDate)).toEqual(expected.player_game_summary);
  const { partition_manifest: manifests } = await rig.warehouse.readDate(gameDate, ['partition_manifest']);
  const newest = manifests.find((row) => row.table_name === 'player_game_summary' && row.version === 2);
  expect(JSON.parse(newest?.upstream_versions ?? '')).toEqual([
    { table_name: 'team_offense_game_summary', version: 2 },
  ]);
});

test('players alone: the teams are built for the first time, and the players on them', async () => {
  const { gameDate, expected } = await adoptedDate(['player_game_summary']);
  await rig.startWorker();
  const { answer } = await rig.run({ gameDate });
  expect(answer.state).toBe('published');
  expect(await rig.versions(gameDate)).toEqual({ ...all(1), player_game_summary: 2 });
  expect(await rig.publishedNight(gameDate)).toEqual(expected);
});

test('without its raw rows it stays as it is: nothing is built, and the date waits', async () => {
  const { gameDate, byHand } = await adoptedDate();
  await rig.loadNight(withoutTeamRows(movedTo(night, gameDate)));
  await rig.startWorker({ policy: { deadlineMs: 0 } });
  const { answer } = await rig.run({ gameDate, source: 'nbac_injury_report' });
  expect(answer.state).toBe('blocked');
  expect(await rig.versions(gameDate)).toEqual(all(1));
  for (const table of analytics)
    expect(await rig.published(table, gameDate)).toEqual(
      inKeyOrder(table, withoutBuild(byHand[table] ?? [])),
    );
});
