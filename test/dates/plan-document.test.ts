/** A plan is sealed, read again, and refused when something that it rests on moved. */
import type { PlanDocument, PlannedDate, PlannedNode } from '../../src/contracts/date-plan';
import {
  estimateOf,
  operationsADate,
  operationsALevel,
  operationsANode,
  spansOf,
} from '../../src/dates/estimate';
import { nodesByDate, readPlan, sealed, whatMoved } from '../../src/dates/plan-document';
import type { RunHistoryRow } from '../../src/tables/orchestration';

const fingerprint = 'a'.repeat(64);
const levelOf = (name: string): number => (name === 'Teams' ? 1 : 2);

function node(changes: Partial<PlannedNode> = {}): PlannedNode {
  return {
    ...{ processor: 'Players', table: 'players', state: 'not_run', because: null, reason: 'never published' },
    ...{ action: 'build', version: null, fingerprint, lacking: [] },
    ...changes,
  };
}

const kept = node({
  processor: 'Teams',
  table: 'teams',
  state: 'published',
  action: 'keep',
  version: 1,
  fingerprint: null,
});

function date(changes: Partial<PlannedDate> = {}): PlannedDate {
  return {
    ...{ game_date: '2025-01-15', games: 5, open: false, nodes: [kept, node()] },
    raw: [{ table: 'boxscore', rows: 10, hash: '0'.repeat(16) }],
    ...changes,
  };
}

const basis: PlanDocument['basis'] = {
  ...{
    plan_hash: 'b'.repeat(64),
    commit: null,
    code: [{ processor: 'Players', version: '1.0.0', source_hash: null }],
  },
  ...{ warehouse: 'duckdb', location: '/file', prefix: null },
  ...{ ready_share: 0.8, old_after_days: 2, rebuilds_team_rows: true },
};

function plan(
  dates: readonly PlannedDate[] = [date()],
  changes: Partial<PlanDocument['basis']> = {},
): PlanDocument {
  return sealed({
    ...{ from: '2025-01-15', to: '2025-01-16', processors: null, now: null },
    planned_at: '2025-01-20T08:00:00.000Z',
    basis: { ...basis, ...changes },
    dates: [...dates],
    estimate: estimateOf(dates, { history: [], concurrency: 4, bytes: null, levelOf }),
  });
}

describe('the document', () => {
  test('is read as it was written', () => {
    const whole = plan();
    expect(readPlan(JSON.parse(JSON.stringify(whole)))).toEqual({ ok: true, plan: whole });
  });

  test.each<[string, (plan: PlanDocument) => unknown, RegExp]>([
    [
      'a node that somebody added',
      (whole) => ({ ...whole, dates: [...whole.dates, date()] }),
      /was changed after/,
    ],
    ['another range', (whole) => ({ ...whole, to: '2025-03-01' }), /was changed after/],
    ['another format', (whole) => ({ ...whole, format: 'phase3-plan/2' }), /format/],
    ['a field that is none', (whole) => ({ ...whole, force: true }), /force/],
    ['no date', (whole) => ({ ...whole, from: 'yesterday' }), /from is/],
    ['no object', () => 'plan', /The plan/],
  ])('with %s is refused', (_what, alter, sentence) => {
    const found = readPlan(alter(plan()));
    expect(found.ok).toBe(false);
    expect(found.ok ? '' : found.faults.join(' ')).toMatch(sentence);
  });

  test('names what it runs, and nothing else', () => {
    const idle = date({ game_date: '2025-01-16', nodes: [kept] });
    expect(nodesByDate(plan([date(), idle]))).toEqual({ '2025-01-15': ['Players'] });
  });
});

