/** Decisions and messages that come at a bad moment: nothing is lost, and nothing happens off the record. */
import { ApplicationFailure } from '@temporalio/common';
import { identityOf } from '../../src/contracts/identity';
import { bypassUpdate, cancelUpdate, extendUpdate, recheckSignal } from '../../src/contracts/decisions';
import { holding, latch } from '../support/latch';
import type { Row } from '../../src/tables/define-table';
import { Turns } from '../../src/warehouse/bigquery/turns';
import { demoNight, movedTo, withoutTeamRows } from '../support/nights';
import { Rig } from '../support/rig';
import { replacing } from '../support/wrap-warehouse';

const night = demoNight('2017-04-15');
const player = 'PlayerGameSummaryProcessor';
const by = 'ana@example.org';
const reason = 'the league has not sent team rows, and the site needs players';
const quick = { firstWaitMs: 1_000, deadlineMs: 500, rebuildsTeamRows: false };
const workflowIdOf = (gameDate: string): string => identityOf(null).dateWorkflowId(gameDate);
let rig: Rig;

/** Holds the record of a run that ends in `ended`. */
function holdingEnd(ended: 'cancelled' | 'abandoned'): ReturnType<typeof holding> {
  return holding('recordPass', ({ state }) => state === ended);
}

beforeAll(async () => {
  rig = await Rig.open();
});
afterAll(() => rig.close());

test('a recheck while a blocked pass is being recorded is not lost', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  await rig.loadNight({ ...whole, nbac_team_boxscore: [] });
  const { wrap, reached, goOn } = holding('recordPass');
  await rig.startWorker({ policy: quick, wrap });
  await rig.client.run({ gameDate });
  await reached.opened;
  await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
  await rig.client.recheck({ gameDate, by });
  goOn.open();
  await rig.until(gameDate, (state) => state.runState === 'published');
});

test('a recheck during the last probe before the deadline is not lost', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  await rig.loadNight({ ...whole, nbac_team_boxscore: [] });
  const [reached, goOn] = [latch(), latch()];
  let probes = 0;
  await rig.startWorker({
    policy: quick,
    wrap: (activities) => ({
      ...activities,
      checkDependencies: async (request) => {
        const verdicts = await activities.checkDependencies(request);
        probes += 1;
        if (probes === 2) {
          reached.open();
          await goOn.opened;
        }
        return verdicts;
      },
    }),
  });
  await rig.client.run({ gameDate });
  await reached.opened;
  await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
  await rig.client.recheck({ gameDate, by });
  goOn.open();
  await rig.until(gameDate, (state) => state.runState === 'published');
});

test('what is owed to the audit when a pass ends is written, though the audit was away then', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  const [first] = whole.nbac_schedule;
  const teams = [first?.['home_team_tricode'], first?.['away_team_tricode']];
  const isOfOne = (row: Row): boolean => teams.includes(String(row['team_abbr']));
  // One game of four, years ago: it runs by policy, which is for the audit.
  await rig.loadNight({
    ...whole,
    nbac_team_boxscore: whole.nbac_team_boxscore.filter(isOfOne),
    nbac_gamebook_player_stats: whole.nbac_gamebook_player_stats.filter(isOfOne),
  });
  let isAway = true;
  await rig.startWorker({
    wrap: (activities) => ({
      ...activities,
      appendAudit: async (request) => {
        if (isAway) throw ApplicationFailure.nonRetryable('the warehouse is away', 'WarehouseUnavailable');
        return activities.appendAudit(request);
      },
    }),
  });
  expect((await rig.run({ gameDate })).answer.state).toBe('partial');
  isAway = false;
  await rig.run({ gameDate });
  expect((await rig.audit(gameDate)).map(({ kind, decided_by }) => [kind, decided_by])).toEqual([
    ['policy_bypass', 'policy'],
    ['policy_bypass', 'policy'],
    ['policy_bypass', 'policy'],
  ]);
});

test('two extensions at once are taken one after the other: none is forgotten', async () => {
  const gameDate = rig.nextDate();
  const { wrap, reached, goOn } = holding('appendAudit');
  await rig.startWorker({ wrap });
  const {
    accepted: { workflowId },
    state: { deadline },
  } = await rig.waiting({ gameDate }, { ...movedTo(night, gameDate), nbac_team_boxscore: [] });
  const handle = rig.raw.workflow.getHandle(workflowId);
  const first = { extendId: 'e-1', by, reason, byMs: 3_600_000 };
  const second = { extendId: 'e-2', by, reason, byMs: 60_000 };
  const taken = handle.executeUpdate(extendUpdate, { args: [first] });
  await reached.opened;
  const other = handle.executeUpdate(extendUpdate, { args: [second] });
  goOn.open();
  await Promise.all([taken, other]);
  const extended = await rig.until(gameDate, (state) => state.decisions.length === 2);
  expect(Date.parse(extended.deadline ?? '') - Date.parse(deadline ?? '')).toBe(3_660_000);
});

