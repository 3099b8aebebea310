/** Writes one after another, held by none that hangs. */
import { Turns } from '../../src/warehouse/bigquery/turns';
import { latch } from '../support/latch';

const longestMs = 1_000;
let turns: Turns;

beforeEach(() => {
  jest.useFakeTimers();
  turns = new Turns(longestMs);
});
afterEach(() => jest.useRealTimers());

it('go one after another, also when one fails', async () => {
  const order: string[] = [];
  const write =
    (name: string, fails = false) =>
    async (): Promise<void> => {
      order.push(`${name} begins`);
      await Promise.resolve();
      order.push(`${name} ends`);
      if (fails) throw new Error(name);
    };
  const first = turns.take(write('first', true));
  const second = turns.take(write('second'));
  await expect(first).rejects.toThrow('first');
  await second;
  expect(order).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
});

it('any number that hang hold the others no longer than two turns, and are waited for as one again when they have ended', async () => {
  const hanging = latch();
  const running = Array.from({ length: 20 }, () => turns.take(() => hanging.opened));
  const started: string[] = [];
  const other = turns.take(async () => {
    started.push('other');
    await Promise.resolve();
  });
  await jest.advanceTimersByTimeAsync(longestMs - 1);
  expect(started).toEqual([]);
  await jest.advanceTimersByTimeAsync(longestMs + 30);
  expect(started).toEqual(['other']);
  hanging.open();
  await Promise.all([...running, other]);

  // Nothing is left of it: the next that hangs holds for a whole turn.
  const again = latch();
  const held = turns.take(() => again.opened);
  const next = turns.take(() => Promise.resolve(started.push('next')));
  await jest.advanceTimersByTimeAsync(longestMs - 1);
  expect(started).toEqual(['other']);
  await jest.advanceTimersByTimeAsync(1);
  expect(started).toEqual(['other', 'next']);
  again.open();
  await Promise.all([held, next]);
});
