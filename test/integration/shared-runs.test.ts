/** Several dates of a backfill in one run: what they share, and what each keeps for itself. */
import { ApplicationFailure } from '@temporalio/common';
import { backfillRequestId, identityOf } from '../../src/contracts/identity';
import type { BackfillProgress } from '../../src/contracts/backfill';
import { addDays } from '../../src/contracts/game-date';
import { WarehouseError } from '../../src/warehouse/errors';
import { activitiesOf } from '../support/history';
import { latch } from '../support/latch';
import { demoNight, movedTo } from '../support/nights';
import { Rig } from '../support/rig';
import { replacing } from '../support/wrap-warehouse';

const night = demoNight('2017-04-15');
const { datesWorkflowId, dateWorkflowId } = identityOf(null);
const tables = ['player_game_summary', 'team_defense_game_summary', 'team_offense_game_summary'] as const;
let rig: Rig;
beforeAll(async () => {
  rig = await Rig.open();
});
afterAll(() => rig.close());

/** Loads three nights, of which some may be others, and has them asked together. */
async function together(
  from: string,
  others: Readonly<Record<string, ReturnType<typeof movedTo>>> = {},
): Promise<{
  readonly dates: readonly [string, string, string];
  readonly backfillId: string;
  readonly sharedId: string;
  readonly done: () => Promise<BackfillProgress>;
}> {
  const dates = [from, addDays(from, 1), addDays(from, 2)] as const;
  for (const date of dates) await rig.loadNight(others[date] ?? movedTo(night, date));
  const asked = { from, to: dates[2], concurrency: 6, isAlone: true };
  const { workflowId } = await rig.client.backfill(asked);
  const { result } = rig.raw.workflow.getHandle(workflowId);
  return {
    ...{ dates, backfillId: workflowId, sharedId: datesWorkflowId(workflowId, from) },
    done: () => result.call(rig.raw.workflow.getHandle(workflowId)) as Promise<BackfillProgress>,
  };
}

/** The activities of a run, in the order in which they were asked for, each with how many dates it was for. */
async function askedOf(workflowId: string): Promise<[string, number][]> {
  const activities = await activitiesOf(rig.raw, workflowId);
  return activities.map(({ type, input }) => [type, Array.isArray(input) ? input.length : 1]);
}

async function passesOf(gameDate: string) {
  const { run_history: passes } = await rig.warehouse.readDate(gameDate, ['run_history']);
  return [...passes].sort((a, b) => (a.ended_at < b.ended_at ? -1 : 1));
}

/** Does something else with what is asked of a date. */
function of<A>(
  gameDate: string,
  activity: (request: never) => Promise<A>,
  instead: () => Promise<void>,
): (request: { gameDate: string }) => Promise<A> {
  return async (request) => {
    if (request.gameDate === gameDate) await instead();
    return activity(request as never);
  };
}

const buildOffense = 'buildTeamOffenseGameSummary';

test('they share each activity, and each has passes, versions and an answer of its own', async () => {
  await rig.startWorker();
  const { dates, backfillId, sharedId, done } = await together('2017-05-01');
  const { replies } = await done();
  expect(Object.values(replies).map(({ state }) => state)).toEqual(['published', 'published', 'published']);
  const shared = await askedOf(sharedId);
  expect(shared[0]).toEqual(['checkDependenciesOfDates', 3]);
  expect(shared.slice(1, 3).sort()).toEqual([
    ['buildTeamDefenseGameSummaryOfDates', 3],
    ['buildTeamOffenseGameSummaryOfDates', 3],
  ]);
  expect(shared.slice(3)).toEqual([
    ['checkDependenciesOfDates', 3],
    ['buildPlayerGameSummaryOfDates', 3],
    ['recordPassOfDates', 3],
  ]);
  const { runId } = await rig.raw.workflow.getHandle(sharedId).describe();
  for (const date of dates) {
    expect(await rig.versions(date)).toEqual(Object.fromEntries(tables.map((table) => [table, 1])));
    const [pass, ...more] = await passesOf(date);
    expect(more).toEqual([]);
    expect(pass).toMatchObject({ run_id: runId, workflow_id: sharedId, pass: 1, state: 'published' });
    expect(pass?.requests).toContain(backfillRequestId(backfillId, date));
    expect(await rig.client.state(date)).toBeNull();
  }
  expect(await rig.published('player_game_summary', dates[1])).toHaveLength(
    (await rig.published('player_game_summary', dates[0])).length,
  );
  await rig.keepHistory('shared', sharedId);
  // Each is listed like a date that has a run of its own.
  const listed = await rig.client.ended(dates[0], dates[2]);
  expect(listed).toMatchObject(dates.map((gameDate) => ({ gameDate, runId, state: 'published' })));
});

