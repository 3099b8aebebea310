/** What a date remembers of what happens to it: requests, looks, results, bypasses, the audit; and when it may end. */
import { outlookOf, resultsOf, type DateMemory } from '../../src/contracts/date-state';
import { systemEntry } from '../../src/contracts/audit-entries';
import type { AuditHead, Bypass } from '../../src/contracts/decisions';
import { isWorthTryingAgain, type DateReply, type TriggerMessage } from '../../src/contracts/messages';
import {
  isUnsettled,
  runStateOf,
  stateOfResults,
  uncheckedVerdict,
  type LookVerdict,
  type Outcome,
} from '../../src/contracts/phase3';
import { bypassOf } from '../../src/workflows/bypasses';
import { describeState } from '../../src/workflows/describe-state';
import {
  blockedOn,
  isPatientPass,
  isSettled,
  isWanted,
  mayEnd,
  newMemory,
  newsOf,
  overridesOf,
  unfinished,
} from '../../src/workflows/memory';
import { answer as answerRequests } from '../../src/workflows/answers';
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
  type DateEvent,
  type Step,
} from '../support/date-events';
import { defense, gameDate, gameIdOf, offense, player, policyAfter, resultOf } from '../support/fixtures';

const outcomes: readonly Outcome[] = [
  ...(['published', 'unchanged', 'waiting', 'blocked', 'quarantined', 'failed', 'upstream_failed'] as const),
  'skipped',
];
const key = 'nbac_gamebook_player_stats';
const all = { names: { [key]: [offense, defense, player] } };
const asked: readonly Step[] = [asks(messageOf()), ...opens()];
const head = (seq: number): AuditHead => ({ seq, hash: String(seq % 10).repeat(64) });

function answer(requestId: string, changes: Partial<DateReply> = {}): DateReply {
  return { requestId, gameDate, state: 'published', summary: 'done', outcomes: {}, ...changes };
}

/** A date of which each processor came to the given outcome, its pass over. */
function dateWith(
  some: Partial<Record<string, Outcome>>,
  kind: TriggerMessage['kind'] = 'trigger',
): DateMemory {
  const names = Object.keys(some);
  return after([
    ...[asks(messageOf({ kind })), ...opens(), ...looks(names.map((name) => readyOf(name)))],
    ...Object.entries(some).map(([name, outcome]) => settled(name, { outcome: outcome! })),
    closed,
  ]);
}

