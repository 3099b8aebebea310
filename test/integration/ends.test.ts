/** The edges of a run's life: cancelled, asked nonsense, its worker lost between publishing and answering. */
import { identityOf } from '../../src/contracts/identity';
import { dateSettledSignal, type TriggerMessage } from '../../src/contracts/messages';
import { WarehouseError } from '../../src/warehouse/errors';
import { demoNight, movedTo } from '../support/nights';
import { latch } from '../support/latch';
import { Rig } from '../support/rig';
import { replacing } from '../support/wrap-warehouse';

const night = demoNight('2017-04-15');
let rig: Rig;

beforeAll(async () => {
  rig = await Rig.open();
});
afterAll(() => rig.close());

test('a cancelled run releases its fence, records what was under way, and answers who asked', async () => {
  const gameDate = '2017-05-15';
  await rig.startWorker();
  const { accepted } = await rig.waiting(
    { gameDate },
    { ...movedTo(night, gameDate), nbac_gamebook_player_stats: [] },
  );
  await rig.raw.workflow.getHandle(accepted.workflowId).cancel();
  const { answer, state } = await rig.answerTo(accepted);
  expect(answer.state).toBe('cancelled');
  expect(state.runState).toBe('cancelled');
  await expect(rig.raw.workflow.getHandle(accepted.workflowId, accepted.runId).result()).rejects.toThrow();
  const { status } = await rig.raw.workflow.getHandle(accepted.workflowId, accepted.runId).describe();
  expect(status.name).toBe('CANCELLED');
  const { date_fence: fences, run_history: history } = await rig.warehouse.readDate(gameDate, [
    'date_fence',
    'run_history',
  ]);
  expect(fences).toMatchObject([{ run_id: accepted.runId, pass: 1, state: 'closed' }]);
  expect(history).toMatchObject([{ pass: 1, state: 'cancelled' }]);

  // What was owed stays owed: a trigger of the teams brings the players along.
  await rig.load('nbac_gamebook_player_stats', movedTo(night, gameDate).nbac_gamebook_player_stats);
  const next = await rig.run({ gameDate, source: 'nbac_team_boxscore' });
  expect(next.state.results.PlayerGameSummaryProcessor?.outcome).toBe('published');
});

test('what comes just before a cancellation ends with it, and is on record as who asked', async () => {
  const gameDate = '2017-05-19';
  await rig.startWorker();
  const { accepted } = await rig.waiting(
    { gameDate },
    { ...movedTo(night, gameDate), nbac_gamebook_player_stats: [] },
  );
  await rig.stopWorker();
  // No look has seen this one when the run is ended.
  const late = await rig.client.run({ gameDate, source: 'nbac_team_boxscore' });
  await rig.raw.workflow.getHandle(accepted.workflowId).cancel();
  await rig.startWorker();
  for (const one of [accepted, late]) expect((await rig.answerTo(one)).answer.state).toBe('cancelled');
  const { run_history: history } = await rig.warehouse.readDate(gameDate, ['run_history']);
  expect(history).toMatchObject([{ pass: 1, state: 'cancelled' }]);
  const asked = JSON.parse(history[0]?.requests ?? '[]') as { request_id: string }[];
  expect(asked.map(({ request_id: id }) => id)).toEqual([accepted.requestId, late.requestId]);
});

test('cancelled while its record is written and the answer to that is lost: the record stays, and who came meanwhile has another', async () => {
  const gameDate = '2017-05-20';
  await rig.loadNight(movedTo(night, gameDate));
  const [written, goOn] = [latch(), latch()];
  let lost = 0;
  await rig.startWorker({
    wrapWarehouse: (warehouse) =>
      replacing(warehouse, {
        closePass: async (...args) => {
          await warehouse.closePass(...args);
          lost += 1;
          if (lost > 1) return;
          written.open();
          await goOn.opened;
          throw new WarehouseError('unavailable', 'the answer was lost on its way');
        },
      }),
  });
  const first = await rig.client.run({ gameDate });
  await written.opened;
  const late = await rig.client.run({ gameDate, source: 'nbac_team_boxscore' });
  await rig.raw.workflow.getHandle(first.workflowId).cancel();
  goOn.open();
  expect((await rig.answerTo(first)).answer.state).toBe('published');
  expect((await rig.answerTo(late)).answer.state).toBe('cancelled');
  const { run_history: history } = await rig.warehouse.readDate(gameDate, ['run_history']);
  const askersOf = ({ requests }: (typeof history)[number]): string[] =>
    (JSON.parse(requests) as { request_id: string }[]).map(({ request_id: id }) => id);
  expect(history.map((row) => [row.pass, row.state, askersOf(row)])).toEqual([
    [1, 'published', [first.requestId]],
    [2, 'cancelled', [late.requestId]],
  ]);
});

