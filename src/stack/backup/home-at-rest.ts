/** A home that nobody works in: what is kept of it, and that it stays so while it is copied or replaced. */
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { inHome, partsOf, type Home } from '../home';
import { describeUsers, usersOf } from '../open-files';
import { isAlive } from '../processes';
import { LockedError, withLock } from '../up-lock';
import { BackupError, isKept } from './manifest';

/** How long somebody else's `up` is waited for, in ms. */
const lockPatienceMs = 5_000;

/** What is kept, at the top of the home; none where there is no home. */
export async function keptNames(home: Home): Promise<string[]> {
  const names = await readdir(home.path).catch((): string[] => []);
  return names.filter(isKept).sort();
}

export interface KeptFiles {
  /** Below the home, with `/` between folders. */
  readonly files: readonly string[];
  /** What is no plain file: links, sockets. */
  readonly others: readonly string[];
}

/** Every file that is kept. Throws a `HomeError` where the home cannot be read. */
export async function keptFiles(home: Home): Promise<KeptFiles> {
  const names = await keptNames(home);
  const found = await inHome(home.path, async () => {
    const entries = await readdir(home.path, { withFileTypes: true, recursive: true });
    return entries.map((entry) => ({
      entry,
      path: relative(home.path, join(entry.parentPath, entry.name)).split(sep).join('/'),
    }));
  });
  const kept = found
    .filter(({ path }) => names.includes(path.split('/')[0] ?? ''))
    .sort((one, other) => (one.path < other.path ? -1 : 1));
  return {
    files: kept.filter(({ entry }) => entry.isFile()).map(({ path }) => path),
    others: kept.filter(({ entry }) => !entry.isFile() && !entry.isDirectory()).map(({ path }) => path),
  };
}

/** Does `work` while nobody can start this home. Throws a {@link BackupError} where somebody works in it. */
export async function atRest<T>(home: Home, work: () => Promise<T>): Promise<T> {
  const guarded = async (): Promise<T> => {
    await refuseBusy(home);
    return work();
  };
  return withLock(home.lockFile, guarded, lockPatienceMs).catch((error: unknown) => {
    throw error instanceof LockedError ? new BackupError(error.message, { cause: error }) : error;
  });
}

async function refuseBusy(home: Home): Promise<void> {
  const alive = await Promise.all(partsOf(await home.readStack()).map(isAlive));
  if (alive.includes(true))
    throw new BackupError(
      `The stack of ${home.path} is up. Its two databases are written all the time, and copies of two moments do not ` +
        'fit one another. `phase3 down` first; runs that wait go on after `phase3 up`.',
    );
  const sentence = describeUsers(await usersOf(home.databaseFiles));
  if (sentence !== null) throw new BackupError(sentence);
}
