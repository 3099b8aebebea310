/** A second run writes nothing unless something moved; then it rebuilds and says why. */
import { defense, offense, player } from '../support/fixtures';
import { PreparedStatements } from '../../src/warehouse/duckdb/prepared-statements';
import { expectWithinBudget, runCosts, type NightCosts } from '../support/budget';
import { activitiesOf } from '../support/history';
import { demoNight, movedTo } from '../support/nights';
import { Rig } from '../support/rig';
import { replacing } from '../support/wrap-warehouse';

const night = demoNight('2017-04-15');
let rig: Rig;

async function publishedDate(): Promise<string> {
  const gameDate = rig.nextDate();
  await rig.loadNight(movedTo(night, gameDate));
  await rig.startWorker();
  expect((await rig.run({ gameDate })).answer.state).toBe('published');
  return gameDate;
}

/** Changes the warehouse as somebody with a SQL prompt would. */
async function behindOurBack(sql: string): Promise<void> {
  const { database } = rig.warehouse as unknown as {
    database: {
      transaction(
        work: (session: { query(sql: string): Promise<unknown> }) => Promise<unknown>,
      ): Promise<unknown>;
    };
  };
  await database.transaction((session) => session.query(sql));
}

/** Statements that this process gives DuckDB from now on, until `stop`. */
function countStatements(): { readonly count: () => number; readonly stop: () => void } {
  const spies = (['run', 'execute'] as const).map((name) => jest.spyOn(PreparedStatements.prototype, name));
  return {
    count: () => spies.reduce((sum, { mock }) => sum + mock.calls.length, 0),
    stop: () => spies.forEach((spy) => spy.mockRestore()),
  };
}

beforeAll(async () => {
  rig = await Rig.open();
});
afterAll(() => rig.close());

test('the same inputs again: unchanged, and nothing is written', async () => {
  const gameDate = await publishedDate();
  const before = await rig.warehouse.readDate(gameDate, ['player_game_summary', 'partition_manifest']);
  const { accepted, answer, state } = await rig.run({ gameDate });
  expect(answer.state).toBe('unchanged');
  expect(Object.values(state.results).map((result) => result.outcome)).toEqual([
    'unchanged',
    'unchanged',
    'unchanged',
  ]);
  expect(await rig.warehouse.readDate(gameDate, ['player_game_summary', 'partition_manifest'])).toEqual(
    before,
  );
  // What the gate finds as it would be built is not started.
  await rig.end(accepted);
  const { workflowId, runId } = accepted;
  const activities = await activitiesOf(rig.raw, workflowId, runId);
  expect(activities.map(({ type }) => type)).toEqual(['checkDependencies', 'recordPass']);
  expect(state.journal.map(({ message }) => message)).toContain(
    'Level 2: nothing to build for PlayerGameSummaryProcessor',
  );
  await rig.keepHistory('found-unchanged', workflowId, runId);
});

test('a night costs what its budget says: statements, activities, events and bytes', async () => {
  // The same one always: rows that name another date take other bytes.
  const gameDate = '2018-01-31';
  await rig.loadNight(movedTo(night, gameDate));
  // One activity after another: how many statements side by side ones share is a matter of the moment.
  await rig.startWorker({ slots: 1 });
  // What is prepared or remembered the first time is not of a night; and its run asks no more once it has ended.
  const first = rig.nextDate();
  await rig.loadNight(movedTo(night, first));
  await rig.end(await rig.client.run({ gameDate: first }));
  const statements = countStatements();
  const run = async (): Promise<Omit<NightCosts, 'bytesKept'>> => {
    const before = statements.count();
    const accepted = await rig.client.run({ gameDate });
    await rig.end(accepted);
    return { statements: statements.count() - before, ...(await runCosts(rig.raw, accepted)) };
  };
  const kept = async (): Promise<number> => {
    const { raw_kept: rows } = await rig.warehouse.readDate(gameDate, ['raw_kept']);
    return rows.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
  };
  const published = await run();
  const bytesKept = await kept();
  const again = await run();
  statements.stop();
  expectWithinBudget(
    'duckdb',
    {
      'a night published': { ...published, bytesKept },
      'the same night unchanged': { ...again, bytesKept: (await kept()) - bytesKept },
    },
    'test/integration/unchanged.test.ts',
  );
});

test('raw rows that were sent again with nothing but a new processed_at: unchanged', async () => {
  const gameDate = await publishedDate();
  const again = movedTo(night, gameDate);
  await rig.load(
    'nbac_team_boxscore',
    again.nbac_team_boxscore.map((row) => ({ ...row, processed_at: '2017-07-01T00:00:00Z' })),
  );
  expect((await rig.run({ gameDate })).answer.state).toBe('unchanged');
});

