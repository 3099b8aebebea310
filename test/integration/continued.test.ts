/** A long life goes over into a new run in the midst of everything: what was decided, owed and answered goes with it. */
import { parseHead, verifyChain, type Witness } from '../../src/audit/chain';
import { stateQuery, type DateState } from '../../src/contracts/date-state';
import type { Notification } from '../../src/contracts/notifications';
import { bypassUpdate, extendUpdate } from '../../src/contracts/decisions';
import { demoNight, movedTo } from '../support/nights';
import { Rig } from '../support/rig';
import { losing } from '../support/wrap-warehouse';

const night = demoNight('2017-04-15');
const player = 'PlayerGameSummaryProcessor';
const by = 'ana@example.org';
const reason = 'the league has not sent team rows, and the site needs players';
const told: Notification[] = [];
const playerTable = 'player_game_summary';
/** Whether staged player rows come back incomplete, which quarantines them. */
let losesRows = false;
let rig: Rig;

beforeAll(async () => {
  rig = await Rig.open(['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=40']);
  await rig.startWorker({
    wrapWarehouse: losing(playerTable, () => losesRows),
    notify: async (notification) => {
      told.push(notification);
    },
  });
});
afterAll(() => rig.close());

function workflowId(gameDate: string): string {
  return `phase3/${gameDate}`;
}

async function runIdOf(gameDate: string): Promise<string> {
  return (await rig.raw.workflow.getHandle(workflowId(gameDate)).describe()).runId;
}

/** Sends message after message until the date has continued as a new run. */
async function overBoundary(
  gameDate: string,
  send: (count: number) => Promise<unknown>,
  isDone: (state: DateState) => boolean,
): Promise<DateState> {
  const before = await runIdOf(gameDate);
  for (let count = 1; ; count += 1) {
    await rig.until(gameDate, isDone);
    await send(count);
    if ((await runIdOf(gameDate)) !== before) return rig.until(gameDate, isDone);
  }
}

/** What manifests and the run history say of where the audit ended. */
async function witnesses(gameDate: string): Promise<Witness[]> {
  const record = await rig.warehouse.readDate(gameDate, ['partition_manifest', 'run_history']);
  return [...record.partition_manifest, ...record.run_history].flatMap((row) => {
    const head = parseHead(row.audit_head);
    return head ? [{ gameDate, head, where: 'a record' }] : [];
  });
}

const isWaiting = (state: DateState): boolean => state.runState === 'waiting';

