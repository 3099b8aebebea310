/** What the lock and the code say of each other. Pure. */
import type { LockEntry } from './lock-entry';

export type Entries = Readonly<Record<string, LockEntry>>;

export interface LockVerdict {
  /** Sentences of what must not be: somebody has to decide. */
  readonly faults: readonly string[];
  /** Sentences of what is well, and worth saying. */
  readonly notes: readonly string[];
  /** Whether the lock is to be written again. */
  readonly isStale: boolean;
}

/** Compares what is locked with what the code makes now. Rows that changed under an unchanged version are a fault. */
export function compareLock(locked: Entries, now: Entries): LockVerdict {
  const faults: string[] = [];
  const notes: string[] = [];
  for (const [name, entry] of Object.entries(now)) {
    const known = locked[name];
    if (!known) {
      notes.push(`${name} is new.`);
      continue;
    }
    const changed = Object.keys({ ...known.rows, ...entry.rows }).filter(
      (set) => known.rows[set] !== entry.rows[set],
    );
    if (changed.length > 0 && known.version === entry.version)
      faults.push(
        `${name} builds other rows than before (${changed.join('; ')}), but its version is still ${entry.version}. ` +
          'If the rows are meant to change, raise the version in its index.ts, so that published dates are built again; ' +
          'if not, the change is a fault. Then: npm run lock.',
      );
    else if (known.version !== entry.version)
      notes.push(`${name} goes from version ${known.version} to ${entry.version}.`);
    else if (known.sources !== entry.sources) notes.push(`${name} was rewritten and builds the same rows.`);
  }
  for (const name of Object.keys(locked)) if (!now[name]) notes.push(`${name} is gone.`);
  return { faults, notes, isStale: JSON.stringify(locked) !== JSON.stringify(now) };
}