test('a date that has a run of its own is left to that', async () => {
  await rig.startWorker();
  const from = '2017-05-11';
  const middle = addDays(from, 1);
  const { accepted } = await rig.waiting(
    { gameDate: middle },
    { ...movedTo(night, middle), nbac_team_boxscore: [] },
  );
  const { sharedId, done } = await together(from);
  const { replies } = await done();
  expect(Object.keys(replies)).toHaveLength(3);
  await rig.answerTo(accepted);
  // It was left before anything of it was built.
  const builds = (await askedOf(sharedId)).filter(([name]) => name.startsWith('build'));
  expect(builds.map(([, dates]) => dates)).toEqual([2, 2, 2]);
  const passes = await passesOf(middle);
  expect(passes.map(({ workflow_id: id }) => id)).toEqual(passes.map(() => dateWorkflowId(middle)));
  expect(await rig.raw.workflow.getHandle(sharedId).result()).toMatchObject({ [middle]: null });
});

test('a date whose own run has come to an end of its pass and needs a person hears of it there', async () => {
  await rig.startWorker({ policy: { deadlineMs: 0, rebuildsTeamRows: false } });
  const from = '2017-05-15';
  const middle = addDays(from, 1);
  await rig.loadNight({ ...movedTo(night, middle), nbac_team_boxscore: [] });
  await rig.run({ gameDate: middle });
  await rig.until(middle, ({ runState }) => runState === 'blocked');
  // Its claim has ended with the pass, and the run has not.
  const fenceOf = async (): Promise<string | undefined> =>
    (await rig.warehouse.readDate(middle, ['date_fence'])).date_fence[0]?.state;
  while ((await fenceOf()) !== 'closed') await new Promise((resolve) => setTimeout(resolve, 50));
  expect((await rig.client.listed(middle))?.isOpen).toBe(true);
  const { sharedId, done } = await together(from);
  const { replies } = await done();
  expect(replies[middle]?.state).toBe('published');
  expect(await rig.raw.workflow.getHandle(sharedId).result()).toMatchObject({ [middle]: null });
  expect((await rig.client.state(middle))?.state.runState).toBe('published');
});

test('a date whose own run begins meanwhile is left to that, and nothing is built twice', async () => {
  const middle = '2017-05-22';
  const staged = [latch(), latch()] as const;
  const mayGoOn = [latch(), latch()] as const;
  let stages = 0;
  await rig.startWorker({
    wrapWarehouse: (warehouse) =>
      replacing(warehouse, {
        stage: async (request) => {
          const isHeld = request.gameDate === middle && request.table === 'team_offense_game_summary';
          // Here the run that is shared, then that of the date.
          const at = isHeld ? stages++ : staged.length;
          staged[at]?.open();
          await mayGoOn[at]?.opened;
          return warehouse.stage(request);
        },
      }),
  });
  const { dates, sharedId, done } = await together('2017-05-21');
  await staged[0].opened;
  const accepted = await rig.client.run({ gameDate: middle });
  await staged[1].opened;
  mayGoOn[0].open();
  expect(await rig.raw.workflow.getHandle(sharedId).result()).toMatchObject({ [middle]: null });
  mayGoOn[1].open();
  expect((await rig.answerTo(accepted)).answer.state).toBe('published');
  const { replies } = await done();
  expect(Object.keys(replies).sort()).toEqual([...dates]);
  for (const date of dates)
    expect(await rig.versions(date)).toEqual(Object.fromEntries(tables.map((table) => [table, 1])));
  const { partition_manifest: manifests } = await rig.warehouse.readDate(middle, ['partition_manifest']);
  // What either of the two has published is on record under the pass that has published it.
  const recorded = (await passesOf(middle)).map(({ run_id: id, pass }) => `${id} ${pass}`);
  expect(recorded).toEqual(expect.arrayContaining(manifests.map(({ run_id: id, pass }) => `${id} ${pass}`)));
  expect(new Set(manifests.map(({ run_id: id }) => id)).size).toBe(2);
});

