/** What is left of a date when something goes wrong, ends, or is looked at again: the rest of what happens to it. */
import type { DateMemory } from '../../src/contracts/date-state';
import type { Bypass } from '../../src/contracts/decisions';
import { isWorthTryingAgain, type TriggerMessage } from '../../src/contracts/messages';
import { answer as answerRequests, settledRequests } from '../../src/workflows/answers';
import { isWanted, restoresOf, unanswered } from '../../src/workflows/memory';
import {
  after,
  asks,
  at,
  closed,
  deadline,
  grants,
  linesOf,
  looks,
  messageOf,
  opens,
  readyOf,
  settled,
  starts,
  took,
  verdictOf,
  waits,
  type Step,
} from '../support/date-events';
import { defense, gameDate, offense, player, resultOf } from '../support/fixtures';

const key = 'nbac_gamebook_player_stats';
const all = [offense, defense, player];
const asked: readonly Step[] = [asks(messageOf()), ...opens()];
const by = { by: 'ana', reason: 'why' };
const restore = messageOf({ ...by, requestId: 'back', kind: 'restore', processors: [offense], version: 1 });
const rerun = (requestId: string, processors = [offense], force = true): TriggerMessage =>
  messageOf({ ...by, requestId, kind: 'rerun', processors, ...(force ? { force } : {}) });
const standing: Bypass = {
  ...{ bypassId: 'b1', processor: player, ...by, at, until: '2099-01-01T00:00:00.000Z', tables: ['t'] },
  ...{ status: 'standing', version: 1 },
};
const outcomesOf = ({ results }: DateMemory): Record<string, string> =>
  Object.fromEntries(Object.values(results).map(({ processor, outcome }) => [processor, outcome]));

describe('a pass that could not be opened', () => {
  const notOpened: Step = ({ clock }) => ({ type: 'notOpened', why: 'fenced', seen: clock });

  it('fails what was asked for and is not running, and lets it be tried again', () => {
    const memory = after([
      ...[asks(messageOf(), restore), ...opens()],
      ...[...looks([readyOf(offense), readyOf(defense)]), starts(offense), notOpened],
    ]);
    expect(outcomesOf(memory)).toEqual({ [defense]: 'failed', [player]: 'failed' });
    expect(memory).toMatchObject({ open: [offense], running: [offense], wants: [], lookedAt: memory.clock });
    expect(memory.results[defense]).toMatchObject({ reason: 'not started: fenced', version: null });
    const replies = memory.answered.map(({ requestIds, reply }) => [requestIds, isWorthTryingAgain(reply)]);
    expect(replies).toEqual([
      [['back'], false],
      [['r1'], true],
    ]);
    expect(memory.answered[1]).toMatchObject({ reply: { wasNotOpened: true } });
    expect(memory.notTaken).toEqual(['back']);
    expect(linesOf(memory)).toContain('Nothing was started: fenced');
  });

  it('fails what is owed and nothing else, and keeps what is live', () => {
    const blocked = [settled(offense, { outcome: 'blocked', version: 4, rowCount: 9 }), closed];
    const memory = after([...asked, ...looks([], { open: [] }), ...blocked, notOpened]);
    expect(outcomesOf(memory)).toEqual({ [offense]: 'failed' });
    expect(memory.results[offense]).toMatchObject({ version: 4, rowCount: 9 });
    // What was decided meanwhile has its turn.
    const late = after([...asked, grants(standing), { type: 'notOpened', why: 'fenced', seen: 1 }]);
    expect([isWanted(late), late.wants.map((one) => one.key)]).toEqual([true, [player]]);
    const asksLate = after([
      asks(messageOf()),
      asks(rerun('r2')),
      { type: 'notOpened', why: 'fenced', seen: 1 },
    ]);
    expect(unanswered(asksLate).map(({ requestId }) => requestId)).toEqual(['r2']);
    // Before there is a plan, nobody knows what a message names.
    expect(after([asks(messageOf()), notOpened])).toMatchObject({
      ...{ results: {}, answered: [{ requestIds: ['r1'], reply: { state: 'failed', outcomes: {} } }] },
    });
  });
});