describe('requests', () => {
  it('are wanted once, however many ask the same; a rerun wants all downstream', () => {
    const memory = after([
      asks(messageOf(), messageOf({ requestId: 'r2' })),
      asks(
        messageOf({ requestId: 'r3', processors: [player, offense, player] }),
        messageOf({ requestId: 'r4', kind: 'rerun', processors: [offense], by: 'ana', reason: 'corrected' }),
        messageOf({ requestId: 'r5', kind: 'restore', processors: [offense], version: 1 }),
      ),
    ]);
    expect(memory.wants).toMatchObject([
      { key, processors: null, withDownstream: false, at: 1 },
      { key: `${player},${offense}`, withDownstream: false, at: 2 },
      { key: `rerun:${offense}`, processors: [offense], withDownstream: true, at: 2 },
    ]);
    expect(memory.pending).toHaveLength(5);
    // One that comes again is wanted again.
    const again = after([took({ again: ['r1'] })], memory);
    expect(again.pending.map((request) => request.at)).toEqual([3, 1, 2, 2, 2]);
    expect(again.wants.at(-1)).toMatchObject({ key, at: 3 });
  });

  it('that came after the newest look are kept for the next pass, the others go when theirs closes', () => {
    const late = messageOf({ requestId: 'r2', source: 'nbac_injury_report' });
    const memory = after([...asked, ...looks([readyOf(offense)], all), asks(late)]);
    expect(outlookOf(memory, ['r1', 'r2', 'r3'], new Set(['r3'])).pending).toEqual([
      { requestId: 'r1', isSeen: true },
      { requestId: 'r2', isSeen: false },
      { requestId: 'r3', isSeen: false },
    ]);
    expect(isWanted(memory)).toBe(true);
    const over = after([settled(offense), { type: 'answered', answers: [answer('r1')] }, closed], memory);
    expect(over.pending).toMatchObject([{ message: late, isAnswered: false }]);
    expect(over.wants).toMatchObject([{ key: 'nbac_injury_report' }]);
    expect(outlookOf(over, ['r1'], new Set()).answers).toEqual([answer('r1')]);
  });

  it('for what there is not are answered with why, and want nothing', () => {
    const memory = after([
      ...asked,
      ...looks([], { open: [], refused: { [key]: 'there is no such source' } }),
    ]);
    expect(memory.wants).toEqual([]);
    expect(memory.pending).toMatchObject([{ isAnswered: true }]);
    expect(outlookOf(memory, ['r1'], new Set()).answers).toEqual([
      answer('r1', { state: 'failed', summary: `${gameDate} failed: there is no such source.` }),
    ]);
  });

  it('that are refused or tried again change their answer', () => {
    const memory = after([{ type: 'answered', answers: [answer('r1'), answer('r2')] }]);
    const next = after(
      [took({ triedAgain: ['r1'], fresh: [messageOf()], refused: [{ requestId: 'r3', why: 'no.' }] })],
      memory,
    );
    expect(next.answered).toMatchObject([
      { requestIds: ['r2'] },
      { requestIds: ['r3'], reply: { state: 'failed', summary: `${gameDate} failed: no.` } },
    ]);
  });

  it('are each answered with what came of what they named', () => {
    const memory = after([
      ...[...asked, ...looks([], { names: { [key]: [offense], [player]: [player] } })],
      ...[settled(offense), settled(player, { outcome: 'failed' })],
    ]);
    const requests = [messageOf(), messageOf({ requestId: 'r2', processors: [player] })];
    const answered = (changes?: Partial<DateReply>): DateMemory['answered'] => {
      const next = { ...memory };
      answerRequests(next, requests, changes);
      return next.answered;
    };
    expect(answered().map(({ reply }) => [reply.state, reply.summary, reply.outcomes])).toEqual([
      ['published', `${gameDate} published: ${offense} published`, { [offense]: 'published' }],
      ['failed', `${gameDate} failed: ${player} failed`, { [player]: 'failed' }],
    ]);
    expect(answered({ state: 'cancelled' })[1]?.reply).toMatchObject({
      ...{ state: 'cancelled', summary: `${gameDate} cancelled: ${player} failed` },
    });
  });

  it('are answered together where they are alike; the oldest answers go where there are too many', () => {
    const many = Array.from({ length: 3_000 }, (_, index) => answer(`${index}-${'x'.repeat(150)}`));
    const first = after([{ type: 'answered', answers: many }]);
    expect(first.answered).toHaveLength(1);
    const second = after([{ type: 'answered', answers: [answer('last', { summary: 'other' })] }], first);
    expect(second.answered.map(({ requestIds }) => requestIds)).toEqual([['last']]);
  });

  it.each<[TriggerMessage['kind'][], boolean]>([
    [['backfill', 'backfill'], false],
    [['trigger'], true],
    [['backfill', 'run'], true],
  ])('asked by %j are live and patient: %s', (kinds, live) => {
    const memory = after(kinds.map((kind) => asks(messageOf({ kind }))));
    expect([memory.askedLive, isPatientPass(memory)]).toEqual([live, live]);
  });

  it('override by the newest that says so', () => {
    const clock = (now?: string): Step => asks(messageOf(now ? { overrides: { now } } : {}));
    expect(overridesOf(after([clock('a'), clock('b'), clock()]))).toEqual({ now: 'b' });
  });

  it('force what their source sets off, each until it is built or there is nothing to build', () => {
    const force = messageOf({ kind: 'rerun', force: true, by: 'ana', reason: 'corrected' });
    const memory = after([asks(force), ...opens(), ...looks([])]);
    const why = 'forced by ana: corrected';
    expect(memory.forced).toEqual({ [offense]: why, [defense]: why, [player]: why });
    const next = [
      settled(offense),
      settled(defense, { outcome: 'failed' }),
      settled(player, { outcome: 'skipped' }),
    ];
    expect(after(next, memory).forced).toEqual({ [defense]: why });
  });
});

