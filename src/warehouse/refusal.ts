/** Why a publish must not happen now. Pure: both adapters put the same question to what they read in the transaction. */
import type { DateFenceRow, ManifestRow } from '../tables/orchestration';
import type { PublishRequest, PublishResult } from './warehouse';

/**
 * Null when the publication may go ahead. `held` is the date's fence, `manifests` are all manifests of the date.
 */
export function refusalOf(
  request: PublishRequest,
  held: DateFenceRow | null,
  manifests: readonly ManifestRow[],
): Exclude<PublishResult, { kind: 'published' }> | null {
  const { fence, expectedVersion, upstreamVersions } = request;
  if (held?.run_id !== fence.runId || held.pass !== fence.pass || held.state !== 'open')
    return {
      kind: 'fenced',
      holder: held ? `run ${held.run_id}, pass ${held.pass} (${held.state})` : 'nobody',
    };
  const live = (table: string): ManifestRow | null =>
    manifests
      .filter((manifest) => manifest.table_name === table)
      .reduce<ManifestRow | null>(
        (newest, manifest) => (newest && newest.version > manifest.version ? newest : manifest),
        null,
      );
  const own = live(request.table);
  if ((own?.version ?? 0) !== expectedVersion) return { kind: 'version_moved', live: own };
  for (const { tableName, version } of upstreamVersions) {
    const now = live(tableName)?.version ?? 0;
    if (now !== version) return { kind: 'upstream_moved', tableName, version: now };
  }
  return null;
}
