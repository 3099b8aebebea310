/** Appends to an audit, a date's or the deployment's: each entry once, whoever asks again, and never over another's. */
import type { AppendAuditResult } from '../contracts/activities';
import { furtherHead, type AuditEntry, type AuditHead, type AuditKind } from '../contracts/decisions';
import type { AuditRow } from '../tables/orchestration';
import { WarehouseError } from '../warehouse/errors';
import type { Warehouse } from '../warehouse/warehouse';
import { chainEntry, headOf, type AuditOrigin } from './chain';

/** Tables that hold such a chain. */
export type AuditTable = 'bypass_audit' | 'deployment_audit';

/** Somebody else took the same number this often: then it is no race. */
const mostTries = 5;

/**
 * Writes the entries in their order and returns where each of them stands. An entry whose id is there already is left as
 * it is, and one whose id another decision has taken is refused: nothing may be done off the record, and nothing else waits
 * for it. `known` is the head that the writer remembers: where the table ends before it, its tail was cut off, and the
 * chain goes on after the head that is remembered, so that the gap stays to be seen.
 */
export async function appendAudit(
  warehouse: Warehouse,
  origin: AuditOrigin,
  entries: readonly AuditEntry[],
  known: AuditHead | null,
  table: AuditTable = 'bypass_audit',
): Promise<AppendAuditResult> {
  const heads: AuditHead[] = [];
  const refused: AppendAuditResult['refused'] = [];
  let head = known;
  for (const entry of entries) {
    const { entryId } = entry;
    const row = await appendEntry({ warehouse, table }, origin, entry, head);
    if (!isSameDecision(row, entry)) {
      const what = `${row.kind} by ${row.decided_by} (${row.reason})`;
      refused.push({ entryId, why: `${entryId} is on record already as another decision: ${what}` });
      continue;
    }
    head = furtherHead(head, headOf(row));
    heads.push(headOf(row));
  }
  return { heads, refused };
}

interface Chain {
  readonly warehouse: Warehouse;
  readonly table: AuditTable;
}

/** The row under the entry's id, whoever has written it. */
async function appendEntry(
  chain: Chain,
  origin: AuditOrigin,
  entry: AuditEntry,
  known: AuditHead | null,
): Promise<AuditRow> {
  for (let attempt = 1; attempt <= mostTries; attempt += 1) {
    const rows = await readChain(chain, origin.gameDate);
    const there = rows.find((row) => row.entry_id === entry.entryId);
    if (there) return there;
    const last = rows.at(-1);
    const row = chainEntry(entry, furtherHead(known, last ? headOf(last) : null), origin);
    // A row whose number is taken is left out: who was second finds another's entry in its place, and tries again.
    await chain.warehouse.append(chain.table, [row]);
  }
  const rows = await readChain(chain, origin.gameDate);
  const there = rows.find((row) => row.entry_id === entry.entryId);
  if (there) return there;
  throw new WarehouseError(
    'unavailable',
    `The audit of ${origin.gameDate} changed during ${mostTries} attempts to append an entry`,
  );
}

/**
 * Whether the row is of this decision. What nobody decided has an id of ours, and its reason may have changed: what was said
 * first stands.
 */
function isSameDecision(row: AuditRow, entry: AuditEntry): boolean {
  const { kind, by, reason, processor } = entry;
  return (
    row.kind === kind &&
    row.decided_by === by &&
    row.processor === processor &&
    (by === 'system' || by === 'policy' || (row.reason === reason && isAsDecided(row, entry)))
  );
}

/** Kinds whose evidence says what is to be done: which version, which processors, which game, until when. */
const saidByEvidence: readonly AuditKind[] = [
  'rerun',
  'restore',
  'unpin',
  'release',
  'discard',
  'estimate',
  'deadline_extended',
  'build_promoted',
  'build_rolled_back',
];

function isAsDecided(row: AuditRow, { kind, tables, evidence }: AuditEntry): boolean {
  return (
    row.waived === JSON.stringify(tables) &&
    (!saidByEvidence.includes(kind) || row.evidence === JSON.stringify(evidence))
  );
}

async function readChain({ warehouse, table }: Chain, gameDate: string): Promise<AuditRow[]> {
  const { [table]: rows } = await warehouse.readDate(gameDate, [table]);
  return [...rows].sort((a, b) => a.seq - b.seq);
}