describe('a decision that could not be recorded', () => {
  const notRecorded = (request: TriggerMessage, isLost = false): Step => ({
    ...{ type: 'notRecorded', request, why: 'away', isLost },
  });

  it('takes back what it alone wants', () => {
    const memory = after([asks(rerun('r1'), rerun('r2', [defense])), notRecorded(rerun('r1'))]);
    expect(memory.wants.map((one) => one.key)).toEqual([`rerun:${defense}`]);
    expect(memory.auditDue.map(({ entryId }) => entryId)).toEqual(['r2']);
    expect(memory.answered).toMatchObject([
      { requestIds: ['r1'], reply: { wasNotOpened: true, outcomes: {} } },
    ]);
    expect(memory.notTaken).toEqual([]);
    const other = { ...rerun('r3', [player]), reason: 'another' };
    const forced = after([asks(rerun('r1'), other), notRecorded(rerun('r1'))]).forced;
    expect(forced).toEqual({ [player]: 'forced by ana: another' });
  });

  it('leaves what another wants as well, unless that was answered', () => {
    const both = [asks(rerun('r1'), rerun('r2'), restore)];
    expect(after([...both, notRecorded(rerun('r1'))]).wants).toHaveLength(1);
    expect(after([...both, notRecorded(restore)]).wants).toHaveLength(1);
    const answered: Step = {
      type: 'answered',
      answers: [{ requestId: 'r2', gameDate, state: 'failed', summary: 's', outcomes: {} }],
    };
    expect(after([...both, answered, notRecorded(rerun('r1'))]).wants).toEqual([]);
  });

  it('of a restore is refused for good where it may be on record, and else may be asked again', () => {
    const lost = after([asks(restore), notRecorded(restore, true)]);
    expect(lost).toMatchObject({ notTaken: ['back'], auditDue: [{ kind: 'not_taken' }] });
    expect(restoresOf(lost)).toEqual([]);
    expect(isWorthTryingAgain(lost.answered[0]!.reply)).toBe(false);
    const known = after([asks(restore), notRecorded(restore)]);
    expect(known).toMatchObject({ notTaken: [], auditDue: [] });
    expect(isWorthTryingAgain(known.answered[0]!.reply)).toBe(true);
    // A rerun does no harm twice.
    const again = after([asks(rerun('r1')), notRecorded(rerun('r1'), true)]);
    expect(again).toMatchObject({ notTaken: [], auditDue: [] });
  });

  it('about a bypass is refused for good where it may be on record', () => {
    const step = (isLost: boolean): Step => ({ type: 'notDecided', id: 'x1', why: 'away', isLost });
    expect(after([step(true)])).toMatchObject({ notTaken: ['x1'], auditDue: [{ kind: 'not_taken' }] });
    const memory = after([grants(standing), step(false)]);
    expect(memory).toMatchObject({ notTaken: [], auditDue: [], bypasses: [standing] });
    // One that came too late is on record, and has no effect.
    const late = after([{ ...grants(standing), late: 'the run has ended' } as Step]);
    expect(late).toMatchObject({ notTaken: ['b1'], auditDue: [{ kind: 'not_taken' }] });
    expect(linesOf(memory).at(-1)).toBe('Decision x1 could not be recorded, so it has no effect: away');
  });

  it('is remembered with the hundred newest', () => {
    const memory = after(
      Array.from({ length: 103 }, (_, index): Step => ({
        ...{ type: 'notDecided', id: `x${index}`, why: 'away', isLost: true },
      })),
    );
    expect(memory.notTaken).toHaveLength(100);
    expect(memory.notTaken.at(-1)).toBe('x102');
  });
});

