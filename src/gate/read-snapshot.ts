/** Reads a {@link DateSnapshot} through the port: one statement for all tables that are wanted. */
import { liveManifests } from '../contracts/manifests';
import { addDays, daysBetween } from '../contracts/game-date';
import { gameDecisions } from '../contracts/game-decisions';
import type { Policy } from '../contracts/phase3';
import { calendar, rowsOfTable, type Reconstructs, type RowsByTable } from '../games/evidence';
import type { Processor } from '../processors/define-processor';
import { contentHash } from '../publishing/fingerprint';
import { isAnalyticsTableName, rawSources, tableOf, type TableName } from '../tables/catalogue';
import type { Row } from '../tables/define-table';
import { bypassAudit, partitionManifest, type ManifestRow } from '../tables/orchestration';
import type { Warehouse } from '../warehouse/warehouse';
import type { DateSnapshot } from './snapshot';

/** A calendar row within this many days after the date says that the calendar reaches past it. */
const calendarReachDays = 180;
/** Its rows of some dates around are asked when they were written; none of them may be older than this before the date. */
const [datesAfter, datesAsked, oldestDays] = [15, 15, 7];

/** What says how old a date is, and whether it has waited long enough. Without it nothing is made of rows that never came. */
export type AgePolicy = Pick<
  Policy,
  'now' | 'today' | 'oldAfterDays' | 'isPastDeadline' | 'rebuildsTeamRows'
>;

/**
 * Everything that a date's games are judged by: all sources, so that one can be held against another, and the tables that
 * the given processors publish or stand on, directly or through others.
 */
export async function readSnapshot(
  warehouse: Pick<Warehouse, 'readDate' | 'countRows' | 'arrivals' | 'readKept'>,
  gameDate: string,
  processors: readonly Processor[],
  policy: AgePolicy | null = null,
): Promise<DateSnapshot> {
  const rows = await warehouse.readDate(gameDate, tablesOfSnapshot(processors));
  return snapshotOf(warehouse, gameDate, rows, policy);
}

/** The tables that a snapshot for these processors is made of. */
export function tablesOfSnapshot(processors: readonly Processor[]): TableName[] {
  const published = processors.flatMap(withUpstreams);
  const wanted = new Set([...rawSources, ...published].map(({ table }) => table.name));
  return [...wanted, partitionManifest.name, bypassAudit.name];
}

/** The snapshot from the rows of its tables. */
export async function snapshotOf(
  warehouse: Pick<Warehouse, 'countRows' | 'arrivals' | 'readKept'>,
  gameDate: string,
  rows: RowsByTable,
  policy: AgePolicy | null = null,
): Promise<DateSnapshot> {
  const manifests = rowsOfTable(rows, partitionManifest);
  const asPublished = await rowsAsPublished(warehouse, gameDate, rows, manifests);
  return {
    gameDate,
    rows,
    ...(Object.keys(asPublished).length > 0 ? { asPublished } : {}),
    partition_manifest: manifests,
    decisions: gameDecisions(rowsOfTable(rows, bypassAudit), policy?.now ?? null),
    reconstructs: reconstructsBy(gameDate, policy),
    isCalendarKnown:
      rowsOfTable(rows, calendar.table).length > 0 || (await isCalendarKnown(warehouse, gameDate)),
  };
}

/** The published rows of tables whose stored rows are others: only what hashes to its manifest is what was published. */
async function rowsAsPublished(
  warehouse: Pick<Warehouse, 'readKept'>,
  gameDate: string,
  rows: RowsByTable,
  manifests: readonly ManifestRow[],
): Promise<RowsByTable> {
  const found: Record<string, readonly Row[]> = {};
  for (const { table_name: name, content_hash: hash, stage_id: stageId } of liveManifests(manifests)) {
    const stored = rows[name];
    if (!stored || !isAnalyticsTableName(name) || contentHash(tableOf(name), stored) === hash) continue;
    const kept = await warehouse.readKept(name, gameDate, stageId);
    if (contentHash(tableOf(name), kept) === hash) found[name] = kept;
  }
  return found;
}

function reconstructsBy(gameDate: string, policy: AgePolicy | null): Reconstructs {
  if (!policy?.rebuildsTeamRows) return 'none';
  if (policy.isPastDeadline) return 'all';
  return daysBetween(gameDate, policy.today) >= policy.oldAfterDays ? 'stragglers' : 'none';
}

/** A processor with all that it stands on: whether an upstream is current is judged by that one's upstreams in turn. */
function withUpstreams(processor: Processor): Processor[] {
  return [processor, ...Object.values(processor.upstreams).flatMap(withUpstreams)];
}

/**
 * Whether a date that the calendar has no game on has none: its calendar reaches past the date, and was written anew at about
 * that time. One that was loaded in October knows nothing of what was moved to a day in March.
 */
async function isCalendarKnown(
  warehouse: Pick<Warehouse, 'countRows' | 'arrivals'>,
  gameDate: string,
): Promise<boolean> {
  const count = (from: string, to: string): Promise<number> =>
    warehouse.countRows(calendar.table.name, from, to);
  if (isSummer(gameDate)) return (await count(addDays(gameDate, -calendarReachDays), gameDate)) > 0;
  if ((await count(addDays(gameDate, 1), addDays(gameDate, calendarReachDays))) === 0) return false;
  const arrivals = await warehouse.arrivals(calendar.table.name, addDays(gameDate, datesAfter), datesAsked);
  const oldest = `${addDays(gameDate, -oldestDays)}T00:00:00.000Z`;
  // What says nothing of when it came is taken at its word.
  return arrivals.length === 0 || arrivals.some(({ arrivedAt }) => arrivedAt >= oldest);
}

/** Between seasons no calendar reaches past the date, and nobody need wait for one. The season of 2020 ended late. */
function isSummer(gameDate: string): boolean {
  const day = gameDate.slice(5);
  return day >= '07-01' && day <= '09-30' && !gameDate.startsWith('2020');
}
