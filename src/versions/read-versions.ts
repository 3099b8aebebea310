/** Reads versions, and what differs between them, from the warehouse; writes nothing. */
import { inputsOf } from '../contracts/manifests';
import type { PinStanding } from '../contracts/pin';
import { describePruned, keptReader } from '../publishing/kept-reader';
import { keptRaw, type KeptRaw } from '../publishing/raw-kept';
import { rawMovesBetween, type RawMove } from '../publishing/raw-moves';
import { tableOf, isAnalyticsTableName, type TableName } from '../tables/catalogue';
import type { Row } from '../tables/define-table';
import type { ManifestRow } from '../tables/orchestration';
import type { Warehouse } from '../warehouse/warehouse';
import {
  compareVersions,
  countRows,
  type RowCounts,
  type VersionRows,
  type VersionsDifference,
} from './compare-versions';
import {
  describeVersion,
  keptOf,
  liveAt,
  newest,
  partitionsOf,
  type Kept,
  type PublishedVersion,
} from './published-version';
import { causesOfSteps, type Cause } from './why-changed';

/** A partition whose live version is another than it was at some instant. */
export interface PartitionChange {
  readonly gameDate: string;
  readonly table: TableName;
  /** The version that was live then; null where there was none. */
  readonly from: number | null;
  readonly to: number;
  /** ISO 8601, UTC: when the live version was published. */
  readonly publishedAt: string;
  /** Null where the rows of one of the two are not kept as they were published: then nothing can be counted. */
  readonly rows: RowCounts | null;
  readonly causes: readonly Cause[];
  /** Games whose raw rows differ between the two, by table; null where there was no version then, or one cannot say. */
  readonly inputs: readonly RawMove[] | null;
}

/** There is no such version, or its rows cannot be shown; the sentence says which. */
export class NoSuchRowsError extends Error {
  override readonly name = 'NoSuchRowsError';
}

/** Every version of a date's tables, by table, newest first. `pins`: of the live ones that are pinned, by table. */
export async function versionsOf(
  warehouse: Warehouse,
  gameDate: string,
  pins: ReadonlyMap<string, PinStanding> = new Map(),
): Promise<PublishedVersion[]> {
  const versions: PublishedVersion[] = [];
  const read = keptReader(warehouse, gameDate);
  for (const partition of partitionsOf(await manifestsOf(warehouse, gameDate)))
    for (const manifest of [...partition].reverse()) {
      const kept = await read(manifest);
      const isLive = manifest === newest(partition);
      const pin = isLive ? pins.get(manifest.table_name) : null;
      versions.push(describeVersion(manifest, kept, isLive, pin));
    }
  return versions;
}

/** Rows of a version as they were published, in key order; throws {@link NoSuchRowsError} where there are none. */
export async function rowsOfVersion(
  warehouse: Warehouse,
  table: TableName,
  gameDate: string,
  version: number,
): Promise<readonly Row[]> {
  return (await publishedRows(warehouse, table, gameDate, version)).rows;
}

/** What is different in version `after` of a partition; throws {@link NoSuchRowsError}. */
export async function differenceOf(
  warehouse: Warehouse,
  table: TableName,
  gameDate: string,
  before: number,
  after: number,
): Promise<VersionsDifference> {
  const { old, now } = await publishedBoth(warehouse, table, gameDate, before, after);
  return compareVersions(tableOf(table), old, now, await readRaw(warehouse, gameDate));
}

/** The same without the raw rows that moved, which are not read. */
export async function figuresBetween(
  ...[warehouse, table, gameDate, before, after]: Parameters<typeof differenceOf>
): Promise<VersionsDifference> {
  const { old, now } = await publishedBoth(warehouse, table, gameDate, before, after);
  return compareVersions(tableOf(table), old, now);
}

async function publishedBoth(
  ...[warehouse, table, gameDate, before, after]: Parameters<typeof differenceOf>
): Promise<{ readonly old: VersionRows; readonly now: VersionRows }> {
  return {
    old: await publishedRows(warehouse, table, gameDate, before),
    now: await publishedRows(warehouse, table, gameDate, after),
  };
}