describe('a recheck', () => {
  const recheck = took({ rechecks: [{ requestId: 'k1', by: 'ana' }] });

  it('wants what the date owes, and looks at what stands on a bypass only to clear it', () => {
    const standing: Bypass = {
      ...{ bypassId: 'b1', processor: player, by: 'ana', reason: 'why', at, tables: ['t'] },
      until: '2099-01-01T00:00:00.000Z',
      ...{ status: 'standing', version: 1 },
    };
    const memory = after([
      ...opens({ standing: [standing] }),
      settled(offense, { outcome: 'blocked' }),
      closed,
      recheck,
    ]);
    expect(memory.pending).toMatchObject([{ message: { kind: 'recheck', processors: [offense, player] } }]);
    expect(memory.wants).toMatchObject([{ processors: [offense, player], onlyToClear: [player] }]);
    expect(isWanted(memory)).toBe(true);
  });

  it('wakes what waits, and begins nothing where nothing is owed', () => {
    const waiting = after([...asked, ...looks([verdictOf(offense)]), waits()]);
    expect(after([recheck], waiting)).toMatchObject({ pending: waiting.pending });
    expect(isWanted(after([recheck], waiting))).toBe(true);
    expect(isWanted(after([recheck], dateWith({ [offense]: 'published' })))).toBe(false);
  });
});

describe('a pass', () => {
  it('begins with nothing settled, and wants what the run owes', () => {
    const memory = after([{ type: 'began', at }], dateWith({ [offense]: 'blocked', [defense]: 'failed' }));
    expect(memory).toMatchObject({ pass: 2, runState: 'running', settled: {}, open: [], passStartedAt: at });
    expect(memory.wants).toMatchObject([{ key: 'owed', processors: [offense] }]);
  });

  it('has not settled what is wanted since it was let in, though it was looked at meanwhile', () => {
    const running = after([...asked, ...looks([readyOf(offense)], all), starts(offense)]);
    const meanwhile = [took({ again: ['r1'] }), ...looks([], { ...all, open: [offense] })];
    const memory = after([...meanwhile, settled(offense)], running);
    expect(memory.open).toEqual([offense]);
    expect(memory.settled[offense]!.at).toBeLessThan(memory.lookedAt);
    expect(after([settled(offense)], running)).toMatchObject({ open: [], running: [] });
  });

  it('opens again what was settled before its upstream was published', () => {
    const memory = after([...asked, ...looks([readyOf(offense), readyOf(player)], all)]);
    const open = (outcome: Outcome): string[] =>
      after([settled(player), settled(offense, { outcome })], memory).open;
    expect([open('published'), open('unchanged'), open('failed')]).toEqual([[player], [], []]);
  });

  it('has published what it finds unchanged later', () => {
    const memory = after([
      ...asked,
      settled(offense, { version: 3 }),
      settled(offense, { outcome: 'unchanged' }),
    ]);
    expect(memory.results[offense]).toMatchObject({ outcome: 'published', version: 3 });
    expect(memory.settled[offense]?.outcome).toBe('published');
  });

  it('counts starts until something new comes, and keeps what moved open', () => {
    const moved: Step = { type: 'moved', processor: offense, detail: 'it moved', at };
    const memory = after([
      ...asked,
      ...looks([readyOf(offense)]),
      starts(offense),
      moved,
      starts(offense),
      moved,
    ]);
    expect(memory).toMatchObject({ open: [offense], running: [], starts: { [offense]: 2 } });
    expect(after([asks(messageOf({ requestId: 'r2' }))], memory).starts).toEqual({});
  });

  it('that could not be opened wants nothing more, but of what runs', () => {
    const notOpened: Step = { type: 'notOpened', why: 'fenced', seen: 9, at };
    const memory = after([
      ...asked,
      ...looks([readyOf(offense), readyOf(defense)]),
      starts(offense),
      notOpened,
    ]);
    expect(memory).toMatchObject({ open: [offense], wants: [] });
    expect([isWanted(memory), isSettled(after([settled(offense, { outcome: 'failed' })], memory))]).toEqual([
      false,
      true,
    ]);
  });

  it('keeps the newest result of each processor, those of an earlier pass too', () => {
    const first = dateWith({ [offense]: 'published', [defense]: 'failed' });
    const second = after([{ type: 'began', at }, settled(player, { version: 7 })], first);
    expect(resultsOf(second).map(({ outcome, version }) => [outcome, version])).toEqual([
      ['published', 1],
      ['failed', 1],
      ['published', 7],
    ]);
    expect(stateOfResults(resultsOf(second))).toBe('failed');
  });
});

