/** What the audit says that the sentinel reported of a date, so that nothing is reported twice. Pure. */
import * as v from 'valibot';
import type { AuditKind } from '../../contracts/decisions';
import { parseJson } from '../../contracts/json-text';
import type { AuditRow } from '../../tables/orchestration';

/** Kinds of entries that are the sentinel's. */
const sentinelKinds = ['not_as_published', 'as_published_again'] as const satisfies readonly AuditKind[];

/** Evidence of an entry `not_as_published`: what the next sweep needs to know of it. */
const toldSchema = v.object({
  /** Hash of the findings. */
  print: v.string(),
  /** ISO 8601, UTC: when the first finding of this trouble was told. */
  since: v.string(),
  /** Request id of the rerun that was asked for; null where none was. Of one trouble it is asked for once. */
  repair: v.nullable(v.string()),
  /** Whether somebody was told that it did not help. */
  repairFailed: v.boolean(),
  /** Findings of tables, as `nameOf` names them. */
  names: v.array(v.string()),
});

export type Told = v.InferOutput<typeof toldSchema> & {
  /** When it was told last, ISO 8601, UTC. */
  readonly at: string;
};

export interface ToldOfDate {
  /** The trouble that nobody was told the end of; null where there is none. */
  readonly told: Told | null;
  /** The newest entry, so that the same trouble has another entry when it comes again; null where there is none. */
  readonly newestEntry: string | null;
}

/** `audit`: rows of one date, in any order. */
export function toldOf(audit: readonly AuditRow[]): ToldOfDate {
  const [newest] = audit
    .filter(({ kind }) => sentinelKinds.some((own) => own === kind))
    .sort((a, b) => b.seq - a.seq);
  if (!newest) return { told: null, newestEntry: null };
  const { entry_id: newestEntry, kind, decided_at: at, evidence } = newest;
  if (kind === 'as_published_again') return { told: null, newestEntry };
  const parsed = parseJson(evidence);
  const read = v.safeParse(toldSchema, parsed.ok ? parsed.value : null);
  // Somebody altered the entry, which `audit verify` finds: then what is wrong is reported again.
  return { told: read.success ? { ...read.output, at } : null, newestEntry };
}
