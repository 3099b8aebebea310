/** Files of rows on their way: each goes when its load is over, and what a killed load left a day later. */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withSpool } from '../../src/warehouse/spool';

let scratch: string;
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'phase3-spool-test-'));
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

test('a file is there while it is used, and gone afterwards, also where the load fails', async () => {
  const seen: string[] = [];
  const use = async (file: string): Promise<void> => {
    await writeFile(file, '{}');
    seen.push(file);
  };
  await withSpool(scratch, use);
  const fails = withSpool(scratch, async (file) => {
    await use(file);
    throw new Error('refused');
  });
  await expect(fails).rejects.toThrow('refused');
  expect(new Set(seen).size).toBe(2);
  expect(await readdir(scratch)).toEqual([]);
});

test('what a killed load left goes a day later, and nothing else', async () => {
  const hours = (age: number): Date => new Date(Date.now() - age * 3_600_000);
  const files: Record<string, number> = {
    'phase3-load-killed.ndjson': 25,
    'phase3-load-running.ndjson': 23,
    'phase3-load-of-a-person.csv': 90,
    'somebody-elses.ndjson': 90,
  };
  for (const [name, age] of Object.entries(files)) {
    await writeFile(join(scratch, name), '');
    await utimes(join(scratch, name), hours(age), hours(age));
  }
  await withSpool(scratch, async (file) => {
    await writeFile(file, '{}');
    expect(existsSync(join(scratch, 'phase3-load-killed.ndjson'))).toBe(false);
  });
  expect((await readdir(scratch)).sort()).toEqual(Object.keys(files).slice(1).sort());
});
