/** What is said of a date, from every outlook that a run can give. */
import type { DateOutlook, GateState } from '../../src/contracts/date-state';
import type { DateReply } from '../../src/contracts/messages';
import {
  closedVerdict,
  uncheckedVerdict,
  type GateVerdict,
  type Outcome,
  type ProcessorName,
  type ProcessorResult,
  type RunState,
} from '../../src/contracts/phase3';
import {
  answerOf,
  statusOfState,
  stillRunning,
  type AnswerStatus,
  type Asked,
} from '../../src/gateway/answers';
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

/** All three processors. */
const asked: Asked = { requestId: 'r1', source: 'nbac_gamebook_player_stats', processors: null };
/** The two of the teams. */
const teamsAsked: Asked = { ...asked, source: 'nbac_team_boxscore' };
/** The players alone. */
const playersAsked: Asked = { ...asked, source: 'nbac_injury_report' };

const waitingSince = '2025-01-16T08:00:01.000Z';
const nextProbeAt = '2025-01-16T08:00:31.000Z';
const deadline = '2025-01-16T08:30:00.000Z';

/** A date whose pass is under way for request r1, with nothing settled; `changes` say otherwise. */
function outlook(changes: Partial<DateOutlook> = {}): DateOutlook {
  return {
    gameDate,
    runState: 'running',
    levels: [
      { level: 1, processors: [offense, defense], description: 'teams' },
      { level: 2, processors: [player], description: 'players' },
    ],
    results: {},
    open: [offense, defense, player],
    running: [],
    gate: null,
    deadline: null,
    pending: [{ requestId: 'r1', isSeen: true }],
    answers: [],
    ...changes,
  };
}

/** A date that waits at the gate of its first level. */
function waiting(verdicts: GateVerdict[], gate: Partial<Omit<GateState, 'verdicts'>> = {}): DateOutlook {
  return outlook({
    runState: 'waiting',
    deadline,
    gate: {
      ...{ level: 1, probes: 1, waitingSince, nextProbeAt, askedAt: waitingSince, ...gate },
      verdicts: verdicts.map((verdict) => ({ ...verdict, level: gate.level ?? 1, liveVersion: 0 })),
    },
  });
}

function ready(processor: ProcessorName): GateVerdict {
  return { ...closedVerdict(processor), canRun: true };
}

function reply(changes: Partial<DateReply> = {}): DateReply {
  return {
    requestId: 'r1',
    gameDate,
    state: 'published',
    summary: 'what came of it',
    outcomes: {},
    ...changes,
  };
}

/** A date that has answered r1. */
function answered(changes: Partial<DateReply>, results: DateOutlook['results'] = {}): DateOutlook {
  return outlook({ pending: [], answers: [reply(changes)], results });
}

function resultsOf(...results: ProcessorResult[]): DateOutlook['results'] {
  return Object.fromEntries(results.map((result) => [result.processor, result]));
}

/** Each outcome by a letter, for the rules below. */
const letters: Readonly<Record<Outcome, string>> = {
  published: 'P',
  unchanged: 'n',
  waiting: 'w',
  blocked: 'b',
  quarantined: 'q',
  failed: 'f',
  upstream_failed: 'U',
  skipped: 's',
};
const outcomes = Object.keys(letters) as Outcome[];

/** The table of outcomes: the first rule that the letters fit is what is answered. */
const rules: [RegExp, AnswerStatus, number][] = [
  // A processor that was not started since its upstream failed: a redelivery may mend it.
  [/U/, 'dependency_failure', 500],
  // Past the deadline.
  [/[bw]/, 'blocked', 200],
  // Some are well.
  [/[fq].*[Pn]|[Pn].*[fq]/, 'partial_failure', 200],
  [/f/, 'failed', 500],
  [/q/, 'quarantined', 200],
  [/P/, 'completed', 200],
  [/n/, 'unchanged', 200],
  [/^s+$/, 'skipped', 200],
];

function expected(some: readonly Outcome[]): { status: AnswerStatus; httpStatus: number } {
  const word = some.map((outcome) => letters[outcome]).join('');
  const [, status, httpStatus] = rules.find(([pattern]) => pattern.test(word))!;
  return { status, httpStatus };
}

/** Whether somebody who reads the answer must be told why it is acknowledged all the same. */
const warned: readonly AnswerStatus[] = [
  'blocked',
  'quarantined',
  'partial_failure',
  'cancelled',
  'abandoned',
];