describe('what moved', () => {
  const moved = (dates: readonly PlannedDate[], changes?: Partial<PlanDocument['basis']>): string[] =>
    whatMoved(plan(), plan(dates, changes)).map(({ sentence }) => sentence);

  test('nothing, where only the words of the last run, a commit or a time are others', () => {
    const later = date({
      nodes: [{ ...kept, state: 'unchanged', reason: 'another' }, node({ reason: 'another' })],
    });
    expect(moved([later], { commit: 'c0ffee' })).toEqual([]);
  });

  test.each<[string, Partial<PlannedNode>, RegExp]>([
    [
      'a version that was published',
      { version: 1, action: 'keep', state: 'published', fingerprint: null },
      /^2025-01-15 Players: version 1 is live, and nothing was live when it was planned\.$/,
    ],
    ['inputs', { fingerprint: 'c'.repeat(64) }, /Players: what it would be built from moved/],
    [
      'inputs that have gone',
      { action: 'wait', state: 'missing', fingerprint: null, reason: 'missing boxscore' },
      /a run would not build it now \(missing boxscore\), and build it when it was planned/,
    ],
    [
      'a game that is held now',
      { state: 'held', reason: 'a rule' },
      /it is held now \(a rule\), and was not_run/,
    ],
  ])('%s is said with the date', (_what, changes, sentence) => {
    const [said, ...more] = moved([date({ nodes: [kept, node(changes)] })]);
    expect(said).toMatch(sentence);
    expect(more).toEqual([]);
  });

  test('a table whose rows moved is named', () => {
    const nodes = [kept, node({ fingerprint: 'c'.repeat(64) })];
    const fewer = date({ nodes, raw: [{ table: 'boxscore', rows: 8, hash: '1'.repeat(16) }] });
    expect(moved([fewer])).toEqual([
      '2025-01-15 Players: what it would be built from moved: boxscore has 8 rows, and had 10.',
    ]);
    const other = date({ nodes, raw: [{ table: 'boxscore', rows: 10, hash: '1'.repeat(16) }] });
    expect(moved([other])[0]).toContain('rows of boxscore changed');
  });

  test('what a kept version became is said as well: the plan has shown it to somebody', () => {
    const stale = node({ ...kept, state: 'stale', because: 'inputs', action: 'build', fingerprint });
    expect(moved([date({ nodes: [stale, node()] })])[0]).toMatch(/^2025-01-15 Teams: /);
  });

  test('a run that has the date open', () => {
    expect(moved([date({ open: true })])).toEqual(['2025-01-15: a run has it open now.']);
  });

  test('code, settings and the warehouse', () => {
    const code = [{ processor: 'Players', version: '1.1.0', source_hash: null }];
    expect(moved([date()], { code, plan_hash: 'd'.repeat(64) })).toEqual([
      'The code: Players is version 1.1.0 now, and the plan is of version 1.0.0.',
    ]);
    expect(moved([date()], { plan_hash: 'd'.repeat(64) })[0]).toMatch(/declared otherwise/);
    expect(moved([date()], { prefix: 'shadow' })[0]).toMatch(/^prefix is shadow now/);
  });
});

describe('the estimate', () => {
  test('counts bytes as often as rows are read: by each look, and for each table', () => {
    const both = date({ nodes: [{ ...kept, action: 'build' }, node()] });
    const options = { history: [], concurrency: 4, levelOf };
    expect(estimateOf([both, both], { ...options, bytes: 1_000 }).bytes).toBe(4_000);
    expect(estimateOf([both], { ...options, bytes: null }).bytes).toBeNull();
  });

  test('dates that lie close together are one range', () => {
    expect(spansOf(['2025-01-01', '2025-01-03', '2025-01-06', '2025-01-10'])).toEqual([
      { from: '2025-01-01', to: '2025-01-06' },
      { from: '2025-01-10', to: '2025-01-10' },
    ]);
    expect(spansOf([])).toEqual([]);
  });

  const history = (seconds: number, waitedMs = 0, outcome = 'published'): RunHistoryRow =>
    ({
      ...{ started_at: '2025-01-16T08:00:00.000Z', waited_ms: waitedMs },
      ended_at: new Date(Date.parse('2025-01-16T08:00:00Z') + seconds * 1000).toISOString(),
      processors: JSON.stringify({ a: { processor: 'a', outcome }, b: { processor: 'b', outcome } }),
    }) as RunHistoryRow;

  test('counts what is built, and takes the time of the last passes that published, without their waits', () => {
    const dates = [
      date(),
      date({ game_date: '2025-01-16' }),
      date({ game_date: '2025-01-17', nodes: [kept] }),
    ];
    const passes = [history(2), history(2), history(4), history(604, 600_000), history(900, 0, 'unchanged')];
    expect(estimateOf(dates, { history: passes, concurrency: 2, bytes: null, levelOf })).toEqual({
      ...{ dates: 2, nodes: 2, rows: 20, bytes: null, concurrency: 2, passes: 4 },
      statements: 2 * operationsADate + 2 * operationsALevel + 2 * operationsANode,
      seconds: { p50: 1, p90: 2 },
    });
  });

  test('says no time where no pass is on record', () => {
    expect(estimateOf([date()], { history: [], concurrency: 4, bytes: 7, levelOf })).toMatchObject({
      seconds: null,
      bytes: 14,
    });
  });
});
