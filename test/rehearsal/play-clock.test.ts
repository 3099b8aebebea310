/** The play's time: New York's, faster than the wall's, and never ahead of it. */
import { PlayClock } from '../../src/rehearsal/play-clock';

const start = '2026-02-04T04:00:00Z';

test('a tenth of a second is a minute, and midnight is passed', () => {
  let wall = 1_000_000;
  const clock = new PlayClock({ start, factor: 600 }, () => wall);
  expect(clock.now()).toBe('23:00');
  wall += 1_500;
  expect(clock.now()).toBe('23:15');
  expect(clock.instant()).toBe('2026-02-04T04:15:00.000Z');
  expect(clock.clockOf(new Date(wall + 7_700).toISOString())).toBe('00:32');
  expect(clock.at(92)).toBe('00:32');
  expect(clock.minutesOf(9_200)).toBe(92);
});

test('what is due already is not waited for, and what is not due is', async () => {
  let wall = 0;
  const clock = new PlayClock({ start, factor: 600 }, () => (wall += 2_000));
  await clock.reach(92, new AbortController().signal);
  expect(wall).toBeGreaterThanOrEqual(2_000 + 9_200);
  // An interruption would be noticed by whoever waits.
  await clock.reach(92, AbortSignal.abort());
});

test('an interruption ends the waiting', async () => {
  const clock = new PlayClock({ start, factor: 1 });
  const interruption = new AbortController();
  const waiting = clock.reach(92, interruption.signal);
  interruption.abort();
  await expect(waiting).rejects.toThrow('aborted');
});
