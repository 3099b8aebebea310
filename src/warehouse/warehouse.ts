/**
 * The warehouse port, in our words. Two adapters stand behind it (DuckDB in process, BigQuery in production); everything
 * above it sees rows as plain JSON: dates `YYYY-MM-DD`, instants ISO 8601 with milliseconds, figures numbers.
 *
 * Every operation throws {@link WarehouseError} and nothing else when the warehouse is at fault.
 */
import type {
  AnalyticsTableName,
  OrchestrationTableName,
  RawTableName,
  TableName,
  TableRow,
} from '../tables/catalogue';
import type { Row } from '../tables/define-table';
import type { ManifestRow } from '../tables/orchestration';

export interface LoadReport {
  readonly rows: number;
  /** Game dates whose partitions were replaced, ascending. */
  readonly dates: readonly string[];
}

export interface StageRequest {
  readonly table: AnalyticsTableName;
  readonly gameDate: string;
  /** Tells staged sets apart; staging the same id again replaces it. */
  readonly stageId: string;
  readonly rows: readonly Row[];
}

/** The pass that claims a date; a later claim fences earlier ones off. */
export interface FenceToken {
  readonly gameDate: string;
  readonly runId: string;
  readonly pass: number;
}

export interface PublishRequest {
  readonly fence: FenceToken;
  /** The manifest of the new version; its `version` must be one above `expectedVersion`. */
  readonly manifest: ManifestRow;
  readonly table: AnalyticsTableName;
  /** The table's version that the publisher has seen; 0 when none. */
  readonly expectedVersion: number;
  /** Upstream versions that were read. */
  readonly upstreamVersions: readonly { readonly tableName: AnalyticsTableName; readonly version: number }[];
}

export type PublishResult =
  | { readonly kind: 'published' }
  /** Another version was published since; `version` and its fingerprint are what is live. */
  | { readonly kind: 'version_moved'; readonly live: ManifestRow | null }
  | { readonly kind: 'upstream_moved'; readonly tableName: AnalyticsTableName; readonly version: number }
  /** The pass is over or a later one holds the date. */
  | { readonly kind: 'fenced'; readonly holder: string };

export interface Warehouse {
  readonly kind: 'duckdb' | 'bigquery';
  /** Creates what is missing; never drops or alters what holds data. */
  ensureTables(): Promise<void>;
  /**
   * Replaces, in one transaction, the partitions of the dates that `rows` brings. Rows are decoded already.
   */
  loadRows(table: RawTableName, rows: AsyncIterable<readonly Row[]>): Promise<LoadReport>;
  /** Rows of a date from several tables, read as of one instant. */
  readDate<T extends TableName>(
    gameDate: string,
    tables: readonly T[],
  ): Promise<{ [K in T]: readonly TableRow<K>[] }>;
  /** Number of rows between two dates, both ends included. */
  countRows(table: TableName, from: string, to: string): Promise<number>;
  /** First and last game date that a table holds; null when it is empty. */
  dateRange(table: TableName): Promise<{ from: string; to: string } | null>;
  /** Puts rows aside under a stage id and returns them as the warehouse now holds them. */
  stage(request: StageRequest): Promise<readonly Row[]>;
  /**
   * Makes a staged set the live partition together with its manifest, atomically; refused, with nothing changed, if the
   * table's or an upstream's version moved, or the fence is held by another pass. Earlier versions are kept.
   */
  publish(request: PublishRequest): Promise<PublishResult>;
  /**
   * Claims a date for a pass: from now on only this pass may publish it. Does nothing for a pass of the same run that is
   * over already.
   */
  claimDate(token: FenceToken, at: string): Promise<void>;
  /** Ends a pass's claim, so that an attempt that was given up on can no longer publish. Later claims are left alone. */
  releaseDate(token: FenceToken, at: string): Promise<void>;
  /** Appends to a log table; a row whose key is there already is left out. */
  append(table: OrchestrationTableName, rows: readonly Row[]): Promise<void>;
  /** Rows between two dates, both ends included, ordered by key, in batches. */
  exportRows(table: TableName, from: string, to: string): AsyncIterable<readonly Row[]>;
  close(): Promise<void>;
}
