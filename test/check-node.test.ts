/** What `npm run check:node` says when it cannot begin. That it runs on other versions of Node, only running it tells. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const script = join(__dirname, '..', 'scripts', 'check-node.mjs');
let cache: string;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'phase3-cache-'));
});

afterEach(() => {
  rmSync(cache, { recursive: true, force: true });
});

/** Runs the script where nothing is installed: no Node in the cache, no command on the PATH. */
function checkNode(...args: string[]): { status: number | null; stderr: string } {
  return spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
    env: { ...process.env, XDG_CACHE_HOME: cache, PATH: cache },
  });
}

it.each([
  [['23'], '23 is no version of Node: give 22 or 24, or one in full, such as 22.20.0.\n'],
  [['24', 'test/gate'], 'test/gate is no version of Node: give 22 or 24, or one in full, such as 22.20.0.\n'],
  [['24', '--only'], '--only needs arguments for jest, such as test/gate.\n'],
])('refuses %j with a sentence', (args, stderr) => {
  expect(checkNode(...args)).toMatchObject({ status: 2, stderr });
});

it('says so when there is no python3, and leaves nothing half installed', () => {
  const { status, stderr } = checkNode('22');
  expect(stderr).toMatch(/^No python3 could be started .*: Python 3 with pip fetches Node from PyPI\.$/m);
  expect(status).toBe(1);
  expect(readdirSync(join(cache, 'phase3'))).toEqual([]);
});