describe('the wait of a level', () => {
  const held = looks([verdictOf(offense)]);

  it('counts its looks, keeps the newest verdicts, and begins again at the next level', () => {
    const memory = after([...held, waits(), ...looks([readyOf(offense), verdictOf(defense)])]);
    expect(memory.gate).toMatchObject({ level: 1, probes: 2, waitingSince: at, nextProbeAt: null });
    expect(memory.gate?.verdicts).toEqual([readyOf(offense), verdictOf(defense)]);
    const next = after(looks([verdictOf(player)]), memory);
    expect(next.gate).toMatchObject({ level: 2, probes: 1, waitingSince: null, nextProbeAt: null });
  });

  it('is added up when it is over', () => {
    const later = '2025-01-16T08:02:00.000Z';
    const waiting = after([...held, waits(), ...looks([verdictOf(offense)], {}, later)]);
    expect(waiting.waitedMs).toBe(0);
    expect(after(looks([readyOf(offense)], {}, later), waiting).waitedMs).toBe(120_000);
  });

  it('goes from the first wait to the deadline that was fixed then', () => {
    const memory = after([
      ...held,
      waits(),
      ...held,
      waits('2025-01-16T08:01:00.000Z', '2025-01-16T08:03:00.000Z'),
    ]);
    expect(memory).toMatchObject({ runState: 'waiting', deadline });
    expect(memory.gate).toMatchObject({
      waitingSince: at,
      nextProbeAt: '2025-01-16T08:03:00.000Z',
      probes: 2,
    });
  });

  it.each<[string, readonly Step[], object]>([
    ['ends when nothing is held', looks([readyOf(offense)]), { gate: { waitingSince: null } }],
    [
      'ends when what is held is blocked',
      [settled(offense, { outcome: 'blocked' })],
      { gate: { waitingSince: null } },
    ],
    [
      'leaves neither gate nor deadline behind when the pass closes',
      [closed],
      { deadline: null, gate: null },
    ],
    ['is running again once something starts', [starts(offense)], { runState: 'running' }],
    ['keeps its deadline for who comes before it', [asks(messageOf())], { deadline }],
    [
      'gives another deadline to who comes after it',
      [took({ fresh: [messageOf()], at: '2025-01-16T08:30:00.001Z' })],
      { deadline: null },
    ],
  ])('%s', (_, events, expected) => {
    expect(after([...held, waits(), ...events])).toMatchObject(expected);
  });

  it('names the tables it waits for, sorted and once each', () => {
    const both = looks([
      verdictOf(offense, { missing: ['nbac_team_boxscore', 'nbac_schedule'] }),
      verdictOf(defense, { missing: ['nbac_schedule'] }),
    ]);
    expect(blockedOn(after(both))).toEqual([]);
    expect(blockedOn(after([...both, waits()]))).toEqual(['nbac_schedule', 'nbac_team_boxscore']);
    expect(blockedOn(after([...both, waits(), ...looks([readyOf(offense)])]))).toEqual([]);
  });
});

