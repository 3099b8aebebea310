/** Explains one published figure: where it comes from, whether it is what its inputs give, and what its version stands on. */
import { bypassIdsOf, parseBypass } from '../contracts/bypass-mark';
import { addDays } from '../contracts/game-date';
import { inputsOf } from '../contracts/manifests';
import { movedInputs } from '../gate/moved-inputs';
import { snapshotOf, tablesOfSnapshot, type AgePolicy } from '../gate/read-snapshot';
import { currentManifest, gamesOf, publishedRows, type DateSnapshot } from '../gate/snapshot';
import { processors } from '../plan/registry';
import type { Processor } from '../processors/define-processor';
import { dataHashes } from '../publishing/fingerprint';
import type { Cell, Row } from '../tables/define-table';
import { withMovedRows } from '../publishing/moved-raw';
import { keptRaw, type KeptRaw } from '../publishing/raw-kept';
import type { AuditRow, ManifestRow, RawKeptRow, RunHistoryRow } from '../tables/orchestration';
import { provenance } from '../tables/provenance';
import type { Warehouse } from '../warehouse/warehouse';
import { agreementOf } from './agreement';
import { builtTable, sameRow, subjectOf, type BuiltRow, type BuiltTable } from './built-rows';
import type { Figure, FigureExplanation, FigureRequest, MovedSince, UnknownFigure } from './figure';
import { decisionsOf, rulesOf, versionOf } from './record';
import { estimatesIn, leaf, Tracer } from './trace';

type Reads = Pick<Warehouse, 'readDate' | 'readKept' | 'exportRows' | 'countRows' | 'arrivals'>;

/** The date as of one instant, with what is on record of it. */
interface Recorded {
  readonly snapshot: DateSnapshot;
  readonly audit: readonly AuditRow[];
  readonly passes: readonly RunHistoryRow[];
  /** The raw rows that its versions were built from. */
  readonly kept: KeptRaw;
}

/**
 * Explains a figure of a table that a processor publishes; what there is instead, where there is no such date, row or game.
 * The table and the column are known to be there.
 */
export async function explainFigure(
  warehouse: Reads,
  request: FigureRequest,
  policy: AgePolicy,
): Promise<FigureExplanation | UnknownFigure> {
  const processor = processors.find(({ table }) => table.name === request.table);
  if (!processor) throw new Error(`${request.table} is no table that a processor publishes`);
  const recorded = await readRecorded(warehouse, processor, request.gameDate, policy);
  const live = currentManifest(recorded.snapshot, processor.table);
  if (!live) return { unknown: 'date', candidates: await publishedDates(warehouse, request) };
  const kept = await warehouse.readKept(request.table, request.gameDate, live.stage_id);
  const found = findRow(processor, recorded.snapshot, kept, request);
  return 'unknown' in found ? found : explain(recorded, processor, live, found, request.column);
}

async function readRecorded(
  warehouse: Reads,
  processor: Processor,
  gameDate: string,
  policy: AgePolicy,
): Promise<Recorded> {
  const tables = [...tablesOfSnapshot([processor]), 'bypass_audit', 'run_history', 'raw_kept'];
  const rows = await warehouse.readDate(gameDate, tables);
  const { bypass_audit: audit, run_history: passes, raw_kept: raw } = rows as Record<string, readonly Row[]>;
  return {
    snapshot: await snapshotOf(warehouse, gameDate, rows, policy),
    audit: audit as readonly AuditRow[],
    passes: passes as readonly RunHistoryRow[],
    kept: keptRaw(raw as readonly RawKeptRow[]),
  };
}

/** How far around a date that was never published others are named. */
const daysAround = 45;

async function publishedDates(warehouse: Reads, { table, gameDate }: FigureRequest): Promise<string[]> {
  const dates = new Set<string>();
  const [from, to] = [addDays(gameDate, -daysAround), addDays(gameDate, daysAround)];
  for await (const rows of warehouse.exportRows('partition_manifest', from, to))
    for (const row of rows) if (row['table_name'] === table) dates.add(String(row['game_date']));
  return [...dates].sort();
}

/** The row as it is stored, and as it was published; at least one of them is there. */
interface FoundRow {
  readonly stored: Row | null;
  readonly published: Row | null;
}

function findRow(
  processor: Processor,
  snapshot: DateSnapshot,
  kept: readonly Row[],
  { subject, game }: FigureRequest,
): FoundRow | UnknownFigure {
  const stored = publishedRows(snapshot, processor.table);
  const gone = kept.filter((row) => !sameRow(processor, stored, row, (other) => other));
  const all = [...stored, ...gone];
  const own = all.filter((row) => plain(subjectOf(processor, row)) === plain(subject));
  if (own.length === 0)
    return { unknown: 'subject', candidates: all.map((row) => subjectOf(processor, row)).sort() };
  const chosen = game === undefined ? own : own.filter((row) => isOfGame(row, game));
  const [row] = chosen;
  if (!row || chosen.length > 1)
    return { unknown: 'game', candidates: own.map((other) => String(other['game_id'])).sort() };
  return {
    stored: gone.includes(row) ? null : row,
    published: sameRow(processor, kept, row, (other) => other),
  };
}

