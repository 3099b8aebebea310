/** What fails is told apart: a failing defence stops nobody, a failing offence stops the players. */
import { verifyChain } from '../../src/audit/chain';
import type { Notification } from '../../src/contracts/notifications';
import type { ManifestRow } from '../../src/tables/orchestration';
import { explainState } from '../../src/explain/explain-date';
import { processorOf } from '../../src/plan/registry';
import { WarehouseError } from '../../src/warehouse/errors';
import type { TableName } from '../../src/tables/catalogue';
import type { Warehouse } from '../../src/warehouse/warehouse';
import { recordedStandings } from '../../src/control/standings';
import { offense, player, policyAfter } from '../support/fixtures';
import { activitiesOf } from '../support/history';
import type { Row } from '../../src/tables/define-table';
import { demoNight, movedTo, type Night } from '../support/nights';
import { Rig } from '../support/rig';
import { losing, misStoring, replacing } from '../support/wrap-warehouse';

const night = demoNight('2017-04-15');
let rig: Rig;

beforeAll(async () => {
  rig = await Rig.open();
});
afterAll(() => rig.close());

function failing(table: TableName, kind: 'contract_broken' | 'unavailable', times = Infinity) {
  let left = times;
  return (warehouse: Warehouse): Warehouse =>
    replacing(warehouse, {
      stage: async (request) => {
        if (request.table === table && left > 0) {
          left -= 1;
          throw new WarehouseError(kind, `${table} cannot be staged`);
        }
        return warehouse.stage(request);
      },
    });
}

test('defence fails for good: offence and players are published, failed is said of defence alone', async () => {
  const gameDate = '2017-05-15';
  await rig.loadNight(movedTo(night, gameDate));
  await rig.startWorker({ wrapWarehouse: failing('team_defense_game_summary', 'contract_broken') });
  const { accepted, answer, state } = await rig.run({ gameDate });
  expect(answer.state).toBe('failed');
  expect(
    Object.fromEntries(Object.entries(state.results).map(([name, result]) => [name, result.outcome])),
  ).toEqual({
    TeamOffenseGameSummaryProcessor: 'published',
    TeamDefenseGameSummaryProcessor: 'failed',
    PlayerGameSummaryProcessor: 'published',
  });
  expect(state.results.TeamDefenseGameSummaryProcessor?.reason).toContain('cannot be staged');
  await rig.end(accepted);
});

test('offence fails for good: the players are upstream_failed and were never started', async () => {
  const gameDate = '2017-05-16';
  await rig.loadNight(movedTo(night, gameDate));
  await rig.startWorker({ wrapWarehouse: failing('team_offense_game_summary', 'contract_broken') });
  const { accepted, answer, state } = await rig.run({ gameDate });
  expect(answer.state).toBe('failed');
  expect(state.results.TeamOffenseGameSummaryProcessor?.outcome).toBe('failed');
  expect(state.results.PlayerGameSummaryProcessor).toMatchObject({
    outcome: 'upstream_failed',
    missing: ['team_offense_game_summary'],
  });
  const types = (await activitiesOf(rig.raw, accepted.workflowId, accepted.runId)).map(
    (activity) => activity.type,
  );
  expect(types).not.toContain('buildPlayerGameSummary');
  await rig.keepHistory('upstream-failed', accepted.workflowId, accepted.runId);
  expect(await rig.published('player_game_summary', gameDate)).toEqual([]);

  // Mended, a trigger that names the teams only brings the players along: they were asked for and are owed.
  await rig.startWorker();
  const mended = await rig.run({ gameDate, source: 'nbac_team_boxscore' });
  expect(mended.answer.state).toBe('published');
  expect(mended.state.results.PlayerGameSummaryProcessor?.outcome).toBe('published');
});