describe('a pass that closes', () => {
  it('wants again what a late attempt has published', () => {
    const memory = after([...asked, settled(offense), { type: 'closed', overtaken: [defense] }]);
    expect(memory.wants.at(-1)).toEqual({
      ...{ key: 'overtaken', source: 'overtaken', processors: [defense], at: memory.clock },
      ...{ withDownstream: false, onlyToClear: [] },
    });
    expect(linesOf(memory).at(-1)).toContain(defense);
    const plain = after([...asked, ...looks([]), settled(offense), closed]);
    expect(plain).toMatchObject({ wants: [], settled: {}, starts: {}, names: {}, passStartedAt: null });
    expect(plain.passStartsAtLine).toBe(plain.journal.length);
  });

  it('has failed where it came to nothing, and is what its results are else', () => {
    expect(after([...asked, closed]).runState).toBe('failed');
    expect(after([...asked, settled(offense, { outcome: 'blocked' }), closed]).runState).toBe('blocked');
  });

  it('keeps requests that no look has seen and nobody has answered', () => {
    const late = after([...asked, ...looks([]), asks(messageOf({ requestId: 'r2' }), rerun('r3'))]);
    const answered: Step = {
      type: 'answered',
      answers: [{ requestId: 'r3', gameDate, state: 'failed', summary: 's', outcomes: {} }],
    };
    expect(after([answered, closed], late).pending.map(({ message }) => message.requestId)).toEqual(['r2']);
    // What came just when the look ended, it has seen.
    const seen = after([...asked, ...looks([])]);
    expect(after([{ type: 'closed', overtaken: [] }], { ...seen, clock: seen.lookedAt }).pending).toEqual([]);
  });
});

describe('a run that ends', () => {
  const ending = (byNobody = false, when = at): Step => ({
    ...{ type: 'ending', as: 'abandoned', why: 'nobody came', byNobody, at: when },
  });

  it('leaves what was open waiting, and bypasses only where a version stands on them', () => {
    const open: Bypass = { ...standing, bypassId: 'b2', status: 'open', version: null };
    const memory = after([...asked, ...looks([readyOf(offense)]), grants(standing, open), ending()]);
    expect(memory.results[offense]).toMatchObject({ outcome: 'waiting', reason: 'the run was abandoned' });
    expect(memory).toMatchObject({
      bypasses: [standing],
      pass: 1,
      passStartedAt: at,
      endedBecause: 'nobody came',
    });
    expect(memory.auditDue.map(({ kind }) => kind)).toEqual(['bypass_cleared']);
    const over = after([{ type: 'ended', as: 'abandoned', seen: 9 }], memory);
    expect(over).toMatchObject({ runState: 'abandoned', gate: null, passStartedAt: null });
    expect([over.open, over.running, over.wants, over.pending].flat()).toEqual([]);
    // What comes while it ends does not end with it.
    const late = after(
      [{ type: 'ended', as: 'abandoned', seen: memory.clock }],
      after([grants(open)], memory),
    );
    expect(late.pending.map(({ message }) => message.requestId)).toEqual(['b2']);
    expect([late.wants.length, late.answered.length, isWanted(late)]).toEqual([1, 2, true]);
    expect(over.answered.map(({ requestIds, reply }) => [requestIds, reply.state])).toEqual([
      [['r1'], 'abandoned'],
      [['b1'], 'abandoned'],
    ]);
    expect(linesOf(over).at(-1)).toBe(`${gameDate} is abandoned: nobody acted in time`);
  });

  it('between two passes has a pass of its own, and is on record where nobody decided it', () => {
    const memory = after([...asked, settled(offense), closed, ending(true, deadline)]);
    expect(memory).toMatchObject({ pass: 2, passStartedAt: deadline });
    expect(memory.auditDue).toMatchObject([{ kind: 'abandoned', reason: 'nobody came' }]);
  });

  it('goes on live where somebody waits for what came meanwhile', () => {
    const goesOn = (message: TriggerMessage): boolean => after([asks(message), { type: 'wentOn' }]).askedLive;
    expect(goesOn(messageOf())).toBe(true);
    expect(goesOn(messageOf({ kind: 'backfill' }))).toBe(false);
  });

  it('takes game decisions back that are not on record, and no others', () => {
    const release = messageOf({ ...by, requestId: 'g1', kind: 'release', game: 'g', rules: [] });
    const memory = after([asks(release, rerun('r2')), ending()]);
    expect(memory.auditDue.map(({ entryId }) => entryId)).toEqual(['r2']);
  });
});

it('who was told of a decision has not been told of trouble', () => {
  const told = (kind: 'decided' | 'recalled' | 'still_in_trouble' | 'trouble'): Step => ({
    type: 'told',
    kind,
  });
  const trouble = { since: at, remindedAt: null };
  expect(after([told('trouble'), told('decided'), told('recalled')]).trouble).toEqual(trouble);
  expect(after([told('decided')]).trouble).toBeNull();
  expect(after([told('still_in_trouble')]).trouble).toBeNull();
});

