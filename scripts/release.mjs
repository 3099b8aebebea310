/**
 * `npm run release -- VERSION [--dry-run]`: checks, dates the changelog, sets the version, commits, tags and makes the files of a
 * release in `release/VERSION`. All of it is done in a clone, and commit and tag come here only when everything has been: a
 * release that fails leaves nothing, and can be run again. A release that is done is made again from its tag.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeArtefacts, tryPackage } from './release/artefacts.mjs';
import { datedChangelog, ReleaseFault } from './release/changelog.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
/** A version of semver without what is only told of a build. */
const semver =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(?:0|[1-9]\d*|[a-z-][\da-z-]*)(?:\.(?:0|[1-9]\d*|[a-z-][\da-z-]*))*)?$/;

/** Runs commands in a folder. Throws a {@link ReleaseFault} with what a command said where it fails. */
function runnerIn(cwd, more = {}) {
  return (command, ...args) => {
    const { status, stdout, stderr, error } = spawnSync(command, args, {
      cwd,
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
      env: { ...process.env, ...more },
    });
    if (status === 0) return stdout;
    const said = [error?.message, stdout, stderr].filter(Boolean).join('\n').trim();
    throw new ReleaseFault(
      `\`${[command, ...args].join(' ')}\` failed:\n${said.split('\n').slice(-60).join('\n')}`,
    );
  };
}

const here = runnerIn(root);
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

function step(what) {
  console.error(`release: ${what} …`);
}

/** 0.1.0-rc.2 is older than 0.1.0, and newer than 0.1.0-rc.1. */
function compareVersions(one, other) {
  const [[core, pre], [otherCore, otherPre]] = [one, other].map((version) => {
    const [numbers, ...rest] = version.split('-');
    return [numbers.split('.').map(Number), rest.length > 0 ? rest.join('-').split('.') : null];
  });
  for (const [position, number] of core.entries())
    if (number !== otherCore[position]) return number - otherCore[position];
  if (!pre || !otherPre) return Number(!pre) - Number(!otherPre);
  for (let position = 0; position < Math.max(pre.length, otherPre.length); position += 1) {
    const [part, otherPart] = [pre[position], otherPre[position]];
    if (part === undefined || otherPart === undefined) return part === undefined ? -1 : 1;
    if (part === otherPart) continue;
    const areNumbers = [part, otherPart].map((text) => /^\d+$/.test(text));
    if (areNumbers[0] && areNumbers[1]) return Number(part) - Number(otherPart);
    if (areNumbers[0] !== areNumbers[1]) return areNumbers[0] ? -1 : 1;
    return part < otherPart ? -1 : 1;
  }
  return 0;
}

function readArguments(args) {
  const isDryRun = args.includes('--dry-run');
  const [version, ...more] = args.filter((arg) => arg !== '--dry-run');
  if (version === undefined || more.length > 0 || version.startsWith('--'))
    throw new ReleaseFault(
      'Usage: npm run release -- VERSION [--dry-run], such as npm run release -- 0.1.0-rc.1',
    );
  if (!semver.test(version))
    throw new ReleaseFault(`${version} is no version: expected such as 0.1.0-rc.1 or 0.1.0, without a v.`);
  return { version, isDryRun };
}

/** Throws for a tree with changes, a version that is no newer than one before, and a tag that is another commit's. */
function checkTree(version) {
  const changes = here('git', 'status', '--porcelain').trim();
  if (changes !== '')
    throw new ReleaseFault(
      `The tree has changes; commit or stash them:\n${changes.split('\n').slice(0, 20).join('\n')}`,
    );
  const tags = here('git', 'tag', '--list', 'v*').split('\n').filter(Boolean);
  const isDone = tags.includes(`v${version}`);
  if (isDone && here('git', 'rev-parse', `v${version}^{commit}`) !== here('git', 'rev-parse', 'HEAD'))
    throw new ReleaseFault(
      `There is a tag v${version} already, of another commit. A version is released once: choose the next. ` +
        `To make its files again: git checkout v${version}, and then the same command.`,
    );
  const newest = tags
    .map((tag) => tag.slice(1))
    .filter((tag) => semver.test(tag))
    .sort(compareVersions)
    .at(-1);
  if (!isDone && newest !== undefined && compareVersions(version, newest) <= 0)
    throw new ReleaseFault(`${version} is not newer than ${newest}, which is released.`);
  return isDone;
}

