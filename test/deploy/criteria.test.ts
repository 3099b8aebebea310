/** What the criteria of a canary say at their limits, and what an acceptance changes. */
import {
  accept,
  canaryReports,
  canaryReportPath,
  readCanaryReport,
  worst,
  writeCanaryReport,
  type CanaryReport,
} from '../../src/deploy/canary-report';
import { ReportError } from '../../src/deploy/report-files';
import { judgeCriteria, noiseMs, percentile95, type Evidence } from '../../src/deploy/criteria';
import { DifferenceList } from '../../src/deploy/row-differences';
import { troublesOf } from '../../src/deploy/night-samples';
import { tableOf } from '../../src/tables/catalogue';
import type { RunHistoryRow } from '../../src/tables/orchestration';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const quiet: Evidence = {
  dates: 3,
  errors: [],
  rulesFailed: [],
  nights: [2_000],
  liveNights: [2_000],
  differences: 0,
};

const verdictsOf = (evidence: Partial<Evidence>): Record<string, string> =>
  Object.fromEntries(judgeCriteria({ ...quiet, ...evidence }).map(({ name, verdict }) => [name, verdict]));

test('nothing to say against it is go everywhere', () => {
  expect(new Set(Object.values(verdictsOf({})))).toEqual(new Set(['go']));
});

test('one error, one rule and one difference stop', () => {
  expect(verdictsOf({ errors: ['x'] })['errors']).toBe('stop');
  expect(verdictsOf({ rulesFailed: ['x'] })['rules']).toBe('stop');
  expect(verdictsOf({ differences: 1 })['differences']).toBe('stop');
  // Not compared is not the same as equal.
  expect(verdictsOf({ differences: null })['differences']).toBe('warn');
});

test.each([
  [2_400, 'go'],
  [2_402, 'warn'],
  [3_000, 'warn'],
  [3_002, 'stop'],
  [500, 'go'],
])('nights of %d ms, live 2000 ms: %s', (ms, verdict) => {
  expect(verdictsOf({ nights: [ms] })['p95']).toBe(verdict);
});

test('what is apart by less than the noise is the same, and what cannot be measured warns', () => {
  expect(verdictsOf({ liveNights: [100], nights: [100 + noiseMs - 1] })['p95']).toBe('go');
  expect(verdictsOf({ liveNights: [100], nights: [100 + noiseMs] })['p95']).toBe('stop');
  expect(verdictsOf({ nights: [] })['p95']).toBe('warn');
  expect(verdictsOf({ liveNights: [] })['p95']).toBe('warn');
});

test('p95 is the nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  expect([percentile95(hundred), percentile95([3, 1, 2]), percentile95([])]).toEqual([95, 3, null]);
});

test('too few dates warn, and none stop', () => {
  expect([3, 2, 0].map((dates) => verdictsOf({ dates })['cohort'])).toEqual(['go', 'warn', 'stop']);
});

test('quarantined tables and games that were not held before are rules; whatever else is not published is an error', () => {
  const result = (outcome: string, missingGames: object[] = []): object => ({
    ...{ processor: 'P', outcome, reason: 'because', missing: [], missingGames, warnings: [] },
  });
  const held = (gameId: string): object => ({ gameId, status: 'held', table: null, detail: 'contradicts' });
  const row = (...results: object[]): RunHistoryRow =>
    ({
      game_date: '2025-01-15',
      processors: JSON.stringify(Object.fromEntries(results.entries())),
    }) as RunHistoryRow;
  const troubles = (...results: object[]) => troublesOf(row(...results), new Set(['KNOWN']));
  expect(troubles(result('published', [held('KNOWN')]), result('unchanged'))).toEqual({
    errors: [],
    rulesFailed: [],
  });
  expect(troubles(result('quarantined')).rulesFailed).toEqual(['2025-01-15 P quarantined: because']);
  expect(troubles(result('published', [held('NEW')])).rulesFailed).toEqual([
    '2025-01-15 P holds NEW: contradicts',
  ]);
  for (const outcome of ['failed', 'upstream_failed', 'blocked', 'waiting'])
    expect(troubles(result(outcome)).errors).toEqual([`2025-01-15 P ${outcome}: because`]);
});

test('differences are counted all and kept up to a bound; who built a row is none, a column that is not live is one', () => {
  const table = tableOf('team_offense_game_summary');
  const row = {
    game_date: '2025-01-15',
    game_id: 'G',
    team_abbr: 'NYK',
    processed_at: 'then',
    ts_pct: 0.5,
    pace: 99,
  };
  const list = new DifferenceList(2);
  list.add(table, [
    {
      gameDate: '2025-01-15',
      live: [row, { ...row, team_abbr: 'BOS' }],
      ours: [
        { ...row, processed_at: 'now', ts_pct: 0.6, pace: 98 },
        { ...row, team_abbr: 'PHI' },
      ],
    },
  ]);
  const { left_out: leftOut, differences } = list.result('b');
  const notLive = Object.keys(table.columns).filter(
    (column) => !(column in row) && !['bypass_id', 'data_hash'].includes(column),
  );
  expect(list.total).toBe(4 + notLive.length);
  expect(differences).toHaveLength(2);
  expect(leftOut).toBe(list.total - 2);
  expect(differences.map(({ column, old, new: now }) => [column, old, now]).sort()).toEqual([
    ['pace', 99, 98],
    ['ts_pct', 0.5, 0.6],
  ]);
});

describe('the report', () => {
  const at = '2025-01-16T08:00:00.000Z';
  const report = (evidence: Partial<Evidence>): CanaryReport => {
    const criteria = judgeCriteria({ ...quiet, ...evidence });
    return {
      ...{ build: 'b1', base: null, at, dates: ['2025-01-15'], verdict: worst(criteria), criteria },
      ...{ differences: evidence.differences ?? 0, accepted: null },
    };
  };
  const by = { by: 'ann', reason: 'the formula was wrong before', at };
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'phase3-report-'));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  test('an acceptance is about differences and nothing else', () => {
    const accepted = accept(report({ differences: 7 }), by);
    expect(accepted).toMatchObject({ verdict: 'warn', differences: 7, accepted: by });
    const slow = accept(report({ differences: 7, nights: [9_000] }), by);
    expect(slow.verdict).toBe('stop');
  });

  test('it is read as it was written, the newest last; what is there and is no report is an error, not nothing', async () => {
    expect([await readCanaryReport(home, 'b1'), await canaryReports(home)]).toEqual([null, []]);
    const later = { ...report({}), build: 'a0', at: '2025-01-17T08:00:00.000Z' };
    await writeCanaryReport(home, later);
    await writeCanaryReport(home, report({ differences: 7 }));
    expect(await readCanaryReport(home, 'b1')).toEqual(report({ differences: 7 }));
    expect((await canaryReports(home)).map(({ build }) => build)).toEqual(['b1', 'a0']);
    await writeFile(
      canaryReportPath(home, 'b1'),
      (await readFile(canaryReportPath(home, 'b1'), 'utf8')).slice(9),
    );
    await expect(readCanaryReport(home, 'b1')).rejects.toThrow(ReportError);
    await expect(canaryReports(home)).rejects.toThrow(canaryReportPath(home, 'b1'));
    // Whoever names another build has nothing to do with it.
    expect(await canaryReports(home, 'a')).toEqual([later]);
  });
});