describe('a look', () => {
  it('begins again a level that has ended and has something open again', () => {
    const done = after([...asked, ...looks([readyOf(offense)]), settled(offense)]);
    expect(done.levelsDone).toEqual([1, 2]);
    expect(after(looks([readyOf(offense)]), done).levelsDone).toEqual([2]);
    expect(after(looks([readyOf(player)]), done).levelsDone).toEqual([1]);
    // One of its processors is enough.
    expect(after(looks([readyOf(defense)]), done).levelsDone).toEqual([2]);
    expect(after(looks([], { open: [] }), done).levelsDone).toEqual([1, 2]);
  });

  it('settles what it finds unchanged, and says so of its level alone', () => {
    const unchanged = { level: 1, settled: [resultOf(offense, { outcome: 'unchanged' })] };
    const memory = after([...asked, ...looks([readyOf(player)], { settled: unchanged.settled }), waits()]);
    const said = linesOf(memory).filter((line) => line.includes('nothing to build'));
    expect(said).toEqual([`Level 1: nothing to build for ${offense}`]);
    expect(memory).toMatchObject({ open: [player], results: { [offense]: { outcome: 'unchanged' } } });
    const again = after(looks([readyOf(player)], { settled: unchanged.settled }), memory);
    expect(again.runState).toBe('running');
    const skipped = [resultOf(offense, { outcome: 'skipped' })];
    const waiting = after(looks([readyOf(player)], { settled: skipped }), memory);
    expect(waiting.runState).toBe('waiting');
    expect(linesOf(waiting).filter((line) => line.includes('nothing to build'))).toEqual(said);
  });

  it('keeps the verdicts of the level that waits, counts, and ends the wait of another', () => {
    const minuteLater = '2025-01-16T08:01:00.000Z';
    const both = [verdictOf(offense), verdictOf(player)];
    const waiting = after([...asked, ...looks(both), waits()]);
    expect(waiting.gate?.verdicts).toEqual([verdictOf(offense)]);
    expect(waiting).toMatchObject({ probes: 1, gate: { level: 1, probes: 1 } });
    const next = after(looks([verdictOf(player)], {}, minuteLater), waiting);
    expect(next).toMatchObject({ probes: 2, gate: { level: 2, probes: 1 }, waitedMs: 60_000 });
    const none = after(looks([], { open: [] }, minuteLater), waiting);
    expect(none).toMatchObject({ waitedMs: 60_000, gate: { level: 1, waitingSince: null } });
  });

  it('keeps what stands on a bypass, as unchanged', () => {
    const memory = after([
      ...asked,
      grants(standing),
      ...looks([readyOf(player)], { kept: { [player]: key } }),
    ]);
    expect(memory.open).toEqual([]);
    expect(memory.settled[player]).toEqual({
      ...{ outcome: 'unchanged', reason: '', missing: [], at: memory.lookedAt },
    });
    expect(linesOf(memory)).toContain(`${player} keeps bypass b1; still missing: ${key}`);
  });

  it('refuses a want, and of the requests only those that want it', () => {
    const why = { [`rerun:${offense}`]: 'there is no such thing' };
    const memory = after([asks(messageOf(), rerun('r2'), restore), ...looks([], { open: [], refused: why })]);
    expect(memory.wants.map((one) => one.key)).toEqual([key]);
    expect(memory.answered.map(({ requestIds }) => requestIds)).toEqual([['r2']]);
    const restored = after([asks(restore), ...looks([], { open: [], refused: { 'restore:back': 'no' } })]);
    expect(restored.answered).toEqual([]);
  });

  it('names what a forced source sets off, and forces nothing that the plan does not know', () => {
    const force = messageOf({ ...by, kind: 'rerun', source: 'nbac_injury_report', force: true });
    const memory = after([asks(force, rerun('r2')), ...opens(), ...looks([])]);
    const why = 'forced by ana: why';
    expect(memory.forced).toEqual({ [player]: why, [offense]: why });
    expect(after([asks(rerun('r1', all, false))]).forced).toEqual({});
    const unpin = messageOf({ ...by, kind: 'unpin', processors: [player] });
    expect(after([asks(unpin)]).forced).toEqual({ [player]: 'unpinned by ana: why' });
    // Before a look there may be no plan.
    expect(after([asks(force), ...looks([])]).forced).toEqual({ nbac_injury_report: why });
  });
});

