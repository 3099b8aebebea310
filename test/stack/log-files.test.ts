import { appendFile, mkdtemp, open, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { endOf, keepLogsSmall, lastWords } from '../../src/stack/log-files';

let logs: string;
let log: string;

beforeEach(async () => {
  logs = await mkdtemp(join(tmpdir(), 'phase3-logs-'));
  log = join(logs, 'gateway.log');
});
afterEach(() => rm(logs, { recursive: true, force: true }));

test('a log that is written to stays below its limit, and what was before it is kept once', async () => {
  const writer = await open(log, 'a');
  await writeFile(join(logs, 'stack.txt'), 'x'.repeat(5_000));
  const keeping = keepLogsSmall(logs, 5, 1_000);
  for (const line of ['a', 'b', 'c']) {
    await writer.write(`${line.repeat(2_000)}\n`);
    while ((await readFile(log, 'utf8')) !== '') await pause(5);
  }
  clearInterval(keeping);
  // The writer goes on where the file begins now.
  await writer.write('d\n');
  await writer.close();
  expect(await readFile(log, 'utf8')).toBe('d\n');
  expect(await readFile(`${log}.1`, 'utf8')).toBe(`${'c'.repeat(2_000)}\n`);
  expect((await readdir(logs)).sort()).toEqual(['gateway.log', 'gateway.log.1', 'stack.txt']);
});

test('the last words are what was said since, as messages, of a log however long', async () => {
  await writeFile(log, `${'old '.repeat(100_000)}\n`);
  const start = (await readFile(log)).length;
  await appendFile(log, '{"level":"ERROR","message":"the gateway ends: why"}\nplain\n');
  expect(await lastWords(log, start)).toBe('  ERROR the gateway ends: why\n  plain');
  expect((await endOf(log)).length).toBeLessThan(100_000);
  // It was begun again since.
  expect(await lastWords(log, start * 2)).toContain('  plain');
  expect(await endOf(join(logs, 'none.log'))).toBe('');
});
