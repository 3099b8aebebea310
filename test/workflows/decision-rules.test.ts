/** Which message a date takes in which state, and what becomes of it: every cell of the table, on states that events make. */
import type { AppendAuditResult } from '../../src/contracts/activities';
import type { DateMemory } from '../../src/contracts/date-state';
import * as messagesContract from '../../src/contracts/messages';
import { askedKinds, type TriggerMessage } from '../../src/contracts/messages';
import { shown } from '../../src/contracts/schema';
import * as overridesContract from '../../src/contracts/decisions';
import type {
  AuditEntry,
  Bypass,
  BypassRequest,
  CancelRequest,
  ExtendRequest,
} from '../../src/contracts/decisions';
import {
  uncheckedVerdict,
  type GateVerdict,
  type ProcessorName,
  type RunState,
} from '../../src/contracts/phase3';
import { defaultPolicySettings } from '../../src/contracts/policy';
import type { NotificationKind } from '../../src/contracts/notifications';
import {
  aboutBypass,
  passedBy,
  refuseBypass,
  refuseCancel,
  refuseExtension,
} from '../../src/explain/decision-rules';
import { DateRun } from '../../src/workflows/date-run';
import { bypass, cancellation, decide, extension } from '../../src/workflows/decisions';
import { isWanted, newMemory } from '../../src/workflows/memory';
import { takeIn } from '../../src/workflows/take-in';
import {
  after,
  asks,
  at,
  closed,
  grants,
  looks,
  messageOf,
  opens,
  readyOf,
  reduce,
  settled,
  starts,
  verdictOf,
  waits,
  type DateEvent,
  type Step,
} from '../support/date-events';
import type { resultOf } from '../support/fixtures';
import { defense, gameDate, missingGame, offense, player } from '../support/fixtures';

const by = 'ana@example.org';
const reason = 'the league has not sent team rows';
const asked = messageOf({ kind: 'run' });
const opened: readonly Step[] = [asks(asked), ...opens()];
const all = { open: [offense, defense, player] };
/** Teams that are held up, and players whose turn has not come. */
const teamsHeld = (changes: Partial<GateVerdict> = {}): readonly Step[] => [
  ...opened,
  ...looks([verdictOf(offense, changes), verdictOf(defense, changes)], all),
  waits(),
];
const blockedWithoutGames = {
  ...{ outcome: 'blocked', missing: ['nbac_team_boxscore'], missingGames: [missingGame(0)], readyGames: 0 },
} satisfies Parameters<typeof resultOf>[1];
const standing: Bypass = {
  ...{ bypassId: 'b1', processor: player, by, reason, at, until: '2099-01-01T00:00:00.000Z' },
  ...{ tables: ['team_offense_game_summary'], status: 'standing', version: 1 },
};
const granted = grants({ ...standing, status: 'open', version: null });

function passEnded(...results: readonly Step[]): DateMemory {
  const answer = { requestId: 'r1', gameDate, state: 'published', summary: 'done', outcomes: {} } as const;
  return after([
    ...[...opened, ...looks([], all), ...results],
    { type: 'answered', answers: [answer] },
    closed,
  ]);
}

/** What a check that could not be made says of any processor. */
function uncheckedVerdictOf(why: string): Partial<GateVerdict> {
  const { processor: _, ...verdict } = uncheckedVerdict('', why);
  return verdict;
}

