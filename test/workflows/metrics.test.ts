/** What is measured of a date: every case is a story of events, of which only the measurements are looked at. */
import type { Bypass } from '../../src/contracts/decisions';
import {
  uncheckedVerdict,
  type LookVerdict,
  type Outcome,
  type ProcessorName,
} from '../../src/contracts/phase3';
import type { Measurement } from '../../src/contracts/metrics';
import { measurementsOf } from '../../src/workflows/metrics';
import type { DateEvent } from '../../src/workflows/reduce';
import {
  after as afterAll,
  asks,
  closed,
  levels,
  looks,
  messageOf,
  opens as opensPass,
  players,
  readyOf as open,
  starts,
  teams,
  verdictOf as held,
  type Step,
} from '../support/date-events';
import { defense, offense, player, resultOf } from '../support/fixtures';

const start = Date.parse('2025-01-16T08:00:00.000Z');
const deadlineSeconds = 1_800;

/** The instant so many seconds after the start. */
function after(seconds: number): string {
  return new Date(start + 1_000 * seconds).toISOString();
}

/** All that the events measure, one after another. */
function measured(steps: readonly Step[]): Measurement[] {
  const all: Measurement[] = [];
  afterAll(steps, undefined, (...step) => all.push(...measurementsOf(...step)));
  return all;
}

/** The waits among them: level, outcome, seconds. */
function waits(events: readonly Step[]): [string, string, number][] {
  return measured(events).flatMap((one) =>
    one.metric === 'phase3_gate_wait_seconds'
      ? [[one.labels.level, one.labels.outcome, one.seconds] as [string, string, number]]
      : [],
  );
}

const skipped = (name: ProcessorName): LookVerdict => held(name, { skip: 'no_games', missing: [] });
const unchecked = (name: ProcessorName): LookVerdict => held(name, uncheckedVerdict(name, 'away'));
const opens: readonly Step[] = [asks(messageOf()), ...opensPass()];
/** A look; `running` are open too, but not judged. */
const judged = (seconds: number, verdicts: LookVerdict[], running: ProcessorName[] = []): readonly Step[] =>
  looks(
    verdicts,
    { levels, open: [...verdicts.map(({ processor }) => processor), ...running] },
    after(seconds),
  );