describe('nothing is so', () => {
  it.each<[string, DateOutlook]>([
    ['of a request that is not taken in', outlook({ pending: [] })],
    [
      'of one that others came before',
      { ...waiting([heldVerdict(offense)]), pending: [{ requestId: 'r0', isSeen: true }] },
    ],
    [
      'of one that came, for the first time or again, after the newest look was begun',
      { ...waiting([heldVerdict(offense)]), pending: [{ requestId: 'r1', isSeen: false }] },
    ],
    [
      'of one that came when the others had settled',
      outlook({
        pending: [{ requestId: 'r1', isSeen: false }],
        open: [player],
        results: resultsOf(resultOf(offense), resultOf(defense)),
      }),
    ],
    ["of one, where another's is answered", outlook({ pending: [], answers: [reply({ requestId: 'r11' })] })],
    ['before anything is known of the pass', outlook({ levels: [], open: [] })],
    ['before the gate has judged', outlook()],
    ['while the gate is asked for the first time', waiting([], { waitingSince: null })],
    [
      'where it has judged, and the date does not wait',
      waiting([heldVerdict(offense)], { waitingSince: null }),
    ],
    ['where it waits for nobody', waiting([ready(offense), ready(defense)])],
    ['where there are no games', waiting([{ ...closedVerdict(offense), skip: 'no_games' }])],
    [
      'where some are settled, and the others are asked for too',
      outlook({ open: [defense, player], results: resultsOf(resultOf(offense)) }),
    ],
    [
      'where all are settled, since the date is about to answer by itself',
      outlook({
        open: [],
        results: resultsOf(resultOf(offense), resultOf(defense), resultOf(player)),
      }),
    ],
  ])('%s', (_, given) => {
    expect(answerOf(given, asked)).toBeNull();
  });
});

