/** What is asked of a date's memory: what is wanted, what is remarkable, whose time is over. */
import type { DateMemory } from '../../src/contracts/date-state';
import type { Bypass } from '../../src/contracts/decisions';
import type { TriggerMessage } from '../../src/contracts/messages';
import type { GameVerdict, ProcessorResult } from '../../src/contracts/phase3';
import type { DateMark } from '../../src/contracts/search-attributes';
import { bypassOf, overdueBypasses } from '../../src/workflows/bypasses';
import {
  blockedOn,
  dueIn,
  isSettled,
  isWanted,
  marksOf,
  mayEnd,
  namesOf,
  newMemory,
  newsOf,
  restoresOf,
  traceOf,
  unanswered,
  unaskedDue,
  wantKey,
} from '../../src/workflows/memory';
import {
  after,
  asks,
  at,
  closed,
  grants,
  linesOf,
  looks,
  messageOf,
  opens,
  readyOf,
  settled,
  starts,
  verdictOf,
  waits,
  type Step,
} from '../support/date-events';
import { defense, gameDate, missingGame, offense, player, resultOf } from '../support/fixtures';

const until = '2025-01-17T00:00:00.000Z';
const bypassWith = (changes: Partial<Bypass>): Bypass => ({
  ...{ bypassId: 'b1', processor: player, by: 'ana', reason: 'why', at, until, tables: ['t'] },
  ...{ status: 'open', version: null },
  ...changes,
});
const restore = messageOf({
  ...{ requestId: 'back', kind: 'restore', processors: [offense], version: 1, by: 'ana', reason: 'why' },
});

const pin = { requestId: 'r1', by: 'ana', reason: 'why', at, version: 1, questioned: null };

it('a date that nothing has happened to', () => {
  const { plan, levels, open, running, wants, owed, journal, pending, answered } = newMemory(gameDate);
  expect(plan).toBeNull();
  expect([levels, open, running, wants, owed, journal, pending, answered].flat()).toEqual([]);
});

it('restores are carried out once, and are no want of a pass', () => {
  const asked = after([asks(messageOf(), restore), ...looks([], { open: [] })]);
  expect(restoresOf(asked)).toEqual([restore]);
  expect(isWanted(asked)).toBe(true);
  const steps = (looksAt: string[]): DateMemory =>
    after(
      [{ type: 'restored', kind: 'restored', request: restore, results: [resultOf(offense)], looksAt }],
      asked,
    );
  // What stands on it is looked at before the request is answered.
  const looksOn = steps([player]);
  expect(restoresOf(looksOn)).toEqual([]);
  expect(unanswered(looksOn)).toContainEqual(restore);
  expect(looksOn.wants.at(-1)).toMatchObject({
    key: 'restore:back',
    processors: [player],
    at: looksOn.clock,
  });
  expect(looksOn.pending).toMatchObject([{}, { at: looksOn.clock, isRestored: true }]);
  expect(looksOn.pending[0]).not.toHaveProperty('isRestored');
  expect(looksOn.clock).toBe(asked.clock + 1);
  expect(isWanted(looksOn)).toBe(true);
  const done = steps([]);
  expect([done.names['restore:back'], done.auditDue]).toEqual([[offense], asked.auditDue]);
  expect(restoresOf(done)).toEqual([]);
  expect(done).toMatchObject({ clock: asked.clock, results: { [offense]: { outcome: 'published' } } });
  expect(done.answered).toMatchObject([
    { requestIds: ['back'], reply: { outcomes: { [offense]: 'published' } } },
  ]);
});

it('the newest request that has a trace is followed', () => {
  const traced = (requestId: string, traceparent?: string): TriggerMessage =>
    messageOf({ requestId, ...(traceparent ? { traceparent } : {}) });
  expect(traceOf(after([asks(traced('r1'))]))).toStrictEqual({});
  const memory = after([asks(traced('r1', 'old'), traced('r2', 'new'), traced('r3'))]);
  expect(traceOf(memory)).toEqual({ traceparent: 'new' });
});

it('news is wanted until a look has seen it, and in a pass what is open and does not run', () => {
  const standing = (...steps: readonly Step[]): boolean[] => {
    const memory = after(steps);
    return [isWanted(memory), isSettled(memory)];
  };
  const seen = looks([readyOf(offense)], { names: {} });
  expect(standing(asks(messageOf()))).toEqual([true, false]);
  expect(standing(asks(messageOf()), ...seen)).toEqual([false, false]);
  expect(standing(...opens(), ...seen)).toEqual([true, false]);
  expect(standing(...opens(), ...seen, starts(offense))).toEqual([false, false]);
  expect(standing(...opens(), ...seen, settled(offense))).toEqual([false, true]);
  expect(standing(...opens(), ...seen, settled(offense), asks(messageOf()))).toEqual([true, false]);
  expect(standing(...opens(), ...seen, settled(offense), closed)).toEqual([false, false]);
});

