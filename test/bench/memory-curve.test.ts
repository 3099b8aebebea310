/** How memory goes over time. */
import { growthPerMinute, nearestTo, type Sample } from '../../scripts/bench/memory-curve';

const samples = (values: readonly number[]): Sample[] => values.map((bytes, at) => ({ at, bytes }));

test('growth is the slope of the line through what was seen, a minute', () => {
  expect(growthPerMinute(samples([10, 12, 14, 16]), 0, 3)).toBeCloseTo(120);
  expect(growthPerMinute(samples([5, 5, 5]), 0, 2)).toBe(0);
  // Up and down again is no growth.
  expect(growthPerMinute(samples([1, 3, 3, 1]), 0, 3)).toBeCloseTo(0);
});

test('only what was seen between the instants counts', () => {
  expect(growthPerMinute(samples([0, 100, 10, 11, 12, 500]), 2, 4)).toBeCloseTo(60);
});

test('of one sample there is no growth', () => {
  expect(growthPerMinute(samples([1, 2, 3]), 1, 1)).toBeNull();
  expect(growthPerMinute([], 0, 1)).toBeNull();
});

test('the nearest sample', () => {
  expect(nearestTo(samples([7, 8, 9]), 1.4)).toEqual({ at: 1, bytes: 8 });
  expect(nearestTo(samples([7, 8, 9]), 50)).toEqual({ at: 2, bytes: 9 });
  expect(nearestTo([], 1)).toBeNull();
});
