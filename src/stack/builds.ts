/** The builds that a home keeps: a run that is open on one that was replaced needs its code, wherever the checkout is by then. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import {
  access,
  copyFile,
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { inHome } from './home';

/** A build where it was made. */
export interface OwnBuild {
  readonly id: string;
  /** The package: `dist`, `bin`, `package.json` and `node_modules` are in it. */
  readonly root: string;
}

/** What is needed to run a build, beside its packages. */
const parts = ['dist', 'bin', 'package.json'] as const;
/** npm's list of what it has installed; a package that was installed from a release brings its own. */
const packageList = join('node_modules', '.package-lock.json');
const ownList = 'npm-shrinkwrap.json';
/** Nobody loads these, and they are half of all files. */
const idleFile = /\.(d\.[cm]?ts|ts|map|md|flow)$/;

export class Builds {
  private readonly folder: string;

  constructor(private readonly home: string) {
    this.folder = join(home, 'builds');
  }

  /** Where a kept build is. */
  pathOf(build: string): string {
    return join(this.folder, build);
  }

  async has(build: string): Promise<boolean> {
    return exists(join(this.pathOf(build), 'package.json'));
  }

  /** Ids of the builds that are kept. */
  async list(): Promise<string[]> {
    const names = await readdir(this.folder).catch(() => []);
    return names.filter((name) => !name.startsWith('packages-') && !name.startsWith('draft-')).sort();
  }

  /** Ids of the kept builds that begin so; the whole id of one names that one, though others begin with it. */
  async beginningWith(text: string): Promise<string[]> {
    const ids = (await this.list()).filter((id) => id.startsWith(text));
    return ids.includes(text) ? [text] : ids;
  }

  /**
   * Keeps a build. Files are hard links, which take no room and outlive the checkout's own names for them, or copies where the
   * home is on another disk. Builds with the same packages share them.
   */
  async keep({ id, root }: OwnBuild): Promise<void> {
    if (await this.has(id)) return;
    await inHome(this.home, async () => {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      const packages = await this.keepPackages(root);
      const draft = join(this.folder, `draft-${process.pid}-${id}`);
      await rm(draft, { recursive: true, force: true });
      await mkdir(draft);
      for (const part of parts) await linkTree(join(root, part), join(draft, part), () => true);
      await symlink(join(relative(draft, packages), 'node_modules'), join(draft, 'node_modules'));
      await settle(draft, this.pathOf(id));
    });
  }

  /** Removes builds that are not in `needed`, with packages that only they had. Returns those that went. */
  async prune(needed: ReadonlySet<string>): Promise<string[]> {
    const gone = (await this.list()).filter((build) => !needed.has(build));
    for (const build of gone) await rm(this.pathOf(build), { recursive: true, force: true });
    const used = new Set<string>();
    for (const build of await this.list()) used.add(await packagesOf(this.pathOf(build)));
    for (const name of await readdir(this.folder).catch(() => []))
      if (name.startsWith('packages-') && !used.has(name))
        await rm(join(this.folder, name), { recursive: true, force: true });
    return gone;
  }

  /** The packages that the build at `root` needs, kept under a hash of their list. */
  private async keepPackages(root: string): Promise<string> {
    const list = await readFile(join(root, packageList)).catch(() => readFile(join(root, ownList)));
    const name = `packages-${createHash('sha256').update(list).digest('hex').slice(0, 16)}`;
    const kept = join(this.folder, name);
    if (await exists(kept)) return kept;
    const draft = join(this.folder, `draft-${process.pid}-${name}`);
    await rm(draft, { recursive: true, force: true });
    // Written by npm: each package's path, and whether only a developer needs it.
    const { packages } = JSON.parse(list.toString('utf8')) as {
      packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
    };
    for (const [path, { dev, devOptional }] of Object.entries(packages)) {
      const isWanted = path !== '' && !dev && !devOptional;
      // Native parts for other machines are on the list, and not there.
      if (isWanted && (await exists(join(root, path))))
        await linkTree(join(root, path), join(draft, path), isNeeded);
    }
    await mkdir(join(draft, 'node_modules'), { recursive: true });
    await writeFile(join(draft, packageList), list);
    await settle(draft, kept);
    return kept;
  }
}

/** Where `node_modules` of a kept build leads. */
async function packagesOf(path: string): Promise<string> {
  const list = await readFile(join(path, packageList)).catch(() => Buffer.alloc(0));
  return `packages-${createHash('sha256').update(list).digest('hex').slice(0, 16)}`;
}

/** Native parts for other machines are most of their packages' size; a package in a package is on npm's list by itself. */
function isNeeded(path: string): boolean {
  if (idleFile.test(path)) return false;
  const [, release] = /core-bridge\/releases\/([^/]+)/.exec(path) ?? [];
  if (release === undefined) return true;
  const cpu = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const system = { linux: 'linux', darwin: 'darwin', win32: 'windows' }[process.platform as string] ?? '';
  return release.startsWith(cpu) && release.includes(system);
}

async function linkTree(from: string, to: string, wants: (path: string) => boolean): Promise<void> {
  if (!(await stat(from)).isDirectory()) {
    await mkdir(dirname(to), { recursive: true });
    return linkFile(from, to);
  }
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.name === 'node_modules' || !wants(source)) continue;
    if (entry.isDirectory()) await linkTree(source, target, wants);
    else if (entry.isFile()) await linkFile(source, target);
  }
}

async function linkFile(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // Another disk, or one without links; files of others may not be linked.
    if (!['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EACCES'].includes(code)) throw error;
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  }
}

/** Whoever reads finds all of it or nothing. Another process may have been faster: its own serves as well. */
async function settle(draft: string, path: string): Promise<void> {
  await rename(draft, path).catch(async (error: unknown) => {
    if (!(await exists(path))) throw error;
    await rm(draft, { recursive: true, force: true });
  });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
