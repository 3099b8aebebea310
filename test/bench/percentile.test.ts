import { median, percentile } from '../../scripts/bench/percentile';

test('a percentile lies between its two neighbours', () => {
  expect(percentile([40, 10, 30, 20], 0.5)).toBe(25);
  expect(percentile([10, 20, 30, 40, 50], 0.95)).toBeCloseTo(48);
  expect(percentile([7], 0.95)).toBe(7);
});

test('the samples are left as they were', () => {
  const samples = [3, 1, 2];
  expect(median(samples)).toBe(2);
  expect(samples).toEqual([3, 1, 2]);
});

test('nothing has no percentile', () => {
  expect(() => median([])).toThrow('there are no samples');
});
