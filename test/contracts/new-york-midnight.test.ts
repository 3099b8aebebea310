import { addDays } from '../../src/contracts/game-date';
import { newYorkDate } from '../../src/contracts/new-york';
import { newYorkMidnight } from '../../src/contracts/new-york-midnight';

// https://www.nist.gov/pml/time-and-frequency-division/popular-links/daylight-saving-time-dst: from the second Sunday of March
// to the first Sunday of November, changed at two in the morning.
it.each([
  ['in winter', '2025-01-15', '2025-01-15T05:00:00.000Z'],
  ['in summer', '2025-07-04', '2025-07-04T04:00:00.000Z'],
  ['on the day before clocks go forward', '2025-03-08', '2025-03-08T05:00:00.000Z'],
  ['on the day on which clocks go forward, two hours before', '2025-03-09', '2025-03-09T05:00:00.000Z'],
  ['on the day after', '2025-03-10', '2025-03-10T04:00:00.000Z'],
  ['on the day before clocks go back', '2025-11-01', '2025-11-01T04:00:00.000Z'],
  ['on the day on which clocks go back, two hours before', '2025-11-02', '2025-11-02T04:00:00.000Z'],
  ['on the day after that', '2025-11-03', '2025-11-03T05:00:00.000Z'],
  ['on a leap day', '2024-02-29', '2024-02-29T05:00:00.000Z'],
  // Before 2007 from the first Sunday of April to the last of October.
  ['by the rule of before 2007', '2006-03-20', '2006-03-20T05:00:00.000Z'],
])('a date begins %s: %s at %s', (_, gameDate, instant) => {
  expect(newYorkMidnight(gameDate).toISOString()).toBe(instant);
});

it('the millisecond before the midnight of a date is the date before, on every day of thirty years', () => {
  const wrong: string[] = [];
  for (let day = '1996-01-01'; day < '2026-01-01'; day = addDays(day, 1)) {
    const midnight = newYorkMidnight(day);
    const before = new Date(midnight.getTime() - 1);
    if (newYorkDate(midnight) !== day || newYorkDate(before) !== addDays(day, -1)) wrong.push(day);
  }
  expect(wrong).toEqual([]);
});
