/** The private loopback endpoint of a worker: what the command line asks of the process that owns the warehouse file. */
import type { GateVerdict, PolicyOverrides, ProcessorName, RunState } from '../contracts/phase3';
import type { AuditRow } from '../tables/orchestration';
import type { DateRecord as BuiltDate } from '../warehouse/warehouse';

/** Written by the worker into its home once it serves. Readable by its owner only: the token opens the endpoint. */
export interface WorkerFile {
  readonly pid: number;
  readonly url: string;
  readonly token: string;
  /** Where this machine scrapes the worker's metrics; it asks for no token. */
  readonly metrics: string;
}

export interface Health {
  readonly ready: boolean;
  readonly pid: number;
  readonly worker: string;
  readonly warehouse: 'duckdb' | 'bigquery';
  /** Where the warehouse is: a file, or a project. */
  readonly location: string;
  /** What the worker puts before the datasets that it writes. */
  readonly prefix: string | null;
  readonly build: RunningBuild;
}

/** What code a worker runs. */
export interface RunningBuild {
  /** The commit, with `+` and a hash of the changes where the tree had some; null where nobody knows. */
  readonly commit: string | null;
  readonly processors: Readonly<
    Record<ProcessorName, { readonly version: string; readonly source_hash: string | null }>
  >;
}

export interface CheckRequest {
  readonly game_date: string;
  readonly processors: ProcessorName[];
  /** Whether to judge a run of them all, in which upstreams are built first; else each as things stand now. */
  readonly as_run: boolean;
  readonly overrides: PolicyOverrides;
}

/** A date by the record. */
export interface RecordedStanding {
  readonly gameDate: string;
  /** Of its newest pass; `unknown` where it has partitions and no pass. */
  readonly state: RunState | 'unknown';
  readonly endedAt: string | null;
  readonly missing: readonly string[];
  /** Persons' bypasses that live versions stand on. */
  readonly bypassIds: readonly string[];
  /** What is not published or unchanged, and why. */
  readonly reasons: readonly string[];
}

export interface AdoptRequest {
  readonly from: string;
  readonly to: string;
  readonly by: string;
  readonly reason: string;
}

export type { AdoptedPartition } from '../adoption/adopt-date';
export type { RowsDifference } from '../adoption/compare-rows';

export interface CheckResponse {
  readonly verdicts: GateVerdict[];
}

export interface DeadLetterResponse {
  /** False when the message was there already. */
  readonly added: boolean;
}

/** What is on record of a date, what was decided about it among it. */
export interface DateRecord extends BuiltDate {
  readonly bypass_audit: readonly AuditRow[];
}

export interface ErrorResponse {
  readonly error: string;
}

export const ndjson = 'application/x-ndjson';
