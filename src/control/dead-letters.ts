/** Messages that can never succeed, kept as they came. */
import type { DeadLetterRow } from '../tables/orchestration';
import type { Warehouse } from '../warehouse/warehouse';

/** Puts a message there, once; false when it is there already. */
export async function addDeadLetter(
  warehouse: Pick<Warehouse, 'readDate' | 'append'>,
  row: DeadLetterRow,
): Promise<boolean> {
  const { dead_letter: rows } = await warehouse.readDate(row.game_date, ['dead_letter']);
  if (rows.some((known) => known.message_id === row.message_id)) return false;
  await warehouse.append('dead_letter', [row]);
  return true;
}