/** A name as a person may write it: capitals, spaces and signs make no difference. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/** By either id of a game: every column that is named like one. */
function isOfGame(row: Row, game: string): boolean {
  return Object.entries(row).some(([column, value]) => column.endsWith('game_id') && value === game);
}

function explain(
  { snapshot, audit, passes, kept }: Recorded,
  processor: Processor,
  live: ManifestRow,
  { stored, published }: FoundRow,
  column: string,
): FigureExplanation {
  const row = stored ?? published ?? {};
  const tables = builtTables(processor, snapshot);
  const table = tables.get(processor) as BuiltTable;
  const built = sameRow(processor, table.rows, row, (candidate) => candidate.row);
  const tracer = new Tracer(snapshot, tables);
  const isOfRecord = Object.hasOwn(provenance, column);
  const traced = isOfRecord || !built ? null : tracer.column(table, built, column);
  const figure = traced
    ? { ...traced, value: row[column] ?? null, nullBecause: row[column] === null ? traced.nullBecause : [] }
    : unexplained(processor, live, row, column, isOfRecord);
  const version = versionOf(processor, live, snapshot, passes);
  const recomputed = isOfRecord ? ofRecord(live, published, built) : (built?.row ?? null);
  const evidence = gamesOf(snapshot).find(({ game }) => game.gameId === row['game_id']);
  const { rawRows } = tracer;
  return {
    ...{ gameDate: snapshot.gameDate, gameId: String(row['game_id']), figure, rawRows, version },
    estimated: estimatesIn(figure),
    agreement: agreementOf({
      snapshot,
      moved: movedSince(processor, snapshot, row['game_id'], kept),
      table,
      column,
      stored,
      published,
      recomputed,
      figure,
      version,
      rawRows,
    }),
    rules: rulesOf(evidence?.rules ?? []),
    decisions: decisionsOf(processor, String(row['game_id']), snapshot, audit),
  };
}

/** What moved of a game's raw rows since they were read for the live versions of a processor's table and of what it stands on. */
function movedSince(
  processor: Processor,
  snapshot: DateSnapshot,
  gameId: Cell | undefined,
  kept: KeptRaw,
): MovedSince[] {
  const live = currentManifest(snapshot, processor.table);
  const own = live ? movedInputs(processor, snapshot, live) : [];
  const moved = withMovedRows(processor, snapshot, own, live && inputsOf(live), kept);
  return [
    ...moved.flatMap((input): MovedSince[] =>
      live && input.rows && input.table !== null && input.gameId === gameId
        ? [{ table: processor.table.name, version: live.version, rawTable: input.table, rows: input.rows }]
        : [],
    ),
    ...Object.values(processor.upstreams).flatMap((upstream) => movedSince(upstream, snapshot, gameId, kept)),
  ];
}

/** What the raw rows give now, of a processor and of all that it stands on: upstreams first, and then what is built on these. */
function builtTables(processor: Processor, stored: DateSnapshot): Map<Processor, BuiltTable> {
  const tables = new Map<Processor, BuiltTable>();
  let snapshot = stored;
  for (const upstream of Object.values(processor.upstreams)) {
    for (const [below, table] of builtTables(upstream, stored)) tables.set(below, table);
    const built = tables.get(upstream)?.rows ?? [];
    const rows = publishedRows(stored, upstream.table).map((row): Row => ({
      ...row,
      ...sameRow(upstream, built, row, (candidate) => candidate.row)?.row,
    }));
    snapshot = { ...snapshot, rows: { ...snapshot.rows, [upstream.table.name]: rows } };
  }
  return tables.set(processor, builtTable(processor, snapshot));
}

/** A column that the publication adds, or one whose row cannot be built now. */
function unexplained(
  processor: Processor,
  live: ManifestRow,
  row: Row,
  column: string,
  isOfRecord: boolean,
): Figure {
  const value = row[column] ?? null;
  const why = isOfRecord ? 'the version stands on no bypass' : 'its row cannot be built now';
  return leaf({
    ...{ name: null, table: processor.table.name, column, of: subjectOf(processor, row), value },
    ...{ version: live.version, kind: isOfRecord ? 'record' : 'published' },
    nullBecause: value === null ? [why] : [],
  });
}

/** The columns that the publication adds: as it was published, and the hash over what the inputs give now. */
function ofRecord(live: ManifestRow, published: Row | null, built: BuiltRow | null): Row {
  const [hash = null] = built ? dataHashes([built.row]) : [];
  const known: Record<keyof typeof provenance, Cell> = {
    bypass_id: bypassIdsOf(parseBypass(live.bypass))[0] ?? null,
    processed_at: live.published_at,
    data_hash: hash,
  };
  if (!published) return known;
  return {
    ...known,
    bypass_id: published['bypass_id'] ?? null,
    processed_at: published['processed_at'] ?? null,
  };
}
