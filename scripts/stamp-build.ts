/** Writes `dist/build.json`, which says what was built: the commit, and the source hash of every processor. Part of the build. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildInfo } from '../src/contracts/code-identity';
import { processors } from '../src/plan/registry';
import { tables } from '../src/tables/catalogue';
import { folderOf, sourceHash } from './lock/lock-entry';

/** What to stamp: of the tree at `root`, with the commit that `told` names if there is no git, as in an image. */
export function buildInfo(root: string, told: string | undefined): BuildInfo {
  const commit = told ? told : commitOfTree(root);
  return {
    commit,
    id: commit ?? `files-${hashOfFiles(join(root, 'dist', 'src'))}`,
    sources: Object.fromEntries(
      processors.map((processor) => [processor.name, sourceHash(root, folderOf(root, processor))]),
    ),
    schema: hashOf(JSON.stringify(tables)),
    lock: hashOf(readFileSync(join(root, 'src', 'processors', 'lock.json'))),
  };
}

function hashOf(what: string | Buffer): string {
  return createHash('sha256').update(what).digest('hex').slice(0, 16);
}

/** What tells a build without a commit from others: a hash of what was compiled. */
function hashOfFiles(folder: string): string {
  const hash = createHash('sha256');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.js'),
  );
  for (const name of names.sort()) hash.update(`\0${name}\0`).update(readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 16);
}

/** The commit; with `+` and a hash of the changes where the tree has some. Null where there is no git. */
export function commitOfTree(root: string): string | null {
  const git = (...args: string[]): string | null => {
    const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
    return status === 0 ? stdout : null;
  };
  const head = git('rev-parse', 'HEAD')?.trim();
  // Unpacked inside another repository, the commit would be that one's.
  const top = git('rev-parse', '--show-toplevel')?.trim();
  if (!head || !top || realpathSync(top) !== realpathSync(root)) return null;
  const changes = git('diff', 'HEAD') ?? '';
  const untracked = (git('ls-files', '--others', '--exclude-standard', '-z') ?? '')
    .split('\0')
    .filter(Boolean);
  if (changes === '' && untracked.length === 0) return head;
  const hash = createHash('sha256').update(changes);
  for (const path of untracked.sort()) hash.update(`\0${path}\0`).update(contentOf(join(root, path)));
  return `${head}+${hash.digest('hex').slice(0, 8)}`;
}

/** Of a link, where it leads: that may be a folder. */
function contentOf(path: string): Buffer | string {
  return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : readFileSync(path);
}

if (require.main === module) {
  // From dist/scripts to the package.
  const root = join(__dirname, '..', '..');
  const info = buildInfo(root, process.env['PHASE3_COMMIT']);
  writeFileSync(join(root, 'dist', 'build.json'), `${JSON.stringify(info, null, 2)}\n`);
}
