/** Puts a backup in place of a home. All of it is read and checked before anything of the home is touched. */
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { inHome, type Home } from '../home';
import { allDatabases } from '../kept-files';
import { readArchive } from './archive';
import { atRest, keptNames } from './home-at-rest';
import type { BackupTools } from './make-backup';
import { BackupError, type BackupManifest } from './manifest';

export interface RestoredHome {
  readonly archive: string;
  readonly home: string;
  readonly manifest: BackupManifest;
  /** Where what was in the home is now; null where it was empty. */
  readonly replaced: string | null;
}

/**
 * Restores a home. What is in it is moved aside if `mayReplace`, and else a reason to refuse. Throws a {@link BackupError}
 * that says what is wrong; then the home is as it was.
 */
export async function restoreHome(
  home: Home,
  given: string,
  mayReplace: boolean,
  tools: Pick<BackupTools, 'holdWarehouse'>,
): Promise<RestoredHome> {
  const archive = resolve(given);
  if (!(await stat(archive).catch(() => null))) throw new BackupError(`There is no file ${archive}.`);
  await home.create();
  return atRest(home, async () => {
    const found = await keptNames(home);
    if (found.length > 0 && !mayReplace)
      throw new BackupError(
        `${home.path} (PHASE3_HOME) is not empty: it holds ${found.join(', ')}. With --replace what is there is moved ` +
          'aside; or name another home in PHASE3_HOME.',
      );
    const draft = await inHome(home.path, () => mkdtemp(join(home.scratch, 'restore-')));
    try {
      const manifest = await readArchive(archive, draft);
      await checkWarehouse(archive, join(draft, 'warehouse.duckdb'), manifest, tools);
      const replaced = await swap(home, archive, draft, manifest);
      return { archive, home: home.path, manifest, replaced };
    } catch (error) {
      throw error instanceof BackupError
        ? new BackupError(`${error.message} Nothing in ${home.path} was changed.`, { cause: error })
        : error;
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  });
}

/** The copy can be read, and holds as many rows as the home did. */
async function checkWarehouse(
  archive: string,
  file: string,
  { tables: promised }: BackupManifest,
  { holdWarehouse }: Pick<BackupTools, 'holdWarehouse'>,
): Promise<void> {
  if (promised === null) return;
  const held = await holdWarehouse(file).catch((error: unknown) => {
    throw new BackupError(`The warehouse in ${archive} cannot be read (${messageOf(error)}).`, {
      cause: error,
    });
  });
  held.release();
  const names = new Set([...Object.keys(promised), ...Object.keys(held.tables)]);
  const other = [...names].find((name) => promised[name] !== held.tables[name]);
  if (other !== undefined)
    throw new BackupError(
      `The warehouse in ${archive} has ${held.tables[other] ?? 'no'} rows in ${other}, and its manifest says ${promised[other] ?? 'none'}.`,
    );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Moves what is there aside, and the restored files in. Each step is a rename on one disk; a home that was left in between
 * says so itself, and is refused by whatever would start it.
 */
async function swap(
  home: Home,
  archive: string,
  draft: string,
  { files, madeAt }: BackupManifest,
): Promise<string | null> {
  const old = await keptNames(home);
  const { databases } = await home.readRecord();
  await home.writeRecord({ databases, restoring: archive });
  return inHome(home.path, async () => {
    const aside = join(home.path, `replaced-${new Date().toISOString().replaceAll(':', '')}`);
    if (old.length > 0) await mkdir(aside, { mode: 0o700 });
    for (const name of old) await rename(join(home.path, name), join(aside, name));
    for (const name of new Set(files.map(({ path }) => path.split('/')[0] ?? '')))
      await rename(join(draft, name), join(home.path, name));
    const there = allDatabases.filter((database) => files.some(({ path }) => path === database));
    await home.writeRecord({ databases: Object.fromEntries(there.map((database) => [database, madeAt])) });
    // The old one's processes have ended.
    await home.forgetStack();
    await home.forgetWorker();
    return old.length > 0 ? aside : null;
  });
}
