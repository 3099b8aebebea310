/** A date that cannot run waits, with its evidence on record, and goes on when rows and a trigger come. */
import type { Row } from '../../src/tables/define-table';
import { processorOf } from '../../src/plan/registry';
import { checkDependencies } from '../../src/gate/check-dependencies';
import { policyNow, defaultPolicySettings } from '../../src/contracts/policy';
import type { Look } from '../../src/contracts/activities';
import { activitiesOf } from '../support/history';
import { demoNight, movedTo } from '../support/nights';
import { Rig } from '../support/rig';

const night = demoNight('2017-04-15');
let rig: Rig;

beforeAll(async () => {
  rig = await Rig.open();
});
afterAll(() => rig.close());

test('without the team box score the date waits at level 1, naming table and games; worker restarts change nothing', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  await rig.loadNight({ ...whole, nbac_team_boxscore: [] });
  await rig.startWorker({ policy: { firstWaitMs: 1_000 } });
  const accepted = await rig.client.run({ gameDate });
  const waiting = await rig.until(gameDate, (state) => (state.gate?.probes ?? 0) >= 2);
  expect(waiting.runState).toBe('waiting');
  expect(waiting.journal.at(-1)).toMatchObject({ level: 'WARNING' });
  expect(waiting.journal.at(-1)?.message).toContain('nbac_team_boxscore 0 of at least 2 rows');
  expect(waiting.journal.at(-1)?.message).toContain(`${gameDate.replaceAll('-', '')}_IND_CLE missing`);

  const probes = (await activitiesOf(rig.raw, accepted.workflowId, accepted.runId)).filter(
    (activity) => activity.type === 'checkDependencies',
  );
  expect(probes.length).toBeGreaterThanOrEqual(2);
  for (const probe of probes.filter((candidate) => candidate.result !== null))
    for (const verdict of (probe.result as Look).verdicts) {
      expect(verdict).toMatchObject({ canRun: false, missing: ['nbac_team_boxscore'] });
      expect(verdict.missingGames).toHaveLength(4);
    }

  await rig.stopWorker();
  await rig.startWorker({ policy: { firstWaitMs: 1_000 } });
  const still = await rig.until(gameDate, (state) => (state.gate?.probes ?? 0) >= 3);
  expect(still).toMatchObject({ runState: 'waiting', pass: 1, deadline: waiting.deadline });

  await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
  const { answer } = await rig.run({ gameDate, source: 'nbac_team_boxscore' });
  expect(answer.state).toBe('published');
  expect((await rig.answerTo(accepted)).answer.state).toBe('published');
  await rig.keepHistory('waited', accepted.workflowId, accepted.runId);
  expect(await rig.versions(gameDate)).toEqual({
    team_offense_game_summary: 1,
    team_defense_game_summary: 1,
    player_game_summary: 1,
  });
});

test.each(['nbac_team_boxscore', 'nbac_gamebook_player_stats', 'nbac_injury_report'])(
  'waiting at level 1, a trigger of %s lets the whole date finish, players included',
  async (source) => {
    const gameDate = rig.nextDate();
    const whole = movedTo(night, gameDate);
    await rig.startWorker();
    await rig.loadNight({ ...whole, nbac_team_boxscore: [] });
    const accepted = await rig.client.run({ gameDate });
    await rig.until(gameDate, (state) => state.runState === 'waiting' && state.gate?.level === 1);
    await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
    const { answer, state } = await rig.run({ gameDate, source });
    expect(answer.state).toBe('published');
    expect(state.results.PlayerGameSummaryProcessor?.outcome).toBe('published');
    expect((await rig.answerTo(accepted)).answer.state).toBe('published');
  },
);

test.each(['nbac_team_boxscore', 'nbac_gamebook_player_stats'])(
  'waiting at level 2, rows and a trigger of %s let it finish, and the wake is at once',
  async (source) => {
    const gameDate = rig.nextDate();
    const whole = movedTo(night, gameDate);
    await rig.startWorker();
    await rig.loadNight({ ...whole, nbac_gamebook_player_stats: [] });
    const accepted = await rig.client.run({ gameDate });
    const waiting = await rig.until(
      gameDate,
      (state) => state.runState === 'waiting' && state.gate?.level === 2,
    );
    expect(waiting.results.TeamOffenseGameSummaryProcessor?.outcome).toBe('published');
    expect(waiting.gate?.verdicts[0]?.missing).toEqual(['nbac_gamebook_player_stats']);
    await rig.load('nbac_gamebook_player_stats', whole.nbac_gamebook_player_stats);
    const { answer, state } = await rig.run({ gameDate, source });
    // The first wait is a minute: finishing within the test's time means that the trigger woke it.
    expect(answer.state).toBe('published');
    expect(state.results.PlayerGameSummaryProcessor?.outcome).toBe('published');
    expect((await rig.answerTo(accepted)).answer.state).toBe('published');
    expect(state.deadline).toBeNull();
  },
);