test("a bug in a processor's code fails it at the first attempt, with its sentence; the others are published", async () => {
  const gameDate = '2017-05-19';
  await rig.loadNight(movedTo(night, gameDate));
  await rig.startWorker();
  const build = jest.spyOn(processorOf('TeamDefenseGameSummaryProcessor'), 'build').mockImplementation(() => {
    throw new TypeError("Cannot read properties of undefined (reading 'pace')");
  });
  try {
    const { answer, state } = await rig.run({ gameDate });
    expect(answer.state).toBe('failed');
    expect(build).toHaveBeenCalledTimes(1);
    expect(state.results.TeamDefenseGameSummaryProcessor).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining(
        `The code of TeamDefenseGameSummaryProcessor failed for team_defense_game_summary of ${gameDate}: TypeError: Cannot read`,
      ) as string,
    });
    expect(state.results.PlayerGameSummaryProcessor?.outcome).toBe('published');
  } finally {
    build.mockRestore();
  }
});

test('a warehouse that is away for a moment is tried again, and nothing is written twice', async () => {
  const gameDate = '2017-05-17';
  await rig.loadNight(movedTo(night, gameDate));
  await rig.startWorker({ wrapWarehouse: failing('team_offense_game_summary', 'unavailable', 2) });
  const { answer } = await rig.run({ gameDate });
  expect(answer.state).toBe('published');
  expect(await rig.versions(gameDate)).toEqual({
    team_offense_game_summary: 1,
    team_defense_game_summary: 1,
    player_game_summary: 1,
  });
});

test('a date that cannot be opened waits, and says why; once the warehouse answers, it is published', async () => {
  const gameDate = '2017-05-26';
  await rig.loadNight(movedTo(night, gameDate));
  let isAway = true;
  const wrapWarehouse = (warehouse: Warehouse): Warehouse =>
    replacing(warehouse, {
      claimDate: async (...args) => {
        if (isAway) throw new WarehouseError('unavailable', 'the warehouse is away');
        return warehouse.claimDate(...args);
      },
    });
  await rig.startWorker({ wrapWarehouse });
  const accepted = await rig.client.run({ gameDate });
  const state = await rig.until(gameDate, ({ runState }) => runState === 'waiting');
  const why = explainState(state, true);
  expect(why.headline).toMatch(
    /^2017-05-26 has been waiting since .*: the dependency check cannot be made \(.*the warehouse is away\)\. Next check .*, deadline /,
  );
  expect(why.acts[0]).toContain('`phase3 status` shows whether the warehouse answers');
  // Who cannot wait asks for a check now.
  isAway = false;
  await rig.client.recheck({ gameDate, by: 'ana@example.org' });
  expect((await rig.answerTo(accepted)).state.runState).toBe('published');
});

test('a failed check publishes nothing: the good version stays live and the staged rows are in quarantine', async () => {
  const gameDate = '2017-05-18';
  const whole = movedTo(night, gameDate);
  await rig.loadNight(whole);
  let losesRows = false;
  await rig.startWorker({ wrapWarehouse: losing('player_game_summary', () => losesRows) });
  await rig.run({ gameDate });
  const good = await rig.publishedNight(gameDate);

  losesRows = true;
  await rig.load('nbac_team_boxscore', withTurnovers(whole, 3));
  const { answer, state } = await rig.run({ gameDate });
  expect(answer.state).toBe('quarantined');
  expect(state.results.PlayerGameSummaryProcessor?.outcome).toBe('quarantined');
  expect(state.results.PlayerGameSummaryProcessor?.reason).toContain('staged_as_built');
  expect((await rig.publishedNight(gameDate)).player_game_summary).toEqual(good.player_game_summary);
  const { quarantine } = await rig.warehouse.readDate(gameDate, ['quarantine']);
  expect(quarantine).toHaveLength(1);
  expect((await rig.client.state(gameDate))?.isOpen).toBe(true);

  losesRows = false;
  await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
  const mended = await rig.run({ gameDate, source: 'nbac_team_boxscore' });
  expect(mended.answer.state).toBe('published');
  expect(await rig.publishedNight(gameDate)).toEqual(good);
});

