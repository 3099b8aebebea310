/** What a shadow run would change: its table beside the live one of the same name. */
import { addDays } from '../contracts/game-date';
import { tableOf, type TableName } from '../tables/catalogue';
import type { Row } from '../tables/define-table';
import type { Warehouse } from '../warehouse/warehouse';
import { RowsComparison, type RowsDifference } from './compare-rows';

/** Days that are in memory at once. */
const daysAtOnce = 31;

/**
 * Compares the rows from `from` to `to`, both included. Figures no further apart than `tolerance` are the same: a table
 * that stored them rounded differs in the last digit of each.
 */
export async function diffLive(
  warehouse: Warehouse,
  table: TableName,
  from: string,
  to: string,
  tolerance = 0,
): Promise<RowsDifference> {
  const comparison = new RowsComparison(tableOf(table), tolerance);
  for (let first = from; first <= to; first = addDays(first, daysAtOnce)) {
    const last = earlier(addDays(first, daysAtOnce - 1), to);
    const [live, shadow] = await Promise.all([
      byDate(warehouse.exportLive(table, first, last)),
      byDate(warehouse.exportRows(table, first, last)),
    ]);
    const dates = [...new Set([...live.keys(), ...shadow.keys()])].sort();
    for (const date of dates) comparison.add(date, live.get(date) ?? [], shadow.get(date) ?? []);
  }
  return comparison.result();
}

async function byDate(batches: AsyncIterable<readonly Row[]>): Promise<Map<string, Row[]>> {
  const dates = new Map<string, Row[]>();
  for await (const rows of batches)
    for (const row of rows) {
      const date = String(row['game_date']);
      const known = dates.get(date);
      if (known) known.push(row);
      else dates.set(date, [row]);
    }
  return dates;
}

function earlier(a: string, b: string): string {
  return a < b ? a : b;
}
