import { isAnswered, outlookOf, resultsOf } from '../../src/contracts/date-state';
import type { DateState, GateState, JournalLevel } from '../../src/contracts/date-state';
import type { DateReply, TriggerMessage } from '../../src/contracts/messages';
import type { AuditHead, Bypass } from '../../src/contracts/decisions';
import {
  isSatisfied,
  isUnsettled,
  runStateOf,
  uncheckedVerdict,
  type GateVerdict,
  type Outcome,
} from '../../src/contracts/phase3';
import { planPass } from '../../src/plan/plan-pass';
import type { PlannedLevel } from '../../src/plan/registry';
import { describeMissing } from '../../src/explain/describe-missing';
import { describeState } from '../../src/workflows/describe-state';
import {
  afterCancellation,
  blockedOn,
  initialState,
  mayEnd,
  newsOf,
  stateOfDate,
  unfinished,
} from '../../src/workflows/run-state';
import type { DateEvent } from '../../src/workflows/date-events';
import { reduce } from '../../src/workflows/reduce';
import { bypassOf } from '../../src/workflows/bypasses';
import {
  defense,
  gameDate,
  gameIdOf,
  heldVerdict,
  missingGame,
  offense,
  player,
  resultOf,
} from '../support/fixtures';

const at = '2025-01-16T08:00:00.000Z';
const deadline = '2025-01-16T08:30:00.000Z';
const outcomes: readonly Outcome[] = [
  'published',
  'unchanged',
  'waiting',
  'blocked',
  'quarantined',
  'failed',
  'upstream_failed',
  'skipped',
];

const levels = planPass({
  requests: [{ source: 'nbac_gamebook_player_stats' }],
  also: [],
  published: [],
  unsatisfied: [],
  results: {},
});
const [teams, players] = levels as [PlannedLevel, PlannedLevel];

function message(changes: Partial<TriggerMessage> = {}): TriggerMessage {
  return { requestId: 'r1', kind: 'trigger', source: 'nbac_gamebook_player_stats', ...changes };
}

function answer(requestId: string): DateReply {
  return { requestId, gameDate, state: 'published', summary: 'done', outcomes: {} };
}

