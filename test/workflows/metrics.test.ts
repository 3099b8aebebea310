/** What is measured of a date: every case is a story of events, of which only the measurements are looked at. */
import type { DateState } from '../../src/contracts/date-state';
import type { Bypass } from '../../src/contracts/decisions';
import {
  uncheckedVerdict,
  type GateVerdict,
  type Outcome,
  type ProcessorName,
} from '../../src/contracts/phase3';
import { planPass } from '../../src/plan/plan-pass';
import type { PlannedLevel } from '../../src/plan/registry';
import { measurementsOf, type Measurement } from '../../src/workflows/metrics';
import type { DateEvent } from '../../src/workflows/date-events';
import { reduce } from '../../src/workflows/reduce';
import { initialState } from '../../src/workflows/run-state';
import { defense, gameDate, heldVerdict, offense, player, resultOf } from '../support/fixtures';

const start = Date.parse('2025-01-16T08:00:00.000Z');
const [teams, players] = planPass({
  requests: [{ source: 'nbac_gamebook_player_stats' }],
  also: [],
  published: [],
  unsatisfied: [],
  results: {},
}) as [PlannedLevel, PlannedLevel];
const deadlineSeconds = 1_800;

/** The instant so many seconds after the start. */
function after(seconds: number): string {
  return new Date(start + 1_000 * seconds).toISOString();
}

/** All that the events measure, one after another. */
function measured(events: readonly DateEvent[], from: DateState = initialState(gameDate)): Measurement[] {
  let state = from;
  return events.flatMap((event) => {
    const before = state;
    state = reduce(before, event);
    return measurementsOf(before, event, state);
  });
}

/** The waits among them: level, outcome, seconds. */
function waits(events: readonly DateEvent[]): [string, string, number][] {
  return measured(events).flatMap((one) =>
    one.metric === 'phase3_gate_wait_seconds'
      ? [[one.labels.level, one.labels.outcome, one.seconds] as [string, string, number]]
      : [],
  );
}

const open = (name: ProcessorName): GateVerdict =>
  heldVerdict(name, { canRun: true, missing: [], missingGames: [] });
const skipped = (name: ProcessorName): GateVerdict => heldVerdict(name, { skip: 'no_games', missing: [] });
const opens: DateEvent = { type: 'passOpened', pass: 1, at: after(0) };
const judged = (seconds: number, verdicts: GateVerdict[], level = 1): DateEvent => ({
  ...{ type: 'gateJudged', level, verdicts, at: after(seconds) },
});
const starts = (seconds: number, names: ProcessorName[], level = teams): DateEvent => ({
  ...{ type: 'levelStarted', level, processors: names, at: after(seconds) },
});
const waiting = (seconds: number, level = 1): DateEvent => ({
  ...{ type: 'gateWaits', level, nextProbeAt: after(seconds + 60) },
  ...{ deadline: after(deadlineSeconds), at: after(seconds) },
});
const settled = (
  seconds: number,
  name: ProcessorName,
  changes: Parameters<typeof resultOf>[1] = {},
): DateEvent => ({ type: 'settled', result: resultOf(name, changes), at: after(seconds) });
const done = (seconds: number, level = teams): DateEvent => ({
  ...{ type: 'levelDone', level, isLast: level === players, at: after(seconds) },
});
const passEnded = (seconds: number): DateEvent => ({ type: 'passEnded', answers: [], at: after(seconds) });
const ends = (seconds: number): DateEvent[] => [
  { type: 'ending', pass: 1, as: 'cancelled', why: 'no more', byNobody: false, at: after(seconds) },
  { type: 'ended', as: 'cancelled', answers: [], at: after(seconds) },
];

