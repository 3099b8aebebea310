/** The builds that a home keeps: found again without the checkout, with the packages of whoever installed them. */
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
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

/** What npm leaves where the package is installed into a folder of somebody's: its packages beside it, but for one of another version. */
async function installedInto(folderOfSomebody: string): Promise<string> {
  const root = join(folderOfSomebody, 'node_modules', 'nba-phase3');
  const list = {
    'node_modules/nba-phase3': {},
    'node_modules/nba-phase3/node_modules/other': {},
    'node_modules/needed': {},
    'node_modules/needed/node_modules/inner': {},
    'node_modules/other': {},
    'node_modules/other/node_modules/of-other': {},
  };
  const files = {
    'node_modules/.package-lock.json': JSON.stringify({ packages: list }),
    'node_modules/nba-phase3/package.json': JSON.stringify({ dependencies: { needed: '1', other: '2' } }),
    'node_modules/nba-phase3/npm-shrinkwrap.json': JSON.stringify({ packages }),
    'node_modules/nba-phase3/bin/phase3.js': 'a command',
    'node_modules/nba-phase3/dist/src/worker.js': 'a worker',
    'node_modules/nba-phase3/node_modules/other/index.js': 'our version',
    'node_modules/needed/index.js': 'needed',
    'node_modules/needed/node_modules/inner/index.js': 'inner',
    'node_modules/other/index.js': 'their version',
    'node_modules/other/node_modules/of-other/index.js': 'theirs',
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folderOfSomebody, path)), { recursive: true });
    await writeFile(join(folderOfSomebody, path), text);
  }
  return root;
}

test('a build whose packages npm has put beside it is kept with them, and with its own where versions differ', async () => {
  const root = await installedInto(join(folder, 'app'));
  const builds = new Builds(join(folder, 'home'));
  await builds.keep({ id: 'a', root });
  const kept = join(builds.pathOf('a'), 'node_modules');
  expect(await readFile(join(kept, 'needed/node_modules/inner/index.js'), 'utf8')).toBe('inner');
  expect(await readFile(join(kept, 'other/index.js'), 'utf8')).toBe('our version');
  expect((await readdir(kept)).sort()).toEqual(['.package-lock.json', 'needed', 'other']);
  expect(await readdir(join(kept, 'other'))).toEqual(['index.js']);
});

test('a build that lacks a package is refused by its name, and one that was kept so is kept anew', async () => {
  const root = await installedInto(join(folder, 'app'));
  const builds = new Builds(join(folder, 'home'));
  const needed = join(folder, 'app', 'node_modules', 'needed');
  await rename(needed, `${needed}.gone`);
  await expect(builds.keep({ id: 'a', root })).rejects.toThrow(
    `The packages of ${root} are not all installed: needed not found.`,
  );
  expect(await readdir(join(folder, 'home', 'builds'))).toEqual([]);
  await rename(`${needed}.gone`, needed);
  await builds.keep({ id: 'a', root });
  // As 0.1.0 left it.
  await rm(join(builds.pathOf('a'), 'node_modules', 'needed'), { recursive: true });
  await builds.keep({ id: 'a', root });
  expect(await readFile(join(builds.pathOf('a'), 'node_modules/needed/index.js'), 'utf8')).toBe('needed');
});

test('two processes that keep a build at the same moment keep one, and neither takes away what the other has', async () => {
  const root = await installedInto(join(folder, 'app'));
  const home = join(folder, 'home');
  // As each other process would see it: nothing is kept when it looks.
  const late = new Builds(home);
  jest.spyOn(late, 'has').mockResolvedValue(false);
  await new Builds(home).keep({ id: 'a', root });
  const ofTheFirst = join(late.pathOf('a'), 'of-the-first');
  await writeFile(ofTheFirst, 'still here');
  await late.keep({ id: 'a', root });
  expect(await readFile(ofTheFirst, 'utf8')).toBe('still here');
});