test('a bypass under an id that the record has from another decision opens nothing off the record', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  await rig.startWorker();
  await rig.load('nbac_schedule', whole.nbac_schedule);
  const { workflowId } = await rig.client.run({ gameDate });
  await rig.until(gameDate, (state) => state.runState === 'waiting');
  await rig.client.bypass({ gameDate, processor: player, reason, by, bypassId: 'b-1' });
  await rig.until(gameDate, (state) => state.bypasses.length > 0 && state.runState === 'waiting');
  await rig.client.cancel({ gameDate, by, reason });
  await rig.raw.workflow.getHandle(workflowId).result();

  await rig.load('nbac_gamebook_player_stats', whole.nbac_gamebook_player_stats);
  await rig.client.rerun({ gameDate, by, reason });
  await rig.until(gameDate, (state) => state.runState === 'waiting');
  const other = { by: 'bob@example.org', reason: 'quite another reason than before' };
  const taken = await rig.client.bypass({ gameDate, processor: player, ...other, bypassId: 'b-1' }).then(
    () => true,
    () => false,
  );
  const entries = await rig.audit(gameDate);
  expect(entries.some(({ decided_by }) => decided_by === other.by)).toBe(taken);
});

test('messages that are refused leave nothing behind but a line and, where they can, an answer', async () => {
  const gameDate = rig.nextDate();
  await rig.startWorker();
  const { state: waiting } = await rig.waiting(
    { gameDate },
    { ...movedTo(night, gameDate), nbac_team_boxscore: [] },
  );
  const handle = rig.raw.workflow.getHandle(workflowIdOf(gameDate));
  await handle.signal(recheckSignal, { requestId: 'x'.repeat(100_000), by });
  await handle.signal(recheckSignal, { requestId: 'k-1', by: ' ' });
  const trigger = { requestId: 'r-1', kind: 'run', source: 'nbac_team_boxscore' };
  await handle.signal('trigger', { ...trigger, overrides: { now: 'yesterday' } });
  const after = await rig.until(gameDate, ({ journal }) =>
    journal.some(({ message }) => message.startsWith('A message was refused: overrides')),
  );
  expect(after.answers).toMatchObject([
    { requestId: 'k-1', state: 'failed', summary: expect.stringContaining('by is ') as string },
    { requestId: 'r-1', state: 'failed', summary: expect.stringContaining('overrides.now') as string },
  ]);
  expect(after).toMatchObject({ runState: 'waiting', pass: 1, pending: waiting.pending, results: {} });
});

test('an extension beside a trigger moves the deadline', async () => {
  const gameDate = rig.nextDate();
  const { wrap, reached, goOn } = holding('appendAudit');
  await rig.startWorker({ wrap });
  const {
    state: { deadline },
  } = await rig.waiting({ gameDate }, { ...movedTo(night, gameDate), nbac_team_boxscore: [] });
  const taken = rig.client.extend({ gameDate, by, reason, byMs: 3_600_000 });
  await reached.opened;
  await rig.client.run({ gameDate });
  await rig.until(gameDate, (state) => (state.gate?.probes ?? 0) >= 2 && state.runState === 'waiting');
  goOn.open();
  await taken;
  await rig.keepHistory('extended', workflowIdOf(gameDate));
  const extended = await rig.until(gameDate, (state) => state.decisions.length === 1);
  expect(Date.parse(extended.deadline ?? '') - Date.parse(deadline ?? '')).toBe(3_600_000);
});

