/** Messages to a date: the first goes at once, what comes meanwhile goes together, and each hears of its own signal. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { TriggerMessage } from '../../src/contracts/messages';
import { Outbox, OutboxClosedError } from '../../src/gateway/outbox';
import { latch } from '../support/latch';

const gapMs = 60;

function message(requestId: string): TriggerMessage {
  return { requestId, kind: 'trigger', source: 'nbac_team_boxscore' };
}

/** An outbox whose signals are written down, and answered with their number. `send` may hold or break them. */
function outbox(send: (signal: number) => Promise<void> = async () => undefined): {
  box: Outbox<number>;
  signals: { gameDate: string; ids: string[]; at: number }[];
} {
  const signals: { gameDate: string; ids: string[]; at: number }[] = [];
  const box = new Outbox(async (gameDate, messages) => {
    const signal = signals.push({
      ...{ gameDate, ids: messages.map(({ requestId }) => requestId) },
      at: performance.now(),
    });
    await send(signal);
    return signal;
  }, gapMs);
  return { box, signals };
}

test('the first message of a date goes at once, and those that come meanwhile go together', async () => {
  const { box, signals } = outbox();
  const startedAt = performance.now();
  const first = box.put('2025-01-15', message('a'));
  expect(signals).toHaveLength(1);
  expect(await first).toBe(1);
  const later = ['b', 'c', 'd'].map(async (id) => box.put('2025-01-15', message(id)));
  expect(await Promise.all(later)).toEqual([2, 2, 2]);
  expect(signals.map(({ ids }) => ids)).toEqual([['a'], ['b', 'c', 'd']]);
  // Timers may be a millisecond early.
  expect(signals[1]!.at - startedAt).toBeGreaterThanOrEqual(gapMs - 2);
});

test('one date does not wait for another', async () => {
  const { box, signals } = outbox();
  const both = [box.put('2025-01-15', message('a')), box.put('2025-01-16', message('b'))];
  expect(signals.map(({ gameDate }) => gameDate)).toEqual(['2025-01-15', '2025-01-16']);
  expect(await Promise.all(both)).toEqual([1, 2]);
});

test('a signal that is slow holds up the next, which takes all that have come by then', async () => {
  const goOn = latch();
  const { box, signals } = outbox(async (signal) => (signal === 1 ? goOn.opened : undefined));
  const first = box.put('2025-01-15', message('a'));
  const others = ['b', 'c'].map(async (id) => box.put('2025-01-15', message(id)));
  await new Promise((resolve) => setTimeout(resolve, 2 * gapMs));
  expect(signals).toHaveLength(1);
  goOn.open();
  expect(await Promise.all([first, ...others])).toEqual([1, 2, 2]);
});

test('each signal is in the trace of whoever brought its first message', async () => {
  const trace = new AsyncLocalStorage<string>();
  const { signals, box } = outbox(async () => void traces.push(trace.getStore() ?? ''));
  const traces: string[] = [];
  const put = (id: string): Promise<number> => trace.run(id, () => box.put('2025-01-15', message(id)));
  await Promise.all(['a', 'b', 'c'].map(put));
  expect(signals.map(({ ids }) => ids)).toEqual([['a'], ['b', 'c']]);
  expect(traces).toEqual(['a', 'b']);
});

test('a signal that fails is told to those who came with it, and to nobody else', async () => {
  const { box } = outbox(async (signal) => {
    if (signal === 2) throw new Error('Temporal is away');
  });
  expect(await box.put('2025-01-15', message('a'))).toBe(1);
  const lost = ['b', 'c'].map(async (id) => box.put('2025-01-15', message(id)));
  for (const one of lost) await expect(one).rejects.toThrow('Temporal is away');
  expect(await box.put('2025-01-15', message('d'))).toBe(3);
});

test('a signal has its measure: what does not fit goes with the one after', async () => {
  const { box, signals } = outbox();
  const ids = Array.from({ length: 251 }, (_, index) => `r${index}`);
  await Promise.all(ids.map(async (id) => box.put('2025-01-15', message(id))));
  expect(signals.map((signal) => signal.ids.length)).toEqual([1, 100, 100, 50]);
  expect(signals.flatMap((signal) => signal.ids)).toEqual(ids);
});

test('closing lets everybody go at once, and sends nothing of what is queued', async () => {
  const goOn = latch();
  const { box, signals } = outbox(async () => goOn.opened);
  const letGo = ['a', 'b', 'c'].map(async (id) => box.put('2025-01-15', message(id)));
  const outcomes = Promise.allSettled(letGo);
  box.close();
  for (const outcome of await outcomes)
    expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(OutboxClosedError) as unknown });
  await expect(box.put('2025-01-16', message('d'))).rejects.toThrow(OutboxClosedError);
  goOn.open();
  await new Promise((resolve) => setTimeout(resolve, 2 * gapMs));
  expect(signals.map(({ ids }) => ids)).toEqual([['a']]);
});
