/** Reads the kept rows of versions, and why there are none. */
import type { Row } from '../tables/define-table';
import type { ManifestRow, PrunedVersionRow } from '../tables/orchestration';
import type { Warehouse } from '../warehouse/warehouse';

/** The rows that are kept of a version, as the warehouse has them now. */
export interface KeptRows {
  readonly rows: readonly Row[];
  /** The record that they were pruned; null where they were not. */
  readonly pruned: PrunedVersionRow | null;
}

export type ReadKept = (manifest: ManifestRow) => Promise<KeptRows>;

/** Reads of one date. What was pruned of it is asked once, and only where rows are missing. */
export function keptReader(warehouse: Pick<Warehouse, 'readDate' | 'readKept'>, gameDate: string): ReadKept {
  let asked: Promise<readonly PrunedVersionRow[]> | null = null;
  const readPruned = async (): Promise<readonly PrunedVersionRow[]> =>
    (await warehouse.readDate(gameDate, ['pruned_version'])).pruned_version;
  return async (manifest) => {
    const { table_name: table, version, stage_id: stageId, row_count: count } = manifest;
    const rows = await warehouse.readKept(table, gameDate, stageId);
    if (rows.length > 0 || count === 0) return { rows, pruned: null };
    asked ??= readPruned();
    const pruned = (await asked).find((one) => one.table_name === table && one.version === version);
    return { rows, pruned: pruned ?? null };
  };
}

/** Why rows of a version are gone, as a clause. */
export function describePruned({
  table_name: table,
  version,
  pruned_at: at,
  keep_versions: keep,
}: PrunedVersionRow): string {
  return `the rows of version ${version} of ${table} were pruned at ${at}: PHASE3_KEEP_VERSIONS was ${keep}, and newer versions are kept`;
}
