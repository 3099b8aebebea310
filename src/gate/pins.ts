/** Whether a live version is pinned: kept as a person restored it, whatever its inputs become. Pure. */
import { builtOnOf } from '../contracts/manifests';
import { parsePin, type Pin } from '../contracts/pin';
import type { Processor } from '../processors/define-processor';
import type { ManifestRow } from '../tables/orchestration';
import { currentManifest, type DateSnapshot } from './snapshot';

/**
 * The pin of a processor's live version; null when it has none, or when an upstream of it was decided about since. What one
 * request restored stands together: it must not be left on what another decision has replaced.
 */
export function pinOf(
  { table, upstreams }: Pick<Processor, 'table' | 'upstreams'>,
  snapshot: Pick<DateSnapshot, 'partition_manifest'>,
): Pin | null {
  const manifest = currentManifest(snapshot, table);
  const pin = parsePin(manifest?.pin ?? null);
  if (!manifest || !pin) return null;
  const isOver = Object.values(upstreams).some((upstream) => isOverruled(manifest, pin, upstream, snapshot));
  return isOver ? null : pin;
}

/** Whether the upstream was unpinned, or restored by a later decision, without this version. */
function isOverruled(
  manifest: ManifestRow,
  { request_id: requestId }: Pin,
  { table }: Pick<Processor, 'table'>,
  snapshot: Pick<DateSnapshot, 'partition_manifest'>,
): boolean {
  const live = currentManifest(snapshot, table);
  const builtOn = builtOnOf(manifest).find((upstream) => upstream.table === table.name);
  if (!live || builtOn === undefined || builtOn.version === live.version) return false;
  // Rows that were put back are another version of the same decision.
  if (parsePin(live.pin)?.request_id === requestId) return false;
  const wasRestoredWithIt = snapshot.partition_manifest.some(
    (one) => one.table_name === table.name && parsePin(one.pin)?.request_id === requestId,
  );
  return wasRestoredWithIt || live.pin !== null;
}
