/** Writes one after another, held by none that hangs. */
import { onBehalfOf } from '../../src/warehouse/asker';
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

it('whoever gives up in the queue leaves it: nothing of it is written, then or later, and the others go on', async () => {
  const first = latch();
  const started: string[] = [];
  const write = (name: string) => (): Promise<number> => Promise.resolve(started.push(name));
  const held = turns.take(() => first.opened);
  const attempt = new AbortController();
  const again = new AbortController();
  const waiting = onBehalfOf(attempt.signal, () => turns.take(write('attempt 1')));
  const next = onBehalfOf(again.signal, () => turns.take(write('attempt 2')));
  const left = expect(waiting).rejects.toMatchObject({
    kind: 'unavailable',
    message: 'Whoever asked for a write has given up before its turn came.',
  });
  attempt.abort();
  // It is told at once, and not when its turn would have come.
  await left;
  expect(started).toEqual([]);
  first.open();
  await Promise.all([held, next]);
  expect(started).toEqual(['attempt 2']);
  // Who has given up before he asks is not heard either; what has begun is not cut off.
  await expect(onBehalfOf(attempt.signal, () => turns.take(write('attempt 3')))).rejects.toThrow('given up');
  const begun = latch();
  const late = onBehalfOf(again.signal, () => turns.take(() => begun.opened));
  await jest.advanceTimersByTimeAsync(0);
  again.abort();
  begun.open();
  await late;
  expect(started).toEqual(['attempt 2']);
});