describe('outcomes', () => {
  it('make the state of the date, what needs a person most coming first', () => {
    const order: readonly Outcome[] = [
      ...(['waiting', 'failed', 'quarantined', 'blocked', 'upstream_failed'] as const),
      ...(['published', 'unchanged', 'skipped'] as const),
    ];
    for (const [index, outcome] of order.entries()) {
      expect(runStateOf(order.slice(index))).toBe(outcome);
      expect(runStateOf(order.slice(index).reverse())).toBe(outcome);
    }
    expect(runStateOf([])).toBe('skipped');
  });

  it.each(outcomes)('%s: whether the date is owed, blocked on tables, in trouble, over', (outcome) => {
    const isTroubled = ['blocked', 'quarantined', 'failed', 'upstream_failed'].includes(outcome);
    const memory = after([settled(defense, { outcome, missing: ['t'] })], dateWith({ [offense]: outcome }));
    expect(unfinished(memory)).toEqual(isUnsettled(outcome) ? [offense, defense] : []);
    expect(blockedOn(memory)).toEqual(isUnsettled(outcome) ? ['t'] : []);
    expect(newsOf(memory)).toBe(isTroubled ? 'trouble' : null);
    // Whoever knows is not told again, and hears when it is over.
    const known = after([{ type: 'told', kind: 'trouble', at }], memory);
    expect(known.trouble).toEqual({ since: at, remindedAt: null });
    expect(newsOf(known)).toBe(isTroubled || outcome === 'waiting' ? null : 'recovered');
    expect(after([{ type: 'told', kind: 'still_in_trouble', at }], known).trouble?.remindedAt).toBe(at);
    expect(after([{ type: 'told', kind: 'recovered', at }], known).trouble).toBeNull();
    // Backfills hear from the date themselves.
    expect(newsOf(dateWith({ [offense]: outcome }, 'backfill'))).toBeNull();
  });

  it.each<[outcome: Outcome, live: boolean, afterBackfill: boolean]>([
    ...(['published', 'unchanged', 'skipped', 'failed', 'upstream_failed'] as const).map(
      (outcome): [Outcome, boolean, boolean] => [outcome, true, true],
    ),
    ['waiting', false, false],
    ['quarantined', false, false],
    ['blocked', false, true],
  ])(
    'let a date end with a processor %s: %s, if only a backfill asked: %s',
    (outcome, live, afterBackfill) => {
      const others = { [offense]: 'published', [defense]: 'unchanged' } as const;
      expect(mayEnd(dateWith({ ...others, [player]: outcome }))).toBe(live);
      expect(mayEnd(dateWith({ ...others, [player]: outcome }, 'backfill'))).toBe(afterBackfill);
    },
  );

  it('let no date end before a pass, within one, or with an entry due', () => {
    const done = dateWith({ [offense]: 'published' });
    expect(mayEnd(newMemory(gameDate))).toBe(false);
    expect(mayEnd(after([{ type: 'began', at }], done))).toBe(false);
    const rerun = messageOf({ kind: 'rerun', by: 'ana', reason: 'corrected' });
    expect(mayEnd(after([asks(rerun)], done))).toBe(false);
  });
});

describe('a bypass', () => {
  const bypass: Bypass = {
    ...{ bypassId: 'b1', processor: player, by: 'ana', reason: 'the league has not sent team rows', at },
    until: '2099-01-01T00:00:00.000Z',
    ...{ tables: ['team_offense_game_summary'], status: 'open', version: null },
  };
  const second: Bypass = { ...bypass, bypassId: 'b2', tables: ['nbac_gamebook_player_stats'] };
  const granted = grants(bypass);
  const used = settled(player, { version: 1, bypassIds: ['b1'] });

  it.each<[string, Step, string]>([
    [
      'what it waives came first',
      settled(player, { version: 1 }),
      'the missing input arrived before the bypass was used; version 1 was built without it',
    ],
    [
      'there is nothing left to do',
      settled(player, { outcome: 'skipped', version: null }),
      'there is nothing left to do, so the bypass was not used',
    ],
    [
      'the run ends',
      { type: 'ending', as: 'cancelled', why: 'by ana', byNobody: false, at },
      'the run was cancelled before it was used',
    ],
  ])('is cleared unused where %s', (_, step, reason) => {
    const memory = after([granted, step]);
    expect(memory.bypasses).toEqual([]);
    expect(memory.auditDue).toMatchObject([{ kind: 'bypass_cleared', reason }]);
  });

  it.each<Outcome>(['waiting', 'blocked', 'quarantined', 'failed', 'upstream_failed'])(
    'stays open while its processor is %s',
    (outcome) => {
      const memory = after([granted, settled(player, { outcome }), settled(offense)]);
      expect(bypassOf(memory, player)?.status).toBe('open');
      expect(memory.auditDue).toEqual([]);
    },
  );

  it('that could not be recorded opens nothing, says so, and leaves what stood before', () => {
    const dropped = (bypassId: string): Step => ({
      type: 'notDecided',
      id: bypassId,
      why: 'away',
      isLost: false,
    });
    const memory = after([dropped('b1')]);
    expect(memory).toMatchObject({ bypasses: [], decisions: [], auditDue: [] });
    expect(linesOf(memory)).toEqual(['Decision b1 could not be recorded, so it has no effect: away']);
    const another = after([granted, used, dropped('b2')]);
    expect(bypassOf(another, player)).toEqual({ ...bypass, status: 'standing', version: 1 });
  });

  it('goes from the record when a version stands on another', () => {
    const memory = after([granted, used, grants(second)]);
    expect(memory.bypasses.map(({ status }) => status)).toEqual(['standing', 'open']);
    const built = after([settled(player, { version: 2, bypassIds: ['b2'] })], memory);
    expect(built.bypasses).toEqual([{ ...second, status: 'standing', version: 2 }]);
    const entries = built.auditDue.map(({ entryId }) => entryId);
    expect(entries.sort()).toEqual([`b1/${player}/cleared/1`]);
  });

  it('is kept where it cannot be got rid of: nothing is said of the version', () => {
    const standing: Bypass = { ...bypass, status: 'standing', version: 1 };
    const kept = { open: [], kept: { [player]: 'a table' } };
    const memory = after([...opens({ standing: [standing] }), ...looks([verdictOf(player)], kept)]);
    expect(memory).toMatchObject({ open: [], results: {}, bypasses: [standing] });
    expect(linesOf(memory)).toContain(`${player} keeps bypass b1; still missing: a table`);
  });

  it('is taken from the record by a run that has not seen its processor, and by no other', () => {
    const standing: Bypass = { ...bypass, status: 'standing', version: 3 };
    const read = opens({ standing: [standing], auditHead: head(1), troubleSince: at });
    expect(after(read)).toMatchObject({ bypasses: [standing], auditHead: head(1), trouble: { since: at } });
    expect(after([settled(player), ...read]).bypasses).toEqual([]);
    expect(after([...read, ...read]).bypasses).toEqual([standing]);
  });
});