/** The states a message can find, each with the run state that it shows. */
const states = {
  'running, before any look': ['running', after(opened)],
  'running, looked at, and not waiting yet': [
    'running',
    after([...opened, ...looks([verdictOf(offense), verdictOf(defense)], all)]),
  ],
  'running processors': [
    'running',
    after([...opened, ...looks([readyOf(offense), readyOf(defense)], all), starts(offense, defense)]),
  ],
  'waiting at level 1': ['waiting', after(teamsHeld())],
  'waiting at level 1, no game ready': ['waiting', after(teamsHeld({ readyGames: 0 }))],
  'waiting at level 2': [
    'waiting',
    after([
      ...[...opened, ...looks([], all), settled(offense), settled(defense)],
      ...[...looks([verdictOf(player, { missing: ['nbac_gamebook_player_stats'] })]), waits()],
    ]),
  ],
  'waiting under check_failed': ['waiting', after(teamsHeld(uncheckedVerdictOf('reset')))],
  blocked: [
    'blocked',
    passEnded(
      settled(offense, { outcome: 'blocked', missing: ['nbac_team_boxscore'] }),
      settled(defense, { outcome: 'blocked', missing: ['nbac_team_boxscore'] }),
      settled(player, {
        ...{ outcome: 'blocked', missing: ['team_offense_game_summary', 'nbac_team_boxscore'] },
      }),
    ),
  ],
  'blocked, no game ready': [
    'blocked',
    passEnded(
      settled(offense, blockedWithoutGames),
      settled(defense, blockedWithoutGames),
      settled(player, {
        ...{ outcome: 'blocked', missing: ['team_offense_game_summary', 'nbac_team_boxscore'] },
      }),
    ),
  ],
  quarantined: [
    'quarantined',
    passEnded(settled(offense), settled(defense), settled(player, { outcome: 'quarantined' })),
  ],
  failed: [
    'failed',
    passEnded(
      settled(offense, { outcome: 'failed' }),
      settled(defense),
      settled(player, { outcome: 'upstream_failed', missing: ['team_offense_game_summary'] }),
    ),
  ],
  'published, nothing open': ['published', passEnded(settled(offense), settled(defense), settled(player))],
  'published, standing on a bypass': [
    'published',
    passEnded(granted, settled(offense), settled(defense), settled(player, { bypassIds: ['b1'] })),
  ],
  'bypass open': ['waiting', after([...teamsHeld(), granted])],
  skipped: [
    'skipped',
    passEnded(
      settled(offense, { outcome: 'skipped' }),
      settled(defense, { outcome: 'skipped' }),
      settled(player, { outcome: 'skipped' }),
    ),
  ],
} satisfies Record<string, readonly [RunState, DateMemory]>;
type StateName = keyof typeof states;

/** A run as its handlers see it, without Temporal: events go through the reducer, entries to a list. */
class Handled extends DateRun {
  readonly written: AuditEntry[] = [];
  readonly told: string[] = [];

  static in(memory: DateMemory): Handled {
    const date = new Handled({ gameDate, carried: memory });
    return date;
  }

  override apply(type: DateEvent['type'], what: object): void {
    this.memory = reduce(this.memory, { ...what, type } as DateEvent);
  }

  override tell(kind: NotificationKind, summary = ''): void {
    this.told.push(`${kind}: ${summary}`);
  }

  override async write(entries: AuditEntry[]): Promise<AppendAuditResult> {
    this.written.push(...entries);
    const heads = this.written.map((_, index) => ({ seq: index + 1, hash: 'b'.repeat(64) }));
    return { heads, refused: [] };
  }

  /** What decisions have asked for. */
  get came(): readonly TriggerMessage[] {
    return this.memory.pending.flatMap(({ message }) => (message.kind === 'bypass' ? [message] : []));
  }
}

function bypassOf(processor: ProcessorName, missing?: BypassRequest['missing']): BypassRequest {
  return { bypassId: 'b2', processor, reason, by, ...(missing ? { missing } : {}) };
}

async function effectOfBypass(date: Handled, request: BypassRequest): Promise<string> {
  const why = refuseBypass(date.memory, request, date.policy);
  if (why !== null) return `refused: ${why}`;
  const passed = passedBy(date.memory, request);
  await decide(date, bypass, request);
  const own = date.memory.bypasses.findLast(({ bypassId }) => bypassId === request.bypassId);
  if (date.written.length === 0) return 'answered again';
  // What it does without goes before it, where that can be built.
  const { bypassId } = request;
  const processors = passed.map((one) => one.processor);
  expect(date.written).toMatchObject(
    processors.map((processor) => ({
      ...{ entryId: processors.length > 1 ? `${bypassId}/${processor}` : bypassId },
      ...{ kind: 'bypass', by, processor },
    })),
  );
  expect(date.came.at(-1)).toMatchObject({ requestId: bypassId, processors });
  expect(own?.status).toBe('open');
  expect(date.told).toEqual([expect.stringContaining(`, by ${by}: ${reason} (bypass ${request.bypassId}`)]);
  return `taken: ${own?.tables.join(', ') ?? ''}`;
}

/** What somebody accepts in place of a count that no player's row has. */
const estimate = { teams: ['CHI'], mean: 0.8, games: 812, from: '2024-10-22', to: '2025-01-14' };

