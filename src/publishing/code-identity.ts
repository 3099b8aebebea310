/** Which code builds a processor's rows: its version, the hash of its sources, the commit of the build. */
import type { ProcessorVersions } from '../gate/judge-processor';
import type { Processor } from '../processors/define-processor';
import lock from '../processors/lock.json';

/** What a manifest says of the code. */
export interface CodeIdentity {
  /** The processor's declared version. */
  readonly version: string;
  /** Hash of its sources, from `src/processors/lock.json`; null where the lock does not know it. */
  readonly sourceHash: string | null;
  /** The commit that was built, with `+changes` where the tree had some; null where the build did not know. */
  readonly commit: string | null;
}

interface LockedProcessor {
  readonly version: string;
  readonly sources: string;
  readonly rows: string;
}

const locked: Readonly<Record<string, LockedProcessor>> = lock.processors;

/** `versions` names those that are tried under another version than the declared one. */
export function codeOf({ name, version }: Processor, versions: ProcessorVersions = {}): CodeIdentity {
  return { version: versions[name] ?? version, sourceHash: locked[name]?.sources ?? null, commit: null };
}