test('a decision whose entry may be written, and that the notification could not be sent of, is on record as not taken', async () => {
  const gameDate = rig.nextDate();
  let isLost = true;
  await rig.startWorker({
    wrap: (activities) => ({
      ...activities,
      appendAudit: async (request) => {
        const answer = await activities.appendAudit(request);
        if (!isLost) return answer;
        throw ApplicationFailure.nonRetryable('the answer was lost', 'WarehouseUnavailable');
      },
    }),
  });
  await rig.waiting({ gameDate }, { ...movedTo(night, gameDate), nbac_team_boxscore: [] });
  await expect(
    rig.client.bypass({ gameDate, processor: player, reason, by, bypassId: 'lost' }),
  ).rejects.toThrow('nothing was done, because the audit could not be written');
  isLost = false;
  const handle = rig.raw.workflow.getHandle(workflowIdOf(gameDate));
  await expect(
    handle.executeUpdate(bypassUpdate, { args: [{ bypassId: 'lost', processor: player, reason, by }] }),
  ).rejects.toMatchObject({
    cause: { message: expect.stringContaining('was not accepted; send it with another id') as string },
  });
  await rig.client.bypass({ gameDate, processor: player, reason, by, bypassId: 'again' });
  await rig.until(gameDate, (state) => state.results[player]?.outcome === 'published');
  await rig.client.cancel({ gameDate, by, reason });
  await handle.result();
  await rig.keepHistory('cancelled', handle.workflowId);
  const entries = (await rig.audit(gameDate)).map(({ entry_id }) => entry_id);
  expect(entries[0]).toBe('lost');
  expect(entries).toEqual(expect.arrayContaining(['again', 'lost/not-taken']));
});

test('a run that ends takes no decision any more, and what was being granted lapses on the record', async () => {
  const gameDate = rig.nextDate();
  const { wrap, reached, goOn } = holdingEnd('cancelled');
  const granted = holding('appendAudit', ({ entries }) =>
    entries.some(({ entryId }) => entryId === 'beside'),
  );
  await rig.startWorker({ wrap: (activities) => granted.wrap(wrap(activities)) });
  await rig.waiting({ gameDate }, { ...movedTo(night, gameDate), nbac_team_boxscore: [] });
  const handle = rig.raw.workflow.getHandle(workflowIdOf(gameDate));
  // Not ours, so that it comes beside the entry that is being written and not behind it.
  const beside = rig.client.bypass({ gameDate, processor: player, reason, by, bypassId: 'beside' });
  await granted.reached.opened;
  await handle.cancel();
  granted.goOn.open();
  await beside;
  await reached.opened;
  await expect(
    rig.client.bypass({ gameDate, processor: player, reason, by, bypassId: 'late' }),
  ).rejects.toThrow('its run is ending');
  goOn.open();
  await expect(handle.result()).rejects.toThrow();
  const entries = await rig.audit(gameDate);
  expect(entries.map(({ entry_id, kind }) => [entry_id, kind])).toEqual([
    ['beside', 'bypass'],
    [`beside/${player}/cleared`, 'bypass_cleared'],
    // Nobody decided it through us, so the run says so itself.
    [expect.stringContaining(`cancelled/${gameDate}/`) as string, 'cancelled'],
  ]);
});

const cancellations: readonly (readonly [string, (gameDate: string) => Promise<unknown>])[] = [
  ['by a decision', (gameDate) => rig.client.cancel({ gameDate, by, reason })],
  ['by Temporal’s own request', (gameDate) => rig.raw.workflow.getHandle(workflowIdOf(gameDate)).cancel()],
];

test.each(cancellations)(
  'what is asked while a run ends that was cancelled %s goes on in a next run',
  async (how, end) => {
    const gameDate = rig.nextDate();
    const whole = movedTo(night, gameDate);
    const { wrap, reached, goOn } = holdingEnd('cancelled');
    const next = holding('checkDependencies', ({ pass }) => pass === 2);
    await rig.startWorker({ wrap: (activities) => next.wrap(wrap(activities)) });
    const { accepted: early } = await rig.waiting({ gameDate }, { ...whole, nbac_team_boxscore: [] });
    const ending = end(gameDate);
    await reached.opened;
    await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
    const rerun = await rig.client.rerun({ gameDate, by, reason: 'the rows have come' });
    const news = await rig.client.run({ gameDate });
    expect(rerun.runId).toBe(early.runId);
    goOn.open();
    await ending;
    await next.reached.opened;
    if (how === 'by a decision') {
      // A cancellation that is sent again is known, and does not end what began after it.
      const { decisions } = await rig.until(gameDate, ({ decisions: taken }) => taken.length > 0);
      const again = await rig.raw.workflow
        .getHandle(early.workflowId)
        .executeUpdate(cancelUpdate, { args: [{ cancelId: decisions[0]!.id, by, reason }] });
      expect(again).toEqual(decisions[0]!.decided);
    }
    next.goOn.open();
    expect((await rig.answerTo(early)).answer.state).toBe('cancelled');
    expect((await rig.answerTo(rerun)).answer.state).toBe('published');
    const { answer, state } = await rig.answerTo(news);
    expect(answer.state).toBe('published');
    expect(state.journal.map(({ message }) => message)).toContain(
      'Requests after the cancellation continue in the next run: 2',
    );
    expect(state.decisions).toHaveLength(how === 'by a decision' ? 1 : 0);

    const { run_history: passes } = await rig.warehouse.readDate(gameDate, ['run_history']);
    const inTurn = [...passes].sort((a, b) => a.pass - b.pass);
    expect(inTurn.map(({ pass, state: as }) => [pass, as])).toEqual([
      [1, 'cancelled'],
      [2, 'published'],
    ]);
    const asked = (row: (typeof inTurn)[number] | undefined): string => JSON.stringify(row?.requests);
    expect(asked(inTurn[0])).toContain(early.requestId);
    for (const { requestId } of [rerun, news]) {
      expect(asked(inTurn[0])).not.toContain(requestId);
      expect(asked(inTurn[1])).toContain(requestId);
    }
    expect((await rig.audit(gameDate)).map(({ kind, decided_by: who }) => [kind, who])).toEqual([
      ['cancelled', how === 'by a decision' ? by : 'system'],
      ['rerun', by],
    ]);
    const scenario = how === 'by a decision' ? 'went-on' : 'cancelled-by-temporal';
    await rig.keepHistory(scenario, early.workflowId, early.runId);
  },
);

