/** A night is held against what its table had before: what is unusual warns, what cannot be judged says so, nothing blocks. */
import type { HistoryRule } from '../../src/processors/define-history';
import { processorOf } from '../../src/plan/registry';
import { judgeByHistory, readOwnHistory, type OwnHistory } from '../../src/publishing/own-history';
import type { Row } from '../../src/tables/define-table';
import { offense } from '../support/fixtures';

const { table, history } = processorOf(offense);

const rule: HistoryRule = {
  ...{ id: 'A9', name: 'heights_are_usual', sentence: 'Heights are usual.', since: '0.1.0' },
  figures: [{ name: 'height', of: (row) => (typeof row['height'] === 'number' ? row['height'] : null) }],
  rowOf: (row) => String(row['team_abbr']),
  ...{ days: 45, fewestRows: 5 },
  tolerance: { value: 4, unit: 'robust standard deviations', why: 'a test' },
};

const rowsOf = (...heights: (number | null)[]): Row[] =>
  heights.map((height, index) => ({ game_date: '2025-01-15', team_abbr: `T${index}`, height }));
const read = (...heights: (number | null)[]): OwnHistory => ({ kind: 'read', rows: rowsOf(...heights) });

/** Median 100, median distance 2: one robust standard deviation is 2 / 0.6745 = 2.97. */
const usual = read(100, 98, 102, 96, 104);

it('says what it was judged by, and who is furthest from it', () => {
  expect(judgeByHistory(rule, table, usual, rowsOf(101, 90))).toEqual({
    ...{ name: 'heights_are_usual', blocking: false, passed: true, samples: [] },
    detail: 'height: median 100.0, MAD 2.0 of 5 rows, T1 z -3.37; limit 4',
  });
});

it.each([
  [112, 'T0 has height 112.0, z 4.05 by the 45 days before (median 100.0, MAD 2.0 of 5 rows; limit 4)'],
  [88, 'T0 has height 88.0, z -4.05 by the 45 days before (median 100.0, MAD 2.0 of 5 rows; limit 4)'],
])('warns of %d, with its evidence, and never blocks', (height, detail) => {
  expect(judgeByHistory(rule, table, usual, rowsOf(height, 100))).toEqual({
    ...{ name: 'heights_are_usual', blocking: false, passed: false, detail },
    samples: [{ game_date: '2025-01-15', team_abbr: 'T0' }],
  });
});

it.each<[string, OwnHistory, string]>([
  ['too few rows', read(100, 98, 102, 96), 'not judged: 4 of 5 rows of history'],
  [
    'too few rows that have the figure',
    read(100, 98, 102, 96, null),
    'height not judged: 4 of 5 rows of history; limit 4',
  ],
  [
    'a history without spread',
    read(100, 100, 100, 96, 104),
    'height not judged: it is 100 in half of the history; limit 4',
  ],
  [
    'a warehouse that does not answer',
    { kind: 'unread', why: 'it could not be read (gone)' },
    'not judged by the history of the table: it could not be read (gone)',
  ],
])('%s: nothing is judged, and it says why', (_what, given, detail) => {
  expect(judgeByHistory(rule, table, given, rowsOf(500))).toMatchObject({ passed: true, detail });
});

it('an outlier of the history hides no other: half of the rows say what is usual', () => {
  const soiled = read(100, 98, 102, 96, 104, 900, 900);
  expect(judgeByHistory(rule, table, soiled, rowsOf(150))).toMatchObject({ passed: false });
});

it('a figure that is unknown is not judged', () => {
  expect(judgeByHistory(rule, table, usual, rowsOf(null))).toMatchObject({
    passed: true,
    detail: 'height: median 100.0, MAD 2.0 of 5 rows; limit 4',
  });
});

describe('reading', () => {
  type Asked = readonly [string, string, string];
  const asked: Asked[] = [];
  const warehouse = (answer: () => AsyncIterable<readonly Row[]>) => ({
    exportRows: (...given: Asked): AsyncIterable<readonly Row[]> => {
      asked.push(given);
      return answer();
    },
  });
  const given = (...batches: readonly (readonly Row[])[]) =>
    warehouse(async function* () {
      for (const batch of batches) yield await Promise.resolve(batch);
    });
  beforeEach(() => (asked.length = 0));

  it('is one statement, over the days before the date and no others', async () => {
    expect(
      await readOwnHistory(given(rowsOf(1, 2), rowsOf(3)), { table, history: rule }, '2025-01-15'),
    ).toEqual({
      kind: 'read',
      rows: [...rowsOf(1, 2), ...rowsOf(3)],
    });
    expect(asked).toEqual([['team_offense_game_summary', '2024-12-01', '2025-01-14']]);
  });

  it('is none where the table has no rule for it', async () => {
    const { history: _, ...without } = processorOf('PlayerGameSummaryProcessor');
    expect(await readOwnHistory(given(), without, '2025-01-15')).toBeNull();
    expect(asked).toEqual([]);
  });

  it('never rejects', async () => {
    const broken = warehouse(() => {
      throw new Error('The warehouse of v1.5 is away.');
    });
    expect(await readOwnHistory(broken, { table, history: rule }, '2025-01-15')).toEqual({
      kind: 'unread',
      why: 'it could not be read (The warehouse of v1.5 is away)',
    });
  });

  it('waits for no answer that does not come', async () => {
    jest.useFakeTimers();
    const silent = warehouse(async function* () {
      yield await new Promise<never>(() => undefined);
    });
    const answer = readOwnHistory(silent, { table, history: rule }, '2025-01-15');
    await jest.advanceTimersByTimeAsync(10_000);
    expect(await answer).toEqual({ kind: 'unread', why: 'it was not read within 10 s' });
    jest.useRealTimers();
  });
});

it('overtime makes no figure of offence unusual', () => {
  const row = { pace: 100, fg_attempts: 90, points_scored: 110, team_minutes: 240 };
  const longer = { pace: 100, fg_attempts: 99.375, points_scored: 121.458, team_minutes: 265 };
  for (const team of [row, longer])
    expect(history!.figures.map((figure) => figure.of(team)?.toFixed(1))).toEqual(['100.0', '90.0', '110.0']);
});

it('a third more of everything is unusual of offence, by name and figure', () => {
  const game = { team_minutes: 240, game_date: '2025-01-15' };
  const before = Array.from({ length: 100 }, (_, index): Row => ({
    ...{ ...game, team_abbr: `T${index}` },
    ...{ pace: 95 + (index % 10), fg_attempts: 85 + (index % 10), points_scored: 105 + (index % 20) },
  }));
  const wrong = { ...game, team_abbr: 'BOS', pace: 130, fg_attempts: 117, points_scored: 150 };
  const judged = judgeByHistory(history!, table, { kind: 'read', rows: before }, [wrong]);
  expect([judged.passed, judged.samples.map((row) => row['team_abbr'])]).toEqual([
    false,
    Array.from(history!.figures, () => 'BOS'),
  ]);
  expect(judged.detail).toContain('BOS has pace 130.0, z ');
  expect(judged.detail).toContain('limit 4.2');
});
