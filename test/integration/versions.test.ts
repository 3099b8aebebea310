/** A date that is built again and again: every version is listed, compared, exported, and told by what made it. */
import { ControlClient } from '../../src/control/client';
import type { PartitionChange } from '../../src/control/protocol';
import { startControlServer, type ControlServer } from '../../src/control/server';
import { defaultPolicySettings } from '../../src/contracts/policy';
import type { Row } from '../../src/tables/define-table';
import { sql } from '../support/by-hand';
import { offense } from '../support/fixtures';
import { demoNight, movedTo } from '../support/nights';
import { Rig } from '../support/rig';

const night = demoNight('2017-04-15');
const table = 'team_offense_game_summary';
const by = 'ana@example.org';
const reason = 'the corrected feed of this morning was wrong';
let rig: Rig;
let server: ControlServer;
let control: ControlClient;
let gameDate: string;
/** The instant after each of the four builds: first, input, formula, restore. */
const built: string[] = [];
/** The rows that were live then. */
const live: Row[][] = [];

async function listed<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of rows) all.push(one);
  return all;
}

async function remember(): Promise<void> {
  live.push(await listed(control.export(table, gameDate, gameDate)));
  built.push(new Date().toISOString());
}

async function changes(since: string): Promise<[string, number | null, number, number | null, string[]][]> {
  const all: PartitionChange[] = await listed(control.changes(since));
  return all.map(({ table: name, from, to, rows, causes }) => [
    ...([name, from, to, rows && rows.changed + rows.added + rows.removed] as const),
    causes.map(({ kind }) => kind),
  ]);
}

beforeAll(async () => {
  rig = await Rig.open();
  server = await startControlServer({
    ...{ warehouse: rig.warehouse, policy: defaultPolicySettings, workerState: () => 'RUNNING' },
  });
  control = new ControlClient(server);
  gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  await rig.startWorker();
  await rig.loadNight(whole);
  await rig.run({ gameDate });
  await remember();
  await rig.load(
    'nbac_team_boxscore',
    whole.nbac_team_boxscore.map((row) =>
      row['team_abbr'] === 'CLE' ? { ...row, turnovers: Number(row['turnovers']) + 3 } : row,
    ),
  );
  await rig.run({ gameDate });
  await remember();
  await rig.startWorker({ versions: { [offense]: '9.1.0' } });
  await rig.run({ gameDate });
  await remember();
  const accepted = await rig.client.restore({ gameDate, processor: offense, version: 1, by, reason });
  await rig.answerTo(accepted);
  await rig.end(accepted);
  await remember();
});

afterAll(async () => {
  await server.close();
  await rig.close();
});

test('every version is listed, newest first, with why it was built and what of it is live and kept', async () => {
  const versions = (await control.versions(gameDate)).filter((one) => one.table === table);
  expect(versions.map(({ version, isLive, rows }) => [version, isLive, rows])).toEqual([
    [4, true, 'kept'],
    [3, false, 'kept'],
    [2, false, 'kept'],
    [1, false, 'kept'],
  ]);
  expect(versions.map((one) => one.reason)).toEqual([
    `version 1 was restored by ${by}: ${reason}`,
    expect.stringContaining('to 9.1.0'),
    'its inputs changed since version 1 was published',
    'it was never published for this date',
  ]);
  const [player] = (await control.versions(gameDate)).filter((one) => one.table === 'player_game_summary');
  expect(player).toMatchObject({
    builtOn: [{ table, version: 4 }],
    pin: { version: 1, by, questioned: null },
  });
  expect(versions.map(({ pin }) => pin?.version ?? null)).toEqual([1, null, null, null]);
});

test('a version is exported as it was published', async () => {
  for (const [index, rows] of live.entries()) {
    expect(rows).toHaveLength(8);
    expect(await listed(control.rowsOfVersion(table, gameDate, index + 1))).toEqual(rows);
  }
});

test('two versions are compared figure by figure, with the cause', async () => {
  const difference = await control.versionsDifference(table, gameDate, 1, 2);
  expect(difference.causes).toEqual([
    {
      kind: 'input',
      detail: expect.stringMatching(/^rows of nbac_team_boxscore changed, of \d{8}_IND_CLE$/),
    },
  ]);
  expect(difference.rows).toEqual({ same: 6, changed: 2, added: 0, removed: 0 });
  const [first] = difference.moved;
  expect(first).toMatchObject({ column: 'turnovers', before: 11, after: 14 });
  expect(first?.relative).toBeCloseTo(3 / 11);
  const formula = await control.versionsDifference(table, gameDate, 2, 3);
  expect(formula).toMatchObject({ causes: [{ kind: 'formula' }], rows: { same: 8, changed: 0 }, moved: [] });
  const players = await control.versionsDifference('player_game_summary', gameDate, 1, 2);
  expect(players.causes).toEqual([{ kind: 'upstream', detail: `${table} version 1 → 2` }]);
  expect(players.rows.changed).toBe(9);
});

test('what changed since an instant is told with its rows and its causes', async () => {
  const [first = '', input = '', formula = '', restored = ''] = built;
  expect(await changes(first)).toEqual([
    // Restored with the offence: the figures are those of then.
    ['player_game_summary', 1, 4, 0, ['upstream', 'upstream', 'person']],
    ['team_defense_game_summary', 1, 2, 2, ['input']],
    [table, 1, 4, 0, ['input', 'formula', 'person']],
  ]);
  expect(await changes(input)).toEqual([
    ['player_game_summary', 2, 4, 9, ['upstream', 'person']],
    [table, 2, 4, 2, ['formula', 'person']],
  ]);
  expect(await changes(formula)).toEqual([
    ['player_game_summary', 3, 4, 9, ['person']],
    [table, 3, 4, 2, ['person']],
  ]);
  expect(await changes(restored)).toEqual([]);
});

test('rows that are not what was published are refused, not shown: altered ones and ones that are gone', async () => {
  const kept = 'nba_orchestration.team_offense_game_summary_versions';
  const stage = `(SELECT stage_id FROM nba_orchestration.partition_manifest WHERE game_date = '${gameDate}' AND table_name = '${table}' AND version = 2)`;
  const refusal = () => listed(control.rowsOfVersion(table, gameDate, 2)).catch(String);
  const rowsState = async () =>
    (await control.versions(gameDate)).find((one) => one.table === table && one.version === 2)?.rows;
  await sql(rig.warehouse, `UPDATE ${kept} SET turnovers = 99 WHERE stage_id = ${stage}`);
  expect(await refusal()).toContain(
    `version 2 of ${table} for ${gameDate} are not the rows that were published`,
  );
  expect(await rowsState()).toBe('altered');
  await sql(rig.warehouse, `DELETE FROM ${kept} WHERE stage_id = ${stage}`);
  expect(await refusal()).toContain(
    `The rows of version 2 of ${table} for ${gameDate} are not kept any more.`,
  );
  expect(await rowsState()).toBe('gone');
  await expect(control.versionsDifference(table, gameDate, 1, 2)).rejects.toThrow('not kept any more');
  // They cannot be counted, and are told all the same.
  expect((await changes(built[1] ?? '')).at(-1)).toEqual([table, 2, 4, null, ['formula', 'person']]);
  await expect(listed(control.rowsOfVersion(table, gameDate, 7))).rejects.toThrow('There is no version 7');
});
