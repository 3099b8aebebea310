/** Installs and builds what is missing, so that `npm start` and `npm test` need nothing done before them. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const [major, minor] = process.versions.node.split('.').map(Number);
if (!((major === 20 && minor >= 19) || (major === 22 && minor >= 13) || major >= 24)) {
  console.error(`Node ${process.versions.node} does not do: 20.19, 22.13, or 24 and newer are needed.`);
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

/** Runs a command, its output on stderr; ends the process with its status if it fails. */
function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (error) console.error(`${command} could not be started: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

/** `npm ci` when packages are missing or older than the lock file; a build when it is missing or older than the source. */
export function ensureInstalled() {
  const installed = changedAt(join(root, 'node_modules', '.package-lock.json'));
  if (installed === 0 || installed < changedAt(join(root, 'package-lock.json'))) {
    console.error('Installing packages (npm ci)');
    run('npm', ['ci', '--no-audit', '--no-fund']);
  }
  const built = changedAt(join(root, 'dist', 'workflow-bundle.js'));
  const sources = ['src', 'scripts'].map((folder) => newestBelow(join(root, folder)));
  if (built < Math.max(...sources, changedAt(join(root, 'package-lock.json')))) {
    console.error('Building');
    run(process.execPath, [join(root, 'scripts', 'build.mjs')]);
  }
}