const waiting = (seconds: number): DateEvent => ({
  ...{ type: 'waits', nextProbeAt: after(seconds + 60) },
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
const ends = (seconds: number): DateEvent[] => [
  { type: 'ending', as: 'cancelled', why: 'no more', byNobody: false, at: after(seconds) },
  { type: 'ended', as: 'cancelled', at: after(seconds) },
];

describe('how long a date waited at a gate', () => {
  it.each<[string, Step[], [string, string, number][]]>([
    [
      'is counted for each level',
      [
        ...[...opens, ...judged(0, [open(offense)]), starts(offense), settled(5, offense), done(5)],
        ...[...judged(6, [held(player)]), waiting(6), ...judged(66, [open(player)])],
        ...[starts(player), settled(70, player), done(70, players), closed],
      ],
      [
        ['1', 'opened', 0],
        ['2', 'opened', 60],
      ],
    ],
    [
      'goes from the first wait to the look that opens, over all looks between',
      [
        ...[...opens, ...judged(1, [held(offense)]), waiting(2), ...judged(62, [held(offense)]), waiting(62)],
        ...[...judged(182.25, [open(offense)]), starts(offense), settled(190, offense), closed],
      ],
      [['1', 'opened', 180.25]],
    ],
    [
      'ends when the last of its processors is let in, and once',
      [
        ...[...opens, ...judged(0, [held(offense), held(defense)]), waiting(0)],
        ...[...judged(60, [open(offense), held(defense)]), starts(offense), waiting(60)],
        ...[...judged(180, [open(defense)], [offense]), starts(defense), closed],
      ],
      [['1', 'opened', 180]],
    ],
    [
      'is not counted again when what was let in is looked at again, because its inputs moved',
      [
        ...[
          ...opens,
          ...judged(0, [held(player)]),
          waiting(0),
          ...judged(60, [open(player)]),
          starts(player),
        ],
        { type: 'moved', processor: player, detail: 'offence moved', at: after(65) },
        ...[...judged(66, [open(player)]), starts(player), settled(80, player), closed],
      ],
      [['2', 'opened', 60]],
    ],
    [
      'goes on while a check cannot be made',
      [...opens, ...judged(0, [unchecked(offense)]), waiting(0), ...judged(60, [open(offense)])],
      [['1', 'opened', 60]],
    ],
    [
      'ends at the deadline, once for all that are blocked, however long their siblings ran on',
      [
        ...[...opens, ...judged(0, [held(offense), held(defense)]), waiting(0)],
        ...judged(deadlineSeconds, [held(offense), held(defense)]),
        settled(deadlineSeconds, offense, { outcome: 'blocked' }),
        settled(deadlineSeconds, defense, { outcome: 'blocked' }),
        ...[done(deadlineSeconds + 600), closed, ...ends(90_000)],
      ],
      [['1', 'blocked', 1_800]],
    ],
    [
      'is blocked where one was let in and the other was not',
      [
        ...[...opens, ...judged(0, [held(offense), held(defense)]), waiting(0)],
        ...[...judged(60, [open(offense), held(defense)]), starts(offense), waiting(60)],
        ...[settled(70, offense), ...judged(deadlineSeconds, [held(defense)])],
        settled(deadlineSeconds, defense, { outcome: 'blocked' }),
      ],
      [['1', 'blocked', 1_800]],
    ],
    [
      'is nothing at a level that is blocked because an upstream is',
      [
        ...[...opens, ...judged(3, [held(offense)]), settled(3, offense, { outcome: 'blocked' }), done(4)],
        ...[...judged(4, [held(player)]), settled(4, player, { outcome: 'blocked' }), done(4, players)],
      ],
      [
        ['1', 'blocked', 0],
        ['2', 'blocked', 0],
      ],
    ],
    [
      'is given up when an upstream must be built first',
      [
        ...[...opens, ...judged(0, [held(player)]), waiting(0), ...judged(60, [open(offense)], [player])],
        ...[starts(offense), settled(70, offense), done(70), ...judged(71, [open(player)])],
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
        ...[...opens, ...judged(0, [held(offense), held(defense)]), waiting(0)],
        settled(30, offense, { outcome: 'waiting' }),
        settled(30, defense, { outcome: 'waiting' }),
        ...[...ends(30), ...ends(31)],
      ],
      [['1', 'ended', 30]],
    ],
    [
      'is not given up when the run is cancelled after the gate has opened',
      [
        ...[...opens, ...judged(0, [held(offense)]), waiting(0), ...judged(60, [open(offense)])],
        ...[starts(offense), settled(70, offense, { outcome: 'waiting' }), ...ends(70)],
      ],
      [['1', 'opened', 60]],
    ],
    ['is not counted where there is nothing to do', [...opens, ...judged(0, [skipped(offense)])], []],
    [
      'is given up where there turns out to be nothing to do',
      [...opens, ...judged(0, [held(offense)]), waiting(0), ...judged(60, [skipped(offense)])],
      [['1', 'ended', 60]],
    ],
    [
      'is never less than nothing, whatever the clock does',
      [...opens, ...judged(10, [held(offense)]), waiting(10), ...judged(9, [open(offense)])],
      [['1', 'opened', 0]],
    ],
  ])('%s', (_, events, expected) => {
    expect(waits(events)).toEqual(expected);
  });
});

describe('verdicts', () => {
  it.each<[string, LookVerdict, string[]]>([
    ['that let it run', open(player), ['open']],
    ['that hold it', held(player), ['shut']],
    ['that could not be found', unchecked(player), ['check_failed']],
    ['of nothing to do', skipped(player), []],
  ])('%s are counted as such', (_, verdict, words) => {
    const probes = measured(judged(0, [verdict])).filter(
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
    ...{ type: 'decided', id: 'b1', about: `bypass of ${player}`, line: 'granted', at: after(0) },
    decided: { entry: { seq: 1, hash: 'a'.repeat(64) }, summary: 'granted' },
  };

  it.each<[string, DateEvent, object[]]>([
    ['granted', granted, [{ metric: 'phase3_bypasses_total', labels: { kind: 'person' } }]],
    ['another decision', { ...granted, id: 'e1', about: 'extension' }, []],
    ['not recorded', { type: 'bypassDropped', bypassId: 'b1', why: 'away', at: after(0) }, []],
  ])('that is %s is counted so', (_, event, expected) => {
    expect(measured([{ type: 'bypassAsked', bypass }, event])).toEqual(expected);
  });
});