describe('the audit', () => {
  it('is owed what a processor that was run says', () => {
    const entry = systemEntry('b1/used/1', 'bypass_used', 'why', at);
    const steps: Step[] = [{ type: 'settled', result: resultOf(offense), due: [entry] }];
    expect(after(steps).auditDue).toEqual([entry]);
  });

  it('keeps what is due until it is written, and the head that is furthest', () => {
    const due = after([
      asks(messageOf({ kind: 'rerun', by: 'ana', reason: 'corrected' })),
      { type: 'audited', entryIds: ['another'], heads: [head(3), head(4)], refused: [], at },
    ]);
    expect(due).toMatchObject({ auditDue: [{ entryId: 'r1' }], auditHead: head(4) });
    const written: DateEvent = { type: 'audited', entryIds: ['r1'], heads: [head(2)], refused: [], at };
    expect(after([written], due)).toMatchObject({ auditDue: [], auditHead: head(4) });
    const why = 'r1 is on record already as another decision';
    const refused = after([{ ...written, heads: [], refused: [{ entryId: 'r1', why }] }], due);
    expect(refused.auditDue).toEqual([]);
    expect(refused.journal.at(-1)).toMatchObject({ level: 'ERROR', message: expect.stringContaining(why) });
  });

  it.each(['release', 'discard'] as const)('refuses a %s that may be on record for good', (kind) => {
    const request = messageOf({ kind, by: 'ana', reason: 'why', game: gameIdOf(0), rules: [] });
    const lost = { type: 'notRecorded', request, why: 'it took too long', at } as const;
    const memory = after([asks(request), { ...lost, isLost: true }]);
    expect(memory.notTaken).toEqual(['r1']);
    expect(memory.auditDue).toMatchObject([{ entryId: 'r1/not-taken', kind: 'not_taken' }]);
    expect(isWorthTryingAgain(memory.answered[0]!.reply)).toBe(false);
    // What is known not to be on record may be asked again.
    const refused = after([asks(request), { ...lost, isLost: false }]);
    expect(refused).toMatchObject({ notTaken: [], auditDue: [] });
    expect(isWorthTryingAgain(refused.answered[0]!.reply)).toBe(true);
    // Nor is it written once its run ends.
    const ending: Step = { type: 'ending', as: 'cancelled', why: 'by ana', byNobody: false };
    expect(after([asks(request)]).auditDue).toMatchObject([{ entryId: 'r1' }]);
    expect(after([asks(request), ending]).auditDue).toEqual([]);
  });

  it('knows the policy of a pass from its opening, for what is done before its first look', () => {
    const policy = policyAfter(3);
    const [began, opened] = opens();
    expect(after([began!, { ...opened!, policy } as Step]).policy).toEqual(policy);
  });

  it('hears of a restore that was not carried out, and so does who asked', () => {
    const request = messageOf({
      kind: 'restore',
      processors: [player],
      version: 9,
      by: 'ana',
      reason: 'why',
    });
    const memory = after([asks(request), { type: 'notRestored', request, why: 'there is no version 9', at }]);
    expect(memory.notTaken).toEqual(['r1']);
    expect(memory.auditDue).toMatchObject([
      { entryId: 'r1' },
      { entryId: 'r1/not-taken', kind: 'not_taken' },
    ]);
    expect(memory.answered).toMatchObject([{ requestIds: ['r1'], reply: { state: 'failed' } }]);
  });

  it('remembers the newest hundred decisions', () => {
    const extended = (index: number): DateEvent => ({
      ...{ type: 'decided', id: `e${index}`, about: 'extension', line: 'moved', deadline, at },
      decided: { entry: head(index + 1), summary: 'moved' },
    });
    const memory = after(Array.from({ length: 110 }, (_, index) => extended(index)));
    expect(memory.decisions.map(({ id }) => id)).toEqual(
      Array.from({ length: 100 }, (_, index) => `e${index + 10}`),
    );
    expect(memory).toMatchObject({ deadline, auditHead: { seq: 110 } });
  });
});