it.each<[Partial<TriggerMessage>, string]>([
  [{}, 'nbac_gamebook_player_stats'],
  [{ processors: [offense, player, offense] }, `${player},${offense}`],
  [{ kind: 'rerun', processors: [offense] }, `rerun:${offense}`],
  [{ kind: 'recheck', processors: [offense] }, `recheck:${offense}`],
  [{ kind: 'restore', processors: [offense] }, 'restore:r1'],
])('what %j wants is told from what others want', (changes, key) => {
  expect(wantKey(messageOf(changes))).toBe(key);
});

it('a request is about what a look says, else what it names, else what its source sets off', () => {
  const bare = newMemory(gameDate);
  const planned = after(opens());
  expect(namesOf(bare, messageOf())).toEqual([]);
  expect(namesOf(bare, messageOf({ processors: [offense] }))).toEqual([offense]);
  expect(namesOf(planned, messageOf({ source: 'nbac_injury_report' }))).toEqual([player]);
  expect(namesOf(planned, messageOf({ source: 'nobody' }))).toEqual([]);
  const told = { ...planned, names: { [wantKey(messageOf())]: [defense] } };
  expect(namesOf(told, messageOf({ processors: undefined as never }))).toEqual([defense]);
});

describe('marks of a date', () => {
  const game = (status: GameVerdict['status']): GameVerdict => ({ ...missingGame(0), status });
  it.each<[string, Partial<ProcessorResult>, DateMark[]]>([
    ['published whole', {}, []],
    ['published without a game', { missingGames: [game('missing')] }, ['partial']],
    ['published with one that lacks nothing', { missingGames: [game('left_out')] }, []],
    ['blocked by a game', { outcome: 'blocked', missingGames: [game('partial')] }, []],
    ['published without a held game', { missingGames: [game('held')] }, ['partial', 'held']],
    ['published with a released game', { missingGames: [game('released')] }, ['released']],
    [
      'of two games, one lacking',
      { missingGames: [game('released'), game('missing')] },
      ['partial', 'released'],
    ],
    ['standing on a bypass', { bypassIds: ['b1'] }, ['bypassed']],
    ['standing on an estimate', { bypassIds: ['e1'], decisions: { e1: 'estimate' } }, ['estimated']],
    ['standing on a release', { bypassIds: ['e1'], decisions: { e1: 'release' } }, []],
    ['pinned', { pin }, ['pinned']],
    ['pinned and questioned', { pin: { ...pin, questioned: 'a table moved' } }, ['pinned', 'questioned']],
  ])('%s', (_, changes, marks) => {
    expect(marksOf(after([settled(offense, changes)]))).toEqual(marks);
    // One of several is enough.
    expect(marksOf(after([settled(offense, changes), settled(defense)]))).toEqual(marks);
  });

  it('tell of an open bypass, and of games that hold the date up now', () => {
    expect(marksOf(after([grants(bypassWith({}))]))).toEqual(['bypassed']);
    const held = looks([verdictOf(offense, { missingGames: [game('disputed')] })]);
    expect(marksOf(after([...opens(), ...held]))).toEqual(['disputed']);
  });
});

