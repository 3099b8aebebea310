/** Finds dates whose stored rows came later than those of a load: an older file takes a correction back. */
import { addDays } from '../contracts/game-date';
import type { TableName } from '../tables/catalogue';
import { compareText } from '../tables/compare';
import type { Row } from '../tables/define-table';
import type { Warehouse } from '../warehouse/warehouse';
import type { OlderRows } from './protocol';

/** Dates that one question asks for: a month less than the window that arrivals are looked for in. */
const datesAsked = 90;

/**
 * Passes the rows of a load on. When all have gone through, and before they replace anything, `onOlder` gets the dates
 * whose newest stored row is newer than the newest that comes.
 */
export async function* watchOlder(
  warehouse: Pick<Warehouse, 'arrivals'>,
  table: TableName,
  batches: AsyncIterable<Row[]>,
  onOlder: (older: readonly OlderRows[]) => void,
): AsyncGenerator<Row[]> {
  const newest = new Map<string, string>();
  for await (const rows of batches) {
    for (const { game_date: date, processed_at: at } of rows)
      if (typeof date === 'string' && typeof at === 'string' && at > (newest.get(date) ?? ''))
        newest.set(date, at);
    yield rows;
  }
  onOlder(await olderThanStored(warehouse, table, newest));
}

async function olderThanStored(
  warehouse: Pick<Warehouse, 'arrivals'>,
  table: TableName,
  newest: ReadonlyMap<string, string>,
): Promise<OlderRows[]> {
  const found: OlderRows[] = [];
  let dates = [...newest.keys()].sort(compareText);
  for (let last = dates.at(-1); last; last = dates.at(-1)) {
    const from = addDays(last, -datesAsked);
    for (const { gameDate, arrivedAt } of await warehouse.arrivals(table, addDays(last, 1), datesAsked + 1)) {
      const loaded = newest.get(gameDate);
      if (gameDate > from && loaded !== undefined && arrivedAt > loaded)
        found.push({ gameDate, stored: arrivedAt, loaded });
    }
    dates = dates.filter((date) => date <= from);
  }
  return found.sort((a, b) => compareText(a.gameDate, b.gameDate));
}
