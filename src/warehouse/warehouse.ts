/**
 * The warehouse port, in our words. Two adapters stand behind it (DuckDB in process, BigQuery in production); everything
 * above it sees rows as plain JSON: dates `YYYY-MM-DD`, instants ISO 8601 with milliseconds, figures numbers.
 *
 * Every operation throws {@link WarehouseError} and nothing else when the warehouse is at fault.
 */
import type { OrchestrationTableName, TableName, TableRow } from '../tables/catalogue';
import type { Arrival } from '../contracts/arrival';
import type { DatasetPrefix } from './datasets';
import type { Row } from '../tables/define-table';
import type {
  ManifestRow,
  PrunedVersionRow,
  QuarantineRow,
  RawKeptRow,
  RunHistoryRow,
} from '../tables/orchestration';

export interface LoadReport {
  readonly rows: number;
  /** Rows that were there before, and are not any more. */
  readonly replaced: number;
  /** Game dates whose partitions were replaced, ascending. */
  readonly dates: readonly string[];
}

export interface StageRequest {
  readonly table: TableName;
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

/** What is on record of a date. */
export interface DateRecord {
  readonly partition_manifest: readonly ManifestRow[];
  readonly run_history: readonly RunHistoryRow[];
}

export interface PublishRequest {
  readonly fence: FenceToken;
  /** The manifest of the new version; its `version` must be one above `expectedVersion`. */
  readonly manifest: ManifestRow;
  readonly table: TableName;
  /** The table's version that the publisher has seen; 0 when none. */
  readonly expectedVersion: number;
  /** Upstream versions that were read. */
  readonly upstreamVersions: readonly { readonly tableName: TableName; readonly version: number }[];
  /** Raw rows that the manifest names by hash: kept with the version, each set once. */
  readonly raw?: readonly RawKeptRow[];
}

/** What is to be removed of a date, and on whose behalf. */
export interface PruneRequest {
  /** The last pass of the date. */
  readonly fence: FenceToken;
  /** Versions whose kept rows go; none that is live. Each is put on record. */
  readonly versions: readonly PrunedVersionRow[];
  /** Raw rows that stay; all others of the date go. */
  readonly raw: readonly Pick<RawKeptRow, 'table_name' | 'input_hash'>[];
}

export type PublishResult =
  | { readonly kind: 'published' }
  /** Another version was published since; `version` and its fingerprint are what is live. */
  | { readonly kind: 'version_moved'; readonly live: ManifestRow | null }
  | { readonly kind: 'upstream_moved'; readonly tableName: TableName; readonly version: number }
  /** The pass is over or a later one holds the date. */
  | { readonly kind: 'fenced'; readonly holder: string };

export interface Warehouse {
  readonly kind: 'duckdb' | 'bigquery';
  /** Where it is: a file, or a project. */
  readonly location: string;
  /** What is put before the datasets that are written; null for none. */
  readonly prefix: DatasetPrefix;
  /**
   * Creates what is missing: tables, and in those that are ours columns that may be empty. Never drops or changes a column,
   * and never alters a raw table.
   */
  ensureTables(): Promise<void>;
  /**
   * Replaces, in one transaction, the partitions of the dates that `rows` brings. Rows are decoded already.
   */
  loadRows(table: TableName, rows: AsyncIterable<readonly Row[]>): Promise<LoadReport>;
  /**
   * Rows of a date from several tables, read as of one instant. `isVerified`: they are read from where they are stored, also
   * where an adapter remembers them.
   */
  readDate<T extends TableName>(
    gameDate: string,
    tables: readonly T[],
    isVerified?: boolean,
  ): Promise<{ [K in T]: readonly TableRow<K>[] }>;
  /** Number of rows between two dates, both ends included. */
  countRows(table: TableName, from: string, to: string): Promise<number>;
  /**
   * Bytes that reading the rows of these tables between two dates once would process, as the warehouse says without reading them;
   * null where nobody counts bytes.
   */
  bytesToRead(tables: readonly TableName[], from: string, to: string): Promise<number | null>;
  /** First and last game date that a table holds; null when it is empty. */
  dateRange(table: TableName): Promise<{ from: string; to: string } | null>;
  /**
   * When the rows of the dates before `before` came, of the newest `limit` dates within 120 days, newest first. A date none
   * of whose rows has a `processed_at` is left out and counts for nothing.
   */
  arrivals(table: TableName, before: string, limit: number): Promise<readonly Arrival[]>;
  /**
   * Puts rows aside under a stage id and returns them as the warehouse now holds them. No reader sees them, and they are
   * kept only by {@link publish} or {@link quarantine}.
   */
  stage(request: StageRequest): Promise<readonly Row[]>;
  /**
   * Makes a staged set the live partition together with its manifest, atomically; refused, with nothing changed, if the
   * table's or an upstream's version moved, or the fence is held by another pass. Earlier versions are kept. Sent again
   * after it went through, it answers `published` or names its own manifest as live.
   */
  publish(request: PublishRequest): Promise<PublishResult>;
  /**
   * Puts on record what is live without a manifest, as the first version, touching none of its rows; refused as a
   * publication is. The manifest's row count must still hold. Keeps no raw rows.
   */
  adopt(request: PublishRequest): Promise<PublishResult>;
  /** Rows of a version that was published or adopted, by its manifest's stage id, in key order; none when it is not kept. */
  readKept(table: TableName, gameDate: string, stageId: string): Promise<readonly Row[]>;
  /** Keeps a staged set that a check has refused, with the row that says so. Sent again, it changes nothing. */
  quarantine(row: QuarantineRow): Promise<void>;
  /**
   * Claims a date for a pass: from now on only this pass may publish it. Does nothing for a pass of the same run that is
   * over already. Returns what is on record of the date, and its rows of `tables`, all as of one instant: what a pass judges
   * first need not be read on its own. `unlessHeld`: an open claim of another run stays; whose it is after that, `date_fence`
   * among the tables says.
   */
  claimDate<T extends TableName = never>(
    token: FenceToken,
    at: string,
    tables?: readonly T[],
    unlessHeld?: boolean,
  ): Promise<DateRecord & { [K in T]: readonly TableRow<K>[] }>;
  /**
   * Ends a pass: its claim, so that an attempt that was given up on can no longer publish, and its row of the run history
   * (left out if it is there). Later claims are left alone.
   */
  closePass(token: FenceToken, at: string, row: RunHistoryRow): Promise<void>;
  /**
   * Removes kept rows of older versions, and raw rows that no kept version names, in one transaction; refused, with nothing
   * changed, if another pass has claimed the date since. Sent again, it changes nothing.
   */
  prune(request: PruneRequest): Promise<'pruned' | 'fenced'>;
  /**
   * Appends to a log table; a row whose key is there already is left out, also where another process appends the same keys at the
   * same moment.
   */
  append(table: OrchestrationTableName, rows: readonly Row[]): Promise<void>;
  /** Rows between two dates, both ends included, ordered by key, in batches. */
  exportRows(table: TableName, from: string, to: string): AsyncIterable<readonly Row[]>;
  /**
   * Rows of the table of the same name that stands without this deployment's prefix, ordered by key, in batches. It is
   * another system's: of its columns only those that the declaration knows are read, and those it lacks are absent.
   */
  exportLive(table: TableName, from: string, to: string): AsyncIterable<readonly Row[]>;
  /**
   * Writes all that is in it, as of one instant, into a new file of the same kind; refused where there is a file already.
   * Absent where the warehouse is not one file.
   */
  copyTo?(path: string): Promise<void>;
  /**
   * Removes the datasets of a shadow of this deployment, with all that is in them; `token` is the shadow's. Sent again, it
   * changes nothing. Absent where a shadow has a warehouse of its own.
   */
  removeShadow?(token: string): Promise<void>;
  close(): Promise<void>;
}