const messages = {
  'bypass offence': (date) => effectOfBypass(date, bypassOf(offense)),
  'bypass offence [box]': (date) => effectOfBypass(date, bypassOf(offense, ['nbac_team_boxscore'])),
  'bypass defence': (date) => effectOfBypass(date, bypassOf(defense)),
  'bypass defence [box]': (date) => effectOfBypass(date, bypassOf(defense, ['nbac_team_boxscore'])),
  'bypass players': (date) => effectOfBypass(date, bypassOf(player)),
  'bypass players [offence]': (date) => effectOfBypass(date, bypassOf(player, ['team_offense_game_summary'])),
  'bypass players [gamebook]': (date) =>
    effectOfBypass(date, bypassOf(player, ['nbac_gamebook_player_stats'])),
  'bypass players, sent again': (date) => effectOfSameBypass(date),
  extend: async (date) => {
    const request: ExtendRequest = { extendId: 'e1', by, reason, byMs: 60_000 };
    const why = refuseExtension(date.memory, request);
    if (why !== null) return `refused: ${why}`;
    await decide(date, extension, request);
    expect(date.written).toMatchObject([{ entryId: 'e1', kind: 'deadline_extended', by, processor: null }]);
    expect(date.news).toBe(1);
    expect(date.told).toEqual([expect.stringContaining(`, by ${by}: ${reason}`)]);
    return `taken: ${date.memory.deadline ?? ''}`;
  },
  cancel: async (date) => {
    const request: CancelRequest = { cancelId: 'c1', by, reason };
    const why = refuseCancel(date.memory, request);
    if (why !== null) return `refused: ${why}`;
    let ended = false;
    date.end = () => (ended = true);
    await decide(date, cancellation, request);
    expect(date.written).toMatchObject([{ entryId: 'c1', kind: 'cancelled', by, reason }]);
    expect(date.told).toEqual([`decided: ${gameDate} was cancelled by ${by}: ${reason}`]);
    return ended ? 'taken' : 'nothing';
  },
  recheck: (date) => {
    date.receive('recheck', [{ requestId: 'k1', by }]);
    date.takeIn();
    expect(date.memory.journal.at(-1)?.message).toContain(`Recheck requested by ${by}: `);
    const [own] = date.memory.pending.filter(({ message }) => message.requestId === 'k1');
    if (own) return `asked once: ${own.message.processors?.join(', ') ?? ''}`;
    return isWanted(date.memory) ? 'woken' : 'nothing';
  },
  trigger: (date) => effectOfTrigger(date, { ...asked, requestId: 'r2', kind: 'trigger' }),
  run: (date) => effectOfTrigger(date, { ...asked, requestId: 'r2' }),
  backfill: (date) => effectOfTrigger(date, { ...asked, requestId: 'r2', kind: 'backfill' }),
  'run, sent again': (date) => effectOfTrigger(date, asked),
  rerun: (date) => {
    const rerun: TriggerMessage = { ...asked, requestId: 'r3', kind: 'rerun', by, reason };
    const effect = effectOfTrigger(date, rerun);
    expect(date.memory.auditDue.at(-1)).toMatchObject({ entryId: 'r3', kind: 'rerun', by, reason });
    return effect;
  },
  restore: (date) => {
    const restore: TriggerMessage = {
      ...{ ...asked, requestId: 'r4', kind: 'restore', by, reason, processors: [player], version: 1 },
    };
    const effect = effectOfTrigger(date, restore);
    const evidence = { version: 1 };
    expect(date.memory.auditDue.at(-1)).toMatchObject({
      ...{ entryId: 'r4', kind: 'restore', by, reason, processor: player, evidence },
    });
    return effect;
  },
  unpin: (date) => {
    const unpin: TriggerMessage = {
      ...{ ...asked, requestId: 'r5', kind: 'unpin', by, reason, processors: [player] },
    };
    const effect = effectOfTrigger(date, unpin);
    expect(date.memory.auditDue.at(-1)).toMatchObject({
      ...{ entryId: 'r5', kind: 'unpin', by, reason, processor: player },
    });
    expect(date.memory.forced[player]).toBe(`unpinned by ${by}: ${reason}`);
    return effect;
  },
  release: (date) => effectOfGame(date, { kind: 'release', until: '2099-01-01T00:00:00Z' }),
  discard: (date) => effectOfGame(date, { kind: 'discard' }),
  estimate: (date) => effectOfEstimate(date),
} satisfies Record<string, (date: Handled) => string | Promise<string>>;
type MessageName = keyof typeof messages;

/** What a decision about a game does: it goes on record, and the date is run. */
function effectOfGame(date: Handled, given: Pick<TriggerMessage, 'kind' | 'until'>): string {
  const { kind, ...until } = given;
  const rules = [{ rule: 'plays_add_up', evidence: 'e' }];
  const effect = effectOfTrigger(date, {
    ...{ ...asked, requestId: 'r5', game: '20250115_A_B', rules, by, reason },
    ...given,
  });
  expect(date.memory.auditDue.at(-1)).toMatchObject({
    ...{ entryId: 'r5', kind, by, reason, processor: null },
    evidence: { game: '20250115_A_B', rules, ...until },
  });
  return effect;
}