test('players changed behind our back: rebuilt, with the reason, and the same rows as before', async () => {
  const gameDate = await publishedDate();
  const good = await rig.publishedNight(gameDate);
  await behindOurBack(
    `UPDATE nba_analytics.player_game_summary SET usage_rate = 1228 WHERE game_date = '${gameDate}' AND player_lookup = 'lebronjames'`,
  );
  const { answer, state } = await rig.run({ gameDate });
  expect(answer.state).toBe('published');
  expect(state.results.PlayerGameSummaryProcessor).toMatchObject({ outcome: 'published', version: 2 });
  expect(state.results.PlayerGameSummaryProcessor?.reason).toContain('stored rows were changed');
  expect(state.results.TeamOffenseGameSummaryProcessor?.outcome).toBe('unchanged');
  expect(await rig.publishedNight(gameDate)).toEqual(good);
});

test('offence rows deleted behind our back: a player run alone finds its upstream not current and has it rebuilt first', async () => {
  const gameDate = await publishedDate();
  const good = await rig.publishedNight(gameDate);
  await behindOurBack(
    `DELETE FROM nba_analytics.team_offense_game_summary WHERE game_date = '${gameDate}' AND team_abbr = 'CLE'`,
  );
  const { answer, state } = await rig.run({ gameDate, source: 'nbac_injury_report' });
  expect(answer.state).toBe('published');
  expect(state.results.TeamOffenseGameSummaryProcessor).toMatchObject({ outcome: 'published', version: 2 });
  expect(state.results.TeamOffenseGameSummaryProcessor?.reason).toContain(
    '7 rows are stored where version 1 published 8',
  );
  expect(state.journal.map((line) => line.message).join('\n')).toContain('is published but not up to date');
  expect(await rig.publishedNight(gameDate)).toEqual(good);
  expect((await rig.run({ gameDate })).answer.state).toBe('unchanged');
});

test('a correction of the team rows reaches the players through any trigger, a player one included', async () => {
  const gameDate = await publishedDate();
  const whole = movedTo(night, gameDate);
  await rig.load(
    'nbac_team_boxscore',
    whole.nbac_team_boxscore.map((row) =>
      row['team_abbr'] === 'CLE' ? { ...row, turnovers: Number(row['turnovers']) + 3 } : row,
    ),
  );
  const { answer, state } = await rig.run({ gameDate, source: 'nbac_injury_report' });
  expect(answer.state).toBe('published');
  expect(state.results.PlayerGameSummaryProcessor).toMatchObject({ outcome: 'published', version: 2 });
  expect(state.results.TeamOffenseGameSummaryProcessor?.reason).toContain('inputs changed');
});

test('a changed processor version rebuilds, and what stands on it too', async () => {
  const gameDate = await publishedDate();
  await rig.startWorker({ versions: { TeamOffenseGameSummaryProcessor: '9.1.0' } });
  const { state } = await rig.run({ gameDate });
  expect(state.results.TeamOffenseGameSummaryProcessor).toMatchObject({ outcome: 'published', version: 2 });
  expect(state.results.TeamOffenseGameSummaryProcessor?.reason).toContain('to 9.1.0');
  expect(state.results.TeamDefenseGameSummaryProcessor?.outcome).toBe('unchanged');
  expect(state.results.PlayerGameSummaryProcessor).toMatchObject({ outcome: 'published', version: 2 });
});

test('an upstream that moves while the players run: refused, planned again, and built on what is live', async () => {
  const gameDate = '2017-06-29';
  await rig.loadNight(movedTo(night, gameDate));
  let moved = false;
  await rig.startWorker({
    wrapWarehouse: (warehouse) =>
      replacing(warehouse, {
        stage: async (request) => {
          if (request.table === 'player_game_summary' && !moved) {
            moved = true;
            await behindOurBack(
              `INSERT INTO nba_orchestration.partition_manifest SELECT * REPLACE (2 AS version) FROM nba_orchestration.partition_manifest WHERE game_date = '${gameDate}' AND table_name = 'team_offense_game_summary'`,
            );
          }
          return warehouse.stage(request);
        },
      }),
  });
  const { answer, state } = await rig.run({ gameDate });
  expect(moved).toBe(true);
  expect(answer.state).toBe('published');
  expect(state.journal.map((line) => line.message).join('\n')).toContain('stopped before publishing');
  const { partition_manifest: manifests } = await rig.warehouse.readDate(gameDate, ['partition_manifest']);
  const player = manifests.filter((manifest) => manifest.table_name === 'player_game_summary');
  expect(player).toHaveLength(1);
  expect(JSON.parse(player[0]?.upstream_versions ?? '[]')).toEqual([
    { table_name: 'team_offense_game_summary', version: 2 },
  ]);
});