describe('the time of a bypass', () => {
  const endMs = Date.parse(until);

  it.each<[string, Partial<Bypass>, nowMs: number, runs: boolean, isOver: boolean]>([
    ['open, at its end', {}, endMs, false, true],
    ['open, before its end', {}, endMs - 1, false, false],
    ['open, while it is being used', {}, endMs, true, false],
    ['with a version on it', { status: 'standing', version: 1 }, endMs, true, true],
    ['known to be over', { status: 'standing', version: 1, isExpired: true }, endMs, false, false],
  ])('%s', (_, changes, nowMs, runs, isOver) => {
    const bypass = bypassWith(changes);
    const memory = after([grants(bypass), ...(runs ? [starts(player)] : [])]);
    expect(overdueBypasses(memory, nowMs)).toEqual(isOver ? [bypass] : []);
  });

  it('over, it goes if nothing stands on it, and else needs a person', () => {
    const [open, standing] = [bypassWith({}), bypassWith({ bypassId: 'b2', status: 'standing', version: 3 })];
    const other = bypassWith({ bypassId: 'b3', processor: offense });
    const memory = after([
      ...[asks(messageOf()), grants(open, standing, other)],
      (now) => ({ type: 'bypassesExpired', bypasses: now.bypasses.slice(0, 2) }),
    ]);
    expect(memory.bypasses).toEqual([{ ...standing, isExpired: true }, other]);
    expect(memory.auditDue).toMatchObject([
      { kind: 'bypass_cleared', reason: `it held until ${until} and was not used` },
      { kind: 'bypass_expired', evidence: { bypassId: 'b2', version: 3 } },
    ]);
    expect(linesOf(memory).slice(-2)).toEqual([
      `Bypass b1 of ${player} has expired unused`,
      `Bypass b2 of ${player} has expired`,
    ]);
    // What is over for somebody is not over for who was told of trouble.
    const told = after(
      [{ type: 'told', kind: 'trouble' }, settled(offense), settled(player), closed],
      memory,
    );
    expect(newsOf(after([settled(offense)], told))).toBe('recovered');
    const kept = after([{ type: 'told', kind: 'trouble' }, settled(offense), closed], memory);
    expect(newsOf(kept)).toBeNull();
  });

  it('one is found by its processor and its status', () => {
    const all = [bypassWith({}), bypassWith({ status: 'standing' })];
    const memory = after([grants(bypassWith({ processor: offense }), ...all)]);
    expect(bypassOf(memory, player)).toBe(memory.bypasses[1]);
    expect(bypassOf(memory, player, 'standing')).toBe(memory.bypasses[2]);
    expect(bypassOf(memory, offense, 'standing')).toBeNull();
    expect(bypassOf(memory, defense)).toBeNull();
  });

  it.each<[string, Partial<Bypass>, Partial<ProcessorResult>, string | null]>([
    [
      'open, and the input arrived',
      {},
      {},
      'the missing input arrived before the bypass was used; version 1 was built without it',
    ],
    [
      'open, and there was nothing to do',
      {},
      { outcome: 'skipped' },
      'there is nothing left to do, so the bypass was not used',
    ],
    [
      'open, and what is live is pinned',
      {},
      { outcome: 'unchanged', pin },
      'the missing input arrived before the bypass was used; version 1 was built without it',
    ],
    [
      'standing, and built without it',
      { status: 'standing', version: 1 },
      {},
      'version 1 was built without it',
    ],
    ['standing, and nothing was done', { status: 'standing', version: 1 }, { outcome: 'skipped' }, null],
    ['open, and it failed', {}, { outcome: 'failed' }, null],
  ])('one that was %s', (_, bypass, result, cleared) => {
    const memory = after([grants(bypassWith(bypass)), settled(player, { version: 1, ...result })]);
    expect(memory.auditDue.map(({ reason }) => reason)).toEqual(cleared === null ? [] : [cleared]);
    expect(memory.bypasses).toEqual(cleared === null ? [bypassWith(bypass)] : []);
  });

  it('what is pinned is rid of the bypass that stood, and leaves the others', () => {
    const elsewhere = bypassWith({ bypassId: 'b3', processor: offense, status: 'standing', version: 1 });
    const memory = after([
      grants(bypassWith({ status: 'standing', version: 1 }), elsewhere),
      settled(player, { pin }),
    ]);
    expect(memory).toMatchObject({ bypasses: [elsewhere], auditDue: [] });
  });
});

it('a date may end, but not with a bypass that nothing was made of', () => {
  const done = after([asks(messageOf()), ...opens(), ...looks([], { open: [] }), settled(offense), closed]);
  expect(mayEnd(done)).toBe(true);
  expect(mayEnd(after([grants(bypassWith({}))], done))).toBe(false);
});

it('a date that was abandoned may end whatever it owes, but not while it is running', () => {
  const blocked = [asks(messageOf()), ...opens(), settled(offense, { outcome: 'blocked' })];
  const over = (as: 'abandoned' | 'cancelled'): DateMemory =>
    after([...blocked, closed, { type: 'ended', as, seen: 9 }]);
  expect(mayEnd(over('abandoned'))).toBe(true);
  expect(mayEnd({ ...over('abandoned'), runState: 'blocked' })).toBe(false);
  expect(mayEnd({ ...over('abandoned'), passStartedAt: at })).toBe(false);
});

it('what nobody asks for is due by itself, and what somebody does is written by the look that carries it out', () => {
  const rerun = messageOf({ kind: 'rerun', processors: [offense], by: 'ana', reason: 'why' });
  const memory = after([grants(bypassWith({ status: 'open' })), asks(rerun), settled(player)]);
  expect(dueIn(memory).map(({ kind }) => kind)).toEqual(['rerun', 'bypass_cleared']);
  expect(unaskedDue(memory).map(({ kind }) => kind)).toEqual(['bypass_cleared']);
});

it('a date is blocked on nothing that it does not wait for', () => {
  expect(blockedOn(after([...opens(), settled(offense)]))).toStrictEqual([]);
  const held = after([...opens(), ...looks([verdictOf(offense)])]);
  expect(blockedOn(held)).toStrictEqual([]);
  expect(blockedOn(after([waits()], held))).toStrictEqual([...verdictOf(offense).missing].sort());
});

it('a level that waits says since when, and why where it could not be looked at', () => {
  const memory = after([
    asks(messageOf()),
    ...opens(),
    { ...waits(), unopened: 'the warehouse is away' } as Step,
  ]);
  expect(memory.gate).toEqual({
    ...{ level: 1, probes: 0, waitingSince: at, verdicts: [], askedAt: at },
    ...{ nextProbeAt: '2025-01-16T08:01:00.000Z', checkFailed: 'the warehouse is away' },
  });
  expect(linesOf(memory).at(-1)).toContain('the warehouse is away');
  expect(linesOf(memory).at(-1)).toContain('next check in 60 s');
  expect(after([...looks([verdictOf(offense)]), waits()]).gate).not.toHaveProperty('checkFailed');
});
