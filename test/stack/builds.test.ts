/** The builds that a home keeps: found again without the checkout, with the packages of whoever installed them. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Builds } from '../../src/stack/builds';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phase3-builds-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const packages = {
  '': { name: 'nba-phase3' },
  'node_modules/needed': {},
  'node_modules/for-developers': { dev: true },
  'node_modules/for-another-machine': { optional: true },
};

/** A package as `npm ci` leaves it, or as an installed release has it. */
async function packageWith(list: string): Promise<string> {
  const root = join(folder, 'checkout');
  const files = {
    'package.json': '{}',
    'bin/phase3.js': 'a command',
    'dist/src/worker.js': 'a worker',
    'node_modules/needed/index.js': 'needed',
    'node_modules/needed/index.d.ts': 'types',
    'node_modules/for-developers/index.js': 'not needed',
    [list]: JSON.stringify({ packages }),
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

test.each(['node_modules/.package-lock.json', 'npm-shrinkwrap.json'])(
  'a build whose packages are on %s is kept whole, and outlives its checkout',
  async (list) => {
    const root = await packageWith(list);
    const builds = new Builds(join(folder, 'home'));
    await builds.keep({ id: 'a', root });
    await builds.keep({ id: 'b', root });
    await rm(root, { recursive: true });
    expect(await builds.list()).toEqual(['a', 'b']);
    for (const path of ['dist/src/worker.js', 'bin/phase3.js', 'node_modules/needed/index.js'])
      expect(await readFile(join(builds.pathOf('a'), path), 'utf8')).not.toBe('');
    expect((await readdir(join(builds.pathOf('a'), 'node_modules'))).sort()).toEqual([
      '.package-lock.json',
      'needed',
    ]);
    expect(await readdir(join(builds.pathOf('a'), 'node_modules', 'needed'))).toEqual(['index.js']);
    expect(await builds.prune(new Set(['b']))).toEqual(['a']);
    expect(await readFile(join(builds.pathOf('b'), 'node_modules/needed/index.js'), 'utf8')).toBe('needed');
    await builds.prune(new Set());
    expect(await readdir(join(folder, 'home', 'builds'))).toEqual([]);
  },
);
