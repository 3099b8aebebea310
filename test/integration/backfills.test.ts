/** Backfills that people steer: paused, slowed, resumed, cancelled, while the worker is killed; and those that overlap. */
import { Context } from '@temporalio/activity';
import { askDate } from '../../src/activities/ask-date';
import { RefusedError } from '../../src/client';
import type { Activities } from '../../src/contracts/activities';
import { addDays } from '../../src/contracts/game-date';
import { identityOf } from '../../src/contracts/identity';
import { givesWay } from '../../src/contracts/urgency';
import { latch } from '../support/latch';
import { demoNight, movedTo } from '../support/nights';
import { Rig } from '../support/rig';

const identity = identityOf(null);
const night = demoNight('2017-04-15');
const who = { by: 'ana@example.org', reason: 'the warehouse is slow tonight' };
let rig: Rig;
beforeAll(async () => {
  rig = await Rig.open();
  await rig.startWorker();
});
afterAll(() => rig.close());

const started = (from: string, days: number, concurrency = 1) =>
  rig.client.backfill({ from, to: addDays(from, days - 1), concurrency, isAlone: true });

async function until(workflowId: string, holds: (done: number, asked: number) => boolean) {
  for (;;) {
    const progress = await rig.client.backfillProgress(workflowId);
    if (holds(Object.keys(progress.replies).length, Object.keys(progress.asked).length)) return progress;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('paused, it asks no further date, also when its worker is another; resumed, it does all of them', async () => {
  const from = '2017-08-01';
  const { workflowId } = await started(from, 30);
  const paused = await rig.client.steerBackfill(workflowId, { ...who, what: 'pause' });
  expect(paused).toMatchObject({ what: 'pause', ...who });
  const { replies } = await until(workflowId, (_, asked) => asked === 0);
  expect(Object.keys(replies).length).toBeLessThan(30);
  await rig.startWorker();
  const again = await rig.client.backfillProgress(workflowId);
  expect(again).toMatchObject({ replies, paused: who, concurrency: 1 });
  await rig.client.steerBackfill(workflowId, { ...who, what: 'set', concurrency: 8 });
  await rig.client.steerBackfill(workflowId, { ...who, what: 'resume' });
  for await (const _ of rig.client.followBackfill(workflowId));
  const done = await rig.client.backfillProgress(workflowId);
  expect(Object.keys(done.replies)).toHaveLength(30);
  expect(done.decisions.map(({ what, by }) => [what, by])).toEqual([
    ['pause', who.by],
    ['set', who.by],
    ['resume', who.by],
  ]);
  const late = rig.client.steerBackfill(workflowId, { ...who, what: 'cancel' });
  await expect(late).rejects.toThrow('has ended');
});

test('cancelled, it lets what is under way come to its end, and leaves the other dates as they were', async () => {
  const from = '2017-09-01';
  for (let day = 0; day < 4; day += 1) await rig.loadNight(movedTo(night, addDays(from, day)));
  const { workflowId } = await started(from, 20, 4);
  await until(workflowId, (_, asked) => asked > 0);
  const steered = await rig.client.steerBackfill(workflowId, { ...who, what: 'cancel' });
  const { replies, asked } = await rig.client.backfillProgress(workflowId);
  expect(steered.summary).toMatch(/^Cancelled: no further date is asked/);
  const result = (await rig.raw.workflow.getHandle(workflowId).result()) as {
    replies: object;
    asked: object;
  };
  expect(result).toMatchObject({ cancelled: who, asked: {} });
  expect(Object.keys(result.replies).sort()).toEqual(Object.keys({ ...replies, ...asked }).sort());
  for (const gameDate of Object.keys(result.replies))
    await rig.untilListed(gameDate, (listed) => !listed?.isOpen);
  expect(await rig.client.state(addDays(from, 19))).toBeNull();
});

test('one that asks for the same is joined, one that overlaps is refused by the name of the other', async () => {
  // The first of its dates waits, so that it does not end meanwhile.
  await rig.loadNight({ ...movedTo(night, '2017-10-01'), nbac_team_boxscore: [] });
  const run = { from: '2017-10-01', to: '2017-10-30', concurrency: 1, kind: 'run', isAlone: true } as const;
  const { workflowId, isJoined } = await rig.client.backfill(run);
  expect(isJoined).toBe(false);
  // Visibility follows after a moment.
  while (!(await rig.client.listBackfills()).some((one) => one.workflowId === workflowId))
    await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await rig.client.backfill(run)).toEqual({ workflowId, isJoined: true });
  await expect(rig.client.backfill({ ...run, concurrency: 2 })).rejects.toBeInstanceOf(RefusedError);
  await rig.client.steerBackfill(workflowId, { ...who, what: 'pause' });
  // What is paused would do nothing of it.
  await expect(rig.client.backfill(run)).rejects.toBeInstanceOf(RefusedError);
  await expect(started('2017-10-30', 5)).rejects.toBeInstanceOf(RefusedError);
  await expect(started('2017-09-28', 4)).rejects.toThrow(`\`phase3 backfill status ${workflowId}\` shows it`);
  const beside = await started('2017-10-31', 2);
  expect(beside.workflowId).not.toBe(workflowId);
  expect(await rig.client.namedBackfill(workflowId.split('/').at(-1)!)).toMatchObject({ workflowId });
  await expect(rig.client.namedBackfill('nothing')).rejects.toThrow('`phase3 backfill list` lists them');
  await rig.client.steerBackfill(workflowId, { ...who, what: 'cancel' });
  await rig.client.cancel({ gameDate: '2017-10-01', ...who });
  await rig.raw.workflow.getHandle(workflowId).result();
  // What has ended is told by its result, which needs no worker.
  await rig.stopWorker();
  expect(await rig.client.backfillProgress(workflowId)).toMatchObject({ cancelled: who, asked: {} });
  const listed = await rig.client.listBackfills();
  expect(listed.find((one) => one.workflowId === workflowId)).toMatchObject({
    ...{ from: '2017-10-01', to: '2017-10-30', status: 'COMPLETED' },
  });
});

test('a live night, and a date of a backfill that is asked for live, are handed out before what a backfill has queued', async () => {
  const [first, later, joined, live] = ['2017-12-01', '2017-12-02', '2017-12-03', '2017-12-20'] as const;
  const dates = [first, later, joined, live];
  const taken: { gameDate: string; givesWay: boolean }[] = [];
  const look = latch();
  const noted = (activities: Activities): Activities => ({
    ...activities,
    checkDependencies: async (request) => {
      const { gameDate } = request;
      // Dates of the tests before this one may be open still: held, one of them would keep all others from being asked.
      if (!dates.includes(gameDate as typeof first)) return activities.checkDependencies(request);
      const { priority } = Context.current().info;
      taken.push({ gameDate, givesWay: givesWay(priority?.priorityKey) });
      if (taken.length === 1) await look.opened;
      return activities.checkDependencies(request);
    },
  });
  // One activity at a time: what waits goes in the order of the queue, behind one look that is held.
  await rig.startWorker({ slots: 1, wrap: noted });
  const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  const isQueued = async (gameDate: string): Promise<boolean> => {
    const handle = rig.raw.workflow.getHandle(identity.dateWorkflowId(gameDate));
    const { events } = await handle.fetchHistory();
    return (events ?? []).some((event) => event.activityTaskScheduledEventAttributes);
  };
  const askedByBackfill = async (gameDate: string): Promise<void> => {
    const message = { requestId: `queued#${gameDate}`, kind: 'backfill', source: 'nbac_schedule' } as const;
    await askDate(rig.raw, identity, { gameDate, message });
    await until(() => isQueued(gameDate));
  };
  await askedByBackfill(first);
  await until(() => taken.length === 1);
  await askedByBackfill(later);
  await askedByBackfill(joined);
  for (const gameDate of [live, joined]) await rig.client.run({ gameDate });
  await until(() => isQueued(live));
  look.open();
  await until(() => new Set(taken.map(({ gameDate }) => gameDate)).size === dates.length);
  expect(taken[0]).toEqual({ gameDate: first, givesWay: true });
  expect(taken.slice(1, 3).sort((a, b) => (a.gameDate < b.gameDate ? -1 : 1))).toEqual([
    { gameDate: joined, givesWay: false },
    { gameDate: live, givesWay: false },
  ]);
  expect(taken.slice(3)).toContainEqual({ gameDate: later, givesWay: true });
});
