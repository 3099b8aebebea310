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
import { basename, dirname, join, relative } from 'node:path';
import { HomeError, inHome } from './home';

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
    const isKept = await this.has(id);
    if (isKept && (await missingOf(root, this.pathOf(id))).length === 0) return;
    await inHome(this.home, async () => {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      // One that was kept without its packages, as 0.1.0 kept what was installed beside them. What another process keeps meanwhile stays.
      if (isKept) await rm(this.pathOf(id), { recursive: true, force: true });
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

  /**
   * The packages that the build at `root` needs, kept under a hash of their list. Throws a {@link HomeError} where some are not
   * installed: the build would be kept and not start.
   */
  private async keepPackages(root: string): Promise<string> {
    const { list, paths } = await installedFor(root);
    const name = `packages-${createHash('sha256').update(list).digest('hex').slice(0, 16)}`;
    const kept = join(this.folder, name);
    if (await exists(kept)) {
      if ((await missingOf(root, kept)).length === 0) return kept;
      await rm(kept, { recursive: true, force: true });
    }
    const draft = join(this.folder, `draft-${process.pid}-${name}`);
    await rm(draft, { recursive: true, force: true });
    for (const [to, from] of paths)
      // Native parts for other machines are on the list, and not there.
      if (await exists(from)) await linkTree(from, join(draft, to), isNeeded);
    await mkdir(join(draft, 'node_modules'), { recursive: true });
    await writeFile(join(draft, packageList), list);
    const missing = await missingOf(root, draft);
    if (missing.length > 0) {
      await rm(draft, { recursive: true, force: true });
      throw new HomeError(
        `The packages of ${root} are not all installed: ${missing.join(', ')} not found. Install it again with npm.`,
        1,
      );
    }
    await settle(draft, kept);
    return kept;
  }
}

/** Packages that the build at `root` names and a folder with `node_modules` does not have. */
async function missingOf(root: string, folder: string): Promise<string[]> {
  const { dependencies = {} } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  const names = Object.keys(dependencies);
  const found = await Promise.all(names.map((name) => exists(join(folder, 'node_modules', name))));
  return names.filter((_, index) => !found[index]);
}

/**
 * The list of what is installed for the build at `root`, and where each package is to be and is. A package that was installed into
 * somebody's folder has most of its packages beside it, where npm has put them, and its own in it where the two differ.
 */
async function installedFor(root: string): Promise<{ list: Buffer; paths: Map<string, string> }> {
  const beside = dirname(root);
  const above = basename(beside) === 'node_modules' ? dirname(beside) : null;
  const ofAbove = above && (await readFile(join(above, packageList)).catch(() => null));
  if (above !== null && ofAbove) {
    const own = `${relative(above, root).replaceAll('\\', '/')}/`;
    const wanted = wantedOf(ofAbove);
    const inOwn = wanted.filter((path) => path.startsWith(own)).map((path) => path.slice(own.length));
    const shared = wanted.filter(
      (path) => !`${path}/`.startsWith(own) && !inOwn.some((one) => `${path}/`.startsWith(`${one}/`)),
    );
    return {
      list: ofAbove,
      paths: new Map([
        ...shared.map((path) => [path, join(above, path)] as const),
        ...inOwn.map((path) => [path, join(root, path)] as const),
      ]),
    };
  }
  const list = await readFile(join(root, packageList)).catch(() => readFile(join(root, ownList)));
  return { list, paths: new Map(wantedOf(list).map((path) => [path, join(root, path)])) };
}

/** Paths of the packages that are on npm's list for more than developers. */
function wantedOf(list: Buffer): string[] {
  const { packages } = JSON.parse(list.toString('utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
  };
  return Object.entries(packages).flatMap(([path, { dev, devOptional }]) =>
    path === '' || dev || devOptional ? [] : [path],
  );
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