test('a cancelled run ends while its writes stand in the queue of a busy warehouse, and none of them is made', async () => {
  const gameDate = rig.nextDate();
  const [turns, busy, queued] = [new Turns(600_000), latch(), latch()];
  const held = turns.take(() => busy.opened);
  const published: string[] = [];
  await rig.startWorker({
    wrapWarehouse: (warehouse) =>
      replacing(warehouse, {
        publish: (request) => {
          queued.open();
          return turns.take(() => {
            published.push(request.table);
            return warehouse.publish(request);
          });
        },
      }),
  });
  await rig.loadNight(movedTo(night, gameDate));
  const asked = await rig.client.run({ gameDate });
  await queued.opened;
  await rig.client.cancel({ gameDate, by, reason });
  // The queue does not move all the while.
  const moves = setTimeout(() => busy.open(), 30_000);
  expect((await rig.answerTo(asked)).answer.state).toBe('cancelled');
  clearTimeout(moves);
  busy.open();
  await held;
  await turns.take(() => Promise.resolve());
  expect(published).toEqual([]);
  expect(await rig.versions(gameDate)).toEqual({});
});

test('a recheck that comes while a cancelled run ends begins nothing', async () => {
  const gameDate = rig.nextDate();
  const { wrap, reached, goOn } = holdingEnd('cancelled');
  await rig.startWorker({ policy: quick, wrap });
  await rig.loadNight(withoutTeamRows(movedTo(night, gameDate)));
  const asked = await rig.client.run({ gameDate });
  expect((await rig.answerTo(asked)).answer.state).toBe('blocked');
  const cancelling = rig.client.cancel({ gameDate, by, reason });
  await reached.opened;
  await rig.client.recheck({ gameDate, by });
  goOn.open();
  await cancelling;
  const handle = rig.raw.workflow.getHandle(asked.workflowId, asked.runId, { followRuns: false });
  await handle.result();
  expect((await handle.describe()).status.name).toBe('COMPLETED');
  const state = await rig.client.state(gameDate);
  expect(state).toMatchObject({ isOpen: false, state: { runState: 'cancelled' } });
  expect(state?.state.journal.map(({ message }) => message)).toContain(
    `Recheck requested by ${by}: the run is ending, so nothing is checked`,
  );
});

test('the pass that mends a date while it is being abandoned is on record', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  const { wrap, reached, goOn } = holdingEnd('abandoned');
  await rig.startWorker({ policy: { ...quick, abandonAfterMs: 500 }, wrap });
  await rig.loadNight(withoutTeamRows(whole));
  await rig.client.run({ gameDate });
  await reached.opened;
  await rig.loadNight(whole);
  const mending = await rig.client.run({ gameDate });
  goOn.open();
  expect((await rig.answerTo(mending)).answer.state).toBe('published');
  const { run_history: passes } = await rig.warehouse.readDate(gameDate, ['run_history']);
  expect([...passes].sort((a, b) => a.pass - b.pass).map(({ pass, state }) => [pass, state])).toEqual([
    [1, 'blocked'],
    [2, 'abandoned'],
    [3, 'published'],
  ]);
});