describe('how long a date waited at a gate', () => {
  it.each<[string, DateEvent[], [string, string, number][]]>([
    [
      'is counted for each level',
      [
        ...[opens, judged(0, [open(offense)]), starts(0, [offense]), done(5)],
        ...[judged(6, [heldVerdict(player)], 2), waiting(6, 2), judged(66, [open(player)], 2)],
        ...[starts(66, [player], players), done(70, players), passEnded(70)],
      ],
      [
        ['1', 'opened', 0],
        ['2', 'opened', 60],
      ],
    ],
    [
      'goes from the first wait to the probe that opens, over all probes between',
      [
        ...[opens, judged(1, [heldVerdict(offense)]), waiting(2), judged(62, [heldVerdict(offense)])],
        ...[
          waiting(62),
          judged(182.25, [open(offense)]),
          starts(182.25, [offense]),
          done(190),
          passEnded(190),
        ],
      ],
      [['1', 'opened', 180.25]],
    ],
    [
      'ends when the last of its processors is let in, and once',
      [
        ...[opens, judged(0, [heldVerdict(offense), heldVerdict(defense)]), waiting(0)],
        ...[judged(60, [open(offense), heldVerdict(defense)]), starts(60, [offense]), waiting(60)],
        ...[judged(180, [open(defense)]), starts(180, [defense]), done(200), passEnded(200)],
      ],
      [['1', 'opened', 180]],
    ],
    [
      'is not counted again when what was let in is planned anew, because its inputs moved',
      [
        ...[opens, judged(0, [heldVerdict(player)], 2), waiting(0, 2), judged(60, [open(player)], 2)],
        ...[starts(60, [player], players)],
        { type: 'upstreamMoved', processor: player, detail: 'offence moved', at: after(65) },
        ...[judged(66, [open(player)], 2), starts(66, [player], players), done(80, players)],
      ],
      [['2', 'opened', 60]],
    ],
    [
      'goes on while a check cannot be made',
      [...[opens, judged(0, [uncheckedVerdict(offense, 'away')]), waiting(0), judged(60, [open(offense)])]],
      [['1', 'opened', 60]],
    ],
    [
      'ends at the deadline, once for all that are blocked, however long their siblings ran on',
      [
        ...[opens, judged(0, [heldVerdict(offense), heldVerdict(defense)]), waiting(0)],
        judged(deadlineSeconds, [heldVerdict(offense), heldVerdict(defense)]),
        settled(deadlineSeconds, offense, { outcome: 'blocked' }),
        settled(deadlineSeconds, defense, { outcome: 'blocked' }),
        ...[done(deadlineSeconds + 600), passEnded(deadlineSeconds + 600), ...ends(90_000)],
      ],
      [['1', 'blocked', 1_800]],
    ],
    [
      'is blocked where one was let in and the other was not',
      [
        ...[opens, judged(0, [heldVerdict(offense), heldVerdict(defense)]), waiting(0)],
        ...[judged(60, [open(offense), heldVerdict(defense)]), starts(60, [offense]), waiting(60)],
        ...[settled(70, offense), judged(deadlineSeconds, [heldVerdict(defense)])],
        settled(deadlineSeconds, defense, { outcome: 'blocked' }),
        done(deadlineSeconds),
      ],
      [['1', 'blocked', 1_800]],
    ],
    [
      'is not counted where no gate was asked, because an upstream is blocked',
      [
        ...[opens, judged(3, [heldVerdict(offense)]), settled(3, offense, { outcome: 'blocked' }), done(4)],
        ...[settled(4, player, { outcome: 'blocked' }), done(4, players)],
      ],
      [['1', 'blocked', 0]],
    ],
    [
      'is given up when a request interrupts it, and begins anew in the next pass',
      [
        ...[
          opens,
          judged(0, [heldVerdict(offense)]),
          waiting(0),
          settled(40, offense, { outcome: 'waiting' }),
        ],
        { type: 'interrupted', at: after(40) },
        { type: 'passOpened', pass: 2, at: after(41) },
        ...[judged(42, [open(offense)]), starts(42, [offense]), done(50), passEnded(50)],
      ],
      [
        ['1', 'ended', 40],
        ['1', 'opened', 0],
      ],
    ],
    [
      'is given up when an upstream must be built first',
      [
        ...[opens, judged(0, [heldVerdict(player)], 2), waiting(0, 2), judged(60, [heldVerdict(player)], 2)],
        { type: 'upstreamsAdded', verdicts: [heldVerdict(player)], at: after(60) },
        ...[judged(61, [open(offense)]), starts(61, [offense]), done(70)],
        ...[judged(71, [open(player)], 2), starts(71, [player], players)],
      ],
      [
        ['2', 'ended', 60],
        ['1', 'opened', 0],
        ['2', 'opened', 0],
      ],
    ],
    [
      'is given up when the run is cancelled while it waits, once, however often its end is told',
      [
        ...[
          opens,
          judged(0, [heldVerdict(offense)]),
          waiting(0),
          settled(30, offense, { outcome: 'waiting' }),
        ],
        ...[...ends(30), ...ends(31)],
      ],
      [['1', 'ended', 30]],
    ],
    [
      'is not given up when the run is cancelled after the gate has opened',
      [
        ...[opens, judged(0, [heldVerdict(offense)]), waiting(0), judged(60, [open(offense)])],
        ...[starts(60, [offense]), settled(70, offense, { outcome: 'waiting' }), ...ends(70)],
      ],
      [['1', 'opened', 60]],
    ],
    ['is not counted where there is nothing to do', [opens, judged(0, [skipped(offense)]), done(1)], []],
    [
      'is given up where there turns out to be nothing to do',
      [opens, judged(0, [heldVerdict(offense)]), waiting(0), judged(60, [skipped(offense)]), done(60)],
      [['1', 'ended', 60]],
    ],
    [
      'is never less than nothing, whatever the clock does',
      [opens, judged(10, [heldVerdict(offense)]), waiting(10), judged(9, [open(offense)])],
      [['1', 'opened', 0]],
    ],
  ])('%s', (_, events, expected) => {
    expect(waits(events)).toEqual(expected);
  });
});