/** An estimate is about no rule: what was seen of it goes on record. */
function effectOfEstimate(date: Handled): string {
  const about = { game: '20250115_A_B', until: '2099-01-01T00:00:00Z', estimate };
  const effect = effectOfTrigger(date, {
    ...{ ...asked, requestId: 'r6', kind: 'estimate', by, reason },
    ...about,
  });
  expect(date.memory.auditDue.at(-1)).toMatchObject({
    ...{ entryId: 'r6', kind: 'estimate', by, reason, processor: null },
    evidence: { ...about, rules: [] },
  });
  return effect;
}

/** What the same bypass does that the states with one know by the id `b1`. */
function effectOfSameBypass(date: Handled): Promise<string> {
  return effectOfBypass(date, { ...bypassOf(player), bypassId: 'b1' });
}

function effectOfTrigger(date: Handled, message: TriggerMessage): string {
  const known = date.memory.pending.length;
  date.receive('trigger', [message]);
  expect(date.news).toBe(1);
  date.takeIn();
  if (date.memory.pending.length > known) return 'taken';
  expect(date.memory.journal.at(-1)?.message).toBe('Request r1 is a repetition and joins the first one');
  return 'joined';
}

const box = 'taken: nbac_team_boxscore';
const offenseTable = 'taken: team_offense_game_summary';
const gamebook = 'taken: nbac_gamebook_player_stats';
const isOpen = `refused: a bypass of ${player} is already open: b1, by ${by} (${reason})`;
const gamebookIsThere = `refused: nbac_gamebook_player_stats is not missing for ${player}; missing: team_offense_game_summary`;
const offenseIsThere = `refused: team_offense_game_summary is not missing for ${player}; missing: nbac_gamebook_player_stats`;

function nothingMissing(name: ProcessorName, why: string): string {
  return `refused: nothing is missing for ${name}: ${why}`;
}

function outcome(name: string): string {
  return name === 'published' ? 'it is published' : `it is ${name} (it was never published for this date)`;
}

function noGameReady(name: ProcessorName): string {
  return `refused: no game of ${gameDate} is ready for ${name}, so it has nothing to build from`;
}

/** Cells of the bypasses: of each team table with and without its scope, of the players without and with either scope. */
function bypasses(
  ofOffense: string,
  ofDefense: string,
  [ofPlayers, withOffense, withGamebook]: readonly [string, string, string],
  again = ofPlayers,
): Record<Extract<MessageName, `bypass ${string}`>, string> {
  return {
    'bypass offence': ofOffense,
    'bypass offence [box]': ofOffense,
    'bypass defence': ofDefense,
    'bypass defence [box]': ofDefense,
    'bypass players': ofPlayers,
    'bypass players [offence]': withOffense,
    'bypass players [gamebook]': withGamebook,
    'bypass players, sent again': again,
  };
}

/** Cells of the bypasses where nothing is missing, with what is so instead. */
function noBypass(
  ofOffense: string,
  ofDefense = ofOffense,
  ofPlayers = ofOffense,
): ReturnType<typeof bypasses> {
  const refused = nothingMissing(player, ofPlayers);
  return bypasses(nothingMissing(offense, ofOffense), nothingMissing(defense, ofDefense), [
    refused,
    refused,
    refused,
  ]);
}

function noDeadline(state: RunState): string {
  return `refused: ${gameDate} has no deadline to move: it is ${state}`;
}

const later = 'taken: 2025-01-16T08:31:00.000Z';
/** Requests are taken in whatever the state; what becomes of them is the next pass's. */
const requests = {
  trigger: 'taken',
  run: 'taken',
  backfill: 'taken',
  rerun: 'taken',
  restore: 'taken',
  unpin: 'taken',
  release: 'taken',
  discard: 'taken',
  estimate: 'taken',
  'run, sent again': 'joined',
};
const waiting = { extend: later, cancel: 'taken', recheck: 'woken', ...requests };

function idle(
  state: RunState,
  recheckDoes: string,
): Record<'extend' | 'cancel' | 'recheck', string> & typeof requests {
  return { extend: noDeadline(state), cancel: 'taken', recheck: recheckDoes, ...requests };
}

const running = {
  ...noBypass('the date is running'),
  ...{ extend: noDeadline('running'), cancel: 'taken', recheck: 'woken', ...requests },
};