it('a run that follows a cancelled one begins with why, and with what it must recognise', () => {
  const ended = after([
    ...[asks(messageOf()), ...opens(), settled(offense, { outcome: 'blocked' })],
    { type: 'ending', as: 'cancelled', why: 'by somebody', byNobody: true },
    { type: 'ended', as: 'cancelled', seen: 9 },
    { type: 'wentOn' },
  ]);
  expect(ended.answered).toMatchObject([{ requestIds: ['r1'], reply: { state: 'cancelled' } }]);
  // What could not be written to the audit is still owed.
  expect(ended.auditDue).toMatchObject([{ kind: 'cancelled', reason: 'by somebody' }]);
  expect(ended).toMatchObject({
    ...{ runState: 'cancelled', pass: 1, results: {}, open: [], wants: [], pending: [], forced: {} },
    ...{ askedLive: false, deadline: null, endedBecause: null, passStartsAtLine: ended.journal.length - 2 },
  });
  expect(linesOf(ended).at(-1)).toBe('Requests after the cancellation continue in the next run: 0');
});

describe('the details for the Temporal UI', () => {
  it('show each processor of the pass with outcome, version and reason', () => {
    const looked = looks([readyOf(offense), readyOf(defense)], { open: [offense, defense, player] });
    expect(describeState(after([...asked, ...looked, settled(offense, { version: 3 })])).split('\n')).toEqual(
      [
        `**2025-01-15 is running; not finished: ${defense}, ${player}.**`,
        ...['', '', '**level 1**', ''],
        `- ${offense}: published, version 3 (10 rows) - built because it was never published for this date`,
        `- ${defense}: planned - not started yet`,
        ...['', '**level 2**', ''],
        `- ${player}: planned - not started yet`,
      ],
    );
  });

  const waitingFor = (verdict: LookVerdict): string =>
    describeState(after([...asked, ...looks([verdict]), waits()]));

  it('show what the level waits for: table, found, expected, game and fault', () => {
    const text = waitingFor(verdictOf(offense));
    expect(text).toContain(
      `waiting since ${at}, checks so far: 1, next check 2025-01-16T08:01:00.000Z, deadline ${deadline}`,
    );
    expect(text).toMatch(/ {2}nbac_team_boxscore +found 8, expected at least 10/);
    expect(text).toContain(`  · ${gameIdOf(0)} missing: no team row`);
  });

  it('show why a check failed; what data and drivers say is text: no tag, no link, no line of its own', () => {
    const said = uncheckedVerdict(offense, '<script>x</script> [a](b)\n# c\u202e');
    const text = waitingFor(verdictOf(offense, said));
    expect(text).toContain('&lt;script&gt;x&lt;/script&gt; \\[a\\](b) # c\\\\u202e');
    expect(text).not.toMatch(/<|(?<!\\)\[|^#|\u202e/m);
  });
});