describe('the gate says not ready', () => {
  const details = { nbac_team_boxscore: { found: 8, expectedMin: 10, status: 'insufficient_data' } } as const;
  const missingTeams = `nbac_team_boxscore 8 of at least 10 rows (${gameIdOf(0)} missing, no team row)`;

  it("and is answered in the plan's fields", () => {
    expect(answerOf(waiting([heldVerdict(offense), ready(defense)]), asked)).toEqual({
      httpStatus: 500,
      retryAfterSeconds: 300,
      body: {
        status: 'dependency_not_ready',
        gameDate,
        message: `${offense} cannot run: ${missingTeams}. The date keeps waiting, and a trigger causes a check at once.`,
        processor: offense,
        missingDependencies: ['nbac_team_boxscore'],
        details,
        retryAfter: '5 minutes',
        missingGames: [missingGame(0)],
        alsoWaiting: [],
        waitingSince,
        nextProbeAt,
        deadline,
      },
    });
  });

  it('of two, which are both named', () => {
    const missing = missingGame(1, { table: 'nbac_schedule', status: 'not_final', detail: 'not yet' });
    const second = heldVerdict(defense, {
      missing: ['nbac_schedule', 'nbac_team_boxscore'],
      details: {
        nbac_schedule: { found: 0, expectedMin: 1, status: 'insufficient_data' },
        ...details,
      },
      missingGames: [missing],
    });
    const answer = answerOf(waiting([heldVerdict(offense), second]), asked);
    expect(answer?.httpStatus).toBe(500);
    expect(answer?.body).toMatchObject({
      status: 'dependency_not_ready',
      processor: offense,
      missingDependencies: ['nbac_team_boxscore'],
      details,
      missingGames: [missingGame(0)],
      alsoWaiting: [
        {
          processor: defense,
          missingDependencies: ['nbac_schedule', 'nbac_team_boxscore'],
          details: { nbac_schedule: { found: 0, expectedMin: 1, status: 'insufficient_data' }, ...details },
        },
      ],
    });
    const { message } = answer!.body;
    expect(message).toMatch(new RegExp(`^${offense}, ${defense} cannot run: `));
    expect(message).toContain('nbac_schedule 0 of at least 1 rows');
  });

  it('of a check that failed: nothing of what the processor reads is known to be there', () => {
    const failed = { error: 'the warehouse does not answer', status: 'check_failed' };
    const verdict = uncheckedVerdict(offense, 'the warehouse does not answer');
    expect(answerOf(waiting([verdict]), asked)).toMatchObject({
      httpStatus: 500,
      retryAfterSeconds: 300,
      body: {
        status: 'dependency_not_ready',
        message: `${offense} cannot run: the dependency check of ${offense} failed (the warehouse does not answer). The date keeps waiting, and a trigger causes a check at once.`,
        processor: offense,
        missingDependencies: ['nbac_schedule', 'nbac_team_boxscore'],
        details: { nbac_schedule: failed, nbac_team_boxscore: failed },
        retryAfter: '5 minutes',
        missingGames: [],
      },
    });
  });

  it('of a check that failed for the players, who read a table of ours', () => {
    const failed = { error: '', status: 'check_failed' };
    const given = waiting([uncheckedVerdict(player, '')], { level: 2 });
    const { body } = answerOf(given, asked)!;
    expect(body['missingDependencies']).toEqual([
      'nbac_schedule',
      'nbac_gamebook_player_stats',
      'team_offense_game_summary',
    ]);
    expect(body['details']).toEqual({
      nbac_schedule: failed,
      nbac_gamebook_player_stats: failed,
      team_offense_game_summary: failed,
    });
  });

  it('of one that is found missing and one whose check failed', () => {
    const given = waiting([heldVerdict(offense), uncheckedVerdict(defense, 'timeout')]);
    expect(answerOf(given, asked)?.body).toMatchObject({
      processor: offense,
      details,
      alsoWaiting: [
        {
          processor: defense,
          missingDependencies: ['nbac_schedule', 'nbac_team_boxscore'],
          details: { nbac_team_boxscore: { error: 'timeout', status: 'check_failed' } },
        },
      ],
    });
  });

  it('of others only, which is no answer', () => {
    const given = waiting([heldVerdict(defense)]);
    expect(answerOf(given, { ...asked, processors: [offense] })).toBeNull();
    expect(answerOf(given, { ...asked, processors: [defense] })?.body.status).toBe('dependency_not_ready');
  });

  it('of one that runs by now, which is no answer', () => {
    const given = { ...waiting([heldVerdict(offense), heldVerdict(defense)]), running: [offense] };
    expect(answerOf(given, asked)?.body).toMatchObject({ processor: defense, alsoWaiting: [] });
    const settled = { ...given, running: [], open: [offense, player] };
    expect(answerOf(settled, asked)?.body).toMatchObject({ processor: offense, alsoWaiting: [] });
  });

  it('of a level before, which holds up the later ones', () => {
    const given = waiting([heldVerdict(offense), heldVerdict(defense)]);
    expect(answerOf(given, playersAsked)).toMatchObject({
      httpStatus: 500,
      body: { status: 'dependency_not_ready', processor: offense, alsoWaiting: [{ processor: defense }] },
    });
    for (const open of [[offense], [offense, defense]])
      expect(answerOf({ ...given, open }, playersAsked)).toBeNull();
  });

  it("of others too, who are not in one's answer", () => {
    const given = waiting([heldVerdict(defense), heldVerdict(offense)]);
    expect(answerOf(given, { ...asked, processors: [offense] })?.body).toMatchObject({
      processor: offense,
      alsoWaiting: [],
    });
  });

  it('and is no answer where what was asked for has settled', () => {
    const given: DateOutlook = {
      ...waiting([heldVerdict(player)], { level: 2 }),
      open: [player],
      results: resultsOf(resultOf(offense), resultOf(defense)),
    };
    expect(answerOf(given, teamsAsked)).toMatchObject({ httpStatus: 200, body: { status: 'completed' } });
    expect(answerOf(given, asked)?.body.status).toBe('dependency_not_ready');
  });

  it("and the date's own answer goes before it", () => {
    const given = {
      ...waiting([heldVerdict(offense)]),
      answers: [reply({ outcomes: { [offense]: 'published' } })],
    };
    expect(answerOf(given, asked)?.body.status).toBe('completed');
  });
});

