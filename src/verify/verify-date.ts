/**
 * Compares what is live of a date with what was published of it, and what it was built from with what is there now. Nothing
 * is run and nothing is written. Whether a version is current is the gate's decision; what is added here is the evidence.
 */
import { describeQuestion } from '../contracts/pin';
import { inputsOf } from '../contracts/manifests';
import { judgePinned } from '../gate/judge-pinned';
import { judgeCurrent } from '../gate/judge-processor';
import { pinOf } from '../gate/pins';
import { snapshotOf, tablesOfSnapshot, type AgePolicy } from '../gate/read-snapshot';
import { currentManifest, publishedRows, withPublishedRows, type DateSnapshot } from '../gate/snapshot';
import { processors } from '../plan/registry';
import type { Processor } from '../processors/define-processor';
import { compareWithPublished, type AlteredRows } from '../publishing/compare-stored';
import { withMovedRows, type MovedRaw } from '../publishing/moved-raw';
import { keptRaw } from '../publishing/raw-kept';
import { dateFence, type ManifestRow } from '../tables/orchestration';
import type { Warehouse } from '../warehouse/warehouse';
import { movedInputs, type MovedInput } from '../gate/moved-inputs';

/**
 * What a live table is. `as_published`: its rows are those of its newest version, built from what is there now, or adopted ·
 * `unrecorded`: it has rows and no manifest, so nobody knows who wrote them · `questioned`: it is pinned, and its inputs moved
 * since.
 */
export type TableFinding = 'as_published' | 'altered' | 'stale' | 'unrecorded' | 'questioned';

export interface VerifiedTable {
  readonly table: string;
  readonly processor: string;
  /** Empty: as published. A table can be altered and stale at once. */
  readonly findings: readonly Exclude<TableFinding, 'as_published'>[];
  /** The gate's sentences, one for each finding. */
  readonly reasons: readonly string[];
  /** The version that should be live; null where none was published. */
  readonly version: number | null;
  /** ISO 8601, UTC. */
  readonly publishedAt: string | null;
  /** Rows that are live now. */
  readonly rows: number;
  readonly publishedRows: number | null;
  /** Which rows and columns; null where nothing was altered, or the version's rows are not kept any more. */
  readonly changes: AlteredRows | null;
  /** Which inputs; empty where none moved, or the manifest cannot say. */
  readonly moved: readonly MovedRaw[];
}

export interface VerifiedDate {
  readonly gameDate: string;
  /** Whether a run has the date open: what it finds stale it may be about to build. */
  readonly isOpen: boolean;
  /** Only tables that were published, or have rows. */
  readonly tables: readonly VerifiedTable[];
}

/** Verifies a date as of one instant. Throws `WarehouseError`. */
export async function verifyDate(
  warehouse: Pick<Warehouse, 'readDate' | 'countRows' | 'arrivals' | 'readKept'>,
  gameDate: string,
  policy: AgePolicy,
): Promise<VerifiedDate> {
  const rows = await warehouse.readDate(gameDate, [...tablesOfSnapshot(processors), dateFence.name], true);
  const snapshot = await snapshotOf(warehouse, gameDate, rows, policy);
  const tables = await withRaw(
    warehouse,
    snapshot,
    processors.flatMap((processor) => verifyTable(processor, snapshot) ?? []),
  );
  return { gameDate, tables, isOpen: (rows[dateFence.name] ?? []).some(({ state }) => state === 'open') };
}

/** A table before the rows of what moved are read. */
type Verified = Omit<VerifiedTable, 'moved'> & { readonly moved: readonly MovedInput[] };

/** Names rows and columns of what moved, by the raw rows that were kept; where nothing moved, nothing is read. */
async function withRaw(
  warehouse: Pick<Warehouse, 'readDate'>,
  snapshot: DateSnapshot,
  tables: readonly Verified[],
): Promise<VerifiedTable[]> {
  const isMoved = tables.some(({ moved }) => moved.length > 0);
  const { raw_kept: entries } = isMoved
    ? await warehouse.readDate(snapshot.gameDate, ['raw_kept'])
    : { raw_kept: [] };
  const kept = keptRaw(entries);
  return tables.map((verified) => {
    const { processor: name, moved } = verified;
    const processor = processors.find((one) => one.name === name);
    const manifest = processor && currentManifest(snapshot, processor.table);
    if (!processor || !manifest) return { ...verified, moved: [] };
    // What questions a pin moved from where it was when that was decided.
    const pin = pinOf(processor, snapshot);
    const then = pin ? pin.inputs : inputsOf(manifest);
    return { ...verified, moved: withMovedRows(processor, snapshot, moved, then, kept) };
  });
}

function verifyTable(processor: Processor, snapshot: DateSnapshot): Verified | null {
  const live = publishedRows(snapshot, processor.table);
  const manifest = currentManifest(snapshot, processor.table);
  if (!manifest && live.length === 0) return null;
  const known = {
    ...{ table: processor.table.name, processor: processor.name, rows: live.length },
    version: manifest?.version ?? null,
    publishedAt: manifest?.published_at ?? null,
    publishedRows: manifest?.row_count ?? null,
  };
  const found = judgeCurrent(processor, snapshot);
  const nothing = { findings: [], reasons: [], changes: null, moved: [] };
  if (!manifest)
    return {
      ...{ ...known, ...nothing, findings: ['unrecorded'] },
      reasons: [`${live.length} rows are live, and no version of it was ever published`],
    };
  if (found?.kind !== 'rows') return { ...known, ...nothing, ...staleness(processor, snapshot, manifest) };
  const kept = snapshot.asPublished?.[processor.table.name] ?? null;
  // What it would be judged as, had nobody touched any rows: a version may be altered and stale at once.
  const stale =
    kept && staleness(processor, withPublishedRows(snapshot, snapshot.asPublished ?? {}), manifest);
  return {
    ...known,
    findings: ['altered', ...(stale?.findings ?? [])],
    reasons: [found.reason, ...(stale?.reasons ?? [])],
    changes: kept && compareWithPublished(processor.table, kept, live),
    moved: stale?.moved ?? [],
  };
}

/** Whether the gate says that what it was built from moved, and what did. */
function staleness(
  processor: Processor,
  snapshot: DateSnapshot,
  manifest: ManifestRow,
): Pick<Verified, 'findings' | 'reasons' | 'moved'> {
  const pinned = judgePinned(processor, snapshot);
  if (pinned?.pin.questioned)
    return {
      findings: ['questioned'],
      reasons: [describeQuestion(pinned.pin, pinned.pin.questioned)],
      moved: pinned.moved,
    };
  const found = judgeCurrent(processor, snapshot);
  // Nobody knows what an adopted version was built from.
  if (!found || found.kind === 'adopted') return { findings: [], reasons: [], moved: [] };
  return {
    ...{ findings: ['stale'], reasons: [found.reason] },
    moved: movedInputs(processor, snapshot, manifest),
  };
}
