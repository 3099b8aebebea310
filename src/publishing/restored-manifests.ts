/** The manifests of what a restore publishes: what the kept ones say, by present numbers, and the pin. Pure. */
import type { PassToken } from '../contracts/activities';
import { spellBuiltOn } from '../contracts/manifests';
import type { Pin } from '../contracts/pin';
import { inputsByGame } from '../gate/inputs-by-game';
import { useOfLive, type ProcessorVersions } from '../gate/judge-processor';
import { selectNight, type SelectedNight } from '../gate/select-inputs';
import { withPublishedRows, type DateSnapshot } from '../gate/snapshot';
import type { Processor } from '../processors/define-processor';
import type { ManifestRow, RawKeptRow } from '../tables/orchestration';
import { manifestAgain } from './manifest';
import type { RestoredTable } from './plan-restore';
import { rawKeptOf } from './raw-kept';
import { stageIdFrom } from './fingerprint';

/** Who restores, why, and when; `auditHead` is `seq:hash`. */
export interface RestoreDecision {
  readonly requestId: string;
  readonly by: string;
  readonly reason: string;
  readonly auditHead: string | null;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly fence: PassToken;
  readonly versions: ProcessorVersions;
}

export interface AfterRestore {
  readonly snapshot: DateSnapshot;
  readonly manifests: ReadonlyMap<Processor, ManifestRow>;
  /** The raw rows that the decision was taken on, which the pins name. */
  readonly raw: ReadonlyMap<Processor, readonly RawKeptRow[]>;
}

/** The snapshot as it is once all of these are published, with the manifests that they are published with. */
export function afterRestore(
  snapshot: DateSnapshot,
  tables: readonly RestoredTable[],
  decision: RestoreDecision,
): AfterRestore {
  const unpinned = tables.map((one) => ({ ...one, manifest: manifestOfRestored(one, decision) }));
  const rowsByTable = Object.fromEntries(tables.map(({ processor, rows }) => [processor.table.name, rows]));
  const after: DateSnapshot = {
    ...withPublishedRows(snapshot, rowsByTable),
    partition_manifest: [...snapshot.partition_manifest, ...unpinned.map(({ manifest }) => manifest)],
  };
  const nights = new Map(
    tables.map(({ processor }) => [processor, nightOf(processor, after, decision.versions)]),
  );
  const manifests = new Map(
    unpinned.map(({ processor, wanted, manifest }) => [
      processor,
      { ...manifest, pin: JSON.stringify(pinOn(processor, wanted, nights.get(processor) ?? null, decision)) },
    ]),
  );
  const raw = new Map(
    [...nights].map(([processor, night]) => [
      processor,
      night ? rawKeptOf(snapshot.gameDate, processor, night) : [],
    ]),
  );
  const pinned = [...snapshot.partition_manifest, ...manifests.values()];
  return { snapshot: { ...after, partition_manifest: pinned }, manifests, raw };
}

/** One for each request and table, so that an attempt finds what another attempt has published. */
export function stageIdOfRestore(requestId: string, gameDate: string, table: string): string {
  return stageIdFrom('restore', table, gameDate, requestId);
}

function manifestOfRestored(
  { processor, wanted, version, upstreams }: RestoredTable,
  { requestId, by, reason, auditHead, at, fence }: RestoreDecision,
): ManifestRow {
  const again = manifestAgain(wanted, {
    ...{ fence, version, auditHead, publishedAt: at },
    stageId: stageIdOfRestore(requestId, fence.gameDate, processor.table.name),
    reason: `version ${wanted.version} was restored by ${by}: ${reason}`,
  });
  const builtOn = upstreams.map(({ tableName, version: number }) => ({ table: tableName, version: number }));
  return { ...again, upstream_versions: spellBuiltOn(builtOn) };
}

function pinOn(
  processor: Processor,
  wanted: ManifestRow,
  night: SelectedNight | null,
  { requestId, by, reason, at, versions }: RestoreDecision,
): Pin {
  return {
    ...{ request_id: requestId, by, reason, at, version: wanted.version },
    inputs: night && inputsByGame(processor, night),
    processor_version: versions[processor.name] ?? processor.version,
  };
}

/** What a run would build from now. A processor whose code fails on it is no reason not to restore. */
function nightOf(
  processor: Processor,
  after: DateSnapshot,
  versions: ProcessorVersions,
): SelectedNight | null {
  try {
    return selectNight(processor, after, useOfLive(processor, after, versions));
  } catch {
    return null;
  }
}