test('a worker that is lost between publishing and answering: the pass still says published, once', async () => {
  const gameDate = '2017-05-16';
  await rig.loadNight(movedTo(night, gameDate));
  let lost = 0;
  await rig.startWorker({
    wrapWarehouse: (warehouse) =>
      replacing(warehouse, {
        publish: async (request) => {
          const result = await warehouse.publish(request);
          if (request.table === 'team_offense_game_summary' && lost === 0) {
            lost += 1;
            throw new WarehouseError('unavailable', 'the answer was lost on its way');
          }
          return result;
        },
      }),
  });
  const { answer, state } = await rig.run({ gameDate });
  expect(lost).toBe(1);
  expect(answer.state).toBe('published');
  expect(state.results.TeamOffenseGameSummaryProcessor).toMatchObject({ outcome: 'published', version: 1 });
});

test('an attempt that was given up on cannot publish after its run has ended', async () => {
  const gameDate = '2017-05-17';
  await rig.loadNight(movedTo(night, gameDate));
  const held = latch();
  const late: unknown[] = [];
  await rig.startWorker({
    wrapWarehouse: (warehouse) =>
      replacing(warehouse, {
        publish: async (request) => {
          if (request.table !== 'team_defense_game_summary' || late.length > 0)
            return warehouse.publish(request);
          late.push(request);
          void held.opened.then(async () => late.push(await warehouse.publish(request)));
          throw new WarehouseError('unavailable', 'the driver hangs');
        },
      }),
  });
  expect((await rig.run({ gameDate })).answer.state).toBe('published');
  held.open();
  for (let tries = 0; late.length < 2 && tries < 100; tries += 1)
    await new Promise((done) => setTimeout(done, 20));
  expect(late[1]).toMatchObject({ kind: 'fenced' });
  expect(await rig.versions(gameDate)).toHaveProperty('team_defense_game_summary', 1);
});

test('messages that are no triggers are refused with a sentence, and do no harm', async () => {
  const gameDate = '2017-05-18';
  await rig.startWorker();
  await rig.waiting({ gameDate }, { ...movedTo(night, gameDate), nbac_gamebook_player_stats: [] });
  const handle = rig.raw.workflow.getHandle(identityOf(null).dateWorkflowId(gameDate));
  const nonsense: unknown[] = [
    undefined,
    'now please',
    { requestId: 'r1', kind: 'run', source: 'constructor' },
    { requestId: 'r2', kind: 'sometime', source: 'nbac_schedule' },
    { requestId: 'r3', kind: 'run', source: 'nbac_injury_report', processors: ['Nobody'] },
    { requestId: '', kind: 'run', source: 'nbac_injury_report' },
    { requestId: 'r4', kind: 'run', source: 'nbac_injury_report', force: true },
  ];
  for (const message of nonsense) await handle.signal('trigger', message as TriggerMessage);
  const state = await rig.until(gameDate, (now) => now.answers.length === 4);
  expect(state.answers.map((answer) => [answer.requestId, answer.state]).sort()).toEqual([
    ['r1', 'failed'],
    ['r2', 'failed'],
    ['r3', 'failed'],
    ['r4', 'failed'],
  ]);
  expect(state.journal.filter((line) => line.message.startsWith('A message was refused'))).toHaveLength(7);
  const refused = state.answers.find(({ requestId }) => requestId === 'r4');
  expect(refused?.summary).toContain('force is not a field of a run');
  expect(state.runState).toBe('waiting');
});