describe('a rerun by somebody', () => {
  const asked = { by: 'ana@example.org', reason: 'the formula of pace was wrong on that server' };
  const forced = `forced by ${asked.by}: ${asked.reason}`;
  const names = [offense, defense, player];

  test('leaves what is unchanged, unless it is forced: then all is built again, and the record says by whom and why', async () => {
    const gameDate = await publishedDate();
    const good = await rig.publishedNight(gameDate);
    const plain = await rig.answerTo(await rig.client.rerun({ gameDate, ...asked }));
    expect(plain.answer.state).toBe('unchanged');
    const { answer, state } = await rig.answerTo(await rig.client.rerun({ gameDate, ...asked, force: true }));
    expect(answer.state).toBe('published');
    for (const name of names) expect(state.results[name]).toMatchObject({ outcome: 'published', version: 2 });
    // The players read a new version of the offence, which is the nearer reason.
    expect([offense, defense].map((name) => state.results[name]?.reason)).toEqual([forced, forced]);
    expect(await rig.publishedNight(gameDate)).toEqual(good);
    const { bypass_audit: audit } = await rig.warehouse.readDate(gameDate, ['bypass_audit']);
    const evidence = [...audit].sort((a, b) => a.seq - b.seq).map((entry) => JSON.parse(entry.evidence));
    expect(evidence).toEqual([
      expect.not.objectContaining({ force: true }),
      expect.objectContaining({ force: true }),
    ]);
    // The next run finds nothing to do: who forced it was given what he asked for.
    expect((await rig.run({ gameDate })).answer.state).toBe('unchanged');
  });

  test.each([
    ['the players', [player], [1, 1, 2], forced],
    ['everything, of which nothing is built twice,', names, [2, 2, 2], 'inputs changed'],
  ])('that forces %s survives another request', async (_what, processors, versions, reason) => {
    const gameDate = await publishedDate();
    const { nbac_gamebook_player_stats: gamebook } = movedTo(night, gameDate);
    await rig.load('nbac_gamebook_player_stats', gamebook.slice(0, 1));
    await rig.startWorker({ policy: { oldAfterDays: 100_000 } });
    const accepted = await rig.client.rerun({ gameDate, ...asked, processors, force: true });
    await rig.until(gameDate, ({ runState, gate }) => runState === 'waiting' && gate?.level === 2);
    const other = await rig.client.run({ gameDate });
    await rig.until(
      gameDate,
      ({ runState, pending }) =>
        runState === 'waiting' && pending.some((one) => one.requestId === other.requestId),
    );
    await rig.load('nbac_gamebook_player_stats', gamebook);
    await rig.client.recheck({ gameDate, by: asked.by });
    const { answer, state } = await rig.answerTo(accepted);
    expect(answer.state).toBe('published');
    expect(state.results[player]?.reason).toContain(reason);
    const live = await rig.versions(gameDate);
    const tables = ['team_offense_game_summary', 'team_defense_game_summary', 'player_game_summary'];
    expect(tables.map((table) => live[table])).toEqual(versions);
    await rig.keepHistory('interrupted', accepted.workflowId, accepted.runId);
  });

  test('forces what the waiting run has built already', async () => {
    const gameDate = await publishedDate();
    const { nbac_gamebook_player_stats: gamebook } = movedTo(night, gameDate);
    await rig.load('nbac_gamebook_player_stats', gamebook.slice(0, 1));
    await rig.startWorker({ policy: { oldAfterDays: 100_000 } });
    await rig.client.rerun({ gameDate, ...asked, force: true });
    await rig.until(gameDate, ({ runState, gate }) => runState === 'waiting' && gate?.level === 2);
    const again = await rig.client.rerun({ gameDate, ...asked, processors: [offense], force: true });
    await rig.until(gameDate, ({ results }) => results[offense]?.version === 3);
    await rig.load('nbac_gamebook_player_stats', gamebook);
    await rig.client.recheck({ gameDate, by: asked.by });
    const { answer, state } = await rig.answerTo(again);
    expect(answer.state).toBe('published');
    expect(state.results[offense]?.reason).toBe(forced);
    expect((await rig.versions(gameDate))['team_offense_game_summary']).toBe(3);
  });
});