describe('what was asked for has settled while the pass goes on for others', () => {
  /** A pass in which the teams came to these, and the players run on. */
  function settled(first: Outcome, second: Outcome): DateOutlook {
    return outlook({
      open: [player],
      results: resultsOf(resultOf(offense, { outcome: first }), resultOf(defense, { outcome: second })),
    });
  }

  it('and is answered by what came of it, whatever that is', () => {
    for (const first of outcomes)
      for (const second of outcomes) {
        const answer = answerOf(settled(first, second), teamsAsked);
        expect({ first, second, status: answer?.body.status, httpStatus: answer?.httpStatus }).toEqual({
          ...{ first, second },
          ...expected([first, second]),
        });
        // To whom the players matter too it says nothing yet.
        expect(answerOf(settled(first, second), asked)).toBeNull();
      }
  });

  it('and is told processor by processor', () => {
    const given = settled('published', 'unchanged');
    expect(answerOf(given, teamsAsked)).toEqual({
      httpStatus: 200,
      body: {
        status: 'completed',
        gameDate,
        message: `${gameDate}: ${offense} published, ${defense} unchanged`,
        processorsRun: 2,
        processorsSucceeded: 2,
        missingGames: [],
        results: [
          { ...told(offense), outcome: 'published' },
          { ...told(defense), outcome: 'unchanged' },
        ],
      },
    });
  });

  it('and what others came to is not in it', () => {
    const given = outlook({
      open: [player],
      results: resultsOf(resultOf(offense), resultOf(defense, { outcome: 'failed' })),
    });
    const { body } = answerOf(given, { ...asked, processors: [offense] })!;
    expect(body).toMatchObject({ status: 'completed', processorsRun: 1 });
  });

  it('and a result of an earlier pass is none of this one', () => {
    const given = outlook({
      open: [offense],
      results: resultsOf(resultOf(offense)),
    });
    expect(answerOf(given, { ...asked, processors: [offense] })).toBeNull();
  });
});

function told(processor: ProcessorName): Record<string, unknown> {
  const { reason, version, rowCount } = resultOf(processor);
  return { processor, outcome: 'published', reason, version, rowCount, missing: [], warnings: [] };
}

