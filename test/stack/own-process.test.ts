/** How a process of ours ends: by itself, by one signal or two, while it starts, runs and stops, and with a full disk under its log. */
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';

interface End {
  readonly code: number | null;
  readonly said: string;
}

const script = join(__dirname, 'own-process-child.ts');
const runner = require.resolve('../../scripts/run-typescript.cjs');

/** Runs a case to its end; sends the signals, one after another, once it has started. */
async function run(
  name: string,
  signals: readonly NodeJS.Signals[] = [],
  log: number | 'pipe' = 'pipe',
): Promise<End> {
  const child = spawn(process.execPath, ['--require', runner, script, name], {
    stdio: ['ignore', 'pipe', log],
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stdout!.once('data', () => {
    for (const [nth, signal] of signals.entries()) setTimeout(() => child.kill(signal), 100 * nth);
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, said })));
}

const saying = (text: string): unknown => expect.stringContaining(text);

it.each([
  ['has no room', 1, 'the child ends: The disk is full.'],
  ['has no home', 2, 'the child ends: The home is a file.'],
  ['is not configured', 2, 'PHASE3_X is not set'],
  ['waits in time', 1, 'the child ends: Nobody answers.'],
  ['ends by itself', 1, 'the child ends: the server let it go'],
])('one that %s ends with %i, says why and where nothing was thrown', async (name, code, said) => {
  const end = await run(name);
  expect(end).toEqual({ code, said: saying(said) });
  expect(end.said).not.toContain('    at ');
});

it('of a fault of ours it is said where it was thrown', async () => {
  const end = await run('is wrong');
  expect(end).toEqual({ code: 1, said: saying('the child ends: x is not a function') });
  expect(end.said).toContain(`own-process-child.ts`);
});

const [term, int] = ['SIGTERM', 'SIGINT'] as const;

it.each<readonly [string, readonly NodeJS.Signals[], number, string]>([
  ['runs', [term], 0, 'stopping: SIGTERM'],
  ['runs', [int], 0, 'stopping: SIGINT'],
  ['waits to start', [term], 0, 'stopping: SIGTERM, before the child had started'],
  ['never stops', [term], 0, 'stopped before all was done'],
  ['never stops', [term, term], 0, 'stopped before all was done: SIGTERM came again'],
  ['never stops', [int, term], 0, 'stopped before all was done: SIGTERM came again'],
  ['fails to stop', [term], 1, 'the child could not stop as it should: it is stuck'],
])('one that %s ends at %j with %i', async (name, signals, code, said) => {
  expect(await run(name, signals)).toEqual({ code, said: saying(said) });
});

// The device that is always full.
(process.platform === 'linux' ? it : it.skip)(
  'one whose log cannot be written runs on, and stops as asked',
  async () => {
    const full = openSync('/dev/full', 'w');
    expect(await run('runs', [term], full)).toEqual({ code: 0, said: '' });
    expect(await run('has no room', [], full)).toEqual({ code: 1, said: '' });
  },
);