test('an echo of an answer does not take a place in a backfill’s window', async () => {
  await rig.startWorker();
  const { workflowId } = await rig.client.backfill({ from: '2017-08-01', to: '2017-08-20', concurrency: 1 });
  const echo = {
    requestId: 'echo',
    gameDate: '2017-08-01',
    state: 'skipped' as const,
    summary: 'again',
    outcomes: {},
  };
  const handle = rig.raw.workflow.getHandle(workflowId);
  await handle.signal(dateSettledSignal, echo);
  await handle.signal(dateSettledSignal, echo);
  for await (const progress of rig.client.followBackfill(workflowId))
    expect(Object.keys(progress.asked).length).toBeLessThanOrEqual(2);
  const { asked, replies } = (await handle.result()) as { asked: object; replies: object };
  expect(Object.keys(replies)).toHaveLength(20);
  expect(asked).toEqual({});
});

test('a run that has completed is told by its result, which needs no worker', async () => {
  const gameDate = '2017-05-27';
  await rig.loadNight(movedTo(night, gameDate));
  await rig.startWorker();
  const { accepted, answer } = await rig.run({ gameDate });
  await rig.end(accepted);
  await rig.stopWorker();
  const outlook = await rig.client.outlook(accepted, [accepted.requestId, 'somebody else’s']);
  expect(outlook).toMatchObject({ gameDate, runState: 'published', pending: [], answers: [answer] });
  expect(outlook.results).toMatchObject({
    TeamOffenseGameSummaryProcessor: { outcome: 'published', version: 1 },
    PlayerGameSummaryProcessor: { outcome: 'published', version: 1 },
  });
  expect((await rig.client.outlook(accepted, [])).answers).toEqual([]);
});

test('a run of pass upon pass stays for a moment when it is done; one of a single pass does not', async () => {
  const [gameDate, other] = ['2017-05-23', '2017-05-24'];
  const [reached, goOn] = [
    [latch(), latch()],
    [latch(), latch()],
  ];
  await rig.startWorker({
    wrap: (activities) => ({
      ...activities,
      recordPass: async (request) => {
        const held = request.gameDate === gameDate ? goOn[request.pass - 1] : undefined;
        if (held) {
          reached[request.pass - 1]?.open();
          await held.opened;
        }
        return activities.recordPass(request);
      },
    }),
  });
  for (const date of [gameDate, other]) await rig.loadNight(movedTo(night, date));
  const asked = [await rig.client.run({ gameDate })];
  for (const [index, { opened }] of reached.entries()) {
    await opened;
    asked.push(await rig.client.run({ gameDate }));
    goOn[index]?.open();
  }
  const states: string[] = [];
  for (const accepted of asked) states.push((await rig.answerTo(accepted)).answer.state);
  expect(states).toEqual(['published', 'unchanged', 'unchanged']);
  expect(new Set(asked.map(({ runId }) => runId)).size).toBe(1);
  const single = await rig.client.run({ gameDate: other });

  const timersOf = async ({ workflowId, runId }: typeof single): Promise<number[]> => {
    const handle = rig.raw.workflow.getHandle(workflowId, runId);
    await handle.result();
    const { events } = await handle.fetchHistory();
    return (events ?? []).flatMap(({ timerStartedEventAttributes: timer }) =>
      timer ? [Number(timer.startToFireTimeout?.seconds)] : [],
    );
  };
  const [first] = asked;
  // The others kept the looks a second apart.
  expect((await timersOf(first!)).at(-1)).toBe(3);
  expect(await timersOf(single)).toEqual([]);
  await rig.keepHistory('lingered', first!.workflowId, first!.runId);
});

test('without a worker a question is answered by what Temporal’s list says', async () => {
  const gameDate = '2017-05-28';
  await rig.startWorker();
  await rig.waiting({ gameDate }, { ...movedTo(night, gameDate), nbac_team_boxscore: [] });
  await rig.stopWorker();
  await expect(rig.client.state(gameDate)).rejects.toMatchObject({
    name: 'NoWorkerError',
    message: `No worker answers for ${gameDate}. According to Temporal its run is open and waiting, missing nbac_team_boxscore. \`phase3 up\` starts one.`,
  });
});