test('a request that is sent twice joins: it wakes the gate and is answered once', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  await rig.startWorker();
  const { accepted } = await rig.waiting(
    { gameDate, requestId: 'redelivered' },
    { ...whole, nbac_team_boxscore: [] },
  );
  await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
  await rig.client.run({ gameDate, requestId: 'redelivered' });
  const { state } = await rig.answerTo(accepted);
  expect(state.answers).toHaveLength(1);
  expect(state.pass).toBe(1);
});

test('requests that ask for what is waited for join the pass: it looks again, and answers them all at once', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  await rig.startWorker();
  const { accepted: first } = await rig.waiting({ gameDate }, { ...whole, nbac_team_boxscore: [] });
  const sources = ['nbac_team_boxscore', 'nbac_gamebook_player_stats'];
  const asked = [first];
  for (let request = 0; request < 20; request += 1)
    asked.push(await rig.client.run({ gameDate, kind: 'trigger', source: sources[request % 2]! }));
  // Looked at since the last of them came, so that no look which finds the rows is under way before the next one comes.
  const waiting = await rig.until(gameDate, ({ pending }) => pending.length === asked.length);
  const { length: all } = asked;
  for (let seen = 0; seen < all;)
    seen = (
      await rig.client.outlook(
        first,
        asked.map(({ requestId }) => requestId),
      )
    ).pending.filter(({ isSeen }) => isSeen).length;
  expect(waiting).toMatchObject({ runState: 'waiting', pass: 1 });

  await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
  asked.push(await rig.client.run({ gameDate, kind: 'trigger', source: 'nbac_team_boxscore' }));
  const answers = await Promise.all(asked.map(async (accepted) => rig.answerTo(accepted)));
  expect(answers.map(({ answer }) => answer.state)).toEqual(asked.map(() => 'published'));
  const { run_history: passes } = await rig.warehouse.readDate(gameDate, ['run_history']);
  expect(passes).toMatchObject([{ pass: 1, state: 'published' }]);
  const recorded = JSON.parse(passes[0]?.requests ?? '[]') as { request_id: string }[];
  expect(recorded.map(({ request_id: id }) => id).sort()).toEqual(
    asked.map(({ requestId }) => requestId).sort(),
  );
  await rig.end(first);
  const probes = (await activitiesOf(rig.raw, first.workflowId, first.runId)).filter(
    ({ type }) => type === 'checkDependencies',
  );
  // One when the date was opened, one for the players, and a second apart in between.
  const { journal } = answers[0]!.state;
  const lasted = Date.parse(journal.at(-1)!.at) - Date.parse(journal[0]!.at);
  expect(probes.length).toBeLessThanOrEqual(2 + lasted / 1_000 + 1);
  await rig.keepHistory('joined-while-waiting', first.workflowId, first.runId);
});

test('at the deadline the date is blocked and stays open; a new trigger starts a new deadline', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  await rig.startWorker({ policy: { firstWaitMs: 1_000, deadlineMs: 2_500 } });
  // From whole players the team rows would be rebuilt.
  await rig.load('nbac_schedule', whole.nbac_schedule);
  const { answer, state } = await rig.run({ gameDate });
  expect(answer.state).toBe('blocked');
  expect(state.results.TeamOffenseGameSummaryProcessor).toMatchObject({
    outcome: 'blocked',
    missing: ['nbac_team_boxscore'],
  });
  expect(state.results.PlayerGameSummaryProcessor).toMatchObject({
    outcome: 'blocked',
    missing: ['team_offense_game_summary', 'nbac_team_boxscore'],
  });
  expect(state.journal.filter((line) => line.level === 'ERROR').map((line) => line.message)[0]).toContain(
    'nbac_team_boxscore',
  );
  const known = await rig.client.state(gameDate);
  expect(known?.isOpen).toBe(true);

  const again = await rig.client.run({ gameDate });
  const waiting = await rig.until(gameDate, (now) => now.runState === 'waiting');
  expect(Date.parse(waiting.deadline ?? '')).toBeGreaterThan(Date.now());
  await rig.loadNight(whole);
  await rig.run({ gameDate, source: 'nbac_team_boxscore' });
  expect((await rig.answerTo(again)).answer.state).toBe('published');
  await rig.end(again);
});

test('at the deadline team rows that never came are rebuilt from whole players; the real ones replace them', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  await rig.startWorker({ policy: { firstWaitMs: 500, deadlineMs: 1_500 } });
  await rig.loadNight({ ...whole, nbac_team_boxscore: [] });
  const { answer, state } = await rig.run({ gameDate });
  expect(answer.state).toBe('partial');
  expect(state.results.PlayerGameSummaryProcessor).toMatchObject({
    outcome: 'published',
    missingGames: whole.nbac_schedule.map(
      () => expect.objectContaining({ status: 'reconstructed' }) as unknown,
    ),
  });
  const offense = (): Promise<readonly Row[]> =>
    rig.warehouse
      .readDate(gameDate, ['team_offense_game_summary'])
      .then((rows) => rows.team_offense_game_summary);
  expect(await offense()).toEqual(
    whole.nbac_team_boxscore.map(
      () => expect.objectContaining({ reconstructed: true, turnovers: null, possessions: null }) as unknown,
    ),
  );
  await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
  const mended = await rig.run({ gameDate, source: 'nbac_team_boxscore' });
  expect(mended.answer.state).toBe('published');
  expect(mended.state.results.PlayerGameSummaryProcessor).toMatchObject({ outcome: 'published', version: 2 });
  expect((await offense()).every((row) => row['reconstructed'] === false)).toBe(true);
});

