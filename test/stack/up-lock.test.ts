import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thisProcess } from '../../src/stack/processes';
import { withLock } from '../../src/stack/up-lock';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phase3-lock-'));
  file = join(folder, 'up.lock');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

it('lets one work at a time, and is gone afterwards, also when the work fails', async () => {
  const inside: number[] = [];
  let now = 0;
  const work = async (): Promise<void> => {
    inside.push((now += 1));
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(await thisProcess());
    now -= 1;
    throw new Error('it failed');
  };
  const all = await Promise.allSettled([withLock(file, work), withLock(file, work), withLock(file, work)]);
  expect(all.map((one) => (one.status === 'rejected' ? String(one.reason) : 'done'))).toEqual(
    Array(3).fill('Error: it failed'),
  );
  expect(inside).toEqual([1, 1, 1]);
  await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' });
});

it.each([
  ['a process that has ended', JSON.stringify({ pid: 2 ** 22 + 1, startedAt: 'tick 1' })],
  // After a container was started again its ids begin anew.
  ['another process that has its id by now', JSON.stringify({ pid: process.pid, startedAt: 'tick 1' })],
  ['nobody', ''],
])('that %s has left is taken at once', async (_, text) => {
  await writeFile(file, text);
  expect(await withLock(file, async () => 'done', 0)).toBe('done');
});

it('that a living process holds is respected, and said whose it is', async () => {
  await writeFile(file, JSON.stringify(await thisProcess()));
  await expect(withLock(file, async () => 'done', 200)).rejects.toMatchObject({
    ...{
      name: 'LockedError',
      message: `Process ${process.pid} has been starting this home for 0.2 s (${file}).`,
    },
  });
});
