/** Reads a {@link DateSnapshot} through the port: one statement for all tables that are wanted. */
import { addDays } from '../contracts/game-date';
import { calendar, rowsOfTable, type RowsByTable } from '../games/evidence';
import type { Processor } from '../processors/define-processor';
import { rawSources, type TableName } from '../tables/catalogue';
import { partitionManifest } from '../tables/orchestration';
import type { Warehouse } from '../warehouse/warehouse';
import type { DateSnapshot } from './snapshot';

/** A calendar row within this many days says that the calendar of that part of the year is loaded. */
const calendarReachDays = 180;

/**
 * Everything that a date's games are judged by: all sources, so that one can be held against another, and the tables that
 * the given processors publish or stand on, directly or through others.
 */
export async function readSnapshot(
  warehouse: Pick<Warehouse, 'readDate' | 'countRows'>,
  gameDate: string,
  processors: readonly Processor[],
): Promise<DateSnapshot> {
  return snapshotOf(warehouse, gameDate, await warehouse.readDate(gameDate, tablesOfSnapshot(processors)));
}

/** The tables that a snapshot for these processors is made of. */
export function tablesOfSnapshot(processors: readonly Processor[]): TableName[] {
  const published = processors.flatMap(withUpstreams);
  const wanted = new Set([...rawSources, ...published].map(({ table }) => table.name));
  return [...wanted, partitionManifest.name];
}

/** The snapshot from the rows of its tables. */
export async function snapshotOf(
  warehouse: Pick<Warehouse, 'countRows'>,
  gameDate: string,
  rows: RowsByTable,
): Promise<DateSnapshot> {
  return {
    gameDate,
    rows,
    partition_manifest: rowsOfTable(rows, partitionManifest),
    isCalendarKnown:
      rowsOfTable(rows, calendar.table).length > 0 || (await isCalendarKnown(warehouse, gameDate)),
  };
}

/** A processor with all that it stands on: whether an upstream is current is judged by that one's upstreams in turn. */
function withUpstreams(processor: Processor): Processor[] {
  return [processor, ...Object.values(processor.upstreams).flatMap(withUpstreams)];
}

async function isCalendarKnown(warehouse: Pick<Warehouse, 'countRows'>, gameDate: string): Promise<boolean> {
  const from = addDays(gameDate, -calendarReachDays);
  const to = addDays(gameDate, calendarReachDays);
  return (await warehouse.countRows(calendar.table.name, from, to)) > 0;
}
