/**
 * Reads the snapshots of many dates with one read a table and month, where a read a date would take a season minutes. Each date is
 * as of one instant all the same: one of which something was published or recorded meanwhile is read again, by itself.
 */
import { addDays } from '../contracts/game-date';
import { snapshotOf, tablesOfSnapshot, type AgePolicy } from '../gate/read-snapshot';
import type { DateSnapshot } from '../gate/snapshot';
import { rowsOfTable, type RowsByTable } from '../games/evidence';
import { byDate } from '../plan/calendar';
import type { Processor } from '../processors/define-processor';
import type { TableName } from '../tables/catalogue';
import type { Row } from '../tables/define-table';
import { dateFence, partitionManifest, runHistory, type RunHistoryRow } from '../tables/orchestration';
import type { Warehouse } from '../warehouse/warehouse';

export interface ReadDate {
  readonly snapshot: DateSnapshot;
  readonly history: readonly RunHistoryRow[];
  /** Whether a run has the date open. */
  readonly isOpen: boolean;
}

type Asked = Pick<Warehouse, 'exportRows' | 'readDate' | 'countRows' | 'arrivals' | 'readKept'>;

/** Days that are read at once: a month of rows is some tens of megabytes. */
const daysAtOnce = 31;

/** Every date of the range, ascending. Throws `WarehouseError`. */
export async function* readDates(
  warehouse: Asked,
  { from, to }: { readonly from: string; readonly to: string },
  processors: readonly Processor[],
  policy: AgePolicy,
): AsyncGenerator<ReadDate> {
  for (let first = from; first <= to; first = addDays(first, daysAtOnce)) {
    const last = [addDays(first, daysAtOnce - 1), to].sort()[0] ?? to;
    const month = await readMonth(warehouse, first, last, processors);
    for (const [gameDate, rows] of month)
      yield {
        snapshot: await snapshotOf(warehouse, gameDate, rows, policy),
        history: rowsOfTable(rows, runHistory),
        isOpen: rowsOfTable(rows, dateFence).some(({ state }) => state === 'open'),
      };
  }
}

async function readMonth(
  warehouse: Asked,
  first: string,
  last: string,
  processors: readonly Processor[],
): Promise<Map<string, RowsByTable>> {
  const tables = [...tablesOfSnapshot(processors), runHistory.name, dateFence.name];
  const read = (table: TableName): Promise<Map<string, Row[]>> => readTable(warehouse, table, first, last);
  const found = new Map(await Promise.all(tables.map(async (table) => [table, await read(table)] as const)));
  // What a run changes it puts on record in the same transaction, so these say of which dates something changed meanwhile.
  const signs = [partitionManifest.name, runHistory.name];
  const since = new Map(await Promise.all(signs.map(async (table) => [table, await read(table)] as const)));
  const month = new Map<string, RowsByTable>();
  for (let date = first; date <= last; date = addDays(date, 1)) {
    const countOf = (all: ReadonlyMap<string, Map<string, Row[]>>, table: string): number =>
      all.get(table)?.get(date)?.length ?? 0;
    const isMoved = signs.some((table) => countOf(found, table) !== countOf(since, table));
    month.set(
      date,
      isMoved
        ? await warehouse.readDate(date, tables)
        : Object.fromEntries(tables.map((table) => [table, found.get(table)?.get(date) ?? []])),
    );
  }
  return month;
}

async function readTable(
  warehouse: Asked,
  table: TableName,
  first: string,
  last: string,
): Promise<Map<string, Row[]>> {
  const rows: Row[] = [];
  for await (const batch of warehouse.exportRows(table, first, last)) rows.push(...batch);
  return byDate(rows);
}
