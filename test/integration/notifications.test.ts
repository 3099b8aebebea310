/** Who is told what: one at the first trouble, one reminder while it lasts, one when it is over; and a date given up on. */
import { ApplicationFailure } from '@temporalio/common';
import { verifyChain } from '../../src/audit/chain';
import type { Notification } from '../../src/contracts/notifications';
import type { PolicySettings } from '../../src/contracts/policy';
import { WarehouseError } from '../../src/warehouse/errors';
import type { Warehouse } from '../../src/warehouse/warehouse';
import { demoNight, movedTo, withoutTeamRows } from '../support/nights';
import { losing } from '../support/wrap-warehouse';
import { Rig, type WorkerOptions } from '../support/rig';
import { replacing } from '../support/wrap-warehouse';

const night = demoNight('2017-04-15');
const by = 'ana@example.org';
const reason = 'the feed was said to be mended';
/** Blocked after two probes, and reminded of only where a test says so. */
const policy: Partial<PolicySettings> = { firstWaitMs: 1_000, deadlineMs: 500 };
let rig: Rig;
const told: Notification[] = [];

/** Starts a worker that tells this test. */
async function startWorker(options: WorkerOptions = {}): Promise<void> {
  const notify = async (notification: Notification): Promise<void> => {
    told.push(notification);
  };
  await rig.startWorker({ notify, ...options, policy: { ...policy, ...options.policy } });
}

/** What was told of these dates; another test's may still be on its way. */
function kinds(...dates: readonly string[]): string[] {
  return told.filter(({ subject }) => dates.includes(subject)).map(({ kind }) => kind);
}

