/** No message is lost, each is answered once, and no night is written twice. */
import { Phase3Client } from '../../src/client';
import type { BackfillInput } from '../../src/contracts/backfill';
import { backfillRequestId, backfillWorkflowType, identityOf } from '../../src/contracts/identity';
import { triggerSignal, type TriggerMessage } from '../../src/contracts/messages';
import { defaultSource } from '../../src/plan/registry';
import { demoNight, movedTo } from '../support/nights';
import { Rig } from '../support/rig';

const night = demoNight('2017-04-15');
let rig: Rig;

function messageOf(requestId: string): TriggerMessage {
  return { requestId, kind: 'trigger', source: defaultSource };
}

beforeAll(async () => {
  rig = await Rig.open();
  await rig.startWorker();
});
afterAll(() => rig.close());

test('fifty triggers, duplicates among them, sent while the run completes: each is answered once', async () => {
  const gameDate = '2017-05-15';
  await rig.loadNight(movedTo(night, gameDate));
  const first = await rig.client.run({ gameDate });
  await rig.until(gameDate, (state) => state.results.PlayerGameSummaryProcessor !== undefined);
  // From here on the run is recording, answering and closing: spread the triggers over that.
  const ids = Array.from({ length: 50 }, (_, index) => `trigger-${index % 40}`);
  const accepted = await Promise.all(
    ids.map(async (requestId, index) => {
      await new Promise((resolve) => setTimeout(resolve, (index % 10) * 8));
      return rig.client.run({
        gameDate,
        requestId,
        source: index % 2 === 0 ? 'nbac_gamebook_player_stats' : 'nbac_team_boxscore',
      });
    }),
  );
  for (const request of [first, ...accepted]) {
    const { answer } = await rig.answerTo(request);
    expect(['published', 'unchanged']).toContain(answer.state);
  }
  // An id may be answered in two runs only if it was sent to both; within a run never twice.
  for (const runId of new Set(accepted.map((request) => request.runId))) {
    const { state } = await rig.answerTo(accepted.find((request) => request.runId === runId) ?? first);
    const answered = state.answers.map((answer) => answer.requestId);
    expect(new Set(answered).size).toBe(answered.length);
  }
  expect(await rig.versions(gameDate)).toEqual({
    team_offense_game_summary: 1,
    team_defense_game_summary: 1,
    player_game_summary: 1,
  });
});

test('two nights at once, and one night from two sources: one version each, no row twice', async () => {
  const [a, b] = ['2017-05-16', '2017-05-17'];
  await rig.loadNight(movedTo(night, a));
  await rig.loadNight(movedTo(night, b));
  await Promise.all([
    rig.run({ gameDate: a, source: 'nbac_gamebook_player_stats' }),
    rig.run({ gameDate: a, source: 'nbac_team_boxscore' }),
    rig.run({ gameDate: a, source: 'nbac_player_boxscores' }),
    rig.run({ gameDate: b }),
  ]);
  for (const gameDate of [a, b]) {
    expect(await rig.versions(gameDate)).toEqual({
      team_offense_game_summary: 1,
      team_defense_game_summary: 1,
      player_game_summary: 1,
    });
    const rows = await rig.published('player_game_summary', gameDate);
    expect(new Set(rows.map((row) => row['player_lookup'])).size).toBe(rows.length);
  }
});

test('a date that waits goes on as a new run after a thousand messages, long before the server suggests it', async () => {
  const gameDate = '2017-05-18';
  await rig.load('nbac_schedule', movedTo(night, gameDate).nbac_schedule);
  const first = await rig.client.run({ gameDate, requestId: 'first' });
  const { workflowId, runId } = first;
  await rig.until(gameDate, (state) => state.runState === 'waiting');
  const own = rig.raw.workflow.getHandle(workflowId, runId, { followRuns: false });
  const isOpen = async (): Promise<boolean> => (await own.describe()).status.name === 'RUNNING';
  // Until it has gone on, or it is clear that it does not.
  let left = 4_000;
  // Each by a client of its own, since one rests while several wait.
  const send = async (): Promise<void> => {
    const client = new Phase3Client(rig.raw);
    while ((left -= 1) > 0 && (left % 50 > 0 || (await isOpen())))
      await client.recheck({ gameDate, by: 'ana' });
  };
  await Promise.all([send(), send(), send(), send()]);
  const { status, historyLength } = await own.describe();
  expect(status.name).toBe('CONTINUED_AS_NEW');
  expect(historyLength).toBeLessThan(4_096);
  // Nothing that it was asked is forgotten, and rows still wake it.
  await rig.loadNight(movedTo(night, gameDate));
  for (const request of [await rig.client.run({ gameDate, requestId: 'rows' }), first])
    expect((await rig.answerTo(request)).answer.state).toBe('published');
});

