/** Files of rows on their way into a warehouse. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Gives `work` the path of a new file in the folder `scratch`, which is removed afterwards, whatever became of it. */
export async function withSpool<T>(scratch: string, work: (file: string) => Promise<T>): Promise<T> {
  const file = join(scratch, `phase3-load-${randomUUID()}.ndjson`);
  try {
    return await work(file);
  } finally {
    await rm(file, { force: true });
  }
}