test('rows that contradict a live game change nothing of it: it is disputed, and the other games follow their rows', async () => {
  const gameDate = '2017-05-19';
  const whole = movedTo(night, gameDate);
  await rig.loadNight(whole);
  await rig.startWorker();
  await rig.run({ gameDate });
  const good = await rig.publishedNight(gameDate);

  // Half a team's plays, which its players made: no sum holds any more.
  await rig.load(
    'nbac_team_boxscore',
    withTurnovers(whole, 3, 'SAS').map((row) =>
      row['team_abbr'] === 'CLE' ? { ...row, fg_attempted: 40, fg_made: 39, turnovers: 2 } : row,
    ),
  );
  const { answer, state } = await rig.run({ gameDate });
  expect(answer.state).toBe('disputed');
  for (const { missingGames } of Object.values(state.results))
    expect(missingGames).toMatchObject([{ status: 'disputed', isLive: true }]);
  // It is contradicted, and published all the same: a list does not call the date without it.
  const [listed] = await recordedStandings(rig.warehouse, gameDate, gameDate, policyAfter(0));
  expect(listed).toMatchObject({ lacking: ['20170519_IND_CLE'], without: [] });
  const now = await rig.publishedNight(gameDate);
  const isSpurs = ({ game_id }: { readonly game_id?: unknown }): boolean => String(game_id).includes('SAS');
  const others = (rows: readonly Row[]): Row[] => rows.filter((row) => !isSpurs(row));
  for (const table of Object.keys(good) as (keyof typeof good)[])
    expect(others(now[table])).toEqual(others(good[table]));
  expect(now.team_offense_game_summary).not.toEqual(good.team_offense_game_summary);

  await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
  expect((await rig.run({ gameDate, source: 'nbac_team_boxscore' })).answer.state).toBe('published');
  expect(await rig.publishedNight(gameDate)).toEqual(good);
});

/** The team rows with more turnovers of the team itself, which are in no player's line. */
function withTurnovers(whole: Night, more: number, team = 'CLE'): Row[] {
  return whole.nbac_team_boxscore.map((row) =>
    row['team_abbr'] === team ? { ...row, turnovers: Number(row['turnovers']) + more } : row,
  );
}

test('a bug in how one processor judges games fails that one at once, and the others are published', async () => {
  const gameDate = '2017-05-25';
  await rig.loadNight(movedTo(night, gameDate));
  await rig.startWorker();
  const broken = jest
    .spyOn(processorOf('TeamDefenseGameSummaryProcessor'), 'judge')
    .mockImplementation(() => (undefined as unknown as { status: string }).status as never);
  try {
    const { state } = await rig.run({ gameDate });
    expect(state.results.TeamDefenseGameSummaryProcessor).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(
        /^CodeFault: The code of TeamDefenseGameSummaryProcessor failed for team_defense_game_summary of 2017-05-25: TypeError/,
      ) as string,
    });
    expect(await rig.versions(gameDate)).toEqual({ team_offense_game_summary: 1, player_game_summary: 1 });
  } finally {
    broken.mockRestore();
  }
});

