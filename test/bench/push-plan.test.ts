/** Which pushes are sent when. */
import { lateDates, planPushes, type PushLoad } from '../../scripts/bench/push-plan';
import { triggers } from '../../src/plan/registry';

const dates = Array.from({ length: 30 }, (_, index) => `2025-01-${String(index + 1).padStart(2, '0')}`);
const load: PushLoad = { dates, perSecond: 200, seconds: 60, seed: 6 };
const pushes = planPushes(load);

test('they come at a steady rate, and half of them bring a message that was sent before', () => {
  expect(pushes).toHaveLength(12_000);
  expect(pushes.map(({ at }) => at)).toEqual(pushes.map((_, index) => 5 * index));
  expect(new Set(pushes.map(({ messageId }) => messageId)).size).toBe(6_000);
});

test('a message is the same whenever it comes', () => {
  const known = new Map<string, object>();
  for (const { at: _, ...message } of pushes) {
    expect(known.get(message.messageId) ?? message).toEqual(message);
    known.set(message.messageId, message);
  }
});

test('of what comes again half meets the newest message, and the rest any', () => {
  const first = new Map<string, number>();
  const after: number[] = [];
  for (const { messageId, at } of pushes) {
    const known = first.get(messageId);
    if (known === undefined) first.set(messageId, at);
    else after.push(at - known);
  }
  const soon = after.filter((ms) => ms <= 50).length / after.length;
  expect(soon).toBeGreaterThan(0.45);
  expect(soon).toBeLessThan(0.6);
  expect(after.filter((ms) => ms > 10_000).length).toBeGreaterThan(1_000);
});

test('every date is told of every source, of the fewest pushes that may be asked for too', () => {
  for (const perSecond of [30, 200]) {
    const few = planPushes({ ...load, perSecond, seconds: 10 });
    const told = new Set(few.map(({ gameDate, source }) => `${gameDate} ${source}`));
    expect(told.size).toBe(dates.length * Object.keys(triggers).length);
  }
});

test('dates get about the same number', () => {
  const counts = dates.map((date) => pushes.filter(({ gameDate }) => gameDate === date).length);
  expect(Math.min(...counts)).toBeGreaterThan(300);
  expect(Math.max(...counts)).toBeLessThan(500);
});

test('the same seed gives the same pushes, and another others', () => {
  expect(planPushes(load)).toEqual(pushes);
  expect(planPushes({ ...load, seed: 7 })).not.toEqual(pushes);
});

test('every fifth date is late', () => {
  expect(lateDates(dates)).toEqual([0, 5, 10, 15, 20, 25].map((index) => dates[index]));
});