/** Files that name the image with its version. */
function imageNamers(run, name) {
  const found = run(
    'git',
    'grep',
    '--files-with-matches',
    '--fixed-strings',
    `${name}:`,
    '--',
    '*.yml',
    '*.yaml',
  );
  return found.split('\n').filter(Boolean);
}

/** Puts version and date where they belong, and returns the files that it wrote. */
function writeVersion({ checkout, name, version, run }) {
  const { version: old } = readJson(join(checkout, 'package.json'));
  const dated = datedChangelog(
    readFileSync(join(checkout, 'CHANGELOG.md'), 'utf8'),
    version,
    new Date().toISOString().slice(0, 10),
  );
  writeFileSync(join(checkout, 'CHANGELOG.md'), dated.text);
  run('npm', 'version', version, '--no-git-tag-version', '--allow-same-version', '--ignore-scripts');
  for (const file of imageNamers(run, name)) {
    const path = join(checkout, file);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(`${name}:${old}`, `${name}:${version}`));
  }
  return dated.notes;
}

function commitAndTag({ version, run }) {
  // A clone does not have what only this repository says of who commits.
  for (const setting of ['user.name', 'user.email'])
    run('git', 'config', setting, here('git', 'config', '--default', '', setting).trim());
  if (run('git', 'status', '--porcelain').trim() !== '')
    run('git', 'commit', '--quiet', '--all', '--message', `chore(release): ${version}`);
  run('git', 'tag', '--annotate', `v${version}`, '--message', `Version ${version}`);
}

/** Everything that can fail, in a clone of this commit. */
function make({ checkout, version, isDone }) {
  const { name } = readJson(join(root, 'package.json'));
  here('git', 'clone', '--quiet', '--no-hardlinks', root, checkout);
  const plain = runnerIn(checkout);
  plain('git', 'checkout', '--quiet', '--detach', here('git', 'rev-parse', 'HEAD').trim());
  const notes = isDone
    ? datedChangelog(readFileSync(join(checkout, 'CHANGELOG.md'), 'utf8'), version, '').notes
    : writeVersion({ checkout, name, version, run: plain });
  step('installing');
  plain('npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline');
  if (!isDone) {
    step('npm run check');
    plain('npm', 'run', '--silent', 'check');
    step('npm test');
    plain('npm', 'test', '--silent');
    commitAndTag({ version, run: plain });
  }
  step('building');
  const run = runnerIn(checkout, { PHASE3_COMMIT: plain('git', 'rev-parse', 'HEAD').trim() });
  run('npm', 'run', '--silent', 'build');
  const folder = join(checkout, 'release', version);
  const files = makeArtefacts({ checkout, folder, name, version, notes, run });
  step('trying the package in a clean prefix');
  tryPackage({ tarball: join(folder, files[0]), version, run });
  return { folder, files };
}

/** Brings commit and tag here, and the files into `release/VERSION`. */
function bringHome({ checkout, version, folder, isDone }) {
  if (!isDone) {
    here('git', 'fetch', '--quiet', checkout, `refs/tags/v${version}:refs/tags/v${version}`);
    here('git', 'merge', '--quiet', '--ff-only', `v${version}`);
  }
  const home = join(root, 'release', version);
  rmSync(home, { recursive: true, force: true });
  cpSync(folder, home, { recursive: true });
}

function main() {
  const { version, isDryRun } = readArguments(process.argv.slice(2));
  const isDone = checkTree(version);
  // Before the minutes that the checks take.
  datedChangelog(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), version, '');
  const parent = mkdtempSync(join(tmpdir(), 'phase3-release-'));
  const checkout = join(parent, 'checkout');
  try {
    const { folder, files } = make({ checkout, version, isDone });
    for (const file of files)
      console.log(`${String(statSync(join(folder, file)).size).padStart(10)}  ${file}`);
    if (isDryRun) console.log(`${version} could be released. Nothing was committed, tagged or kept.`);
    else {
      bringHome({ checkout, version, folder, isDone });
      console.log(
        isDone
          ? `The files of v${version} are in release/${version} again.`
          : `v${version} is committed and tagged here; its files are in release/${version}. To publish: git push origin HEAD v${version}`,
      );
    }
  } finally {
    if (existsSync(parent)) rmSync(parent, { recursive: true, force: true });
  }
}

try {
  main();
} catch (error) {
  if (!(error instanceof ReleaseFault)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
