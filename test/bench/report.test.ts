/** The arithmetic of the comparison. */
import { compareRounds, percentile, renderTable, spreadOf, type Figure } from '../../scripts/bench/report';

const figure = (name: string, value: number): Figure => ({ name, unit: 'ms', value });

test.each([
  [0, 10],
  [0.5, 25],
  [0.95, 38.5],
  [1, 40],
])('the value at %d of four', (share, expected) => {
  expect(percentile([40, 10, 30, 20], share)).toBeCloseTo(expected, 10);
});

test('there is no percentile of nothing', () => {
  expect(() => percentile([], 0.5)).toThrow('there are no samples');
});

test('a spread names its shares', () => {
  expect(spreadOf('a push', [1, 2, 3], 0.99).map(({ name }) => name)).toEqual(['a push, p50', 'a push, p99']);
});

test('ratios are of figures of the same round', () => {
  // The machine grew three times slower between the rounds; ours takes twice and four times as long.
  const [compared] = compareRounds([
    { ours: [figure('night', 200)], baseline: [figure('night', 100)] },
    { ours: [figure('night', 1200)], baseline: [figure('night', 300)] },
  ]);
  expect(compared).toEqual({
    name: 'night',
    unit: 'ms',
    ours: { min: 200, median: 700, max: 1200 },
    baseline: { min: 100, median: 200, max: 300 },
    ratio: { min: 2, median: 3, max: 4 },
  });
});

test.each([
  ['without a baseline', null],
  ['of what the baseline does not measure', [figure('other', 1)]],
])('there is no ratio %s', (_, baseline) => {
  expect(compareRounds([{ ours: [figure('night', 1)], baseline }])).toMatchObject([
    { baseline: null, ratio: null },
  ]);
});

test('there is no ratio to zero', () => {
  expect(
    compareRounds([{ ours: [figure('faults', 1)], baseline: [figure('faults', 0)] }])[0]?.ratio,
  ).toBeNull();
});

test('the table has the median between least and most, and one figure where they do not differ', () => {
  const rounds = [1, 2, 3].map((factor) => ({
    ours: [figure('night', 100 * factor), figure('events', 49)],
    baseline: [figure('night', 100), figure('events', 49)],
  }));
  const lines = renderTable(compareRounds(rounds), ['ours', 'theirs']).split('\n');
  const cells = lines.map((line) => line.split('│').map((cell) => cell.trim()));
  expect(cells).toContainEqual(['', 'measure', 'unit', 'ours', 'theirs', 'ratio', '']);
  expect(cells).toContainEqual(['', 'night', 'ms', '200 (100–300)', '100', '2.00 (1.00–3.00)', '']);
  expect(cells).toContainEqual(['', 'events', 'ms', '49', '49', '1.00', '']);
});
