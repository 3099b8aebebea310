/** Files of rows on their way into a warehouse. */
import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const [prefix, suffix] = ['phase3-load-', '.ndjson'];
/** No load takes as long: what is older was left behind by one that was killed. */
const longestLoadMs = 24 * 3_600_000;

/**
 * Gives `work` the path of a new file in the folder `scratch`, which is removed afterwards, whatever became of it. What a
 * killed process left behind goes a day later.
 */
export async function withSpool<T>(scratch: string, work: (file: string) => Promise<T>): Promise<T> {
  await removeLeftBehind(scratch);
  const file = join(scratch, `${prefix}${randomUUID()}${suffix}`);
  try {
    return await work(file);
  } finally {
    await rm(file, { force: true });
  }
}

async function removeLeftBehind(scratch: string): Promise<void> {
  // A folder that is gone is for the load to tell.
  for (const name of await readdir(scratch).catch(() => [])) {
    if (!name.startsWith(prefix) || !name.endsWith(suffix)) continue;
    const file = join(scratch, name);
    // Its own load may have removed it by now.
    const writtenAt = await stat(file).then(
      ({ mtimeMs }) => mtimeMs,
      () => Infinity,
    );
    if (Date.now() - writtenAt > longestLoadMs) await rm(file, { force: true });
  }
}