/** Waits until the newest run of the date has closed. */
async function closed(gameDate: string): Promise<void> {
  for (;;) {
    const known = await rig.client.state(gameDate);
    if (known && !known.isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function withoutOffense(warehouse: Warehouse): Warehouse {
  return replacing(warehouse, {
    stage: async (request) => {
      if (request.table === 'team_offense_game_summary')
        throw new WarehouseError('contract_broken', `${request.table} cannot be staged`);
      return warehouse.stage(request);
    },
  });
}

beforeAll(async () => {
  rig = await Rig.open();
});
afterAll(() => rig.close());

test('one at the first block, none at the second, one reminder, one when it is over', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  await startWorker({ policy: { digestAfterMs: 4_000 } });
  await rig.loadNight(withoutTeamRows(whole));
  const { accepted, answer } = await rig.run({ gameDate });
  expect(answer.state).toBe('blocked');
  await rig.until(gameDate, (state) => state.trouble !== null);

  const again = await rig.answerTo(await rig.client.rerun({ gameDate, by, reason }));
  expect(again.answer.state).toBe('blocked');
  await rig.until(gameDate, (state) => state.trouble?.remindedAt != null);
  // Asked once more after the reminder, it is blocked a third time.
  await rig.client.recheck({ gameDate, by });
  await rig.until(gameDate, (state) => state.pass === 3 && state.runState === 'blocked');

  await rig.loadNight(whole);
  expect((await rig.run({ gameDate })).answer.state).toBe('published');
  await closed(gameDate);
  expect(kinds(gameDate)).toEqual(['trouble', 'still_in_trouble', 'recovered']);
  const [first, reminder, over] = told;
  expect(told).toHaveLength(3);
  const { workflowId, runId } = accepted;
  for (const one of told) expect(one).toMatchObject({ subject: gameDate, workflowId, runId });
  expect([first?.state, reminder?.state, over?.state]).toEqual(['blocked', 'blocked', 'published']);
  expect(first?.summary).toContain(
    `${gameDate} is blocked: TeamOffenseGameSummaryProcessor, still missing at the deadline`,
  );
  expect([reminder?.since, over?.since]).toEqual([first?.since, first?.since]);
  expect(new Set(told.map(({ notificationId }) => notificationId)).size).toBe(3);
  await rig.keepHistory('notified', workflowId, runId);
});

test('a failed run closes; the next that fails tells nobody again, and the one that succeeds says so', async () => {
  const gameDate = rig.nextDate();
  await rig.loadNight(movedTo(night, gameDate));
  await startWorker({ wrapWarehouse: withoutOffense });
  const runs = new Set<string>();
  for (let failures = 0; failures < 2; failures += 1) {
    const { accepted, answer } = await rig.run({ gameDate });
    expect(answer.state).toBe('failed');
    runs.add(accepted.runId);
    await closed(gameDate);
  }
  expect(kinds(gameDate)).toEqual(['trouble']);
  await startWorker();
  for (let successes = 0; successes < 2; successes += 1) {
    const { accepted, answer } = await rig.run({ gameDate });
    expect(answer.state).toBe(successes === 0 ? 'published' : 'unchanged');
    runs.add(accepted.runId);
    await closed(gameDate);
  }
  expect(runs.size).toBe(4);
  expect(kinds(gameDate)).toEqual(['trouble', 'recovered']);
});

test('whoever cannot be told fails no run', async () => {
  const [gone, away] = [rig.nextDate(), rig.nextDate()];
  const whole = movedTo(night, gone);
  await rig.loadNight(withoutTeamRows(whole));
  await rig.loadNight(withoutTeamRows(movedTo(night, away)));
  let tries = 0;
  await startWorker({
    notify: async ({ subject }) => {
      tries += 1;
      if (subject === gone)
        throw ApplicationFailure.nonRetryable('there is no such channel', 'WebhookFailed');
      throw ApplicationFailure.retryable('the webhook does not answer', 'WebhookFailed');
    },
  });
  const [first, second] = await Promise.all([rig.run({ gameDate: gone }), rig.run({ gameDate: away })]);
  expect([first.answer.state, second.answer.state]).toEqual(['blocked', 'blocked']);
  await rig.loadNight(whole);
  await rig.loadNight(movedTo(night, away));
  // While one of them is still being tried, the date goes on.
  const mended = await Promise.all([rig.run({ gameDate: gone }), rig.run({ gameDate: away })]);
  expect(mended.map(({ answer }) => answer.state)).toEqual(['published', 'published']);
  await closed(gone);
  expect(tries).toBeGreaterThanOrEqual(4);
  await expect(
    rig.raw.workflow.getHandle(first.accepted.workflowId, first.accepted.runId).result(),
  ).resolves.toMatchObject({ state: 'published', passes: 2 });
});

test('dates that only backfills asked for tell nobody', async () => {
  const [blocked, quarantined] = [rig.nextDate(), rig.nextDate()];
  let losesRows = true;
  const isLost = (): boolean => losesRows;
  await startWorker({
    policy: { digestAfterMs: 1 },
    wrapWarehouse: losing('player_game_summary', isLost),
  });
  const whole = movedTo(night, quarantined);
  await rig.loadNight({ ...movedTo(night, blocked), nbac_team_boxscore: [] });
  await rig.loadNight(whole);
  const answers = await Promise.all(
    [blocked, quarantined].map(async (gameDate) => rig.run({ gameDate, kind: 'backfill' })),
  );
  expect(answers.map(({ answer }) => answer.state)).toEqual(['blocked', 'quarantined']);
  await closed(blocked);
  // Nobody heard of trouble, so nobody hears that it is over.
  losesRows = false;
  await rig.load('nbac_team_boxscore', movedTo(night, blocked).nbac_team_boxscore);
  await rig.loadNight(whole);
  for (const gameDate of [blocked, quarantined]) {
    expect((await rig.run({ gameDate })).answer.state).toBe('published');
    await closed(gameDate);
  }
  expect(kinds(blocked, quarantined)).toEqual([]);
});

test('a blocked date is reminded of once, then abandoned on the record; the next run takes it up', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  await startWorker({ policy: { abandonAfterMs: 3_000, digestAfterMs: 1_000 } });
  await rig.loadNight(withoutTeamRows(whole));
  const { accepted } = await rig.run({ gameDate });
  await closed(gameDate);
  const { state } = (await rig.client.state(gameDate)) ?? {};
  expect(state?.runState).toBe('abandoned');
  expect(kinds(gameDate)).toEqual(['trouble', 'still_in_trouble']);
  const handle = rig.raw.workflow.getHandle(accepted.workflowId, accepted.runId);
  await expect(handle.result()).resolves.toMatchObject({ state: 'abandoned' });

  const record = await rig.warehouse.readDate(gameDate, ['bypass_audit', 'run_history', 'date_fence']);
  expect(record.bypass_audit).toMatchObject([
    { seq: 1, kind: 'abandoned', decided_by: 'system', processor: null },
  ]);
  expect(verifyChain(gameDate, record.bypass_audit, [])).toBeNull();
  expect(record.run_history.map((row) => row.state).sort()).toEqual(['abandoned', 'blocked']);
  expect(record.date_fence.map((fence) => fence.state)).toEqual(['closed']);

  // What was told of and given up on is over when a later run mends it.
  await rig.loadNight(whole);
  const mended = await rig.run({ gameDate, source: 'nbac_team_boxscore' });
  expect(mended.answer.state).toBe('published');
  expect(mended.accepted.runId).not.toBe(accepted.runId);
  expect(mended.state.results.PlayerGameSummaryProcessor?.outcome).toBe('published');
  await closed(gameDate);
  expect(kinds(gameDate)).toEqual(['trouble', 'still_in_trouble', 'recovered']);
  await rig.keepHistory('abandoned', accepted.workflowId, accepted.runId);
});
