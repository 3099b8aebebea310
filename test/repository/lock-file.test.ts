/** The lock file says of every package which bytes are meant, wherever they are fetched from. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Entry {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  /** Whether only we need it: it is not shipped. */
  readonly dev?: boolean;
  readonly license?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Lock {
  readonly packages: Readonly<Record<string, Entry>>;
}

const publicRegistry = 'https://registry.npmjs.org/';

/** Licences under which a package may come with ours, which is Apache-2.0: they ask for no more than to be named. */
const mayBeShipped = new Set(
  [
    '0BSD',
    'Apache-2.0',
    'BSD-2-Clause',
    'BSD-3-Clause',
    'BlueOak-1.0.0',
    'CC-BY-4.0',
    'ISC',
    'MIT',
    'Unlicense',
  ].flatMap((one) => [one, `Apache-2.0 AND ${one}`]),
);
/** Packages whose package.json says nothing, by what their file LICENSE says. */
const bySelf: Readonly<Record<string, string>> = { 'node_modules/unionfs': 'Unlicense' };

/** What is shipped under a licence that was not weighed. */
function unweighed({ packages }: Lock): string[] {
  return Object.entries(packages).flatMap(([path, { dev, license = bySelf[path] }]) =>
    path === '' || dev || mayBeShipped.has(license ?? '') ? [] : [`${path}: ${license ?? 'no licence'}`],
  );
}

/** What would let an install take other bytes, or fail on another machine. */
function faultsOf({ packages }: Lock): string[] {
  return Object.entries(packages).flatMap(([path, entry]) => {
    const optional = Object.keys(entry.optionalDependencies ?? {});
    return [
      ...(path !== '' && !entry.link && !/^sha512-[A-Za-z0-9+/]{86}==$/.test(entry.integrity ?? '')
        ? [`${path} has no integrity`]
        : []),
      ...(entry.resolved !== undefined && !entry.resolved.startsWith(publicRegistry)
        ? [`${path} comes from ${entry.resolved}`]
        : []),
      // A binary for another system: `npm ci` there refuses a lock file that lacks it.
      ...optional
        .filter((name) => !packages[`${path}/node_modules/${name}`] && !packages[`node_modules/${name}`])
        .map((name) => `${path} may need ${name}, which is not locked`),
    ];
  });
}

const lock = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package-lock.json'), 'utf8')) as Lock;
const swc = lock.packages['node_modules/@swc/core'] ?? {};
const planted = (path: string, entry: Entry): Lock => ({ packages: { ...lock.packages, [path]: entry } });

it('every package of the lock file has a hash, a public origin and its binaries', () => {
  expect(Object.keys(lock.packages).length).toBeGreaterThan(500);
  expect(faultsOf(lock)).toEqual([]);
});

it.each([
  ['no hash', { ...swc, integrity: '' }, 'has no integrity'],
  ['a weak hash', { ...swc, integrity: 'sha1-wL5u4Kpy0v6Eq1rb3UZw9eyKHxM=' }, 'has no integrity'],
  [
    'another host',
    { ...swc, resolved: 'https://npm.example/@swc/core.tgz' },
    'comes from https://npm.example',
  ],
  [
    'a binary that is not locked',
    { ...swc, optionalDependencies: { '@swc/core-amiga': '1.0.0' } },
    '@swc/core-amiga',
  ],
])('a package with %s is found', (_name, entry, fault) => {
  expect(faultsOf(planted('node_modules/@swc/core', entry)).join('\n')).toContain(fault);
});

it('every package that is shipped has a licence that was weighed', () => {
  expect(unweighed(lock)).toEqual([]);
});

it.each([{ license: 'GPL-3.0-only' }, { license: 'SSPL-1.0' }, {}])('a package with %j is found', (entry) => {
  expect(unweighed(planted('node_modules/new', entry))).toHaveLength(1);
  expect(unweighed(planted('node_modules/new', { ...entry, dev: true }))).toEqual([]);
});