describe('verdicts', () => {
  it.each<[string, GateVerdict, string[]]>([
    ['that let it run', open(player), ['open']],
    ['that hold it', heldVerdict(player), ['shut']],
    ['that could not be found', uncheckedVerdict(player, 'the warehouse is away'), ['check_failed']],
    ['of nothing to do', skipped(player), []],
  ])('%s are counted as such', (_, verdict, words) => {
    const probes = measured([judged(0, [verdict], 2)]).filter(
      ({ metric }) => metric === 'phase3_gate_probes_total',
    );
    expect(probes).toEqual(
      words.map((word) => ({ metric: 'phase3_gate_probes_total', labels: { verdict: word } })),
    );
  });
});

describe('what came of a processor', () => {
  const published = { metric: 'phase3_publishes_total', labels: { processor: player } };
  it.each<[Outcome, object[]]>([
    ['published', [published]],
    ['unchanged', []],
    ['waiting', []],
    ['blocked', []],
    ['quarantined', [{ metric: 'phase3_check_failures_total', labels: { processor: player } }]],
    ['failed', []],
    ['upstream_failed', []],
    ['skipped', []],
  ])('%s', (outcome, more) => {
    expect(measured([settled(0, player, { outcome })])).toEqual([
      { metric: 'phase3_processor_outcomes_total', labels: { processor: player, outcome } },
      ...more,
    ]);
  });

  it.each([
    ['published', 1],
    // The version of before stands.
    ['unchanged', 0],
  ] as const)('%s by policy is %d bypass', (outcome, times) => {
    const policyBypass = {
      kind: 'policy',
      rule: 'older_than_two_days',
      readyGames: 1,
      finalGames: 4,
    } as const;
    const all = measured([settled(0, offense, { policyBypass, outcome })]);
    expect(all.filter(({ metric }) => metric === 'phase3_bypasses_total')).toEqual(
      Array.from({ length: times }, () => ({ metric: 'phase3_bypasses_total', labels: { kind: 'policy' } })),
    );
  });
});

describe("a person's bypass", () => {
  const bypass: Bypass = {
    ...{ bypassId: 'b1', processor: player, by: 'ana@example.org', reason: 'no team rows', at: after(0) },
    ...{ tables: ['team_offense_game_summary'], status: 'granting', version: null },
  };
  const granted: DateEvent = {
    ...{ type: 'bypassGranted', bypassId: 'b1', at: after(0) },
    decided: { entry: { seq: 1, hash: 'a'.repeat(64) }, summary: 'granted' },
  };

  it.each<[string, DateEvent, object[]]>([
    ['granted', granted, [{ metric: 'phase3_bypasses_total', labels: { kind: 'person' } }]],
    ['not recorded', { type: 'bypassDropped', bypassId: 'b1', why: 'away', at: after(0) }, []],
  ])('that is %s is counted so', (_, event, expected) => {
    expect(measured([{ type: 'bypassAsked', bypass }, event])).toEqual(expected);
  });
});