test('a run to which nothing but nonsense was sent ends, and nonsense under a good id answers nobody', async () => {
  const gameDate = rig.nextDate();
  await rig.startWorker();
  await rig.loadNight({ ...movedTo(night, gameDate), nbac_team_boxscore: [] });
  const nonsense = await rig.raw.workflow.signalWithStart('phase3Workflow', {
    workflowId: workflowIdOf(gameDate),
    taskQueue: identityOf(null).taskQueue,
    args: [{ gameDate }],
    signal: 'trigger',
    signalArgs: [{ hello: 'world' }],
  });
  await nonsense.result();
  const { workflowId } = await rig.client.run({ gameDate, requestId: 'good' });
  await rig.until(gameDate, (state) => state.runState === 'waiting');
  await rig.raw.workflow.getHandle(workflowId).signal('trigger', { requestId: 'good', kind: 'nonsense' });
  const state = await rig.until(gameDate, ({ journal }) =>
    journal.some(({ message }) => message.startsWith('A message was refused')),
  );
  expect(state.answers).toEqual([]);
});

test('what the audit did not take before the last pass was recorded is written after it', async () => {
  const gameDate = rig.nextDate();
  let refused = 0;
  await rig.startWorker({
    wrap: (activities) => ({
      ...activities,
      appendAudit: (request) => {
        if (refused > 0 || request.entries.every(({ kind }) => kind !== 'cancelled'))
          return activities.appendAudit(request);
        refused += 1;
        return Promise.reject(ApplicationFailure.nonRetryable('the warehouse is being restarted'));
      },
    }),
  });
  const { accepted } = await rig.waiting(
    { gameDate },
    { ...movedTo(night, gameDate), nbac_team_boxscore: [] },
  );
  const handle = rig.raw.workflow.getHandle(accepted.workflowId);
  await handle.cancel();
  await expect(handle.result()).rejects.toThrow();
  expect(refused).toBe(1);
  const entries = await rig.audit(gameDate);
  expect(entries.map(({ entry_id: id, kind }) => [id, kind])).toEqual([
    [expect.stringContaining(`cancelled/${gameDate}/`) as string, 'cancelled'],
  ]);
});

test('a bypass that comes while a date is being abandoned is used, and the date is abandoned once', async () => {
  const gameDate = rig.nextDate();
  const { wrap, reached, goOn } = holdingEnd('abandoned');
  await rig.startWorker({ policy: { ...quick, abandonAfterMs: 2_000 }, wrap });
  await rig.loadNight(withoutTeamRows(movedTo(night, gameDate)));
  await rig.client.run({ gameDate });
  await reached.opened;
  await rig.client.bypass({ gameDate, processor: player, reason, by, bypassId: 'at-last' });
  goOn.open();
  await rig.until(gameDate, (state) => state.results[player]?.outcome === 'published');
  await rig.until(
    gameDate,
    (state) => state.bypasses[0]?.status === 'standing' && state.auditDue.length === 0,
  );
  const kinds = (await rig.audit(gameDate)).map(({ kind }) => kind);
  expect(kinds.slice(0, 3)).toEqual(['abandoned', 'bypass', 'bypass_used']);
});

test('another decision under an id whose decision is being written is refused, and not answered as that one', async () => {
  const gameDate = rig.nextDate();
  const { wrap, reached, goOn } = holding('appendAudit');
  await rig.startWorker({ wrap });
  await rig.waiting({ gameDate }, { ...movedTo(night, gameDate), nbac_team_boxscore: [] });
  const decided = (given: { processor: string } | { missing: string[] }): Promise<{ bypassId: string }> =>
    rig.client.bypass({ gameDate, reason, by, bypassId: 'b-twice', ...given });
  const first = decided({ processor: player });
  await reached.opened;
  const second = expect(decided({ missing: ['nbac_team_boxscore'] })).rejects.toThrow('b-twice is the id of');
  const handle = rig.raw.workflow.getHandle(workflowIdOf(gameDate));
  const accepted = async (): Promise<number> =>
    ((await handle.fetchHistory()).events ?? []).filter(
      (event) => event.workflowExecutionUpdateAcceptedEventAttributes,
    ).length;
  // Both have been judged before either is on record.
  while ((await accepted()) < 2) await new Promise((resolve) => setTimeout(resolve, 50));
  goOn.open();
  await expect(first).resolves.toMatchObject({ bypassId: 'b-twice' });
  await second;
  const written = (await rig.audit(gameDate)).filter(({ kind }) => kind === 'bypass');
  expect(written).toHaveLength(1);
});
