/** Asks the warehouse when missing rows are to be expected. */
import type { ExpectedArrival } from '../contracts/arrival';
import type { TableName } from '../tables/catalogue';
import type { Warehouse } from '../warehouse/warehouse';
import { datesLearnedFrom, expectedArrival } from './expected-arrival';

/**
 * When the rows of a date that are missing are to be expected, by table; a table of which that cannot be told is left out.
 * It only informs: a warehouse that does not answer here fails no gate.
 */
export async function expectedArrivals(
  warehouse: Pick<Warehouse, 'arrivals'>,
  gameDate: string,
  tables: readonly TableName[],
): Promise<ExpectedArrival[]> {
  const expected = await Promise.all(
    tables.map(async (table) => {
      try {
        return expectedArrival(table, gameDate, await warehouse.arrivals(table, gameDate, datesLearnedFrom));
      } catch (error) {
        if (isWarehouseError(error)) return null;
        throw error;
      }
    }),
  );
  return expected.filter((one) => one !== null);
}

/** By its name: this room knows the port's types only. */
function isWarehouseError(error: unknown): boolean {
  return error instanceof Error && error.name === 'WarehouseError';
}