test('a date whose part fails is asked alone, with its retries; the others go on', async () => {
  const middle = '2017-06-02';
  let tries = 0;
  await rig.startWorker({
    wrap: (activities) => ({
      ...activities,
      [buildOffense]: of(middle, activities[buildOffense]!, async () => {
        tries += 1;
        if (tries <= 2) throw new WarehouseError('unavailable', 'The warehouse is away.');
      }),
    }),
  });
  const { sharedId, done } = await together('2017-06-01');
  const { replies } = await done();
  expect(Object.values(replies).map(({ state }) => state)).toEqual(['published', 'published', 'published']);
  const shared = await askedOf(sharedId);
  expect(shared).toContainEqual([buildOffense, 1]);
  expect(shared).toContainEqual(['buildPlayerGameSummaryOfDates', 2]);
  expect(tries).toBe(3);
  // Why it failed among the others stays in the history.
  const offences = (await activitiesOf(rig.raw, sharedId)).find(
    ({ type }) => type === `${buildOffense}OfDates`,
  );
  expect(offences?.result).toMatchObject([
    { answer: {} },
    { failed: 'The warehouse is away.' },
    { answer: {} },
  ]);
  await rig.keepHistory('shared-with-one-alone', sharedId);
});

test('a date that would have to wait goes on in a run of its own, with what it remembers', async () => {
  const middle = '2017-06-12';
  let isAway = true;
  await rig.startWorker({
    policy: { firstWaitMs: 1_000 },
    wrap: (activities) => ({
      ...activities,
      checkDependencies: of(middle, activities.checkDependencies as never, async () => {
        if (isAway) throw new WarehouseError('unavailable', 'The warehouse is away.');
      }),
    }),
  });
  const { sharedId, done } = await together('2017-06-11');
  const state = await rig.until(middle, ({ gate }) => gate?.nextProbeAt !== undefined);
  expect(state).toMatchObject({ pass: 1, runState: 'waiting' });
  expect(await rig.raw.workflow.getHandle(sharedId).result()).toMatchObject({ [middle]: null });
  isAway = false;
  const { replies } = await done();
  expect(Object.values(replies).map(({ state: one }) => one)).toEqual([
    'published',
    'published',
    'published',
  ]);
  const [pass] = await passesOf(middle);
  expect(pass).toMatchObject({ workflow_id: dateWorkflowId(middle), pass: 1 });
});

test('a date that comes to need a person has a run of its own, where all such dates are found', async () => {
  await rig.startWorker({
    wrap: (activities) => ({
      ...activities,
      [buildOffense]: of('2017-07-02', activities[buildOffense]!, () =>
        Promise.reject(ApplicationFailure.nonRetryable('The disk is full.')),
      ),
    }),
  });
  const { sharedId, done } = await together('2017-07-01');
  const { replies } = await done();
  expect(replies['2017-07-02']?.state).toBe('failed');
  expect(await rig.raw.workflow.getHandle(sharedId).result()).toMatchObject({ '2017-07-02': null });
  await rig.untilListed('2017-07-02', (listed) => listed?.state === 'failed');
  expect(await passesOf('2017-07-02')).toHaveLength(1);
});

test('a date of which something is remarkable has a run of its own, too', async () => {
  await rig.startWorker();
  const from = '2017-07-11';
  const middle = addDays(from, 1);
  const whole = movedTo(night, middle);
  const [game] = whole.nbac_team_boxscore.map((row) => row['game_id']);
  const late = {
    [middle]: {
      ...whole,
      nbac_team_boxscore: whole.nbac_team_boxscore.filter((row) => row['game_id'] !== game),
    },
  };
  const { sharedId, done } = await together(from, late);
  const { replies } = await done();
  expect(replies[middle]?.state).toBe('partial');
  expect(await rig.raw.workflow.getHandle(sharedId).result()).toMatchObject({ [middle]: null });
  await rig.untilListed(middle, (listed) => listed?.marks.includes('partial') ?? false);
});

test('cancelled, it ends each of its dates as a run of its own would, and waits for the slowest', async () => {
  const held = latch();
  const begun = latch();
  const middle = '2017-06-22';
  let tries = 0;
  await rig.startWorker({
    wrap: (activities) => ({
      ...activities,
      [buildOffense]: of(middle, activities[buildOffense]!, async () => {
        tries += 1;
        // Asked alone, it lets the others go on.
        if (tries === 1) throw new WarehouseError('unavailable', 'The warehouse is away.');
        begun.open();
        await held.opened;
      }),
      // Of those the end is near, and not there.
      buildPlayerGameSummary: async (request) => {
        await held.opened;
        return activities['buildPlayerGameSummary']!(request);
      },
    }),
  });
  const { dates, sharedId, done } = await together('2017-06-21');
  await begun.opened;
  const handle = rig.raw.workflow.getHandle(sharedId);
  await handle.cancel();
  const others = dates.filter((date) => date !== middle);
  held.open();
  const { replies } = await done();
  expect(Object.values(replies).map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'cancelled']);
  for (const date of [...others, middle])
    expect((await passesOf(date)).at(-1)).toMatchObject({ state: 'cancelled' });
  await expect(handle.result()).rejects.toThrow();
  expect((await handle.describe()).status.name).toBe('CANCELLED');
});
