/** Appends to a date's audit: each entry once, whoever asks again, and never over another's. */
import { furtherHead, type AuditEntry, type AuditHead } from '../contracts/decisions';
import type { AuditRow } from '../tables/orchestration';
import { WarehouseError } from '../warehouse/errors';
import type { Warehouse } from '../warehouse/warehouse';
import { chainEntry, headOf, type AuditOrigin } from './chain';

/** Somebody else took the same number this often: then it is no race. */
const mostTries = 5;

/**
 * Writes the entries in their order and returns where each of them stands. An entry whose id is there already is left as
 * it is. `known` is the head that the writer remembers: where the table ends before it, its tail was cut off, and the
 * chain goes on after the head that is remembered, so that the gap stays to be seen.
 */
export async function appendAudit(
  warehouse: Warehouse,
  origin: AuditOrigin,
  entries: readonly AuditEntry[],
  known: AuditHead | null,
): Promise<AuditHead[]> {
  const heads: AuditHead[] = [];
  let head = known;
  for (const entry of entries) {
    const written = await appendEntry(warehouse, origin, entry, head);
    head = furtherHead(head, written);
    heads.push(written);
  }
  return heads;
}

async function appendEntry(
  warehouse: Warehouse,
  origin: AuditOrigin,
  entry: AuditEntry,
  known: AuditHead | null,
): Promise<AuditHead> {
  for (let attempt = 1; attempt <= mostTries; attempt += 1) {
    const rows = await readChain(warehouse, origin.gameDate);
    const there = rows.find((row) => row.entry_id === entry.entryId);
    if (there) return headOf(sameDecision(there, entry));
    const last = rows.at(-1);
    const row = chainEntry(entry, furtherHead(known, last ? headOf(last) : null), origin);
    // A row whose number is taken is left out: who was second finds another's entry in its place, and tries again.
    await warehouse.append('bypass_audit', [row]);
  }
  const rows = await readChain(warehouse, origin.gameDate);
  const there = rows.find((row) => row.entry_id === entry.entryId);
  if (there) return headOf(sameDecision(there, entry));
  throw new WarehouseError(
    'unavailable',
    `The audit of ${origin.gameDate} changed during ${mostTries} attempts to append an entry`,
  );
}

/**
 * The row, if it is of this decision: under an id that another has taken nothing may be done off the record. What nobody
 * decided has an id of ours, and its reason may have changed: what was said first stands.
 */
function sameDecision(row: AuditRow, { entryId, kind, by, reason, processor }: AuditEntry): AuditRow {
  const isSame =
    row.kind === kind &&
    row.decided_by === by &&
    (row.reason === reason || by === 'system' || by === 'policy') &&
    row.processor === processor;
  if (isSame) return row;
  throw new WarehouseError(
    'bad_rows',
    `${entryId} is on record already as another decision: ${row.kind} by ${row.decided_by} (${row.reason})`,
  );
}

async function readChain(warehouse: Warehouse, gameDate: string): Promise<AuditRow[]> {
  const { bypass_audit: rows } = await warehouse.readDate(gameDate, ['bypass_audit']);
  return [...rows].sort((a, b) => a.seq - b.seq);
}
