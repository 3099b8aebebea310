/**
 * Compares what is live of a date with what was published of it, and what it was built from with what is there now. Nothing
 * is run and nothing is written. Whether a version is current is the gate's decision; what is added here is the evidence.
 */
import { describeQuestion } from '../contracts/pin';
import { judgePinned } from '../gate/judge-pinned';
import { judgeCurrent } from '../gate/judge-processor';
import { snapshotOf, tablesOfSnapshot, type AgePolicy } from '../gate/read-snapshot';
import { currentManifest, publishedRows, withPublishedRows, type DateSnapshot } from '../gate/snapshot';
import { processors } from '../plan/registry';
import type { Processor } from '../processors/define-processor';
import { compareWithPublished, type AlteredRows } from '../publishing/compare-stored';
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
  readonly moved: readonly MovedInput[];
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
  const tables = processors.flatMap((processor) => verifyTable(processor, snapshot) ?? []);
  return { gameDate, tables, isOpen: (rows[dateFence.name] ?? []).some(({ state }) => state === 'open') };
}

function verifyTable(processor: Processor, snapshot: DateSnapshot): VerifiedTable | null {
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
): Pick<VerifiedTable, 'findings' | 'reasons' | 'moved'> {
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
