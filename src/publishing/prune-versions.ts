/** Removes the rows of older versions of a date, and the raw rows that no kept version was built from. Manifests and audit stay. */
import type { PassToken } from '../contracts/activities';
import { isAnalyticsTableName } from '../tables/catalogue';
import type { ManifestRow } from '../tables/orchestration';
import type { Warehouse } from '../warehouse/warehouse';
import { rawOf, versionsToKeep } from './versions-to-keep';

export interface PruneOptions {
  readonly warehouse: Pick<Warehouse, 'readDate' | 'prune'>;
  /** So many of the newest versions of each table keep their rows; at least 1. */
  readonly keepVersions: number;
  readonly clock: () => Date;
}

/**
 * Prunes a date after its pass. `manifests` are all of the date, read when the pass was over; nothing is done where another has
 * claimed the date since, because its own end prunes. Returns how many versions were pruned. Quarantined sets are no versions,
 * and stay.
 */
export async function pruneVersions(
  fence: PassToken,
  manifests: readonly ManifestRow[],
  { warehouse, keepVersions, clock }: PruneOptions,
): Promise<number> {
  const kept = versionsToKeep(manifests, keepVersions);
  const older = manifests.filter((one) => !kept.has(one) && isAnalyticsTableName(one.table_name));
  // Most nights have few versions, and are asked nothing.
  if (older.length === 0) return 0;
  const { pruned_version: pruned } = await warehouse.readDate(fence.gameDate, ['pruned_version']);
  const gone = new Set(pruned.map(({ table_name: table, version }) => `${table} ${version}`));
  const left = older.filter((one) => !gone.has(`${one.table_name} ${one.version}`));
  if (left.length === 0) return 0;
  const { gameDate, runId, pass } = fence;
  const versions = left.map(({ table_name, version, stage_id }) => ({
    ...{ game_date: gameDate, table_name, version, stage_id, keep_versions: keepVersions },
    ...{ run_id: runId, pass, pruned_at: clock().toISOString() },
  }));
  const answer = await warehouse.prune({ fence, versions, raw: rawOf(kept) });
  return answer === 'pruned' ? left.length : 0;
}
