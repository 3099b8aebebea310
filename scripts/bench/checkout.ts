/** The two checkouts that are compared: this one, and a baseline that is cloned and built once and kept. */
import { execFile } from 'node:child_process';
import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { BadOptionError } from '../options';

const run = promisify(execFile);

/** What is compared with when nobody says otherwise. */
const defaultBaseline = 'a9d3127';

/** A built copy of the product. */
export interface Checkout {
  /** How the report calls it. */
  readonly name: string;
  readonly folder: string;
}

/** This repository, by the commit that it stands on; with a + where something is not committed. */
export async function ownCheckout(root: string): Promise<Checkout> {
  const commit = await commitOf(root, 'HEAD');
  if (commit === null) return { name: 'ours', folder: root };
  const { stdout } = await run('git', ['-C', root, 'status', '--porcelain']);
  return { name: `${commit.slice(0, 7)}${stdout === '' ? '' : '+'}`, folder: root };
}

/**
 * The checkout to compare with; null where none is asked for, or where nobody asked and the repository lacks the default.
 * A folder is used as it is; a commit is cloned into the cache. `say` is told what takes long.
 */
export async function baselineCheckout(
  against: string | null,
  root: string,
  say: (line: string) => void,
): Promise<Checkout | null> {
  if (against === 'none') return null;
  if (against !== null && existsSync(join(against, 'bin', 'phase3.js'))) {
    const folder = resolve(against);
    if (!isBuilt(folder))
      throw new BadOptionError(`${folder} is not built: run \`npm ci\` or \`npm run build\` in it.`);
    return { name: against, folder };
  }
  const commit = await commitOf(root, against ?? defaultBaseline);
  if (commit !== null) return { name: commit.slice(0, 7), folder: await cached(commit, root, say) };
  if (against === null) return null;
  throw new BadOptionError(
    `--against is "${against}", expected a commit of this repository, a folder with bin/phase3.js, or none.`,
  );
}

/** The full name of a commit; null where it, or git, is not there. */
async function commitOf(root: string, ref: string): Promise<string | null> {
  const args = ['-C', root, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`];
  return run('git', args).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );
}

async function cached(commit: string, root: string, say: (line: string) => void): Promise<string> {
  const home = process.env['PHASE3_HOME'];
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const kept = home ? join(home, 'bench') : join(cache, 'phase3-bench');
  const folder = join(kept, commit);
  if (isBuilt(folder) && (await hasItsPackages(folder))) return folder;
  say(`Building ${commit.slice(0, 7)} in ${folder}`);
  // Made beside its place and renamed, so that what is there is whole.
  const draft = `${folder}.${process.pid}`;
  await mkdir(kept, { recursive: true });
  await run('git', ['clone', '--quiet', '--no-checkout', root, draft]);
  try {
    await run('git', ['-C', draft, 'checkout', '--quiet', '--detach', commit]);
    if (existsSync(join(root, 'node_modules')) && (await isSame(root, draft, 'package-lock.json'))) {
      await symlink(realpathSync(join(root, 'node_modules')), join(draft, 'node_modules'));
      await run(process.execPath, [join('scripts', 'build.mjs')], { cwd: draft });
    } else await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: draft });
    await rm(folder, { recursive: true, force: true });
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}

function isBuilt(folder: string): boolean {
  return existsSync(join(folder, 'dist', 'workflow-bundle.js'));
}

/** Whether the packages are the ones that the checkout locks: those of another checkout may have moved on since. */
async function hasItsPackages(folder: string): Promise<boolean> {
  const packages = join(folder, 'node_modules');
  if (!existsSync(packages)) return false;
  if (!lstatSync(packages).isSymbolicLink()) return true;
  return isSame(dirname(realpathSync(packages)), folder, 'package-lock.json');
}

async function isSame(one: string, other: string, file: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((folder) => readFile(join(folder, file), 'utf8')));
  return a === b;
}