/** The state after the events, each of which must leave plain JSON and not touch what was there before. */
function after(events: readonly DateEvent[], from: DateState = initialState(gameDate)): DateState {
  return events.reduce((state, event) => {
    const before = JSON.stringify(state);
    const next = reduce(deepFreeze(state), deepFreeze(event));
    expect(JSON.stringify(state)).toBe(before);
    expect(JSON.parse(JSON.stringify(next))).toEqual(next);
    return next;
  }, from);
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object') {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

function messages(state: DateState): string[] {
  return state.journal.map((line) => line.message);
}

function settled(...args: Parameters<typeof resultOf>): DateEvent {
  return { type: 'settled', result: resultOf(...args), at };
}

/** A date of which each processor came to the given outcome, its pass over. */
function dateWith(
  some: Partial<Record<string, Outcome>>,
  kind: TriggerMessage['kind'] = 'trigger',
): DateState {
  return after([
    { type: 'requested', message: message({ kind }), at },
    { type: 'passOpened', pass: 1, at },
    ...([offense, defense, player] as const).flatMap((name) => {
      const outcome = some[name];
      return outcome ? [settled(name, { outcome })] : [];
    }),
    { type: 'passEnded', answers: [answer('r1')], at },
  ]);
}

describe('the level log', () => {
  const held: DateEvent = { type: 'gateJudged', level: 1, verdicts: [heldVerdict(offense)], at };
  const waitsUntil = (nextProbeAt: string): DateEvent => ({
    ...{ type: 'gateWaits', level: 1, nextProbeAt, deadline, at },
  });
  const waitsFor = `⏳ Level 1 waits: nbac_team_boxscore 8 of at least 10 rows (${gameIdOf(0)} missing, no team row) - next check in`;
  const decided = message({
    kind: 'rerun',
    by: 'ana',
    reason: 'the feed was corrected',
    processors: [offense],
  });
  const stale = { processor: offense, reason: 'its inputs changed' } as const;
  const came = (outcome: Outcome): DateEvent => settled(offense, { outcome, reason: 'why' });
  const levelDone = (level: PlannedLevel, isLast: boolean): DateEvent => ({
    ...{ type: 'levelDone', level, isLast, at },
  });

  it.each<[string, readonly DateEvent[], readonly (readonly [JournalLevel, string])[]]>([
    [
      'how many processors start, not how many the level has',
      [{ type: 'levelStarted', level: teams, processors: [defense], at }],
      [['INFO', 'Level 1: Running 1 processors - Team stats - foundation for player calculations']],
    ],
    ['published', [came('published')], [['INFO', `✅ ${offense} completed`]]],
    ['unchanged', [came('unchanged')], [['INFO', `✅ ${offense} completed - unchanged, why`]]],
    ['skipped', [came('skipped')], [['INFO', `${offense} skipped - why`]]],
    ['nothing of what goes on waiting: its gate did', [came('waiting')], []],
    ...(['blocked', 'quarantined', 'failed', 'upstream_failed'] as const).map(
      (outcome): [string, DateEvent[], [JournalLevel, string][]] => [
        outcome,
        [came(outcome)],
        [['ERROR', `❌ ${offense} ${outcome} - why`]],
      ],
    ),
    [
      'the warnings, the games that it ran without, and the rule that it passed by',
      [
        settled(offense, {
          missingGames: [
            missingGame(0),
            missingGame(1, { status: 'not_final', table: null, detail: 'not yet' }),
          ],
          policyBypass: { kind: 'policy', rule: 'older_than_two_days', readyGames: 1, finalGames: 2 },
          warnings: ['rating_is_usual: ATL has an offensive rating of 170.0'],
        }),
      ],
      [
        ['WARNING', `${offense}: rating_is_usual: ATL has an offensive rating of 170.0`],
        [
          'WARNING',
          `${offense} runs without ${gameIdOf(0)} (nbac_team_boxscore: missing, no team row); ${gameIdOf(1)} (game: not_final, not yet)`,
        ],
        ['WARNING', `${offense} ran by policy (older_than_two_days): 1 of 2 games are ready`],
        ['INFO', `✅ ${offense} completed`],
      ],
    ],
    [
      'no games that a blocked processor runs without',
      [settled(offense, { outcome: 'blocked', reason: 'why', missingGames: [missingGame(0)] })],
      [['ERROR', `❌ ${offense} blocked - why`]],
    ],
    [
      'what the gate waits for, found and expected, until when',
      [held, waitsUntil('2025-01-16T08:01:00.000Z')],
      [['WARNING', `${waitsFor} 60 s, deadline ${deadline}`]],
    ],
    [
      'nothing of a sibling that is ready',
      [
        held,
        {
          ...{ type: 'gateJudged', level: 1, at },
          verdicts: [heldVerdict(defense, { canRun: true, missing: ['nbac_schedule'] })],
        },
        waitsUntil('2025-01-16T08:02:30.000Z'),
      ],
      [['WARNING', `${waitsFor} 150 s, deadline ${deadline}`]],
    ],
    [
      'which upstream is built first, and why',
      [{ type: 'upstreamsAdded', verdicts: [heldVerdict(player, { staleUpstreams: [stale] })], at }],
      [
        [
          'WARNING',
          `${offense} is published but not up to date (its inputs changed) - rebuilding it before ${player}`,
        ],
      ],
    ],
    [
      'what moved under a processor',
      [{ type: 'upstreamMoved', processor: player, detail: 'it moved', at }],
      [['WARNING', `${player} stopped before publishing: it moved - planning again`]],
    ],
    [
      'that a trigger ends the wait',
      [{ type: 'interrupted', at }],
      [['INFO', 'A trigger arrived while the date waits - planning again from level 1']],
    ],
    [
      'who reruns what, and why',
      [{ type: 'requested', message: decided, at }],
      [['INFO', `Rerun of ${offense} by ana: the feed was corrected`]],
    ],
    [
      'who restores what, and why',
      [{ type: 'requested', message: { ...decided, kind: 'restore', version: 2 }, at }],
      [['WARNING', `Restore of version 2 of ${offense} by ana: the feed was corrected`]],
    ],
    [
      'that a request joins',
      [{ type: 'joined', requestId: 'r1', at }],
      [['INFO', 'Request r1 is a repetition and joins the first one']],
    ],
    [
      'that it is abandoned',
      [{ type: 'ended', as: 'abandoned', answers: [], at }],
      [['WARNING', `${gameDate} is abandoned: nobody acted in time`]],
    ],
    [
      'that it was cancelled',
      [{ type: 'ended', as: 'cancelled', answers: [], at }],
      [['WARNING', `${gameDate} was cancelled`]],
    ],
  ])('says %s', (_, events, lines) => {
    expect(after(events).journal).toEqual(lines.map(([level, line]) => ({ at, level, message: line })));
  });

  it.each<[Outcome, boolean]>(
    outcomes
      .filter((outcome) => outcome !== 'waiting')
      .map((outcome) => [outcome, isSatisfied(outcome) || outcome === 'skipped']),
  )('calls a level with a processor %s complete: %s', (outcome, complete) => {
    const state = after([came('published'), settled(defense, { outcome }), levelDone(teams, false)]);
    expect(state.journal.at(-1)).toEqual(
      complete
        ? { at, level: 'INFO', message: '✅ Level 1 complete - proceeding to next level' }
        : { at, level: 'WARNING', message: `Level 1 ended without ${defense} - proceeding to next level` },
    );
    const last = after([settled(player, { outcome }), levelDone(players, true)]);
    expect(last.journal.at(-1)?.message).toBe(
      complete ? '✅ Level 2 complete' : `Level 2 ended without ${player}`,
    );
  });

  it('of a run that follows a cancelled one begins with why, and with what it must recognise', () => {
    const answers = [
      { requestId: 'r1', gameDate, state: 'cancelled' as const, summary: 'over', outcomes: {} },
    ];
    const ended = after([
      { type: 'passOpened', pass: 3, at },
      settled(offense, { outcome: 'blocked' }),
      { type: 'ending', pass: 3, as: 'cancelled', why: 'by somebody', byNobody: true, at },
      { type: 'ended', as: 'cancelled', answers, at },
      { type: 'wentOn', requests: 2, at },
    ]);
    const next = afterCancellation(ended);
    // What could not be written to the audit is still owed.
    expect(next.auditDue).toMatchObject([{ kind: 'cancelled', reason: 'by somebody' }]);
    const message = 'Requests after the cancellation continue in the next run: 2';
    expect(next).toEqual({
      ...initialState(gameDate),
      ...{ runState: 'cancelled', pass: 3, answers, auditDue: ended.auditDue },
      journal: [{ at, level: 'INFO', message }],
    });
  });

  it('keeps the newest 200 lines in order, and counts those before', () => {
    const joins = Array.from({ length: 250 }, (_, index): DateEvent => ({
      type: 'joined',
      requestId: `r${index}`,
      at,
    }));
    const state = after(joins);
    expect(state.journal).toHaveLength(200);
    expect(state.journalDropped).toBe(50);
    expect(messages(state)[0]).toContain('r50 ');
    expect(messages(state).at(-1)).toContain('r249 ');
  });
});

describe('what is missing', () => {
  const notReady = 'not published, or not up to date';
  it.each<[string, readonly GateVerdict[], string]>([
    [
      'names three games at most',
      [heldVerdict(offense, { missingGames: [0, 1, 2, 3, 4].map((game) => missingGame(game)) })],
      `nbac_team_boxscore 8 of at least 10 rows (${[0, 1, 2].map((game) => `${gameIdOf(game)} missing, no team row`).join('; ')}; and 2 more)`,
    ],
    [
      'is told once where two processors wait for the same',
      [heldVerdict(offense), heldVerdict(defense)],
      `nbac_team_boxscore 8 of at least 10 rows (${gameIdOf(0)} missing, no team row)`,
    ],
    [
      'gives each table its own games, and no figures where nothing was counted',
      [
        heldVerdict(player, {
          missing: ['nbac_gamebook_player_stats', 'team_offense_game_summary', 'nbac_schedule'],
          details: {},
          missingGames: [
            missingGame(0, { table: 'nbac_gamebook_player_stats', detail: 'no player row' }),
            missingGame(1, { table: 'team_offense_game_summary', detail: 'no published offence' }),
          ],
        }),
      ],
      `nbac_gamebook_player_stats ${notReady} (${gameIdOf(0)} missing, no player row), ` +
        `team_offense_game_summary ${notReady} (${gameIdOf(1)} missing, no published offence), ` +
        `nbac_schedule ${notReady}`,
    ],
    [
      'is the error where the check itself failed',
      [uncheckedVerdict(offense, 'WarehouseUnavailable: reset')],
      `the dependency check of ${offense} failed (WarehouseUnavailable: reset)`,
    ],
    ['is unknown where nothing can be named', [], 'an unknown input'],
  ])('%s', (_, verdicts, sentence) => {
    expect(describeMissing(verdicts)).toBe(sentence);
  });
});

describe('a date', () => {
  it('keeps its requests over an interruption, until a pass that ends answers them', () => {
    const asked = after([
      { type: 'requested', message: message(), at },
      { type: 'passOpened', pass: 1, at },
      { type: 'interrupted', at },
      { type: 'requested', message: message({ requestId: 'r2' }), at },
      { type: 'passOpened', pass: 2, at },
    ]);
    expect(asked.pending.map((request) => request.requestId)).toEqual(['r1', 'r2']);
    const ended = after([{ type: 'passEnded', answers: [answer('r1'), answer('r2')], at }], asked);
    expect(ended.pending).toEqual([]);
    expect(ended.answers.map((reply) => reply.requestId)).toEqual(['r1', 'r2']);
  });

  it.each<[TriggerMessage['kind'][], boolean]>([
    [['backfill', 'backfill'], false],
    [['trigger'], true],
    [['backfill', 'run'], true],
    [['run', 'backfill'], true],
  ])('asked by %j was asked live: %s', (kinds, live) => {
    const state = after(kinds.map((kind) => ({ type: 'requested', message: message({ kind }), at })));
    expect(state.askedLive).toBe(live);
  });

  it('keeps the newest 500 answers', () => {
    const ends = Array.from({ length: 510 }, (_, index): DateEvent => ({
      type: 'passEnded',
      answers: [answer(`r${index}`)],
      at,
    }));
    const { answers } = ends.reduce(reduce, initialState(gameDate));
    expect(answers).toHaveLength(500);
    expect(answers[0]?.requestId).toBe('r10');
    expect(answers.at(-1)?.requestId).toBe('r509');
  });

  it('shows the plan of its present pass', () => {
    const first = after([{ type: 'planned', levels }]);
    expect(first.plan).toEqual([
      { level: 1, processors: [offense, defense] },
      { level: 2, processors: [player] },
    ]);
    expect(after([{ type: 'planned', levels: [players] }], first).plan).toEqual([
      { level: 2, processors: [player] },
    ]);
  });

  it('keeps the newest result of each processor, those of an earlier pass too', () => {
    const first = dateWith({ [offense]: 'published', [defense]: 'failed' });
    const second = after(
      [
        { type: 'passOpened', pass: 2, at },
        settled(player, { outcome: 'waiting' }),
        settled(player, { version: 7 }),
      ],
      first,
    );
    expect(resultsOf(second).map(({ outcome, version }) => [outcome, version])).toEqual([
      ['published', 1],
      ['failed', 1],
      ['published', 7],
    ]);
    expect(stateOfDate(second)).toBe('failed');
  });
});

describe('a gate', () => {
  const held = heldVerdict(offense);
  const open = heldVerdict(offense, { canRun: true, missing: [], missingGames: [] });
  const judged = (verdicts = [held], level = 1): DateEvent => ({ type: 'gateJudged', level, verdicts, at });
  const waits = (when = at, nextProbeAt = '2025-01-16T08:01:00.000Z'): DateEvent => ({
    type: 'gateWaits',
    level: 1,
    nextProbeAt,
    deadline,
    at: when,
  });

  it('counts its probes and keeps the newest verdict of each processor', () => {
    const other = heldVerdict(defense);
    const state = after([judged([held, other]), judged([open]), judged([open])]);
    expect(state.gate).toMatchObject({ level: 1, probes: 3, waitingSince: null, nextProbeAt: null });
    expect(state.gate?.verdicts).toEqual([other, open]);
  });

  it('starts again at the next level', () => {
    const state = after([judged(), waits(), judged([heldVerdict(player)], 2)]);
    expect(state.gate).toMatchObject({ level: 2, probes: 1, waitingSince: null, nextProbeAt: null });
    expect(state.gate?.verdicts).toEqual([heldVerdict(player)]);
  });

  it('has answered nobody who came after its newest probe was begun', () => {
    const asked = (askedAt: string): DateEvent => ({
      type: 'gateJudged',
      level: 1,
      verdicts: [held],
      askedAt,
      at: askedAt,
    });
    const came: DateEvent = { type: 'joined', requestId: 'a', at: '2025-01-16T08:00:30.000Z' };
    const isAnsweredAfter = (events: readonly DateEvent[]): boolean => {
      const { gate } = after(events);
      return gate !== null && isAnswered(gate);
    };
    expect(isAnsweredAfter([asked(at)])).toBe(true);
    expect(isAnsweredAfter([asked(at), came])).toBe(false);
    // Begun before the news came, and judged after it.
    expect(isAnsweredAfter([asked(at), came, asked('2025-01-16T08:00:29.000Z')])).toBe(false);
    expect(isAnsweredAfter([asked(at), came, asked('2025-01-16T08:00:30.000Z')])).toBe(true);
  });

  it('waits since its first wait, until the deadline that was fixed then', () => {
    const later = '2025-01-16T08:01:00.000Z';
    const state = after([judged(), waits(), judged(), waits(later, '2025-01-16T08:03:00.000Z')]);
    expect(state.runState).toBe('waiting');
    expect(state.deadline).toBe(deadline);
    expect(state.gate).toMatchObject({
      waitingSince: at,
      nextProbeAt: '2025-01-16T08:03:00.000Z',
      probes: 2,
    });
  });

  it.each<[string, readonly DateEvent[], Partial<DateState>]>([
    [
      'shows no next probe while one is under way',
      [judged()],
      { gate: expect.objectContaining({ nextProbeAt: null }) as GateState },
    ],
    [
      'keeps its deadline over an interruption and a new pass',
      [
        { type: 'interrupted', at },
        { type: 'passOpened', pass: 2, at },
      ],
      { deadline, gate: null, runState: 'running' },
    ],
    [
      'leaves neither gate nor deadline behind when the pass ends: a new trigger starts a new one',
      [{ type: 'passEnded', answers: [], at }],
      { deadline: null, gate: null },
    ],
    [
      'runs again once its processors start',
      [{ type: 'levelStarted', level: teams, processors: [offense], at }],
      { runState: 'running' },
    ],
  ])('%s', (_, events, expected) => {
    const state = after([judged(), waits(), ...events]);
    expect(state).toMatchObject(expected);
  });

  it('names the tables it waits for, sorted and once each', () => {
    const both = heldVerdict(player, {
      missing: ['team_offense_game_summary', 'nbac_gamebook_player_stats'],
    });
    const again = heldVerdict(defense, { missing: ['nbac_gamebook_player_stats'] });
    expect(blockedOn(after([judged([both, again])]))).toEqual([]);
    expect(blockedOn(after([judged([both, again]), waits()]))).toEqual([
      'nbac_gamebook_player_stats',
      'team_offense_game_summary',
    ]);
    expect(blockedOn(after([judged(), waits(), judged([open])]))).toEqual([]);
  });
});

describe('the tables a date is blocked on', () => {
  it.each<[Outcome, boolean]>(outcomes.map((outcome) => [outcome, isUnsettled(outcome)]))(
    'with a processor %s are named: %s',
    (outcome, named) => {
      const state = after([settled(offense, { outcome, missing: ['nbac_team_boxscore'] })]);
      expect(blockedOn(state)).toEqual(named ? ['nbac_team_boxscore'] : []);
    },
  );
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
});

describe('a date may end', () => {
  it.each<[outcome: Outcome, live: boolean, afterBackfill: boolean]>([
    ['published', true, true],
    ['unchanged', true, true],
    ['skipped', true, true],
    ['failed', true, true],
    ['upstream_failed', true, true],
    ['waiting', false, false],
    ['quarantined', false, false],
    ['blocked', false, true],
  ])('with a processor %s: %s, if only a backfill asked: %s', (outcome, live, afterBackfill) => {
    const others = { [offense]: 'published', [defense]: 'unchanged' } as const;
    expect(mayEnd(dateWith({ ...others, [player]: outcome }))).toBe(live);
    expect(mayEnd(dateWith({ ...others, [player]: outcome }, 'backfill'))).toBe(afterBackfill);
  });

  it('not before a pass ran, nor with a request unanswered', () => {
    expect(mayEnd(initialState(gameDate))).toBe(false);
    const asked: DateEvent = { type: 'requested', message: message({ requestId: 'r2' }), at };
    expect(mayEnd(after([asked], dateWith({ [offense]: 'published' })))).toBe(false);
  });

  it('and owes what is waiting, blocked or quarantined to the next pass', () => {
    const owed = (some: Parameters<typeof dateWith>[0]): string[] => unfinished(dateWith(some));
    expect(owed({ [offense]: 'blocked', [defense]: 'failed', [player]: 'waiting' })).toEqual([
      offense,
      player,
    ]);
    expect(owed({ [offense]: 'quarantined', [player]: 'upstream_failed' })).toEqual([offense]);
  });
});

describe('the details for the Temporal UI', () => {
  it('show each processor of the plan with outcome, version and reason', () => {
    const text = describeState(after([{ type: 'planned', levels }, settled(offense, { version: 3 })]));
    expect(text.split('\n')).toEqual([
      `**2025-01-15 is running; not finished: ${defense}, ${player}.**`,
      '',
      'State running, pass 0.',
      '',
      '**Level 1**',
      '',
      `- ${offense}: **published**, version 3 - it was never published for this date`,
      `- ${defense}: **planned** - not started yet`,
      '',
      '**Level 2**',
      '',
      `- ${player}: **planned** - not started yet`,
    ]);
  });

  const waitingFor = (verdict: GateVerdict): string =>
    describeState(
      after([
        { type: 'gateJudged', level: 1, verdicts: [verdict], at },
        { type: 'gateWaits', level: 1, nextProbeAt: '2025-01-16T08:01:00.000Z', deadline, at },
      ]),
    );

  it('show what the gate waits for: table, found, expected, game and fault', () => {
    const text = waitingFor(heldVerdict(offense));
    expect(text).toContain(
      `Waiting since ${at}, checks so far: 1, next check 2025-01-16T08:01:00.000Z, deadline ${deadline}`,
    );
    expect(text).toContain('  - nbac_team_boxscore: found 8, expected at least 10');
    expect(text).toContain(`    - ${gameIdOf(0)} missing: no team row`);
  });

  it('show why a check failed; what data and drivers say is text: no tag, no link, no line of its own', () => {
    const text = waitingFor(uncheckedVerdict(offense, '<script>x</script> [a](b)\n# c\u202e'));
    expect(text).toContain('&lt;script&gt;x&lt;/script&gt; \\[a\\](b) # c\\\\u202e');
    expect(text).not.toMatch(/<|(?<!\\)\[|^#|\u202e/m);
  });
});

describe('a bypass', () => {
  const [who, why] = ['ana@example.org', 'the league has not sent team rows'];
  const head: AuditHead = { seq: 1, hash: 'a'.repeat(64) };
  const bypass: Bypass = {
    ...{ bypassId: 'b1', processor: player, by: who, reason: why, at },
    ...{ tables: ['team_offense_game_summary'], status: 'granting', version: null },
  };
  const asked: DateEvent = { type: 'bypassAsked', bypass };
  const granted: DateEvent = {
    ...{ type: 'bypassGranted', bypassId: 'b1', at },
    decided: { entry: head, summary: 'granted' },
  };
  const used = settled(player, { version: 1, bypassIds: ['b1'] });

  const second: Bypass = { ...bypass, bypassId: 'b2', tables: ['nbac_gamebook_player_stats'] };

  it('is cleared unused where what it waives came first', () => {
    const state = after([asked, granted, settled(player, { version: 1 })]);
    expect(state.bypasses).toEqual([]);
    expect(state.auditDue).toMatchObject([
      {
        kind: 'bypass_cleared',
        reason: 'the missing input arrived before the bypass was used; version 1 was built without it',
      },
    ]);
  });

  it('is cleared unused where there is nothing left to do', () => {
    const state = after([asked, granted, settled(player, { outcome: 'skipped', version: null })]);
    expect(state.bypasses).toEqual([]);
    expect(state.auditDue).toMatchObject([
      { kind: 'bypass_cleared', reason: 'there is nothing left to do, so the bypass was not used' },
    ]);
  });

  it.each<Outcome>(['waiting', 'blocked', 'quarantined', 'failed', 'upstream_failed'])(
    'stays open while its processor is %s',
    (outcome) => {
      const state = after([asked, granted, settled(player, { outcome })]);
      expect(bypassOf(state, player)?.status).toBe('open');
      expect(state.auditDue).toEqual([]);
    },
  );

  it('is not touched by what other processors come to, nor before it is granted', () => {
    expect(bypassOf(after([asked, granted, settled(offense)]), player)?.status).toBe('open');
    expect(bypassOf(after([asked, settled(player)]), player)?.status).toBe('granting');
  });

  it('that could not be recorded opens nothing, says so, and leaves what stood before', () => {
    const dropped = (bypassId: string): DateEvent => ({
      ...{ type: 'bypassDropped', bypassId, why: 'the warehouse is away', at },
    });
    const state = after([asked, dropped('b1')]);
    expect(state).toMatchObject({ bypasses: [], decisions: [], auditDue: [] });
    const line = 'Bypass b1 could not be recorded, so it has no effect: the warehouse is away';
    expect(state.journal).toEqual([{ at, level: 'ERROR', message: line }]);
    const another = after([asked, granted, used, { type: 'bypassAsked', bypass: second }, dropped('b2')]);
    expect(bypassOf(another, player)).toEqual({ ...bypass, status: 'standing', version: 1 });
  });

  it('goes from the record when a version stands on another', () => {
    const state = after([
      ...[asked, granted, used],
      { type: 'bypassAsked', bypass: second },
      { ...granted, bypassId: 'b2' },
    ]);
    expect(state.bypasses.map(({ bypassId, status }) => [bypassId, status])).toEqual([
      ['b1', 'standing'],
      ['b2', 'open'],
    ]);
    const built = after([settled(player, { version: 2, bypassIds: ['b2'] })], state);
    expect(built.bypasses).toEqual([{ ...second, status: 'standing', version: 2 }]);
    expect(new Set(built.auditDue.map(({ entryId }) => entryId))).toEqual(
      new Set(['b1/used/1', 'b1/cleared', 'b2/used/2']),
    );
  });

  it('is taken from the record by a run that has not seen its processor, and by no other', () => {
    const standing: Bypass = { ...bypass, status: 'standing', version: 3 };
    const read: DateEvent = { type: 'recordRead', standing: [standing], auditHead: head, troubleSince: null };
    expect(after([read])).toMatchObject({ bypasses: [standing], auditHead: head });
    expect(after([settled(player), read]).bypasses).toEqual([]);
    expect(after([read, read]).bypasses).toEqual([standing]);
  });
});

describe('the audit', () => {
  const head = (seq: number): AuditHead => ({ seq, hash: String(seq).repeat(64) });

  it('is owed what policy let pass, when it is published and not when it is found unchanged', () => {
    const policyBypass = {
      kind: 'policy',
      rule: 'older_than_two_days',
      readyGames: 1,
      finalGames: 4,
    } as const;
    const missingGames = [missingGame(0), missingGame(1)];
    expect(after([settled(offense, { policyBypass, missingGames, version: 2 })]).auditDue).toMatchObject([
      {
        ...{
          entryId: `policy/${gameDate}/${offense}/2`,
          kind: 'policy_bypass',
          by: 'policy',
          processor: offense,
        },
        ...{ reason: 'older_than_two_days: 1 of 4 games are ready', tables: ['nbac_team_boxscore'] },
      },
    ]);
    expect(after([settled(offense, { outcome: 'unchanged', policyBypass })]).auditDue).toEqual([]);
  });

  it('keeps what is due until it is written, and the head that is furthest', () => {
    const due = after([
      { type: 'requested', message: message({ kind: 'rerun', by: 'ana', reason: 'corrected' }), at },
      { type: 'audited', entryIds: ['another'], heads: [head(3), head(4)] },
    ]);
    expect(due).toMatchObject({ auditDue: [{ entryId: 'r1' }], auditHead: head(4) });
    expect(after([{ type: 'audited', entryIds: ['r1'], heads: [head(2)] }], due)).toMatchObject({
      ...{ auditDue: [], auditHead: head(4) },
    });
  });

  it('remembers the newest hundred decisions', () => {
    const extended = (index: number): DateEvent => ({
      ...{ type: 'extended', extendId: `e${index}`, deadline, at },
      decided: { entry: head(index + 1), summary: 'moved' },
    });
    const events = Array.from({ length: 110 }, (_, index) => extended(index));
    const { decisions, auditHead } = events.reduce(reduce, initialState(gameDate));
    expect([decisions.length, decisions[0]?.id, decisions.at(-1)?.id]).toEqual([100, 'e10', 'e109']);
    expect(auditHead?.seq).toBe(110);
  });
});

describe('news', () => {
  const told = (kind: Extract<DateEvent, { type: 'told' }>['kind'], when = at): DateEvent => ({
    ...{ type: 'told', kind, at: when },
  });
  const troubled: readonly Outcome[] = ['blocked', 'quarantined', 'failed', 'upstream_failed'];

  it.each(outcomes)('of a date that is %s', (outcome) => {
    const state = dateWith({ [offense]: outcome });
    const isTroubled = troubled.includes(outcome);
    expect(newsOf(state)).toBe(isTroubled ? 'trouble' : null);
    // Whoever knows is not told again, and hears when it is over.
    const known = after([told('trouble')], state);
    expect(known.trouble).toEqual({ since: at, remindedAt: null });
    expect(newsOf(known)).toBe(isTroubled || outcome === 'waiting' ? null : 'recovered');
    // Backfills hear from the date themselves.
    expect(newsOf(dateWith({ [offense]: outcome }, 'backfill'))).toBeNull();
  });
});

describe('an outlook', () => {
  const state = after([
    { type: 'requested', message: message(), at },
    { type: 'requested', message: message({ requestId: 'r2' }), at },
    { type: 'passOpened', pass: 1, at },
    settled(offense),
  ]);

  it('is the state without its logs, and with what concerns the requests that are asked about', () => {
    const { held, ...rest } = outlookOf(state, ['r1', 'r2']);
    expect(held).toBeNull();
    expect(state).toMatchObject({ ...rest, pending: state.pending });
    expect(outlookOf(state, ['r2', 'r3'])).toMatchObject({
      pending: ['r2'],
      answers: [],
      settledInPass: [offense],
    });
    expect(outlookOf(state, []).pending).toEqual([]);
  });

  it('counts as settled in this pass what this pass has settled, and has not planned anew', () => {
    const settledIn = (events: readonly DateEvent[]): string[] =>
      outlookOf(after(events, state), []).settledInPass;
    expect(settledIn([])).toEqual([offense]);
    expect(settledIn([{ type: 'planned', levels: [players] }])).toEqual([offense]);
    expect(settledIn([{ type: 'planned', levels: [teams] }])).toEqual([]);
    expect(settledIn([{ type: 'passOpened', pass: 2, at }])).toEqual([]);
  });

  it('holds the answers, and only theirs', () => {
    const over = after([{ type: 'passEnded', answers: [answer('r1'), answer('r2')], at }], state);
    expect(outlookOf(over, ['r1', 'r3'])).toMatchObject({ pending: [], answers: [answer('r1')] });
  });
});
