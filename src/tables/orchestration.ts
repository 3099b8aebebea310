/** What this system keeps about its own work (`nba_orchestration`). All append-only but `date_fence` and `raw_kept`. */
import { date, defineTable, integer, required, string, timestamp, type RowOf } from './define-table';

export const partitionManifest = defineTable({
  dataset: 'nba_orchestration',
  name: 'partition_manifest',
  description:
    'One row per published partition version: who built it, from which inputs. The newest is live.',
  key: ['game_date', 'table_name', 'version'],
  columns: {
    game_date: required(date),
    table_name: required(string),
    version: required(integer),
    processor: required(string),
    processor_version: required(string),
    /** Hash of the processor's sources; null for a version that was adopted. */
    source_hash: string,
    /** The build that published it: its commit, or a hash of its files where it has none; null where that is not known. */
    code_commit: string,
    /** Hash of everything the processor read, upstream versions included. */
    fingerprint: required(string),
    /**
     * JSON: game → source table → hash of the rows that were read, so that what moved since can be named; null for a version
     * that was adopted.
     */
    inputs: string,
    /** Hash of the rows as published: what is stored must still hash to it. */
    content_hash: required(string),
    row_count: required(integer),
    /** JSON: `[{"table_name", "version"}]`, the published partitions it was built on. */
    upstream_versions: required(string),
    /** JSON: `[{"game_id", "status", "table", "detail"}]`, the games left out. */
    missing_games: required(string),
    /** JSON: every check with its result. */
    checks: required(string),
    /** Why it was built: first version, inputs moved, rows changed behind our back … */
    reason: required(string),
    /** JSON of the bypass it stands on (`policy` for the two-day rule), if any. */
    bypass: string,
    /** JSON of the decision that it was restored by and is kept for, whatever its inputs become; null when there is none. */
    pin: string,
    /** `seq:hash`, where the date's audit ended when it was built; null before its first entry. */
    audit_head: string,
    /** The staged rows that became this version. */
    stage_id: required(string),
    run_id: required(string),
    pass: required(integer),
    published_at: required(timestamp),
  },
});

export const quarantine = defineTable({
  dataset: 'nba_orchestration',
  name: 'quarantine',
  description: 'Staged partitions that failed a blocking check. Their rows stay under the stage id.',
  key: ['game_date', 'table_name', 'stage_id'],
  columns: {
    game_date: required(date),
    table_name: required(string),
    stage_id: required(string),
    processor: required(string),
    fingerprint: required(string),
    row_count: required(integer),
    /** JSON: the checks that failed, with sample rows. */
    checks: required(string),
    run_id: required(string),
    pass: required(integer),
    quarantined_at: required(timestamp),
  },
});

export const runHistory = defineTable({
  dataset: 'nba_orchestration',
  name: 'run_history',
  description: 'One row per pass of a date: who asked, what came of each processor, what was missing.',
  key: ['game_date', 'run_id', 'pass'],
  columns: {
    game_date: required(date),
    run_id: required(string),
    pass: required(integer),
    workflow_id: required(string),
    state: required(string),
    /** JSON: `[{"request_id", "kind", "source", "processors"}]`, with `by`, `reason` and `correlation_id` where they are known. */
    requests: required(string),
    /** JSON: processor → result. */
    processors: required(string),
    /** JSON: the tables that were missing. */
    missing: required(string),
    probes: required(integer),
    waited_ms: required(integer),
    /** JSON: the level log, as operators saw it. */
    journal: required(string),
    /** `seq:hash`, where the date's audit ended when the pass did; null before its first entry. */
    audit_head: string,
    /** The build of the worker that recorded it, as in the manifest; null where that is not known. */
    code_commit: string,
    started_at: required(timestamp),
    ended_at: required(timestamp),
  },
});

