/** Turns of several by name: in the order in which they came, so many together, with rests, and nothing is left of who has gone. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as tick } from 'node:timers/promises';
import { TurnsOfEach } from '../../src/client/turns';

interface Works {
  readonly turns: TurnsOfEach;
  /** Works that have had their turn. */
  readonly begun: string[];
  /** Rests that were asked for, ms; each ends when `wake` is called. */
  readonly rests: number[];
  start(work: string, name?: string): Promise<void>;
  end(...works: string[]): Promise<void>;
  wake(): Promise<void>;
}

/** Works that end when they are told. */
function worksOf(most: number): Works {
  const begun: string[] = [];
  const rests: number[] = [];
  const ends = new Map<string, () => void>();
  let wakeUp = (): void => undefined;
  const turns = new TurnsOfEach(most, (ms) => {
    rests.push(ms);
    return new Promise<void>((resolve) => (wakeUp = resolve));
  });
  return {
    turns,
    begun,
    rests,
    start: (work, name = 'one') =>
      turns.take(name, () => {
        begun.push(work);
        return new Promise((resolve) => ends.set(work, resolve));
      }),
    end: async (...works) => {
      for (const work of works) ends.get(work)?.();
      await tick();
    },
    wake: async () => {
      wakeUp();
      await tick();
    },
  };
}

afterEach(() => jest.restoreAllMocks());

it('who comes first goes at once, and who comes meanwhile together, in order and so many', async () => {
  const { turns, begun, start, end, wake } = worksOf(2);
  const all = ['a', 'b', 'c', 'd'].map((work) => start(work));
  await tick();
  expect(begun).toEqual(['a']);
  await end('a');
  await wake();
  expect(begun).toEqual(['a', 'b', 'c']);
  all.push(start('e'));
  await end('b');
  expect(begun).toEqual(['a', 'b', 'c']);
  await end('c');
  await wake();
  expect(begun).toEqual(['a', 'b', 'c', 'd', 'e']);
  await end('d', 'e');
  await Promise.all(all);
  expect(turns.size).toBe(0);
});

it('another name does not wait, and one that has been quiet goes at once again', async () => {
  const { begun, start, end } = worksOf(1);
  const all = [start('a'), start('b', 'other')];
  await tick();
  expect(begun).toEqual(['a', 'b']);
  await end('a', 'b');
  all.push(start('c'));
  await tick();
  expect(begun).toEqual(['a', 'b', 'c']);
  await end('c');
  await Promise.all(all);
});

it('while others wait, it rests as long as the last ones took, and no longer than a second', async () => {
  const { rests, start, end, wake } = worksOf(1);
  const now = jest.spyOn(performance, 'now');
  now.mockReturnValue(0);
  const all = ['a', 'b', 'c'].map((work) => start(work));
  await tick();
  now.mockReturnValue(30);
  await end('a');
  expect(rests).toEqual([30]);
  now.mockReturnValue(100);
  await wake();
  now.mockReturnValue(60_000);
  await end('b');
  expect(rests).toEqual([30, 1_000]);
  await wake();
  // Nobody waits for a rest.
  await end('c');
  expect(rests).toHaveLength(2);
  await Promise.all(all);
});

it('an answer is there when its own work is done, and not when the others are', async () => {
  const { start, end, wake } = worksOf(2);
  const [a, b, c] = ['a', 'b', 'c'].map((work) => start(work));
  await tick();
  await end('a');
  await wake();
  await end('b');
  await Promise.all([a, b]);
  await end('c');
  await c;
});

it('a work that fails holds up nobody', async () => {
  const turns = new TurnsOfEach(1);
  const refused = turns.take('one', () => Promise.reject(new Error('refused')));
  const broken = turns.take('one', () => {
    throw new Error('broken');
  });
  const done = turns.take('one', () => Promise.resolve('done'));
  await expect(refused).rejects.toThrow('refused');
  await expect(broken).rejects.toThrow('broken');
  expect(await done).toBe('done');
  await tick();
  expect(turns.size).toBe(0);
});

it('each works under what is its own: a deadline and a trace are', async () => {
  const turns = new TurnsOfEach(2);
  const own = new AsyncLocalStorage<string>();
  const askers = ['a', 'b', 'c', 'd'];
  const take = (asker: string): Promise<string | undefined> =>
    own.run(asker, () => turns.take('one', async () => own.getStore()));
  expect(await Promise.all(askers.map(take))).toEqual(askers);
});
