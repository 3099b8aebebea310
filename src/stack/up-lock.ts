/**
 * The lock of a home while it is being started: two `up` at once would start two of everything, so the second waits.
 *
 * Made by hand all the same: `proper-lockfile` takes a lock for given up when its holder was silent for some seconds, as a
 * machine that slept is, and has had no release since 2021. Here the holder is asked for by its id and its start time.
 */
import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { dirname } from 'node:path';
import { inHome, type StartedProcess } from './home';
import { isAlive, thisProcess } from './processes';

/** Thrown when another process has held the lock for all that time. */
export class LockedError extends Error {
  override readonly name = 'LockedError';
}

/** Does `work` while this process holds the lock in `file`. Throws a {@link LockedError} after `patienceMs`, or `gaveUp`. */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  patienceMs = 120_000,
  gaveUp: () => boolean = () => false,
): Promise<T> {
  const until = Date.now() + patienceMs;
  const home = dirname(file);
  while (!(await inHome(home, () => taken(file)))) {
    const holder = await inHome(home, () => holderOf(file));
    if (holder === 'nobody' || (holder !== null && !(await isAlive(holder)))) await rm(file, { force: true });
    else if (Date.now() > until || gaveUp())
      throw new LockedError(
        `${holder === null ? 'Another process' : `Process ${holder.pid}`} has been starting this home for ${patienceMs / 1000} s (${file}).`,
      );
    else await pause(100);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

/** Takes the lock, unless it is held. It appears with its holder in it, so that nobody reads half of one. */
async function taken(file: string): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, JSON.stringify(await thisProcess()), { mode: 0o600 });
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Who holds the lock; null when it is gone by now, `nobody` when the file names no process. */
async function holderOf(file: string): Promise<StartedProcess | 'nobody' | null> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const failure = error as NodeJS.ErrnoException;
    if (failure.code === 'ENOENT') return null;
    // Reading a folder fails without naming it.
    throw Object.assign(failure, { path: file });
  });
  if (text === null) return null;
  try {
    const { pid, startedAt } = JSON.parse(text) as Partial<StartedProcess>;
    if (typeof pid === 'number' && typeof startedAt === 'string') return { pid, startedAt };
  } catch {
    // Not written by us, or on a disk that was full.
  }
  return 'nobody';
}