/**
 * Partitions of which another version is live than at `since` (ISO 8601, UTC), by date and table. The rows are those that
 * were published: what somebody changed in the live table behind our back is not seen here.
 */
export async function* changesSince(warehouse: Warehouse, since: string): AsyncGenerator<PartitionChange> {
  const manifests: ManifestRow[] = [];
  for await (const rows of warehouse.exportRows('partition_manifest', '0001-01-01', '9999-12-31'))
    manifests.push(...(rows as readonly ManifestRow[]).filter(isOfOurs));
  for (const partition of partitionsOf(manifests)) {
    const before = liveAt(partition, since);
    const after = newest(partition);
    if (after && after !== before) yield await changeOf(warehouse, partition, before, after);
  }
}

async function changeOf(
  warehouse: Warehouse,
  partition: readonly ManifestRow[],
  before: ManifestRow | null,
  after: ManifestRow,
): Promise<PartitionChange> {
  const { game_date: gameDate } = after;
  const read = keptReader(warehouse, gameDate);
  const readOne = async (manifest: ManifestRow): Promise<PublishedRows> => {
    const found = await read(manifest);
    return { kept: keptOf(manifest, found), rows: found.rows };
  };
  const old: PublishedRows = before ? await readOne(before) : { kept: 'kept', rows: [] };
  const now = await readOne(after);
  const [then, since] = [before && inputsOf(before), inputsOf(after)];
  const later = partition.filter(({ version }) => version > (before?.version ?? 0));
  const isCountable = old.kept === 'kept' && now.kept === 'kept';
  return {
    ...{ gameDate, table: after.table_name },
    ...{ from: before?.version ?? null, to: after.version, publishedAt: after.published_at },
    rows: isCountable ? countRows(tableOf(after.table_name), old.rows, now.rows) : null,
    causes: causesOfSteps(before, later),
    inputs: then && since ? rawMovesBetween(then, since, await readRaw(warehouse, gameDate)) : null,
  };
}

async function publishedRows(
  warehouse: Warehouse,
  table: TableName,
  gameDate: string,
  version: number,
): Promise<{ readonly manifest: ManifestRow; readonly rows: readonly Row[] }> {
  const partition = (await manifestsOf(warehouse, gameDate)).filter((one) => one.table_name === table);
  const manifest = partition.find((one) => one.version === version);
  if (!manifest) throw new NoSuchRowsError(`There is no version ${version} of ${table} for ${gameDate}.`);
  const found = await keptReader(warehouse, gameDate)(manifest);
  const { rows, pruned } = found;
  const kept = keptOf(manifest, found);
  if (kept === 'kept') return { manifest, rows };
  throw new NoSuchRowsError(
    kept === 'pruned' && pruned
      ? `${gameDate}: ${describePruned(pruned)}.`
      : kept === 'gone'
        ? `The rows of version ${version} of ${table} for ${gameDate} are not kept any more.`
        : `The kept rows of version ${version} of ${table} for ${gameDate} are not the rows that were published ` +
          `(${rows.length} are kept, ${manifest.row_count} were published): they were changed since.`,
  );
}

interface PublishedRows {
  readonly kept: Kept;
  readonly rows: readonly Row[];
}

async function readRaw(warehouse: Warehouse, gameDate: string): Promise<KeptRaw> {
  return keptRaw((await warehouse.readDate(gameDate, ['raw_kept'])).raw_kept);
}

async function manifestsOf(warehouse: Warehouse, gameDate: string): Promise<ManifestRow[]> {
  const { partition_manifest: manifests } = await warehouse.readDate(gameDate, ['partition_manifest']);
  return manifests.filter(isOfOurs);
}

/** A table that is not built any more may still have manifests. */
function isOfOurs({ table_name: name }: ManifestRow): boolean {
  return isAnalyticsTableName(name);
}
