/** What the lock and the code say of each other. Pure. */
import type { LockEntry } from './lock-entry';

export type Entries = Readonly<Record<string, LockEntry>>;

export interface LockVerdict {
  /** Sentences of what must not be: a person has to decide. */
  readonly faults: readonly string[];
  /** Sentences of what is well, and worth saying. */
  readonly notes: readonly string[];
}

/**
 * Compares what is locked with what the code builds now. Rows that changed under an unchanged version are a fault, unless an
 * upstream has a new version: then published dates are rebuilt anyway. `upstreams` names those of each processor.
 */
export function compareLock(
  locked: Entries,
  now: Entries,
  upstreams: Readonly<Record<string, readonly string[]>> = {},
): LockVerdict {
  const faults: string[] = [];
  const notes: string[] = [];
  const isRaised = (name: string): boolean =>
    isHigher(now[name]?.version ?? '', locked[name]?.version ?? '') || (upstreams[name] ?? []).some(isRaised);
  for (const [name, entry] of Object.entries(now)) {
    const known = locked[name];
    const changed = known ? changedNights(known, entry) : [];
    if (!known) notes.push(`${name} is new.`);
    else if (isHigher(known.version, entry.version))
      faults.push(
        `${name} goes back from version ${known.version} to ${entry.version}; a version only rises.`,
      );
    else if (changed.length > 0 && !isRaised(name))
      faults.push(
        `${name} builds other rows than before (${changed.join('; ')}), but its version is still ${entry.version}. ` +
          'If the rows are meant to change, raise the version in its index.ts, so that published dates are built again; ' +
          'if not, the change is a fault. Then: npm run lock.',
      );
    else if (known.version !== entry.version)
      notes.push(`${name} goes from version ${known.version} to ${entry.version}.`);
    else if (known.sources !== entry.sources)
      notes.push(`${name} was rewritten and builds the same rows. (Rules are not compared.)`);
  }
  for (const name of Object.keys(locked)) if (!now[name]) notes.push(`${name} is gone.`);
  return { faults, notes };
}

/** Sets of nights that both know and that have other rows now; a set that is new says nothing of the code. */
function changedNights({ rows: before }: LockEntry, { rows: after }: LockEntry): string[] {
  return Object.keys(before).filter((set) => set in after && before[set] !== after[set]);
}

/** Whether version `a` is above `b`; both are written `1.2.3`. */
function isHigher(a: string, b: string): boolean {
  const [x, y] = [a, b].map((text) => text.split('.').map(Number));
  const at = [0, 1, 2].find((index) => x?.[index] !== y?.[index]);
  return at !== undefined && (x?.[at] ?? 0) > (y?.[at] ?? 0);
}
