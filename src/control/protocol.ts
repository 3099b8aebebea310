/** The private loopback endpoint of a worker: what the command line asks of the process that owns the warehouse file. */
import type { GateVerdict, PolicyOverrides, ProcessorName } from '../contracts/phase3';
import type { ManifestRow, RunHistoryRow } from '../tables/orchestration';

/** Written by the worker into its home once it serves. Readable by its owner only: the token opens the endpoint. */
export interface WorkerFile {
  readonly pid: number;
  readonly url: string;
  readonly token: string;
}

export interface Health {
  readonly ready: boolean;
  readonly pid: number;
  readonly worker: string;
  readonly warehouse: 'duckdb' | 'bigquery';
}

export interface CheckRequest {
  readonly game_date: string;
  readonly processors: ProcessorName[];
  /** Whether to judge a run of them all, in which upstreams are built first; else each as things stand now. */
  readonly as_run: boolean;
  readonly overrides: PolicyOverrides;
}

export interface CheckResponse {
  readonly verdicts: GateVerdict[];
}

/** What the warehouse has on record of a date. */
export interface DateRecord {
  readonly run_history: readonly RunHistoryRow[];
  readonly partition_manifest: readonly ManifestRow[];
}

export interface ErrorResponse {
  readonly error: string;
}

export const ndjson = 'application/x-ndjson';
