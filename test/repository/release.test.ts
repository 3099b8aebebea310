/** `npm run release`, in a clone whose checks are stand-ins: what it refuses, what it makes, and that it makes it again. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ownEnvironment } from '../../scripts/own-environment';
import { freePort } from '../../src/stack/processes';
import { startBuilt, type BuiltProcess } from '../support/built-process';
import { startTestServer } from '../support/temporal';

jest.setTimeout(900_000);

const root = join(__dirname, '..', '..');
const version = '0.1.0-rc.1';
let parent: string;
let clone: string;

const git = (...args: string[]): string => execFileSync('git', args, { cwd: clone, encoding: 'utf8' }).trim();
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(clone, path)), { recursive: true });
  writeFileSync(join(clone, path), text);
};
const read = (path: string): string => readFileSync(join(clone, path), 'utf8');
const commit = (message: string): void => {
  git('add', '--all');
  git('commit', '--quiet', '--no-verify', '--message', message);
};

/** Sets scripts of the clone's package.json: the real checks and tests are those of this run. */
function setScripts(scripts: Readonly<Record<string, string>>): void {
  const manifest = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  Object.assign(manifest.scripts, scripts);
  write('package.json', `${JSON.stringify(manifest, null, 2)}\n`);
}

function release(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [join(clone, 'scripts', 'release.mjs'), ...args], {
    ...{ cwd: clone, encoding: 'utf8', maxBuffer: 1 << 26, env: ownEnvironment({}) },
  });
}

/** Throws once a process has ended. */
async function ended(child: BuiltProcess): Promise<never> {
  const { code, stderr } = await child.ended;
  throw new Error(`it ended with ${code}: ${stderr}`);
}

/** What a refusal must have left as it was. */
const state = (): unknown => [
  git('rev-parse', 'HEAD'),
  git('status', '--porcelain'),
  git('tag'),
  existsSync(join(clone, 'release')),
];

beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'phase3-release-test-'));
  clone = join(parent, 'clone');
  execFileSync('git', ['clone', '--quiet', root, clone]);
  git('config', 'user.name', 'Ana');
  git('config', 'user.email', 'ana@example.org');
  git('config', 'commit.gpgsign', 'false');
  git('tag', '--list')
    .split('\n')
    .filter(Boolean)
    .forEach((tag) => git('tag', '--delete', tag));
  // What is here and not committed yet.
  const changed = execFileSync('git', ['ls-files', '--modified', '--others', '--exclude-standard'], {
    ...{ cwd: root, encoding: 'utf8' },
  });
  for (const path of changed.split('\n').filter((name) => name !== '' && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(clone, path)), { recursive: true });
    copyFileSync(join(root, path), join(clone, path));
  }
  write(
    'CHANGELOG.md',
    '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A release.\n\n## [0.0.9] - 2026-01-01\n\n- Before.\n',
  );
  setScripts({ check: 'node -e ""', test: 'node -e ""' });
  commit('chore: checks that pass');
});
afterAll(() => rmSync(parent, { recursive: true, force: true }));

describe('is refused', () => {
  test.each([
    ['without a version', [], 'Usage: npm run release -- VERSION'],
    ['with a v', ['v0.1.0'], 'v0.1.0 is no version'],
    ['with half a version', ['0.1'], '0.1 is no version'],
    ['with a build', ['0.1.0+1'], '0.1.0+1 is no version'],
  ])('%s', (_, args, sentence) => {
    const before = state();
    expect(release(...args)).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining(sentence) as string,
    });
    expect(state()).toEqual(before);
  });

  test('where the tree has changes', () => {
    write('left-over.txt', '');
    expect(release(version)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('?? left-over.txt') as string,
    });
    rmSync(join(clone, 'left-over.txt'));
  });

  test.each([
    [version, 'of another commit', `There is a tag v${version} already, of another commit`],
    ['0.1.0-rc.2', 'and an older version', `${version} is not newer than 0.1.0-rc.2, which is released`],
    ['0.1.0', 'and a candidate of what is released', `${version} is not newer than 0.1.0, which is released`],
  ])('with the tag %s %s', (tag, _, sentence) => {
    git('tag', `v${tag}`, 'HEAD~1');
    expect(release(version)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(sentence) as string,
    });
    git('tag', '--delete', `v${tag}`);
  });

  test.each([
    [
      'nothing',
      '# Changelog\n\n## [Unreleased]\n\n## [0.0.9] - 2026-01-01\n\n- Before.\n',
      `says nothing of ${version}`,
    ],
    ['a heading alone', `# Changelog\n\n## [${version}]\n\n## [0.0.9]\n`, `has nothing under [${version}]`],
    [
      'some of it elsewhere',
      `# C\n\n## [Unreleased]\n\n- More.\n\n## [${version}]\n\n- It.\n`,
      'entries under [Unreleased]',
    ],
  ])('when the changelog says %s', (_, text, sentence) => {
    const head = git('rev-parse', 'HEAD');
    write('CHANGELOG.md', text);
    commit('docs: a changelog');
    expect(release(version)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(sentence) as string,
    });
    git('reset', '--quiet', '--hard', head);
  });

  test('when a check fails; then nothing has happened', () => {
    const head = git('rev-parse', 'HEAD');
    setScripts({ check: 'node -e "console.log(\'this is wrong\');process.exit(3)"' });
    commit('chore: a check that fails');
    const before = state();
    const { status, stderr } = release(version);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/`npm run --silent check` failed:\n.*this is wrong/s) as string,
    });
    expect(state()).toEqual(before);
    git('reset', '--quiet', '--hard', head);
  });
});