const table: Record<StateName, Record<MessageName, string>> = {
  'running, before any look': running,
  'running, looked at, and not waiting yet': running,
  // What has its turn next has it when those have ended.
  'running processors': { ...running, recheck: 'nothing' },
  'waiting at level 1': {
    ...bypasses(box, box, [offenseTable, offenseTable, gamebookIsThere]),
    ...waiting,
  },
  // The players do not need a team row to be built, without usage; the teams have nothing to be built from.
  'waiting at level 1, no game ready': {
    ...bypasses(noGameReady(offense), noGameReady(defense), [offenseTable, offenseTable, gamebookIsThere]),
    ...waiting,
  },
  'waiting at level 2': {
    ...noBypass(outcome('published')),
    'bypass players': gamebook,
    'bypass players [offence]': offenseIsThere,
    'bypass players [gamebook]': gamebook,
    'bypass players, sent again': gamebook,
    ...waiting,
  },
  // A check that could not be made says nothing of what is there: that is no missing input.
  'waiting under check_failed': {
    ...bypasses(
      nothingMissing(offense, 'its dependencies could not be checked'),
      nothingMissing(defense, 'its dependencies could not be checked'),
      [offenseTable, offenseTable, gamebookIsThere],
    ),
    ...waiting,
  },
  blocked: {
    ...bypasses(box, box, [offenseTable, offenseTable, gamebookIsThere]),
    ...idle('blocked', `asked once: ${offense}, ${defense}, ${player}`),
  },
  'blocked, no game ready': {
    ...bypasses(noGameReady(offense), noGameReady(defense), [offenseTable, offenseTable, gamebookIsThere]),
    ...idle('blocked', `asked once: ${offense}, ${defense}, ${player}`),
  },
  quarantined: {
    ...noBypass(outcome('published'), outcome('published'), outcome('quarantined')),
    ...idle('quarantined', `asked once: ${player}`),
  },
  failed: {
    ...noBypass(outcome('failed'), outcome('published')),
    'bypass players': offenseTable,
    'bypass players [offence]': offenseTable,
    'bypass players [gamebook]': gamebookIsThere,
    'bypass players, sent again': offenseTable,
    ...idle('failed', 'nothing'),
  },
  'published, nothing open': { ...noBypass(outcome('published')), ...idle('published', 'nothing') },
  // Whoever wants to bypass what stands on a bypass hears of that one.
  'published, standing on a bypass': {
    ...noBypass(
      outcome('published'),
      outcome('published'),
      `it is published, without team_offense_game_summary by the bypass of ${by} (${reason})`,
    ),
    'bypass players, sent again': 'answered again',
    ...idle('published', `asked once: ${player}`),
  },
  'bypass open': { ...bypasses(box, box, [isOpen, isOpen, isOpen], 'answered again'), ...waiting },
  skipped: { ...noBypass(outcome('skipped')), ...idle('skipped', 'nothing') },
};

describe.each(Object.keys(states) as StateName[])('a date that is %s', (name) => {
  const [runState, memory] = states[name];

  it('is as the events have made it', () => {
    expect(memory.runState).toBe(runState);
  });

  it.each(Object.keys(messages) as MessageName[])('meets %s', async (message) => {
    const date = Handled.in(memory);
    expect(await messages[message](date)).toBe(table[name][message]);
    // Nothing that is refused leaves a trace.
    if (table[name][message].startsWith('refused')) {
      expect(date.memory).toBe(memory);
      expect([date.written, date.news]).toEqual([[], 0]);
    }
  });
});

test('the table has every signal and update that a date hears, and every kind of request', () => {
  const columns: Record<string, readonly MessageName[]> = {
    trigger: [
      ...([
        'trigger',
        'run',
        'backfill',
        'rerun',
        'restore',
        'unpin',
        'release',
        'discard',
        'estimate',
      ] as const),
      'run, sent again',
    ],
    bypass: Object.keys(bypasses('', '', ['', '', ''])) as MessageName[],
    ...{ extendDeadline: ['extend'], cancel: ['cancel'], recheck: ['recheck'] },
    // Sent by a date, not to one.
    dateSettled: [],
    // Asks for nothing: a run looks whether its build is still the current one, as test/integration/builds shows.
    wake: [],
  };
  const defined = [...Object.values(messagesContract), ...Object.values(overridesContract)].flatMap((one) =>
    typeof one === 'object' && 'name' in one && 'type' in one ? [one.name] : [],
  );
  expect(Object.keys(columns).sort()).toEqual(defined.sort());
  expect(Object.values(columns).flat().sort()).toEqual(Object.keys(messages).sort());
  expect(columns['trigger']).toEqual(expect.arrayContaining([...askedKinds]));
});