test('the check that people ask names the same tables and games, and starts nothing', async () => {
  const gameDate = rig.nextDate();
  await rig.loadNight({ ...movedTo(night, gameDate), nbac_team_boxscore: [] });
  const [verdict] = await checkDependencies(
    rig.warehouse,
    gameDate,
    [processorOf('TeamOffenseGameSummaryProcessor')],
    policyNow(defaultPolicySettings, {}, () => new Date()),
  );
  expect(verdict).toMatchObject({
    canRun: false,
    missing: ['nbac_team_boxscore'],
    details: { nbac_team_boxscore: { found: 0, expectedMin: 2, status: 'insufficient_data' } },
  });
  expect(verdict?.missingGames.map((game) => game.gameId)).toHaveLength(4);
  expect(await rig.client.state(gameDate)).toBeNull();
});

test('a player run without a published offence never pulls it in: it waits for it', async () => {
  const gameDate = rig.nextDate();
  await rig.startWorker();
  await rig.loadNight(movedTo(night, gameDate));
  await rig.client.run({ gameDate, source: 'nbac_injury_report' });
  const waiting = await rig.until(gameDate, (state) => state.runState === 'waiting');
  expect(waiting.gate?.verdicts[0]?.missing).toContain('team_offense_game_summary');
  const { answer } = await rig.run({ gameDate, source: 'nbac_team_boxscore' });
  expect(answer.state).toBe('published');
  expect(await rig.versions(gameDate)).toHaveProperty('player_game_summary', 1);
});

test('an empty schedule is not ready; a schedule without games that day is skipped', async () => {
  await rig.startWorker({ policy: { firstWaitMs: 1_000, deadlineMs: 1 } });
  const offDay = await rig.run({ gameDate: '2017-07-20' });
  expect(offDay.answer.state).toBe('skipped');
  expect(offDay.state.results.TeamOffenseGameSummaryProcessor?.reason).toContain('no_games');
  const unknown = await rig.run({ gameDate: '2012-01-05' });
  expect(unknown.answer.state).toBe('blocked');
  expect(unknown.state.results.TeamOffenseGameSummaryProcessor?.missing).toEqual(['nbac_schedule']);
});

test('news of team rows contradicts a schedule without games: the date waits, is blocked, and a person ends it', async () => {
  const gameDate = '2017-07-25';
  await rig.startWorker({ policy: { firstWaitMs: 1_000, deadlineMs: 1 } });
  expect((await rig.run({ gameDate })).answer.state).toBe('skipped');

  const news = { gameDate, source: 'nbac_team_boxscore', kind: 'trigger', requestId: 'news-1' } as const;
  const sentence = `it has no game on ${gameDate}, but request news-1 says that nbac_team_boxscore came`;
  const blocked = await rig.run(news);
  expect(blocked.answer.state).toBe('blocked');
  expect(blocked.state.results['TeamOffenseGameSummaryProcessor']).toMatchObject({
    missing: ['nbac_schedule'],
    reason: expect.stringContaining(sentence) as string,
  });
  // What was said is not forgotten because somebody else asks.
  expect((await rig.run({ gameDate })).answer.state).toBe('blocked');
  const by = 'ana@example.org';
  const rerun = await rig.client.rerun({ gameDate, by, reason: 'the feed has sent an empty file' });
  expect((await rig.answerTo(rerun)).answer.state).toBe('skipped');
});

test('a source that says nothing of games contradicts no schedule', async () => {
  const gameDate = '2017-07-26';
  await rig.startWorker();
  const { answer } = await rig.run({ gameDate, source: 'nbac_injury_report', kind: 'trigger' });
  expect(answer.state).toBe('skipped');
});

test('a schedule that was loaded long before a date does not know that it has no game; one that was loaded since does', async () => {
  const gameDate = '2015-02-10';
  await rig.startWorker({ policy: { firstWaitMs: 1_000, deadlineMs: 1 } });
  const later = movedTo(night, '2015-02-14').nbac_schedule;
  const writtenAt = (at: string): typeof later => later.map((row) => ({ ...row, processed_at: at }));
  await rig.load('nbac_schedule', writtenAt('2014-10-01T08:00:00.000Z'));
  expect((await rig.run({ gameDate })).answer.state).toBe('blocked');
  await rig.load('nbac_schedule', writtenAt('2015-02-09T08:00:00.000Z'));
  expect((await rig.run({ gameDate })).answer.state).toBe('skipped');
});