test('what came while the worker was down goes with the run that goes on, as soon as nothing of it is under way', async () => {
  const gameDate = '2017-05-19';
  const small = await Rig.open();
  try {
    await small.load('nbac_schedule', movedTo(night, gameDate).nbac_schedule);
    const first = await small.client.run({ gameDate, requestId: 'first' });
    const { workflowId, runId } = first;
    const long = small.raw.workflow.getHandle(workflowId, runId, { followRuns: false });
    // Twice what one turn takes in, so that the last one is carried over.
    const four = (signal: number): TriggerMessage[] =>
      Array.from({ length: 4 }, (_, index) => messageOf(`${signal}-${index}`));
    await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => long.signal(triggerSignal, ...four(index))),
    );
    const last = await small.client.run({ gameDate, requestId: 'last' });
    await small.startWorker();
    const isOpen = async (): Promise<boolean> => (await long.describe()).status.name === 'RUNNING';
    while (await isOpen()) await new Promise((resolve) => setTimeout(resolve, 100));
    const { events } = await long.fetchHistory();
    const asked = (events ?? []).flatMap(
      ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name ?? [],
    );
    expect(asked).toEqual(['checkDependencies']);
    // A timer has begun its last workflow task, which shows how the date stands and does nothing else.
    expect(events?.at(-6)?.timerFiredEventAttributes).toBeTruthy();
    expect((await long.describe()).status.name).toBe('CONTINUED_AS_NEW');
    await small.loadNight(movedTo(night, gameDate));
    for (const request of [await small.client.run({ gameDate }), first, last])
      expect((await small.answerTo(request)).answer.state).toBe('published');
  } finally {
    await small.close();
  }
});

test('a run whose replay would take long stays for a moment when it is done', async () => {
  const gameDate = '2017-05-20';
  const small = await Rig.open();
  try {
    await small.loadNight(movedTo(night, gameDate));
    const runs = await Promise.all(
      Array.from({ length: 60 }, (_, signal) => {
        const others = Array.from({ length: 49 }, (_, index) => messageOf(`${signal}-${index}`));
        return small.client.sendTogether(gameDate, [messageOf(`${signal}`), ...others]);
      }),
    );
    const { workflowId, runId } = runs[0]!;
    const run = small.raw.workflow.getHandle(workflowId, runId, { followRuns: false });
    await small.startWorker();
    await run.result();
    const { events } = await run.fetchHistory();
    const timers = (events ?? []).flatMap(({ timerStartedEventAttributes: timer }) =>
      timer ? [Number(timer.startToFireTimeout?.seconds)] : [],
    );
    expect(timers.at(-1)).toBe(3);
    // A run of three passes would stay as well.
    const recorded = (events ?? []).filter(
      ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name === 'recordPass',
    );
    expect(recorded.length).toBeLessThan(3);
  } finally {
    await small.close();
  }
});

test('a backfill asks every date once, blocked ones are recorded and end, and it survives continue-as-new', async () => {
  const small = await Rig.open();
  try {
    await small.startWorker();
    for (let day = 10; day <= 20; day += 1) await small.loadNight(movedTo(night, `2017-05-${day}`));
    // One date without its team rows: a backfill does not wait for it.
    await small.loadNight({ ...movedTo(night, '2017-05-21'), nbac_team_boxscore: [] });
    // The schedule reaches past the last of them: days without games are known to have none.
    await small.load('nbac_schedule', movedTo(night, '2017-05-28').nbac_schedule);
    const [from, to] = ['2017-05-10', '2017-05-26'];
    const workflowId = identityOf(null).backfillWorkflowId(from, to, 'small');
    // A run may ask up to two more than its six, in the moment in which others answer.
    const input: BackfillInput = { from, to, concurrency: 3, source: defaultSource, datesOfRun: 6 };
    const { firstExecutionRunId: first } = await small.raw.workflow.start(backfillWorkflowType, {
      ...{ workflowId, taskQueue: identityOf(null).taskQueue, args: [input] },
    });
    let replies: Record<string, { state: string }> = {};
    for await (const progress of small.client.followBackfill(workflowId)) replies = progress.replies;
    expect(Object.keys(replies)).toHaveLength(17);
    expect(replies['2017-05-10']?.state).toBe('published');
    expect(replies['2017-05-20']?.state).toBe('published');
    expect(replies['2017-05-21']?.state).toBe('blocked');
    expect(replies['2017-05-25']?.state).toBe('skipped');
    expect((await small.client.state('2017-05-21'))?.isOpen).toBe(false);
    let runs = 0;
    for await (const run of small.raw.workflow.list()) if (run.workflowId === workflowId) runs += 1;
    expect(runs).toBe(3);
    const firstRun = small.raw.workflow.getHandle(workflowId, first, { followRuns: false });
    expect((await firstRun.describe()).status.name).toBe('CONTINUED_AS_NEW');
    for (const gameDate of Object.keys(replies)) {
      const { run_history: passes } = await small.warehouse.readDate(gameDate, ['run_history']);
      expect(passes.map(({ requests }) => requests)).toEqual([
        expect.stringContaining(`"${backfillRequestId(workflowId, gameDate)}"`),
      ]);
    }
    await small.keepHistory('dates-of-run-over', workflowId, first);
    await small.keepHistory('dates-of-run', workflowId);
  } finally {
    await small.close();
  }
});