describe('a decision that is sent again', () => {
  it.each<[string, (date: Handled) => Promise<{ summary: string }>]>([
    ['bypass', (date) => decide(date, bypass, bypassOf(player))],
    ['extension', (date) => decide(date, extension, { extendId: 'e1', by, reason, byMs: 60_000 })],
    ['cancellation', (date) => decide(date, cancellation, { cancelId: 'c1', by, reason })],
  ])('is one %s: the same answer, and nothing written', async (_, decides) => {
    const date = Handled.in(states['waiting at level 1'][1]);
    const first = await decides(date);
    const { memory, news } = date;
    const written = [...date.written];
    expect(await decides(date)).toEqual(first);
    expect(date.written).toEqual(written);
    expect({ memory: date.memory, news: date.news }).toEqual({ memory, news });
  });

  it('keeps who decided and why without the spaces around them', async () => {
    const date = Handled.in(states['waiting at level 1'][1]);
    await decide(date, bypass, { ...bypassOf(player), by: `  ${by} `, reason: ` ${reason}  ` });
    expect(date.written).toMatchObject(Array(2).fill({ by, reason }));
    expect(date.memory.bypasses).toMatchObject(Array(2).fill({ by, reason }));
  });
});

/** Why a signal is refused, as the date takes it in. */
function faultOf(kind: 'trigger' | 'recheck'): (given: unknown) => string | null {
  return (given) => takeIn(newMemory(gameDate), [{ kind, given }]).refused[0]?.why ?? null;
}

const seenRule = { rule: 'plays_add_up', evidence: '99f886dc94a74b95' };
const ofGame = {
  ...{ requestId: 'r1', source: 'nbac_team_boxscore', by, reason },
  ...{ game: '20250115_ATL_CHI', rules: [seenRule] },
};

/** The messages as they should be, and who says what is wrong with one. */
const forms = {
  bypass: {
    good: { bypassId: 'b2', processor: player, reason, by, missing: ['team_offense_game_summary'] },
    faultOf: (given) => refuseBypass(states['waiting at level 1'][1], given, defaultPolicySettings),
  },
  extend: {
    good: { extendId: 'e1', by, reason, byMs: 60_000 },
    faultOf: (given) => refuseExtension(states['waiting at level 1'][1], given),
  },
  cancel: {
    good: { cancelId: 'c1', by, reason },
    faultOf: (given) => refuseCancel(states['waiting at level 1'][1], given),
  },
  recheck: { good: { requestId: 'k1', by }, faultOf: faultOf('recheck') },
  trigger: {
    good: {
      ...{ requestId: 'r1', kind: 'trigger', source: 'nbac_team_boxscore', processors: [offense] },
      ...{ replyTo: 'phase3-backfill/1', overrides: { now: at }, by, correlationId: 'nightly-2025-01-15' },
    },
    faultOf: faultOf('trigger'),
  },
  rerun: {
    good: { requestId: 'r1', kind: 'rerun', source: 'nbac_team_boxscore', by, reason },
    faultOf: faultOf('trigger'),
  },
  restore: {
    good: {
      ...{ requestId: 'r1', kind: 'restore', source: 'nbac_team_boxscore', by, reason },
      ...{ processors: [player], version: 2 },
    },
    faultOf: faultOf('trigger'),
  },
  'restore of a date': {
    good: {
      ...{ requestId: 'r1', kind: 'restore', source: 'nbac_team_boxscore', by, reason },
      before: '2025-01-16T08:00:00.000Z',
    },
    faultOf: faultOf('trigger'),
  },
  unpin: {
    good: {
      ...{ requestId: 'r1', kind: 'unpin', source: 'nbac_team_boxscore', by, reason },
      processors: [player, offense],
    },
    faultOf: faultOf('trigger'),
  },
  release: {
    good: { ...ofGame, kind: 'release', until: '2025-01-20T08:00:00Z' },
    faultOf: faultOf('trigger'),
  },
  discard: { good: { ...ofGame, kind: 'discard' }, faultOf: faultOf('trigger') },
  estimate: {
    good: {
      ...{ requestId: 'r1', kind: 'estimate', source: 'nbac_team_boxscore', by, reason },
      ...{ game: '20250115_ATL_CHI', until: '2025-01-20T08:00:00Z', estimate },
    },
    faultOf: faultOf('trigger'),
  },
} satisfies Record<string, { good: object; faultOf: (given: unknown) => string | null }>;
type FormName = keyof typeof forms;
const formNames = Object.keys(forms) as FormName[];

