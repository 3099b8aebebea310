import { neededAt } from '../../src/contracts/needed-by';

it.each([
  // Winter and summer.
  ['2026-01-15', '09:00', '2026-01-16T14:00:00.000Z'],
  ['2026-06-15', '09:00', '2026-06-16T13:00:00.000Z'],
  // The clocks are put forward on the morning of 8 March 2026, and back on that of 1 November.
  ['2026-03-06', '09:00', '2026-03-07T14:00:00.000Z'],
  ['2026-03-07', '09:00', '2026-03-08T13:00:00.000Z'],
  ['2026-03-07', '01:59', '2026-03-08T06:59:00.000Z'],
  ['2026-10-30', '09:00', '2026-10-31T13:00:00.000Z'],
  ['2026-10-31', '09:00', '2026-11-01T14:00:00.000Z'],
  ['2026-10-31', '00:30', '2026-11-01T04:30:00.000Z'],
  // An hour that the clocks show twice, and one that they skip.
  ['2026-10-31', '01:30', '2026-11-01T05:30:00.000Z'],
  ['2026-03-07', '02:30', '2026-03-08T07:30:00.000Z'],
  // The last day of a month and a year.
  ['2025-12-31', '23:59', '2026-01-02T04:59:00.000Z'],
])('rows of %s, needed by %s, are needed at %s', (gameDate, neededBy, instant) => {
  expect(neededAt(gameDate, neededBy).toISOString()).toBe(instant);
});