describe('makes', () => {
  const folder = (): string => join(clone, 'release', version);
  let before: string;

  beforeAll(() => {
    before = git('rev-parse', 'HEAD');
    const { status, stderr } = release(version);
    if (status !== 0) throw new Error(stderr);
  });

  test('one commit with version, date and images, and a tag of it', () => {
    expect(git('rev-parse', 'HEAD~1')).toBe(before);
    expect(git('log', '-1', '--format=%s|%an')).toBe(`chore(release): ${version}|Ana`);
    expect(git('rev-parse', `v${version}^{commit}`)).toBe(git('rev-parse', 'HEAD'));
    expect(git('cat-file', '-t', `v${version}`)).toBe('tag');
    expect(git('status', '--porcelain')).toBe('');
    for (const file of ['package.json', 'package-lock.json'])
      expect((JSON.parse(read(file)) as { version: string }).version).toBe(version);
    expect(read('CHANGELOG.md')).toMatch(
      new RegExp(
        `## \\[Unreleased\\]\n\n## \\[${version}\\] - \\d{4}-\\d\\d-\\d\\d\n\n### Added\n\n- A release\\.`,
      ),
    );
    expect(read('docker-compose.temporal.yml')).toContain(`image: nba-phase3:${version}\n`);
  });

  test('package, image files, SBOM, notes and sums', () => {
    const sums = readFileSync(join(folder(), 'SHA256SUMS'), 'utf8').trim().split('\n');
    const names = sums.map((line) => line.split('  ')[1] ?? '');
    expect(names).toEqual([
      ...[`nba-phase3-${version}.tgz`, `nba-phase3-${version}-image.tar.gz`],
      ...[`nba-phase3-${version}.cdx.json`, 'RELEASE_NOTES.md'],
    ]);
    expect(readdirSync(folder()).sort()).toEqual([...names, 'SHA256SUMS'].sort());
    for (const line of sums) {
      const [sum, name = ''] = line.split('  ');
      expect(
        createHash('sha256')
          .update(readFileSync(join(folder(), name)))
          .digest('hex'),
      ).toBe(sum);
    }
    const notes = readFileSync(join(folder(), 'RELEASE_NOTES.md'), 'utf8');
    expect(notes).toContain('- A release.');
    expect(notes).toContain('(docs/how-to/upgrade.md)');
  });

  test('an SBOM of what is installed, and of nothing that only tests need', () => {
    const sbom = JSON.parse(readFileSync(join(folder(), `nba-phase3-${version}.cdx.json`), 'utf8')) as {
      bomFormat: string;
      metadata: { component: { name: string; version: string } };
      components: { name: string; version: string }[];
    };
    expect(sbom).toMatchObject({
      bomFormat: 'CycloneDX',
      metadata: { component: { name: 'nba-phase3', version } },
    });
    const names = sbom.components.map(({ name }) => name);
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
      string,
      Record<string, string>
    >;
    expect(names).toEqual(expect.arrayContaining(Object.keys(dependencies ?? {})));
    for (const name of ['jest', 'eslint', 'prettier']) {
      expect(Object.keys(devDependencies ?? {})).toContain(name);
      expect(names).not.toContain(name);
    }
  });

  test('image files from which the Dockerfile copies, of this version', () => {
    const list = execFileSync('tar', ['tzf', join(folder(), `nba-phase3-${version}-image.tar.gz`)], {
      encoding: 'utf8',
    });
    const prefix = `nba-phase3-${version}/`;
    for (const path of [
      'Dockerfile',
      '.dockerignore',
      'package-lock.json',
      'src/worker.ts',
      'docker-compose.temporal.yml',
    ])
      expect(list.split('\n')).toContain(prefix + path);
    expect(list).not.toContain(`${prefix}test/`);
  });

  test('a package that names its commit, with the locked versions of what it needs, and no tests', () => {
    const tarball = join(folder(), `nba-phase3-${version}.tgz`);
    const list = execFileSync('tar', ['tzf', tarball], { encoding: 'utf8' }).split('\n');
    expect(list).toEqual(
      expect.arrayContaining([
        'package/dist/workflow-bundle.js',
        'package/npm-shrinkwrap.json',
        'package/bin/phase3.js',
        'package/docs/how-to/upgrade.md',
      ]),
    );
    // Who follows a link of these arrives.
    const guide = execFileSync('tar', ['xzOf', tarball, 'package/docs/how-to/upgrade.md'], {
      encoding: 'utf8',
    });
    const links = [...guide.matchAll(/\]\(([a-z-]+\.md)/g)].map(([, file]) => `package/docs/how-to/${file}`);
    expect(links.length).toBeGreaterThan(4);
    expect(list).toEqual(expect.arrayContaining(links));
    expect(list.filter((path) => /\/(test|scripts)\//.test(path))).toEqual([]);
    const build = execFileSync('tar', ['xzOf', tarball, 'package/dist/build.json'], { encoding: 'utf8' });
    expect((JSON.parse(build) as { commit: string }).commit).toBe(git('rev-parse', 'HEAD'));
  });

  test('a package whose processes start in an empty folder, answer and end, as in the image', async () => {
    const prefix = mkdtempSync(join(tmpdir(), 'phase3-prefix-'));
    const server = await startTestServer();
    const started: BuiltProcess[] = [];
    try {
      const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
      const tarball = join(folder(), `nba-phase3-${version}.tgz`);
      execFileSync('npm', ['install', '--prefix', prefix, ...options, tarball], { stdio: 'ignore' });
      const url = `http://127.0.0.1:${await freePort()}`;
      const env = {
        ...{ TEMPORAL_ADDRESS: server.address, PHASE3_HOME: join(prefix, 'home') },
        PHASE3_GATEWAY_PORT: new URL(url).port,
      };
      const start = (path: string): BuiltProcess => {
        const child = startBuilt({ path: join(prefix, 'node_modules', 'nba-phase3', path) }, env);
        started.push(child);
        return child;
      };
      // What the image and the manifests start.
      const worker = start('dist/src/worker.js');
      const gateway = start('dist/src/gateway/main.js');
      await gateway.said('serving');
      const health = async (path: string): Promise<unknown> => (await fetch(`${url}/health/${path}`)).json();
      expect(await health('live')).toMatchObject({ build: git('rev-parse', 'HEAD') });
      // The worker's healthcheck, by its command line.
      const status = (): string =>
        spawnSync(join(prefix, 'node_modules', '.bin', 'phase3'), ['status', '--json'], {
          ...{ encoding: 'utf8', env: ownEnvironment(env) },
        }).stdout;
      while (!/"state": *"RUNNING"/.test(status())) await Promise.race([pause(500), ended(worker)]);
      expect(await health('ready')).toMatchObject({
        components: { temporal: { up: true }, warehouse: { up: true }, worker: { up: true } },
      });
      const older = start('dist/src/workflow-worker.js');
      await older.said('RUNNING');
      for (const child of started.reverse()) {
        process.kill(child.pid, 'SIGTERM');
        expect(await child.ended).toMatchObject({ code: 0 });
      }
      // npm has put its packages beside it, and the home keeps them with the build.
      const own = { PHASE3_HOME: join(prefix, 'own-home') };
      for (const command of ['up', 'down'])
        expect(
          spawnSync(join(prefix, 'node_modules', '.bin', 'phase3'), [command], {
            ...{ encoding: 'utf8', env: ownEnvironment(own) },
          }),
        ).toMatchObject({ status: 0 });
    } finally {
      for (const child of started) child.kill();
      await server.stop();
      rmSync(prefix, { recursive: true, force: true });
    }
  });

  test('the same files when it is run again, and no second commit or tag', () => {
    const sums = readFileSync(join(folder(), 'SHA256SUMS'), 'utf8');
    const head = git('rev-parse', 'HEAD');
    rmSync(join(clone, 'release'), { recursive: true });
    const { status, stdout, stderr } = release(version);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stdout).toContain(`The files of v${version} are in release/${version} again.`);
    // The package is built anew, in another folder, and is not the same byte for byte.
    const others = (text: string): string[] => text.split('\n').filter((line) => !line.endsWith('.tgz'));
    expect(others(readFileSync(join(folder(), 'SHA256SUMS'), 'utf8'))).toEqual(others(sums));
    expect([git('rev-parse', 'HEAD'), git('tag')]).toEqual([head, `v${version}`]);
  });

  test('nothing with --dry-run, which says what it would make', () => {
    write(
      'CHANGELOG.md',
      read('CHANGELOG.md').replace('## [Unreleased]\n', '## [Unreleased]\n\n- Another.\n'),
    );
    commit('docs: another');
    const before = [state(), readdirSync(join(clone, 'release'))];
    const { status, stdout } = release('0.1.0-rc.2', '--dry-run');
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: expect.stringMatching(
        /nba-phase3-0\.1\.0-rc\.2\.tgz[^]*0\.1\.0-rc\.2 could be released\. Nothing was/,
      ) as string,
    });
    expect([state(), readdirSync(join(clone, 'release'))]).toEqual(before);
  });
});