describe('the date has answered', () => {
  it('and each combination of outcomes is one row of the table', () => {
    for (const first of outcomes)
      for (const second of outcomes)
        for (const third of outcomes) {
          const some = { [offense]: first, [defense]: second, [player]: third };
          const answer = answerOf(answered({ outcomes: some }), asked)!;
          const { status, httpStatus } = expected([first, second, third]);
          expect({ some, status: answer.body.status, httpStatus: answer.httpStatus }).toEqual({
            ...{ some, status, httpStatus },
          });
          expect({ some, isWarned: 'warning' in answer.body }).toEqual({
            some,
            isWarned: warned.includes(status),
          });
          const isWell = (outcome: Outcome): boolean => 'Pn'.includes(letters[outcome]);
          expect(answer.body).toMatchObject({
            gameDate,
            message: 'what came of it',
            processorsRun: 3,
            processorsSucceeded: [first, second, third].filter(isWell).length,
          });
          // Only the gate says when to come again.
          expect(answer.retryAfterSeconds).toBeUndefined();
        }
  });

  it('and says what came of each, in the order of the registry', () => {
    const results = resultsOf(
      resultOf(player, { outcome: 'quarantined', reason: 'a check', version: null, rowCount: null }),
      resultOf(offense, { warnings: ['rating_is_usual'] }),
      resultOf(defense, { outcome: 'blocked', missing: ['nbac_team_boxscore'] }),
    );
    const given = answered(
      { outcomes: { [player]: 'quarantined', [defense]: 'blocked', [offense]: 'published' } },
      results,
    );
    expect(answerOf(given, asked)).toEqual({
      httpStatus: 200,
      body: {
        status: 'blocked',
        gameDate,
        message: 'what came of it',
        warning:
          'The message is acknowledged, because sending it again would change nothing: the date waited until its deadline. It continues when the rows and a trigger arrive, or when a person decides.',
        processorsRun: 3,
        processorsSucceeded: 1,
        missingGames: [],
        results: [
          { ...told(offense), warnings: ['rating_is_usual'] },
          { ...told(defense), outcome: 'blocked', missing: ['nbac_team_boxscore'] },
          { ...told(player), outcome: 'quarantined', reason: 'a check', version: null, rowCount: null },
        ],
      },
    });
  });

  it.each([
    ['missing', 'partial'],
    ['held', 'partial'],
    ['disputed', 'disputed'],
    ['left_out', 'completed'],
  ] as const)('and a game that is %s makes it %s, with the game', (status, said) => {
    const game = missingGame(0, { status });
    const given = answered(
      { outcomes: { [offense]: 'published' } },
      resultsOf(resultOf(offense, { missingGames: [game] })),
    );
    expect(answerOf(given, asked)).toMatchObject({
      httpStatus: 200,
      body: { status: said, missingGames: status === 'left_out' ? [] : [game] },
    });
  });

  it('and what a later pass came to is not said to be of this request', () => {
    const given = answered(
      { outcomes: { [offense]: 'published', [defense]: 'published' } },
      resultsOf(resultOf(offense, { outcome: 'failed', reason: 'later' })),
    );
    const unknown = { reason: null, version: null, rowCount: null };
    expect(answerOf(given, asked)?.body).toMatchObject({
      status: 'completed',
      results: [
        { ...told(offense), ...unknown },
        { ...told(defense), ...unknown },
      ],
    });
  });

  it("and another's answer is not this one's", () => {
    const given = outlook({
      pending: [],
      answers: [
        reply({ requestId: 'r0', outcomes: { [offense]: 'failed' } }),
        reply({ outcomes: { [offense]: 'published' } }),
        reply({ requestId: 'r2', outcomes: { [offense]: 'blocked' } }),
      ],
    });
    const statuses = ['r0', 'r1', 'r2', 'r3'].map(
      (requestId) => answerOf(given, { ...asked, requestId })?.body.status,
    );
    expect(statuses).toEqual(['failed', 'completed', 'blocked', undefined]);
  });

  it.each<[RunState, string]>([
    ['cancelled', 'a person ended the run of the date.'],
    ['abandoned', 'the date waited too long for a person.'],
  ])('that it is %s, with a warning', (state, why) => {
    // What some of it came to before is not why.
    for (const some of [{}, { outcomes: {} }, { outcomes: { [offense]: 'upstream_failed' as const } }])
      expect(answerOf(answered({ state, ...some }), asked)).toEqual({
        httpStatus: 200,
        body: {
          status: state,
          gameDate,
          message: 'what came of it',
          warning: `The message is acknowledged, because sending it again would change nothing: ${why}`,
          processorsRun: 0,
          processorsSucceeded: 0,
          missingGames: [],
          results: [],
        },
      });
  });

  it('that the request is refused, which is no success', () => {
    for (const outcomes of [undefined, {}])
      expect(
        answerOf(
          answered({ state: 'failed', summary: 'refused: why', ...(outcomes && { outcomes }) }),
          asked,
        ),
      ).toEqual({
        httpStatus: 500,
        body: {
          status: 'failed',
          gameDate,
          message: 'refused: why',
          processorsRun: 0,
          processorsSucceeded: 0,
          missingGames: [],
          results: [],
        },
      });
  });

  it.each<[RunState, AnswerStatus, number]>([
    ['published', 'completed', 200],
    ['unchanged', 'unchanged', 200],
    ['skipped', 'skipped', 200],
    ['blocked', 'blocked', 200],
    ['quarantined', 'quarantined', 200],
    ['failed', 'failed', 500],
    ['upstream_failed', 'dependency_failure', 500],
  ])('%s, in a history from before outcomes were named: %s, %i', (state, status, httpStatus) => {
    const answer = answerOf(answered({ state }), asked)!;
    expect(answer).toMatchObject({ httpStatus, body: { status, message: 'what came of it' } });
    expect('warning' in answer.body).toBe(warned.includes(status));
    expect(statusOfState(state)).toBe(status);
  });
});

describe('the wait is over', () => {
  /** These have been started. */
  const begun = (...running: ProcessorName[]): DateOutlook => outlook({ running });

  it('and the answer says what is under way', () => {
    expect(stillRunning(gameDate, begun(offense, defense))).toEqual({
      httpStatus: 202,
      body: {
        status: 'running',
        gameDate,
        message: `${gameDate} is still running; GET /dates/${gameDate} shows its state.`,
        state: 'running',
        processors: [offense, defense, player],
      },
    });
  });

  it('and nothing is said where no processor runs: nobody has looked yet, it waits, or all have ended', () => {
    for (const nothing of [outlook({ levels: [], open: [] }), outlook(), waiting([heldVerdict(offense)])])
      expect(stillRunning(gameDate, nothing)).toBeNull();
  });

  it("and says the date's state in its own word", () => {
    const given = { ...waiting([heldVerdict(defense)]), running: [offense] };
    expect(stillRunning(gameDate, given)?.body).toMatchObject({ status: 'running', state: 'waiting' });
  });
});
