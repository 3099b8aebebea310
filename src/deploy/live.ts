/** What the live deployment is asked: it is read, and copied. */
import type { ControlClient } from '../control/client';
import type { TableName } from '../tables/catalogue';
import type { Row } from '../tables/define-table';

export type Live = Pick<
  ControlClient,
  'health' | 'dateRange' | 'standings' | 'export' | 'dateRecord' | 'copyWarehouse' | 'removeShadow'
>;

/** Rows of a table between two dates. `R` is what the table's declaration says of them. */
export async function rowsOf<R>(
  live: Pick<Live, 'export'>,
  table: TableName,
  from: string,
  to: string,
): Promise<R[]> {
  const rows: Row[] = [];
  for await (const row of live.export(table, from, to)) rows.push(row);
  return rows as unknown as R[];
}
