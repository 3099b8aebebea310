/** Homes that cannot be used, by kind: each ends with a sentence that names the file and an exit code, and never with a stack. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cli, type Ended } from '../support/cli';

let folder: string;
let home: string;
let cli: Cli;

beforeAll(async () => {
  cli = await Cli.create();
});
afterAll(() => cli.dispose());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phase3-unusable-'));
  home = join(folder, 'home');
  await mkdir(home);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const run = (...args: string[]): Promise<Ended> => cli.run(args, { PHASE3_HOME: home });

function expectSentence({ stdout, stderr }: Ended, ...words: string[]): void {
  for (const word of words) expect(stderr).toContain(word);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(stdout).toBe('');
}

// `down` and `up` need no worker.json: they end and replace what stack.json names.
describe.each([
  ['stack.json', ['down', 'up', 'status', 'check 2017-04-15']],
  ['worker.json', ['status', 'check 2017-04-15']],
])('a %s that cannot be read does not count as one that is not there', (name, commands) => {
  it.each([
    ['cut off', (path: string) => writeFile(path, '{"temporal": {"pid"')],
    ['a folder', (path: string) => mkdir(path)],
  ])('%s', async (_kind, make) => {
    await make(join(home, name));
    for (const command of commands) {
      const ended = await run(...command.split(' '));
      expectSentence(ended, `${join(home, name)} cannot be read`, 'it is not known what runs here');
      expect(ended.code).toBe(1);
    }
  });
});

it('a home in which nothing can be written is named before anything is started', async () => {
  await writeFile(join(home, 'logs'), '');
  const up = await run('up');
  expectSentence(up, `PHASE3_HOME is ${home}`);
  expect(up.code).toBe(2);
});

it('a home that its user may not write to is named', async () => {
  // Root may write everywhere but through a file; others are told by the rights of the folder.
  if (process.getuid?.() === 0) await mkdir(join(home, 'up.lock', 'x'), { recursive: true });
  for (const name of ['logs', 'tmp']) await mkdir(join(home, name));
  await chmod(home, 0o500);
  const up = await run('up');
  expectSentence(up, `PHASE3_HOME is ${home}`, join(home, 'up.lock'));
  expect(up.code).toBe(2);
  await chmod(home, 0o700);
}, 30_000);

it('a warehouse that is damaged is said, with what to do, and nothing is written over it', async () => {
  const file = join(home, 'warehouse.duckdb');
  const bytes = 'not what DuckDB has written '.repeat(500);
  await writeFile(file, bytes);
  const up = await run('up');
  expectSentence(up, `opening ${file}`, 'The file of the warehouse is damaged. Nothing was changed.');
  expect(up.code).toBe(1);
  expect(await readFile(file, 'utf8')).toBe(bytes);
  await run('down');
}, 60_000);
