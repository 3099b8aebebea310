/** Which code builds a processor's rows: its version, the hash of its sources, the commit of the build. Pure. */
import type { ProcessorName } from './phase3';
import type { Processor } from '../processors/define-processor';

/** What was built, as the build has stamped it. */
export interface BuildInfo {
  /** The commit, with `+` and a hash of the changes where the tree had some; null where nobody knows. */
  readonly commit: string | null;
  /** What tells this build from others, Temporal's build id: the commit, or a hash of the files; null where nothing was built. */
  readonly id: string | null;
  /** Hash of each processor's sources, by its name. */
  readonly sources: Readonly<Record<string, string>>;
  /** Hash of how the tables are declared; null where nothing was built. */
  readonly schema: string | null;
  /** Hash of the processors' lock: versions, sources and rows; null where nothing was built. */
  readonly lock: string | null;
}

/** Who lets a newer build become current: whoever starts it, or a person who has seen its canary. */
export const promotions = ['at-start', 'by-hand'] as const;
export type Promotion = (typeof promotions)[number];

/** What is known of code that was not built: it runs from its sources. */
export const unbuilt: BuildInfo = { commit: null, id: null, sources: {}, schema: null, lock: null };

/** What a manifest says of the code. */
export interface CodeIdentity {
  /** The processor's version; it alone decides whether published rows are current. */
  readonly version: string;
  /** Hash of its sources; null where nobody knows. */
  readonly sourceHash: string | null;
  /** The build: its commit, or a hash of its files where it has none; null where nobody knows. */
  readonly commit: string | null;
}

/** `versions` names those that are tried under another version than the declared one. */
export function codeOf(
  { name, version }: Processor,
  { commit, id, sources }: BuildInfo = unbuilt,
  versions: Readonly<Record<ProcessorName, string>> = {},
): CodeIdentity {
  return { version: versions[name] ?? version, sourceHash: sources[name] ?? null, commit: id ?? commit };
}