const huge = 'x'.repeat(1_000_000);
const badIds: readonly unknown[] = [null, 7, [], undefined, '', ' \t', huge, 'a\nb', 'a\u0000'];
const badWho: readonly unknown[] = [
  ...[null, ['a'], undefined, '', '\t\n', huge, 'ana\nSYSTEM', 'ana\u001b[2J', '\u200b', '\u202ecirtap'],
  ...['policy', 'tEmPoRaL', '  system  ', 'system\u200b'],
];
const badReasons: readonly unknown[] = [
  ...[null, {}, undefined, '', '\n'.repeat(12), 'because   ', '..............', '1234567890123'],
  ...['abababababababab', huge, `${reason} ${'very '.repeat(250)}`, `${reason}\u0000`, `${reason}\u001b[2J`],
];
const badScopes: readonly unknown[] = [
  ...[null, {}, 'team_offense_game_summary', [], [null], [['team_offense_game_summary']], [huge]],
  ...[['nba_raw.nbac_team_boxscore'], ['__proto__'], ['team_offense_game_summary', 'nobody']],
  // Tables that are there, or that the processor does not read.
  ...[['nbac_gamebook_player_stats'], ['nbac_team_boxscore'], ['player_game_summary']],
  Array.from({ length: 1_000 }, () => 'team_offense_game_summary'),
];

/** Values that are refused. Fields are declared once, so each has all of its bad values in one message, and one in the others. */
const badFields: Record<FormName, Readonly<Record<string, readonly unknown[]>>> = {
  bypass: {
    ...{ bypassId: badIds, by: badWho, reason: badReasons, missing: badScopes },
    processor: [null, '', huge, 'Nobody', 'constructor', player.toLowerCase(), ` ${player}`],
  },
  extend: {
    ...{ extendId: [null], by: ['policy'], reason: ['ok'] },
    byMs: [
      ...[undefined, '60000', [60_000], NaN, Infinity, 0, -60_000, 59_999, 60_000.5, 86_400_001],
      Number.MAX_SAFE_INTEGER,
    ],
  },
  cancel: { cancelId: [null], by: ['policy'], reason: ['ok'] },
  recheck: { requestId: [null], by: ['policy', undefined] },
  trigger: {
    ...{ by: ['policy'], correlationId: [7, huge], reason: [7], requestId: [undefined], replyTo: [null] },
    kind: [undefined, '', huge, 'Trigger', 'recheck', 'bypass'],
    // Whether there is such a source, a look finds.
    source: [undefined, '', huge, '__proto__', 'constructor'],
    processors: [null, offense, [null], ['constructor'], Array.from({ length: 1_000 }, () => offense)],
    overrides: [
      ...[null, 'now', [], { deadlineMs: 1 }, { now: at, readyShare: 0 }, { [huge]: 1 }],
      ...[{ now: null }, { now: '' }, { now: 'yesterday' }, { now: huge }],
    ],
  },
  rerun: { by: [undefined, 'policy'], reason: [undefined, 'ok'], version: [null, 1] },
  restore: {
    ...{ by: [undefined, 'policy'], reason: [undefined, 'ok'] },
    version: [undefined, null, '1', 0, 1.5, NaN, 2 ** 60],
    processors: [undefined, [], player, [offense, player]],
  },
  'restore of a date': {
    ...{ by: [undefined, 'policy'], reason: [undefined, 'ok'], before: [undefined, null, 'then', 7] },
    ...{ version: [1], processors: [[player]], force: [true] },
  },
  unpin: {
    ...{ by: [undefined, 'policy'], reason: [undefined, 'ok'], processors: [undefined, []] },
    ...{ version: [1], before: ['2025-01-16T08:00:00.000Z'], force: [true] },
  },
  release: {
    ...{ by: [undefined, 'policy'], reason: [undefined, 'ok'], until: [undefined, null, '', 'tomorrow'] },
    ...{ game: [undefined, null, '', huge], version: [1] },
    rules: [undefined, null, [], [null], ['plays_add_up'], [{ rule: 'plays_add_up' }], [{ ...seenRule, by }]],
  },
  discard: {
    ...{ by: [undefined], reason: [undefined], game: [undefined], rules: [undefined] },
    ...{ until: ['2025-01-20T08:00:00Z'], estimate: [estimate] },
  },
  estimate: {
    ...{ by: [undefined], reason: [undefined], game: [undefined], until: [undefined], rules: [[seenRule]] },
    estimate: [
      ...[undefined, null, [], 0.8, { ...estimate, teams: [] }, { ...estimate, teams: ['A', 'B', 'C'] }],
      ...[NaN, -1, 21, '0.8'].map((mean) => ({ ...estimate, mean })),
      ...[0, 1.5].map((games) => ({ ...estimate, games })),
      ...[
        { ...estimate, from: 'then' },
        { ...estimate, by },
      ],
    ],
  },
};

