/** Keeps what a stack has left behind for who looks into a finding, also where its homes lie on a disk that goes with the play. */
import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** Of a home, what says nothing of what happened: anybody has the builds again, and they are most of it. */
const leftOut: ReadonlySet<string> = new Set(['builds', 'tmp']);

/**
 * Copies these homes of a stack that is down to a temporary folder, with their warehouse, Temporal's database, logs and settings, and
 * returns where they are now. Throws where there is no room for them.
 */
export async function copyHomes(homes: readonly string[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'phase3-chaos-kept-'));
  const copies: string[] = [];
  for (const home of homes) {
    const copy = join(folder, basename(home));
    const isOf = (path: string): boolean => ![...leftOut].some((name) => path === join(home, name));
    await cp(home, copy, { recursive: true, filter: isOf });
    copies.push(copy);
  }
  return copies;
}
