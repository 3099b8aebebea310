/** What people decide about a date: bypass, rerun, restore, recheck, extend, cancel. Every one of them names who and why. */
import { defineUpdate, defineSignal } from '@temporalio/workflow';
import * as v from 'valibot';
import { extensionMs, holdMs, id, processorName, reason, tableName, who } from './fields';
import { closed } from './schema';
import type { InputTableName, ProcessorName } from './phase3';

/** Kinds of entries in `bypass_audit`, and those of builds in `deployment_audit`. A closed list: readers group by it. */
export const auditKinds = [
  'bypass',
  'bypass_used',
  'bypass_cleared',
  'bypass_expired',
  'policy_bypass',
  'rerun',
  'restore',
  'unpin',
  'release',
  'release_cleared',
  'release_expired',
  'discard',
  'discard_cleared',
  'estimate',
  'estimate_cleared',
  'estimate_expired',
  'rolled_back',
  'not_as_published',
  'as_published_again',
  'late',
  'late_over',
  'deadline_extended',
  'cancelled',
  'abandoned',
  'build_first',
  'build_taken_over',
  'build_promoted',
  'build_rolled_back',
  'not_taken',
] as const;
export type AuditKind = (typeof auditKinds)[number];

/** Where a chain ends: the newest entry's number and hash. */
export interface AuditHead {
  seq: number;
  hash: string;
}

/** The head that has more entries before it. */
export function furtherHead(a: AuditHead | null, b: AuditHead | null): AuditHead | null {
  return (a?.seq ?? 0) >= (b?.seq ?? 0) ? a : b;
}

/** What happened, before the chain gives it a number and a hash. */
export interface AuditEntry {
  /** Made by whoever decided, and used again on every retry: an entry is written once. */
  entryId: string;
  kind: AuditKind;
  /** Who decided: a person, or `policy` or `system`. */
  by: string;
  reason: string;
  /** Null when the entry is about the whole date. */
  processor: ProcessorName | null;
  /** Tables that were missing and are waived. */
  tables: InputTableName[];
  /** What was known when it was decided, as JSON. */
  evidence: unknown;
  /** ISO 8601, UTC: when it was decided. */
  at: string;
}

/** A person's decision to run a processor, or all that lack some table, without some of their inputs. */
export const bypassSchema = v.pipe(
  closed({
    /** Made by the client and used again on every retry. */
    bypassId: id,
    /** Left out, it is every processor that lacks what is `missing`, itself or through an upstream. */
    processor: v.exactOptional(processorName),
    reason,
    by: who,
    /** What is waived; everything that is missing for the processor when left out. */
    missing: v.exactOptional(
      v.pipe(
        v.array(tableName),
        v.minLength(1),
        v.check((tables) => new Set(tables).size === tables.length),
        v.description('a list of tables that the processor reads, each once'),
      ),
    ),
    /** How long it holds, ms; as long as the configuration says when left out. */
    forMs: v.exactOptional(holdMs),
  }),
  v.description('an object of a bypass'),
);
export type BypassRequest = v.InferOutput<typeof bypassSchema>;

/** A bypass from the decision to the rebuild that makes it needless. */
export interface Bypass {
  bypassId: string;
  processor: ProcessorName;
  by: string;
  reason: string;
  /** ISO 8601, UTC. */
  at: string;
  /** The inputs that are waived. */
  tables: InputTableName[];
  /** `open`: granted and not used · `standing`: the live version is built on it. */
  status: 'open' | 'standing';
  /** The version that stands on it; null while it is open. */
  version: number | null;
  /** ISO 8601, UTC: until when it holds. */
  until: string;
  /** Whether somebody has been told that its time is over while a version stands on it. */
  isExpired?: true;
}

/** What a gate and a processor are told of a bypass. */
export interface Waiver {
  bypassId: string;
  by: string;
  reason: string;
  tables: InputTableName[];
  /** ISO 8601, UTC: until when it holds. */
  until: string;
}

export const extendSchema = v.pipe(
  closed({
    extendId: id,
    by: who,
    reason,
    /** By how much the deadline moves, ms. */
    byMs: extensionMs,
  }),
  v.description('an object of an extension'),
);
export type ExtendRequest = v.InferOutput<typeof extendSchema>;

export const cancelSchema = v.pipe(
  closed({ cancelId: id, by: who, reason }),
  v.description('an object of a cancellation'),
);
export type CancelRequest = v.InferOutput<typeof cancelSchema>;

export const recheckSchema = v.pipe(
  closed({ requestId: id, by: who }),
  v.description('an object of a recheck'),
);
export type RecheckMessage = v.InferOutput<typeof recheckSchema>;

/** What a decision that was taken is answered with. */
export interface Decided {
  /** Number and hash of its entry in the date's chain. */
  entry: AuditHead;
  /** One sentence: what it did. */
  summary: string;
}

export const bypassUpdate = defineUpdate<Decided, [BypassRequest]>('bypass');
export const extendUpdate = defineUpdate<Decided, [ExtendRequest]>('extendDeadline');
export const cancelUpdate = defineUpdate<Decided, [CancelRequest]>('cancel');
/** One message, or several that come together. */
export const recheckSignal = defineSignal<[RecheckMessage, ...RecheckMessage[]]>('recheck');