describe('what is not stored as it was built', () => {
  const withoutFirst = (rows: readonly Row[]): readonly Row[] => rows.slice(1);

  test('has failed, a person is notified once, nothing is built on it; once the fault is gone it is published', async () => {
    const gameDate = rig.nextDate();
    const whole = movedTo(night, gameDate);
    await rig.loadNight(whole);
    await rig.startWorker();
    expect((await rig.run({ gameDate })).answer.state).toBe('published');
    const first = await rig.publishedNight(gameDate);
    // Turnovers of the team itself, of which no other source knows.
    const turnovers = whole.nbac_team_boxscore.map((row) => ({
      ...row,
      turnovers: Number(row['turnovers']) + 1,
    }));
    await rig.load('nbac_team_boxscore', turnovers);
    const told: Notification[] = [];
    const notify = async (notification: Notification): Promise<void> => {
      // The defence is built from the corrected rows, and its readers are told.
      if (notification.kind !== 'recalled') told.push(notification);
    };
    // What puts a version back is stored as it is.
    const isBuilt = ({ reason }: ManifestRow): boolean => !reason.includes('; rolled back to version ');
    const wrapWarehouse = misStoring('team_offense_game_summary', withoutFirst, isBuilt);
    await rig.startWorker({ wrapWarehouse, notify });
    const { accepted, answer, state } = await rig.run({ gameDate });
    expect(answer.state).toBe('failed');
    const reason =
      /^version 2 of team_offense_game_summary was not stored as it was built \(1 row is missing, .+\); rolled back to version 1$/;
    expect(state.results[offense]).toMatchObject({
      ...{ outcome: 'failed', version: 3, rowCount: 8 },
      reason: expect.stringMatching(reason) as string,
    });
    expect(state.results[player]?.outcome).toBe('upstream_failed');
    await rig.end(accepted);
    expect(await rig.published('team_offense_game_summary', gameDate)).toEqual(
      first.team_offense_game_summary,
    );
    expect(await rig.published('player_game_summary', gameDate)).toEqual(first.player_game_summary);
    expect((await rig.versions(gameDate))['player_game_summary']).toBe(1);
    const [entry] = await rig.audit(gameDate);
    expect(entry).toMatchObject({ kind: 'rolled_back', decided_by: 'system', processor: offense });
    const lines = (await rig.client.state(gameDate))?.state.journal ?? [];
    expect(lines.filter(({ level }) => level === 'ERROR').map(({ message }) => message)).toContainEqual(
      expect.stringMatching(
        /^❌ TeamOffenseGameSummaryProcessor failed - version 2 .+ rolled back to version 1$/,
      ),
    );

    // Tried again while the fault lasts, it fails again, and nobody is told twice.
    const again = await rig.run({ gameDate });
    expect(again.state.results[offense]).toMatchObject({ outcome: 'failed', version: 5 });
    await rig.end(again.accepted);
    expect(told.map(({ kind }) => kind)).toEqual(['trouble']);
    expect(told[0]?.summary).toContain('was not stored as it was built');

    await rig.startWorker({ notify });
    const mended = await rig.run({ gameDate });
    expect(mended.answer.state).toBe('published');
    await rig.end(mended.accepted);
    expect((await rig.versions(gameDate))['team_offense_game_summary']).toBe(6);
    expect(told.map(({ kind }) => kind)).toEqual(['trouble', 'recovered']);
    const entries = await rig.audit(gameDate);
    expect(entries.map(({ kind }) => kind)).toEqual(['rolled_back', 'rolled_back']);
    expect(verifyChain(gameDate, entries, [])).toBeNull();
  });

  test('and has no version before stays, and whoever asks for the players alone has it built again first', async () => {
    const gameDate = rig.nextDate();
    await rig.loadNight(movedTo(night, gameDate));
    await rig.startWorker({ wrapWarehouse: misStoring('team_offense_game_summary', withoutFirst) });
    const { accepted, state } = await rig.run({ gameDate });
    expect(state.results[offense]).toMatchObject({
      ...{ outcome: 'failed', version: 1 },
      reason: expect.stringContaining('there is no version before it, so nothing was put back') as string,
    });
    expect(state.results[player]?.outcome).toBe('upstream_failed');
    await rig.end(accepted);
    expect(await rig.published('player_game_summary', gameDate)).toEqual([]);
    expect(await rig.audit(gameDate)).toEqual([]);

    await rig.startWorker();
    const mended = await rig.run({ gameDate, processors: [player] });
    expect(mended.state.results).toMatchObject({
      [offense]: { outcome: 'published', version: 2 },
      [player]: { outcome: 'published' },
    });
    await rig.end(mended.accepted);
  });
});
