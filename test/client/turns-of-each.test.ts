/** Turns of several by name: in the order in which they came, so many at once, and nothing is left of who has gone. */
import { setImmediate as turn } from 'node:timers/promises';
import { TurnsOfEach } from '../../src/client/turns';

/** Works that end when they are told; `begun` has those that have had their turn. */
function worksOf(turns: TurnsOfEach): {
  begun: string[];
  start: (work: string) => Promise<void>;
  end: (...works: string[]) => Promise<void>;
} {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const start = (work: string): Promise<void> =>
    turns.take('one', () => {
      begun.push(work);
      return new Promise((resolve) => ends.set(work, resolve));
    });
  const end = async (...works: string[]): Promise<void> => {
    for (const work of works) ends.get(work)?.();
    await turn();
  };
  return { begun, start, end };
}

it('go in order, and who comes while others wait waits behind them', async () => {
  const turns = new TurnsOfEach(2);
  const { begun, start, end } = worksOf(turns);
  const all = ['a', 'b', 'c', 'd'].map(start);
  await turn();
  expect(begun).toEqual(['a', 'b']);
  await end('a');
  all.push(start('e'));
  await turn();
  expect(begun).toEqual(['a', 'b', 'c']);
  await end('b', 'c');
  expect(begun).toEqual(['a', 'b', 'c', 'd', 'e']);
  await end('d', 'e');
  await Promise.all(all);
  expect(turns.size).toBe(0);
});

it('are as many where all have gone and others come', async () => {
  const turns = new TurnsOfEach(2);
  const { begun, start, end } = worksOf(turns);
  const all = [start('a'), start('b')];
  await turn();
  await end('a');
  expect(turns.size).toBe(1);
  await end('b');
  expect(turns.size).toBe(0);
  all.push(...['c', 'd', 'e'].map(start));
  await turn();
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
  await end('c', 'd');
  await end('e');
  await Promise.all(all);
});

it('are given back by a work that fails', async () => {
  const turns = new TurnsOfEach(1);
  await expect(turns.take('one', () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  expect(turns.size).toBe(0);
  expect(await turns.take('one', () => Promise.resolve('done'))).toBe('done');
});