describe.each(formNames)('a message %s', (name) => {
  const { good, faultOf } = forms[name];

  it('is taken as it should be', () => {
    expect(faultOf(good)).toBeNull();
  });

  it.each([null, 'now please', [good], huge])('is an object, not %p', (given) => {
    const fault = faultOf(given);
    expect(fault).toMatch(/^The message is .*, expected a JSON object\.?$/);
    expect(fault?.length).toBeLessThan(300);
  });

  it.each(['constructor', '__proto__', 'By', huge])('has no field that nobody knows', (field) => {
    const given = JSON.parse(JSON.stringify({ ...good, zzz: 1 }).replace('"zzz"', JSON.stringify(field)));
    const fault = faultOf(given);
    expect(fault).toContain(' is not a known field, expected ');
    expect(fault).toContain(field.slice(0, 20));
    expect(fault?.length).toBeLessThan(400);
  });

  const cases = Object.entries(badFields[name]).flatMap(([field, values]) =>
    values.map((value): [string, string, unknown] => [field, shown(value).slice(0, 40), value]),
  );
  it.each(cases)('says what is wrong with %s %s', (field, _, value) => {
    const fault = faultOf({ ...good, [field]: value });
    expect(fault).toMatch(new RegExp(`\\b${field}\\b`));
    expect(fault?.length).toBeLessThan(1_200);
  });
});

it('a bypass of no processor is about what is missing, and one of neither is refused', () => {
  const [, memory] = states['waiting at level 1'];
  const refusal = (given: object): string | null =>
    refuseBypass(memory, { bypassId: 'b2', by, reason, ...given }, defaultPolicySettings);
  expect(refusal({ missing: ['nbac_team_boxscore'] })).toBeNull();
  expect(refusal({ missing: ['nbac_gamebook_player_stats'] })).toContain(
    'no processor lacks nbac_gamebook_player_stats',
  );
  expect(refusal({})).toContain('processor and missing are both left out');
});

describe('a date whose schedule is missing', () => {
  const noSchedule = { missing: ['nbac_schedule'], missingGames: [], finalGames: 0, readyGames: 0 };
  const wanted = { bypassId: 'b-9', processor: player, by, reason: 'players are needed now' };
  const refusal = (steps: readonly Step[]): string | null =>
    refuseBypass(after(steps), wanted, defaultPolicySettings);

  it('takes no bypass, of the players neither: nobody knows of a game', () => {
    expect(refusal(teamsHeld(noSchedule))).toContain('so it has nothing to build from');
  });

  it('takes one once the schedule is there, whatever an earlier pass had found', () => {
    const blocked = settled(offense, { outcome: 'blocked', ...noSchedule });
    expect(refusal([blocked, ...teamsHeld()])).toBeNull();
  });
});

it('a bypass of the same tables is the same bypass, in whatever order they are named', () => {
  const missing = ['nbac_team_boxscore', 'nbac_schedule'];
  const about = (named: { processor?: string }): string[] =>
    [missing, missing.toReversed()].map((tables) => aboutBypass({ ...named, missing: tables }));
  const tables = 'nbac_schedule, nbac_team_boxscore';
  expect(about({})).toEqual([`bypass of ${tables}`, `bypass of ${tables}`]);
  const ofPlayers = `bypass of ${player} without ${tables}`;
  expect(about({ processor: player })).toEqual([ofPlayers, ofPlayers]);
});

describe('an id that was used', () => {
  const memory = after([
    ...teamsHeld(),
    granted,
    { type: 'notDecided', id: 'x1', why: 'the audit was away', isLost: true },
  ]);

  it.each<[string, string | null, string]>([
    [
      'bypass of another processor',
      refuseBypass(memory, { ...bypassOf(offense), bypassId: 'b1' }, defaultPolicySettings),
      `b1 is the id of the bypass of ${player}; send it with another id`,
    ],
    [
      'bypass of other tables',
      refuseBypass(
        memory,
        { ...bypassOf(player), bypassId: 'b1', missing: ['nbac_team_boxscore', 'nbac_schedule'] },
        defaultPolicySettings,
      ),
      `b1 is the id of the bypass of ${player}; send it with another id`,
    ],
    [
      'extension',
      refuseExtension(memory, { extendId: 'b1', by, reason, byMs: 60_000 }),
      `b1 is the id of the bypass of ${player}; send it with another id`,
    ],
    [
      'cancellation',
      refuseCancel(memory, { cancelId: 'b1', by, reason }),
      `b1 is the id of the bypass of ${player}; send it with another id`,
    ],
    [
      'decision that was not accepted',
      refuseCancel(memory, { cancelId: 'x1', by, reason }),
      'cancellation x1 was not accepted; send it with another id',
    ],
  ])('is not the id of a %s', (_, why, expected) => {
    expect(why).toBe(expected);
  });
});