describe('a recheck', () => {
  const recheck = took({ rechecks: [{ requestId: 'k1', by: 'ana' }] });
  const named = (...steps: readonly Step[]): (readonly string[])[] =>
    after([...steps, recheck]).pending.flatMap(({ message }) =>
      message.kind === 'recheck' ? [message.processors ?? []] : [],
    );
  const isAsked = grants(standing);

  it('is of what is owed or stands on a bypass, and of nothing that is being tried', () => {
    const seen = looks([], { open: [] });
    expect(named(...asked, ...seen, settled(offense, { outcome: 'blocked' }), isAsked)).toEqual([
      [offense, player],
    ]);
    expect(named(...asked, ...looks([readyOf(player)]), isAsked)).toEqual([]);
    const open = grants({ ...standing, status: 'open', version: null });
    expect(named(...asked, ...seen, open)).toEqual([]);
  });

  it('begins nothing in a run that was cancelled', () => {
    const blocked = [...asked, settled(offense, { outcome: 'blocked' }), closed];
    expect(named(...blocked)).toEqual([[offense]]);
    expect(named(...blocked, { type: 'ended', as: 'cancelled', seen: 9 })).toEqual([]);
  });
});

it('one who asks live among backfills is enough', () => {
  const backfill = messageOf({ requestId: 'r2', kind: 'backfill' });
  expect(after([asks(backfill, messageOf())]).askedLive).toBe(true);
  expect(after([asks(backfill)]).askedLive).toBe(false);
});

it('what is found unchanged was published by this pass only if it was', () => {
  const found = (first: Step[]): string | undefined =>
    after([...asked, ...first, settled(offense, { outcome: 'unchanged', version: 5 })]).results[offense]
      ?.outcome;
  expect(found([settled(offense)])).toBe('published');
  expect(found([settled(offense, { outcome: 'failed' })])).toBe('unchanged');
  expect(found([])).toBe('unchanged');
  const failed = after([...asked, settled(offense), settled(offense, { outcome: 'failed' })]);
  expect(failed.results[offense]?.outcome).toBe('failed');
  // Published by the pass before, it is unchanged in this one.
  expect(found([settled(offense), closed, { type: 'began' }])).toBe('unchanged');
});

it('who fails outside of its build keeps what is live', () => {
  const memory = after([...asked, settled(offense, { version: 3 }), starts(offense)]);
  const failed = after([{ type: 'failed', processor: offense, why: 'it took too long' }], memory);
  expect(failed.results[offense]).toMatchObject({
    outcome: 'failed',
    reason: 'it took too long',
    version: 3,
  });
  expect(failed.running).toEqual([]);
});

it('only who is owed nothing is looked at to be rid of a bypass, and only by a recheck', () => {
  const blocked = [...asked, settled(offense, { outcome: 'blocked' }), closed];
  const about = [offense, player];
  const onlyToClear = (message: TriggerMessage): readonly string[] | undefined =>
    after([...blocked, asks(message)]).wants.at(-1)?.onlyToClear;
  expect(onlyToClear(messageOf({ kind: 'recheck', processors: about }))).toEqual([player]);
  expect(onlyToClear(rerun('r2', about))).toEqual([]);
});

it('only what reads a publication is opened again by it', () => {
  const settledAll = after([...[...asked, ...looks(all.map(readyOf)), settled(player), settled(defense)]]);
  expect(after([settled(offense)], settledAll).open).toEqual([player]);
  expect(after([settled(defense)], after([settled(offense)], settledAll)).open).toEqual([player]);
  const before = after([...asked, ...looks([readyOf(offense)]), settled(offense)]);
  expect(before.open).toEqual([]);
  const { plan } = settledAll;
  const processors = plan!.processors.map((one) => ({
    ...one,
    upstreams: one.upstreams.filter(({ processor }) => processor !== defense),
  }));
  const apart = { ...settledAll, plan: { ...plan!, processors } };
  expect(after([settled(offense)], apart).open).toEqual([player]);
  expect(after([settled(defense, { version: 2 })], apart).open).toEqual([offense]);
});

