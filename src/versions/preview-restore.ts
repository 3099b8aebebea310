/** What a restore would publish, table by table, and which figures it would change: planned as it is carried out, and not written. */
import { standsOn } from '../contracts/bypass-mark';
import { newestManifest } from '../contracts/manifests';
import type { GameDecisionKind } from '../contracts/game-decisions';
import type { RestoreWanted } from '../contracts/messages';
import type { ProcessorName } from '../contracts/phase3';
import type { PinStanding } from '../contracts/pin';
import { judgePinned } from '../gate/judge-pinned';
import { readSnapshot, type AgePolicy } from '../gate/read-snapshot';
import { currentManifest, publishedRows, type DateSnapshot } from '../gate/snapshot';
import { processors } from '../plan/registry';
import type { Processor } from '../processors/define-processor';
import { keptReader } from '../publishing/kept-reader';
import { planRestore, type RestoredTable } from '../publishing/plan-restore';
import { keptRaw, type KeptRaw } from '../publishing/raw-kept';
import type { TableName } from '../tables/catalogue';
import type { Warehouse } from '../warehouse/warehouse';
import { compareVersions, type VersionsDifference } from './compare-versions';

/** A table that would be live with other rows, or under another number. */
export interface PreviewedTable {
  readonly table: TableName;
  readonly processor: ProcessorName;
  /** The version that is live now. */
  readonly live: number;
  /** The kept version that would be published again, and under which number; null where a run would build the table anew. */
  readonly restores: number | null;
  readonly becomes: number | null;
  /** What is different in what would be live; null where a run would build it. */
  readonly difference: VersionsDifference | null;
  /** The pin that would be replaced. */
  readonly pin: PinStanding | null;
  /** Persons' bypasses that the live version stands on, and those that the restored one does. */
  readonly bypassIds: readonly string[];
  readonly restoredBypassIds: readonly string[];
  /** Which of these are decisions about games, and of what kind. */
  readonly decisions: Readonly<Record<string, GameDecisionKind>>;
  /** Live tables that were built on the live version. */
  readonly standsOnIt: readonly { readonly table: TableName; readonly version: number }[];
}

/** `refused` and `nothing`: it would write nothing, and `why` is a clause that says so. */
export type RestorePreview =
  | { readonly gameDate: string; readonly kind: 'planned'; readonly tables: readonly PreviewedTable[] }
  | { readonly gameDate: string; readonly kind: 'refused' | 'nothing'; readonly why: string };

/** Foresees a restore as of now. Throws `WarehouseError`. */
export async function previewRestore(
  warehouse: Pick<Warehouse, 'readDate' | 'countRows' | 'arrivals' | 'readKept'>,
  gameDate: string,
  wanted: RestoreWanted,
  policy: AgePolicy,
): Promise<RestorePreview> {
  const snapshot = await readSnapshot(warehouse, gameDate, processors, policy);
  const plan = await planRestore(snapshot, processors, wanted, keptReader(warehouse, gameDate));
  if (plan.kind === 'refused')
    return { gameDate, kind: plan.isNothing ? 'nothing' : 'refused', why: plan.why };
  const raw = keptRaw((await warehouse.readDate(gameDate, ['raw_kept'])).raw_kept);
  const restored = plan.tables.map((one): PreviewedTable => ({
    ...aboutLive(one.processor, snapshot),
    ...{ restores: one.wanted.version, becomes: one.version },
    difference: differenceOf(one, snapshot, raw),
    restoredBypassIds: standsOn(one.wanted).bypassIds,
    decisions: {
      ...standsOn(currentManifest(snapshot, one.processor.table)).decisions,
      ...standsOn(one.wanted).decisions,
    },
  }));
  const rebuilt = plan.rebuilt.map((processor): PreviewedTable => ({
    ...aboutLive(processor, snapshot),
    ...{ restores: null, becomes: null, difference: null, restoredBypassIds: [], decisions: {} },
  }));
  const order = processors.map(({ name }) => name);
  const tables = [...restored, ...rebuilt].sort(
    (a, b) => order.indexOf(a.processor) - order.indexOf(b.processor),
  );
  return { gameDate, kind: 'planned', tables };
}

function differenceOf(
  { processor: { table }, live, wanted, rows }: RestoredTable,
  snapshot: DateSnapshot,
  raw: KeptRaw,
): VersionsDifference {
  const before = { manifest: live, rows: publishedRows(snapshot, table) };
  return compareVersions(table, before, { manifest: wanted, rows }, raw);
}

function aboutLive(
  processor: Processor,
  snapshot: DateSnapshot,
): Pick<PreviewedTable, 'table' | 'processor' | 'live' | 'pin' | 'bypassIds' | 'standsOnIt'> {
  const { name, table } = processor;
  const live = currentManifest(snapshot, table);
  return {
    ...{ table: table.name, processor: name, live: live?.version ?? 0 },
    pin: judgePinned(processor, snapshot)?.pin ?? null,
    bypassIds: standsOn(live).bypassIds,
    standsOnIt: processors.flatMap(({ upstreams, table: { name: reader } }) => {
      if (!Object.values(upstreams).includes(processor)) return [];
      const own = newestManifest(snapshot.partition_manifest, reader);
      return own ? [{ table: reader, version: own.version }] : [];
    }),
  };
}
