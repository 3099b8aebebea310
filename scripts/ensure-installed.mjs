/**
 * Installs and builds what is missing, so that `npm start`, `npm test` and `npx phase3` need nothing done before them. What
 * it does it says on stderr, and again every ten seconds: stdout belongs to the command that comes after.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const [major, minor] = process.versions.node.split('.').map(Number);
if (!((major === 20 && minor >= 19) || (major === 22 && minor >= 13) || major >= 24)) {
  console.error(
    `Node ${process.versions.node} is not supported. Needed: 20.19 or newer, 22.13 or newer, or 24 and newer.`,
  );
  process.exit(2);
}

/** When a file was last changed; 0 when it is not there. */
const changedAt = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

/** The newest change of any file below a folder. */
const newestBelow = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true }).reduce(
    (newest, entry) =>
      entry.isFile() ? Math.max(newest, changedAt(join(entry.parentPath, entry.name))) : newest,
    0,
  );

const sayEveryMs = 10_000;

/** Runs a command, its output on stderr, and says what it does; ends the process with its status if it fails. */
async function run(what, command, args) {
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  console.error(`phase3: ${what} …`);
  const ticker = setInterval(() => console.error(`phase3: ${what}, ${seconds()} s so far …`), sayEveryMs);
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32' && command === 'npm',
  });
  const status = await new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(`${command} could not be started: ${error.message}`);
      resolve(1);
    });
    child.once('exit', (code) => resolve(code ?? 1));
  });
  clearInterval(ticker);
  if (status !== 0) {
    console.error(`phase3: ${what} failed after ${seconds()} s; what it said is above.`);
    process.exit(status);
  }
}

/** A build when it is missing or older than the source. */
export async function ensureBuilt() {
  const built = changedAt(join(root, 'dist', 'workflow-bundle.js'));
  const sources = ['src', 'scripts'].map((folder) => newestBelow(join(root, folder)));
  if (built >= Math.max(...sources, changedAt(join(root, 'package-lock.json')))) return;
  await run('building dist from src (about half a minute)', process.execPath, [
    join(root, 'scripts', 'build.mjs'),
  ]);
}

/** `npm ci` when packages are missing or older than the lock file; then the build. */
export async function ensureInstalled() {
  const installed = changedAt(join(root, 'node_modules', '.package-lock.json'));
  if (installed === 0 || installed < changedAt(join(root, 'package-lock.json')))
    // Without scripts: `prepare` would build in silence, and what is installed needs none of its own.
    await run('installing packages with npm ci (about a minute)', 'npm', [
      ...['ci', '--ignore-scripts', '--no-audit', '--no-fund'],
    ]);
  await ensureBuilt();
}