export const bypassAudit = defineTable({
  dataset: 'nba_orchestration',
  name: 'bypass_audit',
  description:
    'Decisions about a date: bypasses, by people and by policy, reruns, deadlines, cancellations; and what the sentinel found. One hash-chained log per date.',
  key: ['game_date', 'seq'],
  columns: {
    game_date: required(date),
    /** From 1, without a gap. */
    seq: required(integer),
    /** Made by whoever decided; an entry is written once. */
    entry_id: required(string),
    /** `bypass`, `bypass_used`, `policy_bypass`, `rerun`, `restore`, `unpin`, `rolled_back`, `not_as_published`, `deadline_extended`, … */
    kind: required(string),
    decided_at: required(timestamp),
    /** A person, or `policy` or `system`. */
    decided_by: required(string),
    reason: required(string),
    /** Null when the entry is about the whole date. */
    processor: string,
    /** JSON: the tables that were missing and are waived. */
    waived: required(string),
    /** JSON: what was known when it was decided. */
    evidence: required(string),
    run_id: required(string),
    pass: required(integer),
    /** `row_hash` of the entry before; 64 zeros for the first. */
    prev_hash: required(string),
    /** SHA-256 over the entry's other columns as canonical JSON, `prev_hash` included. */
    row_hash: required(string),
  },
});

export const deploymentAudit = defineTable({
  dataset: 'nba_orchestration',
  name: 'deployment_audit',
  description:
    'Decisions about which build is current: who, why and on what evidence. One hash-chained log, as `bypass_audit` is for each date.',
  key: bypassAudit.key,
  columns: {
    ...bypassAudit.columns,
    /** 1970-01-01 in every row: the log is about no game date, and is one chain in one partition. */
    game_date: required(date),
    /** `build_first`, `build_taken_over`, `build_promoted`, `build_rolled_back`, `not_taken`. */
    kind: required(string),
  },
});

export const dateFence = defineTable({
  dataset: 'nba_orchestration',
  name: 'date_fence',
  description:
    'One row a date: the pass that may publish it now. An attempt that was given up on is refused by it.',
  key: ['game_date'],
  columns: {
    game_date: required(date),
    run_id: required(string),
    pass: required(integer),
    /** `open` while the pass runs, `closed` once it is recorded. */
    state: required(string),
    changed_at: required(timestamp),
  },
});

export const deadLetter = defineTable({
  dataset: 'nba_orchestration',
  name: 'dead_letter',
  description: 'Messages that can never succeed, as they came, with every fault that was found.',
  key: ['game_date', 'message_id'],
  columns: {
    /** The day in New York on which it was published, or came: what it says of a date may be none. */
    game_date: required(date),
    message_id: required(string),
    subscription: string,
    /** Which attempt it was when it was put here; null where Pub/Sub does not count them. */
    delivery_attempt: integer,
    /** Whose token it came with. */
    principal: required(string),
    /** JSON: sentences that name the field and what would be right. */
    faults: required(string),
    /** JSON: the envelope's `message`. */
    message: required(string),
    received_at: required(timestamp),
  },
});

export const rawKept = defineTable({
  dataset: 'nba_orchestration',
  name: 'raw_kept',
  description:
    'The raw rows that kept versions were built from, each set once: what the hashes in `inputs` of a manifest stand for.',
  key: ['game_date', 'table_name', 'input_hash'],
  columns: {
    game_date: required(date),
    /** The raw table. */
    table_name: required(string),
    /** As in the manifest: over the rows that a processor read of the game, without `processed_at`. */
    input_hash: required(string),
    game_id: required(string),
    row_count: required(integer),
    /** The rows as canonical JSON, which the hash is over; gzip, in base64. */
    content: required(string),
  },
});

export const prunedVersion = defineTable({
  dataset: 'nba_orchestration',
  name: 'pruned_version',
  description:
    'One row per version whose rows were removed, because enough newer ones are kept. Its manifest stays.',
  key: ['game_date', 'table_name', 'version'],
  columns: {
    game_date: required(date),
    table_name: required(string),
    version: required(integer),
    stage_id: required(string),
    /** `PHASE3_KEEP_VERSIONS` then. */
    keep_versions: required(integer),
    /** The pass after which it was pruned. */
    run_id: required(string),
    pass: required(integer),
    pruned_at: required(timestamp),
  },
});

export type RawKeptRow = RowOf<typeof rawKept>;
export type PrunedVersionRow = RowOf<typeof prunedVersion>;
export type DeadLetterRow = RowOf<typeof deadLetter>;
export type ManifestRow = RowOf<typeof partitionManifest>;
export type QuarantineRow = RowOf<typeof quarantine>;
export type RunHistoryRow = RowOf<typeof runHistory>;
export type AuditRow = RowOf<typeof bypassAudit>;
export type DateFenceRow = RowOf<typeof dateFence>;
