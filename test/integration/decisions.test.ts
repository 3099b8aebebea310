/** Decisions and messages that come at a bad moment: nothing is lost, and nothing happens off the record. */
import { ApplicationFailure } from '@temporalio/common';
import { identityOf } from '../../src/contracts/identity';
import { extendUpdate, recheckSignal } from '../../src/contracts/overrides';
import type { AuditRow } from '../../src/tables/orchestration';
import { latch } from '../support/latch';
import { demoNight, movedTo } from '../support/nights';
import { Rig } from '../support/rig';

const night = demoNight('2017-04-15');
const player = 'PlayerGameSummaryProcessor';
const by = 'ana@example.org';
const reason = 'the league has not sent team rows, and the site needs players';
const quick = { firstWaitMs: 1_000, deadlineMs: 500 };
let rig: Rig;
let day = 0;

function nextDate(): string {
  day += 1;
  return `2017-12-${String(day).padStart(2, '0')}`;
}

async function audit(gameDate: string): Promise<AuditRow[]> {
  const { bypass_audit: rows } = await rig.warehouse.readDate(gameDate, ['bypass_audit']);
  return [...rows].sort((a, b) => a.seq - b.seq);
}

beforeAll(async () => {
  rig = await Rig.open();
});
afterAll(() => rig.close());

test('a recheck while a blocked pass is being recorded is not lost', async () => {
  const gameDate = nextDate();
  const whole = movedTo(night, gameDate);
  await rig.loadNight({ ...whole, nbac_team_boxscore: [] });
  const [reached, goOn] = [latch(), latch()];
  await rig.startWorker({
    policy: quick,
    wrap: (activities) => ({
      ...activities,
      recordPass: async (request) => {
        reached.open();
        await goOn.opened;
        return activities.recordPass(request);
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

test('a recheck during the last probe before the deadline is not lost', async () => {
  const gameDate = nextDate();
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
  const gameDate = nextDate();
  const whole = movedTo(night, gameDate);
  const [first] = whole.nbac_schedule;
  const teams = [first?.['home_team_tricode'], first?.['away_team_tricode']];
  // One game of four, years ago: it runs by policy, which is for the audit.
  await rig.loadNight({
    ...whole,
    nbac_team_boxscore: whole.nbac_team_boxscore.filter((row) => teams.includes(row['team_abbr'] as string)),
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
  expect((await rig.run({ gameDate })).answer.state).toBe('published');
  isAway = false;
  await rig.run({ gameDate });
  expect((await audit(gameDate)).map(({ kind, decided_by }) => [kind, decided_by])).toEqual([
    ['policy_bypass', 'policy'],
    ['policy_bypass', 'policy'],
    ['policy_bypass', 'policy'],
  ]);
});

test('two extensions at once move the deadline by both', async () => {
  const gameDate = nextDate();
  await rig.startWorker();
  await rig.loadNight({ ...movedTo(night, gameDate), nbac_team_boxscore: [] });
  const { workflowId } = await rig.client.run({ gameDate });
  const { deadline } = await rig.until(gameDate, (state) => state.runState === 'waiting');
  const handle = rig.raw.workflow.getHandle(workflowId);
  const extensions = [
    { extendId: 'e-1', by, reason, byMs: 3_600_000 },
    { extendId: 'e-2', by, reason, byMs: 60_000 },
  ];
  await Promise.all(extensions.map((one) => handle.executeUpdate(extendUpdate, { args: [one] })));
  const extended = await rig.until(gameDate, (state) => state.decisions.length === 2);
  expect(Date.parse(extended.deadline ?? '') - Date.parse(deadline ?? '')).toBe(3_660_000);
});

test('a bypass under an id that the record has from another decision opens nothing off the record', async () => {
  const gameDate = nextDate();
  const whole = movedTo(night, gameDate);
  await rig.startWorker();
  await rig.load('nbac_schedule', whole.nbac_schedule);
  const { workflowId } = await rig.client.run({ gameDate });
  await rig.until(gameDate, (state) => state.runState === 'waiting');
  await rig.client.bypass({ gameDate, processor: player, reason, by, bypassId: 'b-1' });
  await rig.until(gameDate, (state) => state.pass === 2 && state.runState === 'waiting');
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
  const entries = await audit(gameDate);
  expect(entries.some(({ decided_by }) => decided_by === other.by)).toBe(taken);
});

test('messages that are refused leave nothing behind but a line and, where they can, an answer', async () => {
  const gameDate = nextDate();
  await rig.startWorker();
  await rig.loadNight({ ...movedTo(night, gameDate), nbac_team_boxscore: [] });
  await rig.client.run({ gameDate });
  const waiting = await rig.until(gameDate, (state) => state.runState === 'waiting');
  const handle = rig.raw.workflow.getHandle(identityOf(null).dateWorkflowId(gameDate));
  await handle.signal(recheckSignal, { requestId: 'x'.repeat(100_000), by });
  await handle.signal(recheckSignal, { requestId: 'k-1', by: ' ' });
  const trigger = { requestId: 'r-1', kind: 'run', source: 'nbac_team_boxscore' };
  await handle.signal('trigger', { ...trigger, overrides: { now: 'yesterday' } });
  const after = await rig.until(gameDate, ({ journal }) =>
    journal.some(({ message }) => message.startsWith('A message was refused: overrides')),
  );
  expect(after.answers).toMatchObject([
    { requestId: 'k-1', state: 'failed', summary: expect.stringContaining('by is blank') as string },
    { requestId: 'r-1', state: 'failed', summary: expect.stringContaining('overrides.now') as string },
  ]);
  expect(after).toMatchObject({ runState: 'waiting', pass: 1, pending: waiting.pending, results: {} });
});