test('a date that waits: deadline, bypass, decisions, head and requests go over, and the audit is one chain', async () => {
  const gameDate = '2017-11-01';
  const whole = movedTo(night, gameDate);
  await rig.load('nbac_schedule', whole.nbac_schedule);
  const first = await rig.client.run({ gameDate, requestId: 'first' });
  const { deadline } = await rig.until(gameDate, isWaiting);

  // Sent under ids of our own, so that they can be sent again.
  const extension = { extendId: 'e-1', by, reason: 'the feed is an hour late tonight', byMs: 3_600_000 };
  const bypass = { bypassId: 'b-1', processor: player, reason, by } as const;
  const extended = new Date(Date.parse(deadline ?? '') + extension.byMs).toISOString();
  const handle = rig.raw.workflow.getHandle(workflowId(gameDate));
  const decided = [
    await handle.executeUpdate(extendUpdate, { args: [extension] }),
    await handle.executeUpdate(bypassUpdate, { args: [bypass] }),
  ];
  // Without a gamebook it waits under its open bypass.
  await rig.until(gameDate, (state) => isWaiting(state) && state.bypasses[0]?.status === 'open');
  expect(decided.map(({ entry }) => entry.seq)).toEqual([1, 2]);

  // It is the same pass all the while: what comes makes the date look again.
  let sent = 0;
  const trigger = () => {
    sent += 1;
    return rig.client.run({ gameDate, requestId: `more ${sent}` });
  };
  const stop = new AbortController();
  const ended = rig.client.untilEnd(first, stop.signal);
  await overBoundary(gameDate, trigger, isWaiting);
  // Whoever waits for the end of the run hears that it went on as another. That one has not ended.
  await ended;
  const next = rig.client.untilEnd({ ...first, runId: await runIdOf(gameDate) }, stop.signal);
  const soon = new Promise((resolve) => setTimeout(resolve, 100, 'open'));
  expect(await Promise.race([next, soon])).toBe('open');
  stop.abort(new Error('nobody waits'));
  await expect(next).rejects.toThrow('nobody waits');
  // The last of them may have come to the new run, which waits already when it takes that in.
  const open = await rig.until(
    gameDate,
    (state) => isWaiting(state) && state.pending.some(({ requestId }) => requestId === `more ${sent}`),
  );
  expect(open.deadline).toBe(extended);
  expect(open.bypasses).toMatchObject([{ ...bypass, status: 'open', version: null }]);
  expect(open.auditHead).toEqual(decided[1]?.entry);
  expect(open.decisions.map(({ id }) => id)).toEqual(['e-1', 'b-1']);
  const ids = open.pending.map(({ requestId }) => requestId);
  expect(ids).toEqual(expect.arrayContaining(['first', 'b-1', 'more 1']));
  expect(new Set(ids).size).toBe(ids.length);

  // The same again, beyond the boundary: the same answers, and nothing of it a second time.
  expect([
    await handle.executeUpdate(extendUpdate, { args: [extension] }),
    await handle.executeUpdate(bypassUpdate, { args: [bypass] }),
  ]).toEqual(decided);
  for (const requestId of ['first', 'more 1', 'more 1']) await rig.client.run({ gameDate, requestId });
  await rig.client.recheck({ gameDate, by });
  const joined = await rig.until(
    gameDate,
    ({ journal }) =>
      journal.filter(({ message }) => message.endsWith('is a repetition and joins the first one')).length >=
      3,
  );
  expect(joined).toMatchObject({ pass: open.pass, deadline: extended });
  expect(joined.pending.map(({ requestId }) => requestId)).toEqual(ids);
  expect(await rig.audit(gameDate)).toHaveLength(2);

  // The gamebook comes: the players stand on the bypass, over a rerun and the next boundary.
  await rig.load('nbac_gamebook_player_stats', whole.nbac_gamebook_player_stats);
  await rig.client.recheck({ gameDate, by });
  await rig.until(gameDate, (state) => isWaiting(state) && state.bypasses[0]?.status === 'standing');
  await rig.client.rerun({ gameDate, by, reason: 'the feed was corrected', requestId: 'again' });
  await rig.until(
    gameDate,
    (state) => isWaiting(state) && state.pending.some((one) => one.requestId === 'again'),
  );
  const standing = await overBoundary(gameDate, trigger, isWaiting);
  expect(standing.bypasses).toMatchObject([{ ...bypass, status: 'standing', version: 1 }]);
  expect(standing.deadline).toBe(extended);
  expect(await handle.executeUpdate(bypassUpdate, { args: [bypass] })).toEqual(decided[1]);

  await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
  await rig.client.recheck({ gameDate, by });
  await rig.answerTo(first);
  const state = await rig.until(gameDate, ({ pending }) => pending.length === 0);
  expect(state).toMatchObject({ runState: 'published', bypasses: [], pending: [], deadline: null });
  const asked = standing.pending.map(({ requestId }) => requestId);
  const { answers } = await handle.query(stateQuery, asked);
  expect(answers.map(({ requestId, state: came }) => [requestId, came]).sort()).toEqual(
    asked.map((requestId) => [requestId, 'published']).sort(),
  );
  expect(await rig.versions(gameDate)).toEqual({
    team_offense_game_summary: 1,
    team_defense_game_summary: 1,
    player_game_summary: 2,
  });

  const entries = await rig.audit(gameDate);
  expect(entries.map(({ seq, entry_id, kind }) => [seq, entry_id, kind])).toEqual([
    [1, 'e-1', 'deadline_extended'],
    [2, 'b-1', 'bypass'],
    [3, `b-1/${player}/used/1`, 'bypass_used'],
    [4, 'again', 'rerun'],
    [5, `b-1/${player}/cleared/1`, 'bypass_cleared'],
  ]);
  expect(new Set(entries.map((row) => row.run_id)).size).toBeGreaterThan(1);
  const known = await witnesses(gameDate);
  expect(Math.max(...known.map(({ head }) => head.seq))).toBe(5);
  expect(verifyChain(gameDate, entries, known)).toBeNull();
  // Temporal's list, by which runs are found that are not on record, says of which another has the passes.
  const runs = await rig.client.ended(gameDate, gameDate);
  expect(runs.find(({ runId }) => runId === first.runId)).toMatchObject({ gameDate, wentOn: true });
  await rig.keepHistory('continued', first.workflowId, first.runId);
});

test('a date that needs somebody: who was answered and who was told goes over', async () => {
  const gameDate = '2017-11-02';
  const whole = movedTo(night, gameDate);
  await rig.loadNight(whole);
  losesRows = true;
  const { accepted, answer } = await rig.run({ gameDate, requestId: 'first' });
  expect(answer.state).toBe('quarantined');
  const isQuarantined = (state: DateState): boolean => state.runState === 'quarantined';
  await rig.until(gameDate, (state) => isQuarantined(state) && state.trouble !== null);

  const after = await overBoundary(gameDate, () => rig.client.recheck({ gameDate, by }), isQuarantined);
  expect(after.answers[0]).toEqual(answer);
  // Whoever asks again is told again, and nothing runs for it.
  const again = await rig.run({ gameDate, requestId: 'first' });
  expect(again.answer).toEqual(answer);
  const joined = await rig.until(
    gameDate,
    (state) => state.journal.at(-1)?.message.endsWith('joins the first one') ?? false,
  );
  expect(joined.pass).toBe(after.pass);

  losesRows = false;
  await rig.client.recheck({ gameDate, by });
  const mended = await rig.until(
    gameDate,
    (state) => state.runState !== 'quarantined' && state.pending.length === 0,
  );
  expect(mended.results[player]?.outcome).toBe('published');
  await rig.raw.workflow.getHandle(workflowId(gameDate)).result();
  // A run that was asked for anew since is the newest, and knows nothing of it: who asked is answered by the one that went on.
  const anew = await rig.run({ gameDate, requestId: 'anew' });
  expect(anew.state.answers).toEqual([anew.answer]);
  const { answers } = await rig.client.outlook(accepted, ['first']);
  expect(answers).toMatchObject([{ requestId: 'first', gameDate }]);
  expect((await rig.answerTo(accepted)).answer).toEqual(answers[0]);
  expect(await rig.client.lastOf(accepted)).toMatchObject({ isOpen: false });
  expect(told.filter(({ subject }) => subject === gameDate).map(({ kind }) => kind)).toEqual([
    'trouble',
    'recovered',
  ]);
});
