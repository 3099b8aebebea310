/** The files of a home. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Home, HomeError, type StackFile } from '../../src/stack/home';

let folder: string;
let home: Home;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phase3-home-'));
  home = new Home(join(folder, 'not', 'there', 'yet'));
  await home.create();
});

afterEach(async () => rm(folder, { recursive: true, force: true }));

const stack: StackFile = {
  temporal: {
    pid: 11,
    startedAt: 'Mon Nov 23 20:00:00 2026',
    address: '127.0.0.1:7233',
    ui: 'http://127.0.0.1:8233',
    uiBehind: 'http://127.11.22.33:8233',
  },
  worker: { pid: 12, startedAt: 'Mon Nov 23 20:00:01 2026' },
};
const worker = {
  pid: 12,
  url: 'http://127.0.0.1:4711',
  token: 'secret',
  metrics: 'http://127.0.0.1:9464/metrics',
};

it('is made with its folders, and making it again keeps what is in it', async () => {
  await writeFile(home.warehouseFile, 'rows');
  await home.create();
  expect((await readdir(home.path)).sort()).toEqual(['logs', 'tmp', 'warehouse.duckdb']);
});

it('is for its owner only', async () => {
  for (const path of [home.path, home.logs, home.scratch])
    expect((await stat(path)).mode & 0o777).toBe(0o700);
});

it('keeps everything below itself', () => {
  for (const path of [home.warehouseFile, home.temporalFile, home.logs, home.scratch, home.lockFile])
    expect(path.startsWith(`${home.path}/`)).toBe(true);
});

it('says that nothing was started and that there is no worker when it is new', async () => {
  expect(await home.readStack()).toEqual({ temporal: null, worker: null, gateway: null });
  expect(await home.readWorker()).toBeNull();
});

it('says so too when it is not there at all', async () => {
  const nowhere = new Home(join(folder, 'nowhere'));
  expect(await nowhere.readStack()).toEqual({ temporal: null, worker: null, gateway: null });
  expect(await nowhere.readWorker()).toBeNull();
});

it('reads back what was written last', async () => {
  await home.writeStack({ temporal: null, worker: null, gateway: null });
  await home.writeStack(stack);
  await home.writeWorker(worker);
  const again = new Home(home.path);
  expect(await again.readStack()).toEqual(stack);
  expect(await again.readWorker()).toEqual(worker);
});

it('forgets a worker, also one that it never knew', async () => {
  await home.writeWorker(worker);
  await home.forgetWorker();
  expect(await home.readWorker()).toBeNull();
  await expect(home.forgetWorker()).resolves.toBeUndefined();
  expect(await home.readStack()).toEqual({ temporal: null, worker: null, gateway: null });
});

it('shows the token to its owner only, also where a readable file was before', async () => {
  await writeFile(join(home.path, 'worker.json'), '{}', { mode: 0o644 });
  await home.writeWorker(worker);
  expect((await stat(join(home.path, 'worker.json'))).mode & 0o777).toBe(0o600);
});

describe('a file that is there and cannot be read is not taken for none', () => {
  it.each([
    ['half of one', async (path: string) => writeFile(path, '{"pid": 12, "url": "http:')],
    ['an empty one', async (path: string) => writeFile(path, '')],
    ['one without an object', async (path: string) => writeFile(path, 'null')],
    ['a list', async (path: string) => writeFile(path, '[]')],
    ['one without its fields', async (path: string) => writeFile(path, '{"pid": "12", "url": 7}')],
    ['a folder', async (path: string) => mkdir(path)],
  ])('%s', async (_name, make) => {
    for (const name of ['worker.json', 'stack.json', 'home.json']) await make(join(home.path, name));
    for (const [read, name] of [
      [() => home.readWorker(), 'worker.json'],
      [() => home.readStack(), 'stack.json'],
      [() => home.readRecord(), 'home.json'],
    ] as const) {
      await expect(read()).rejects.toThrow(HomeError);
      await expect(read()).rejects.toThrow(`${join(home.path, name)} cannot be read`);
    }
  });
});

it('names the field of a file that is not as it was written', async () => {
  await home.writeStack(stack);
  const path = join(home.path, 'stack.json');
  await writeFile(path, (await readFile(path, 'utf8')).replace('"pid": 11', '"pid": "x"'));
  await expect(home.readStack()).rejects.toThrow('temporal.pid is "x", expected the id of a process');
});

it('shows readers a whole file while it is written again and again, and leaves no drafts', async () => {
  await home.writeWorker(worker);
  let done = false;
  const seen: unknown[] = [];
  const reader = (async () => {
    while (!done) seen.push(await home.readWorker());
  })();
  for (let round = 0; round < 100; round += 1)
    await home.writeWorker({ ...worker, token: 'x'.repeat((round % 2) * 50_000) });
  done = true;
  await reader;
  expect(seen.length).toBeGreaterThan(10);
  expect(seen).not.toContain(null);
  expect((await readdir(home.path)).sort()).toEqual(['logs', 'tmp', 'worker.json']);
});