describe('a request', () => {
  it('that comes again is counted from then, and is no reason to start anew', () => {
    const memory = after([...asked, ...looks([readyOf(offense)]), starts(offense), waits()]);
    const late = '2025-01-16T09:00:00.000Z';
    const again = after([took({ again: ['r1'], at: late })], memory);
    expect(again).toMatchObject({ starts: { [offense]: 1 }, deadline, pending: [{ at: again.clock }] });
    expect(after([took({ again: ['other'], at: late })], memory)).toMatchObject({ pending: memory.pending });
    // At the deadline there is still time.
    expect(after([took({ fresh: [rerun('r2')], at: deadline })], memory).deadline).toBe(deadline);
    expect(after([took({ fresh: [rerun('r2')], at: late })], memory)).toMatchObject({
      deadline: null,
      starts: {},
    });
  });

  it('of a restore is no want', () => {
    expect(after([asks(restore)]).wants).toEqual([]);
    expect(after([asks(restore), took({ again: ['back'] })]).wants).toEqual([]);
  });

  it('is settled once a look has seen it and nothing of it is open', () => {
    const names = { [key]: [offense, defense] };
    const ids = (...steps: readonly Step[]): string[] =>
      settledRequests(after([...asked, ...steps])).map(({ requestId }) => requestId);
    const seen = looks([readyOf(offense), readyOf(defense)], { names });
    expect(ids()).toEqual([]);
    expect(ids(...seen)).toEqual([]);
    expect(ids(...seen, settled(offense))).toEqual([]);
    expect(ids(...seen, settled(offense), settled(defense))).toEqual(['r1']);
    expect(ids(...seen, settled(offense), settled(defense), took({ again: ['r1'] }))).toEqual([]);
    expect(ids(...seen, settled(offense), settled(defense), { type: 'answeredSettled' })).toEqual([]);
    // What nobody has named yet is not settled.
    expect(ids(...looks([], { open: [] }))).toEqual([]);
    const same = after([...asked, ...looks([], { open: [], names })]);
    expect(settledRequests({ ...same, lookedAt: same.pending[0]!.at - 1 })).toEqual([]);
  });

  it('is answered without a list where it named nothing', () => {
    const memory = { ...after([asks(messageOf())]) };
    answerRequests(memory, [messageOf()], { state: 'cancelled' });
    expect(memory.answered).toMatchObject([{ reply: { summary: `${gameDate} cancelled`, outcomes: {} } }]);
    expect(memory.pending).toMatchObject([{ isAnswered: true }]);
  });
});

describe('answers', () => {
  it('leave out what nobody knows anything of yet', () => {
    const names = { [key]: [offense] };
    const memory = { ...after([...asked, ...looks([readyOf(offense)], { names })]) };
    answerRequests(memory, [messageOf()], { state: 'cancelled' });
    expect(memory.answered).toStrictEqual([
      {
        requestIds: ['r1'],
        reply: { gameDate, state: 'cancelled', summary: `${gameDate} cancelled`, outcomes: {} },
      },
    ]);
  });
});

describe('answers that are too many', () => {
  const fills = (requestId: string, length: number): Step => ({
    type: 'answered',
    answers: [{ requestId, gameDate, state: 'failed', summary: 'x'.repeat(length), outcomes: {} }],
  });
  const idsOf = (memory: DateMemory): string[] => memory.answered.flatMap(({ requestIds }) => requestIds);

  it('go by their size, the oldest first, and the newest stays whatever it is', () => {
    const sizes = [100_000, 90_000, 80_000];
    const kept = after(sizes.map((size, index) => fills(`r${index}`, size)));
    expect(idsOf(kept)).toEqual(['r0', 'r1', 'r2']);
    expect(idsOf(after([fills('r3', 50_000)], kept))).toEqual(['r1', 'r2', 'r3']);
    expect(idsOf(after([fills('r3', 150_000)], kept))).toEqual(['r2', 'r3']);
    expect(idsOf(after([fills('r3', 400_000)], kept))).toEqual(['r3']);
    // An answer that is given again takes the place of the one before.
    const again = after([fills('r0', 10)], kept);
    expect([idsOf(again), again.answered.length]).toEqual([['r1', 'r2', 'r0'], 3]);
  });
});
