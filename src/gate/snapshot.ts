/** What the warehouse holds for one date, read at one instant: the only thing gates and processors look at. */
import { newestManifest } from '../contracts/manifests';
import { estimatesInForce, type GameDecision } from '../contracts/game-decisions';
import {
  gamesOf as gamesOfRows,
  rowsOfTable,
  type GameEvidence,
  type Reconstructs,
  type RowsByTable,
} from '../games/evidence';
import type { RowOf, TableDefinition } from '../tables/define-table';
import type { ManifestRow } from '../tables/orchestration';

export interface DateSnapshot {
  readonly gameDate: string;
  /** Rows of the date by table: of every source, and of the processors that were asked about with their upstreams. */
  readonly rows: RowsByTable;
  /**
   * Of published tables whose stored rows are not those of their newest version: the rows of that version, as far as they are
   * kept. Left out where there is none.
   */
  readonly asPublished?: RowsByTable;
  /** Every version's manifest of the date. */
  readonly partition_manifest: readonly ManifestRow[];
  /**
   * Whether the calendar is loaded for this part of the year. Without it "no games that day" could as well mean that nobody
   * loaded it.
   */
  readonly isCalendarKnown: boolean;
  /** What people have decided about its games. */
  readonly decisions?: readonly GameDecision[];
  /** Which team rows that never came are rebuilt from their players. */
  readonly reconstructs?: Reconstructs;
}

/** The date's games, ordered by id, with what every source says of each. */
export function gamesOf({
  gameDate,
  rows,
  reconstructs,
  decisions = [],
}: DateSnapshot): readonly GameEvidence[] {
  const estimates = estimatesInForce(decisions);
  return gamesOfRows(gameDate, rows, { reconstructs: reconstructs ?? 'none', estimates });
}

/** The published rows of a table. */
export function publishedRows<T extends TableDefinition>(
  { rows }: DateSnapshot,
  table: T,
): readonly RowOf<T>[] {
  return rowsOfTable(rows, table);
}

/**
 * What a table holds by what was published of it, whatever was done to its stored rows since: what somebody deleted is still
 * live, and what somebody added is not. The stored rows where the published ones are not kept.
 */
export function liveByRight<T extends TableDefinition>(
  { rows, asPublished }: DateSnapshot,
  table: T,
): readonly RowOf<T>[] {
  return rowsOfTable(asPublished?.[table.name] ? asPublished : rows, table);
}

/** The snapshot as it would be if these were the stored rows of these tables, as published: nothing else was published of them. */
export function withPublishedRows(snapshot: DateSnapshot, tables: RowsByTable): DateSnapshot {
  const altered = Object.entries(snapshot.asPublished ?? {}).filter(([name]) => !Object.hasOwn(tables, name));
  const { asPublished: _, ...others } = snapshot;
  return {
    ...{ ...others, rows: { ...snapshot.rows, ...tables } },
    ...(altered.length > 0 ? { asPublished: Object.fromEntries(altered) } : {}),
  };
}

/** The live manifest of a table: the one of the highest version; null when the date was never published. */
export function currentManifest(
  { partition_manifest }: Pick<DateSnapshot, 'partition_manifest'>,
  { name }: TableDefinition,
): ManifestRow | null {
  return newestManifest(partition_manifest, name);
}
