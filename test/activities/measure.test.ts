/** What is counted of a date: each wait of a level once, however often it is looked at; outcomes, publishes, bypasses. */
import {
  measuresOfAudit,
  measuresOfLook,
  measuresOfPass,
  measuresOfResult,
} from '../../src/activities/measure';
import type { Look, RecordPassRequest, WaitOfLevel } from '../../src/contracts/activities';
import type { Measurement } from '../../src/contracts/metrics';
import type { LookVerdict, ProcessorResult } from '../../src/contracts/phase3';
import { at, levels, readyOf, verdictOf } from '../support/date-events';
import { defense, offense, player, policyAfter, resultOf } from '../support/fixtures';

const minuteLater = new Date(Date.parse(at) + 60_000);

/** A look; what it judges and does not settle is open, and so are these others. */
function look(verdicts: LookVerdict[], settled: ProcessorResult[] = [], others: string[] = []): Look {
  const names = verdicts.map(({ processor }) => processor);
  return {
    ...{ policy: policyAfter(1), opened: null, names: {}, refused: {}, rebuilds: [], levels, kept: {} },
    open: [...names.filter((name) => !settled.some((one) => one.processor === name)), ...others],
    ...{ verdicts, settled },
  };
}

const waiting = (level: number): WaitOfLevel => ({ level, since: at, isHeld: true });
const held = [verdictOf(offense), verdictOf(defense)];
const ready = [readyOf(offense), readyOf(defense)];
const blocked = [offense, defense].map((name) => resultOf(name, { outcome: 'blocked', details: {} }));
const skipped = verdictOf(offense, { skip: 'no_games', missing: [] });

function waits(measurements: readonly Measurement[]): unknown[] {
  return measurements.flatMap((one) =>
    one.metric === 'phase3_gate_wait_seconds' ? [[one.labels.level, one.labels.outcome, one.seconds]] : [],
  );
}

describe('the wait of a level', () => {
  it.each<[string, WaitOfLevel | null, Look, unknown[]]>([
    ['that can run at once is none', null, look(ready, [], [player]), [['1', 'opened', 0]]],
    ['that has nothing to build is none', null, look(ready, [resultOf(offense)]), [['1', 'opened', 0]]],
    ['that is held up is not over', null, look(held), []],
    ['that is still held up is not over', waiting(1), look(held), []],
    ['with something that is ready beside is not over', waiting(1), look([readyOf(offense), held[1]!]), []],
    ['that opens goes from its begin to the look', waiting(1), look(ready), [['1', 'opened', 60]]],
    [
      'is counted for the next level too',
      { level: 1, since: null, isHeld: false },
      look([readyOf(player)]),
      [['2', 'opened', 0]],
    ],
    ['that has opened is not counted again', { level: 1, since: null, isHeld: false }, look(ready), []],
    ['that must wait again is counted again', waiting(1), look(ready), [['1', 'opened', 60]]],
    ['that is blocked at once is none', null, look(held, blocked), [['1', 'blocked', 0]]],
    ['that is blocked is counted once', waiting(1), look(held, blocked), [['1', 'blocked', 60]]],
    [
      'that is blocked is counted once, with the next one open',
      waiting(1),
      look([...held, readyOf(player)], blocked),
      [['1', 'blocked', 60]],
    ],
    [
      'ends where an upstream has to be built first',
      waiting(2),
      look([readyOf(offense)], [], [player]),
      [
        ['2', 'ended', 60],
        ['1', 'opened', 0],
      ],
    ],
    [
      'ends where there is nothing to do',
      waiting(1),
      look([skipped], [resultOf(offense, { outcome: 'skipped' })]),
      [['1', 'ended', 60]],
    ],
    ['of a date that only begins is none', null, look([]), []],
  ])('%s', (_, gate, found, expected) => {
    const measured = measuresOfLook(gate ? { gate } : {}, found, minuteLater);
    expect(waits(measured)).toEqual(expected);
  });

  it('ends with the run', () => {
    const request = { results: [], endedAt: minuteLater.toISOString() } as unknown as RecordPassRequest;
    expect(waits(measuresOfPass({ ...request, gate: waiting(2) }))).toEqual([['2', 'ended', 60]]);
    expect(measuresOfPass({ ...request, gate: { ...waiting(2), since: null } })).toEqual([]);
  });

  it('is never less than nothing, whatever the clocks say', () => {
    expect(waits(measuresOfLook({ gate: waiting(1) }, look(ready), new Date(0)))).toEqual([
      ['1', 'opened', 0],
    ]);
  });
});

it('each verdict is counted, but for what has nothing to do', () => {
  const probes = measuresOfLook({}, look([readyOf(defense), verdictOf(player), skipped]), minuteLater);
  expect(probes.filter(({ metric }) => metric === 'phase3_gate_probes_total')).toMatchObject([
    { labels: { verdict: 'open' } },
    { labels: { verdict: 'shut' } },
  ]);
});

it('results are counted as they come, and outcomes by pass', () => {
  const policyBypass = { kind: 'policy', rule: 'older_than_two_days', readyGames: 1, finalGames: 2 } as const;
  const publish = { metric: 'phase3_publishes_total', labels: { processor: offense } };
  expect(measuresOfResult(resultOf(offense))).toEqual([publish]);
  const warning = { metric: 'phase3_rule_warnings_total', labels: { processor: offense, rule: 'is_usual' } };
  expect(measuresOfResult(resultOf(offense), ['is_usual'])).toEqual([publish, warning]);
  expect(measuresOfResult(resultOf(offense, { policyBypass }))).toEqual([
    ...[publish, { metric: 'phase3_bypasses_total', labels: { kind: 'policy' } }],
  ]);
  expect(measuresOfResult(resultOf(offense, { outcome: 'unchanged', policyBypass }))).toEqual([]);
  const failure = { metric: 'phase3_check_failures_total', labels: { processor: offense } };
  expect(measuresOfResult(resultOf(offense, { outcome: 'quarantined' }))).toEqual([failure]);
  const pass = { results: [resultOf(player, { outcome: 'failed' })] } as unknown as RecordPassRequest;
  expect(measuresOfPass(pass)).toEqual([
    { metric: 'phase3_processor_outcomes_total', labels: { processor: player, outcome: 'failed' } },
  ]);
});

it('a bypass and a rollback are counted once they are on record', () => {
  const entry = { by: 'ana', reason: 'why', processor: player, tables: [], evidence: {}, at };
  const entries = (['bypass', 'bypass', 'rerun', 'rolled_back', 'rolled_back'] as const).map(
    (kind, index) => ({
      ...{ ...entry, entryId: `e${index}`, kind },
    }),
  );
  const refused = ['e1', 'e4'].map((entryId) => ({ entryId, why: 'another has it' }));
  expect(measuresOfAudit({ entries }, { heads: [], refused })).toEqual([
    { metric: 'phase3_bypasses_total', labels: { kind: 'person' } },
    { metric: 'phase3_rollbacks_total', labels: { processor: player } },
  ]);
});
