/**
 * The audit's hash chain, one a game date: every entry is hashed together with the hash of the one before it, so that
 * none can be altered, taken out or moved without all that follow giving it away. Pure.
 *
 * What a chain alone cannot show is a tail that was cut off. Its head is therefore also kept where others keep their own
 * records: in manifests, in the run history and in the date's open run.
 */
import { createHash } from 'node:crypto';
import type { AuditEntry, AuditHead } from '../contracts/overrides';
import { canonicalJson } from '../publishing/canonical-json';
import { compareText } from '../tables/compare';
import type { AuditRow } from '../tables/orchestration';

/** `prev_hash` of a date's first entry. */
export const genesis = '0'.repeat(64);

/** The pass in which an entry was written; 0 when none had begun. */
export interface AuditOrigin {
  readonly gameDate: string;
  readonly runId: string;
  readonly pass: number;
}

/** The row of an entry that follows `head`. */
export function chainEntry(entry: AuditEntry, head: AuditHead | null, origin: AuditOrigin): AuditRow {
  const row = {
    game_date: origin.gameDate,
    seq: (head?.seq ?? 0) + 1,
    entry_id: entry.entryId,
    kind: entry.kind,
    decided_at: entry.at,
    decided_by: entry.by,
    reason: entry.reason,
    processor: entry.processor,
    waived: JSON.stringify(entry.tables),
    evidence: JSON.stringify(entry.evidence),
    run_id: origin.runId,
    pass: origin.pass,
    prev_hash: head?.hash ?? genesis,
  };
  return { ...row, row_hash: hashOf(row) };
}

export function headOf(row: AuditRow): AuditHead {
  return { seq: row.seq, hash: row.row_hash };
}

/** The head that has more entries before it. */
export function furtherHead(a: AuditHead | null, b: AuditHead | null): AuditHead | null {
  return (a?.seq ?? 0) >= (b?.seq ?? 0) ? a : b;
}

/** `seq:hash`, as manifests and the run history keep it. */
export function spellHead(head: AuditHead | null): string | null {
  return head ? `${head.seq}:${head.hash}` : null;
}

/** Null for null and for what is no head. */
export function parseHead(text: string | null): AuditHead | null {
  const [, seq, hash] = /^(\d+):([0-9a-f]{64})$/.exec(text ?? '') ?? [];
  return seq !== undefined && hash !== undefined ? { seq: Number(seq), hash } : null;
}

/** A head that somebody else has kept, and where. */
export interface Witness {
  readonly gameDate: string;
  readonly head: AuditHead;
  /** Such as `version 2 of player_game_summary`. */
  readonly where: string;
}

export interface AuditFault {
  readonly gameDate: string;
  /** Number of the first entry at fault. */
  readonly seq: number;
  readonly kind: 'altered' | 'missing' | 'reordered' | 'repeated' | 'cut_tail' | 'replaced';
  /** One sentence. */
  readonly detail: string;
}

/** The first fault of each date's chain, dates ascending; none when the audit is whole. */
export function verifyChains(rows: readonly AuditRow[], witnesses: readonly Witness[]): AuditFault[] {
  const dates = new Set([...rows.map((row) => row.game_date), ...witnesses.map(({ gameDate }) => gameDate)]);
  return [...dates].sort(compareText).flatMap((gameDate) => {
    const fault = verifyChain(
      gameDate,
      rows.filter((row) => row.game_date === gameDate),
      witnesses.filter((witness) => witness.gameDate === gameDate),
    );
    return fault ? [fault] : [];
  });
}

/** The first fault of one date's chain, its rows in the order of their numbers; null when it is whole. */
export function verifyChain(
  gameDate: string,
  rows: readonly AuditRow[],
  witnesses: readonly Witness[],
): AuditFault | null {
  const inOrder = [...rows].sort((a, b) => a.seq - b.seq);
  let before: AuditRow | null = null;
  for (const row of inOrder) {
    const fault = faultOf(gameDate, row, before, rows);
    if (fault) return fault;
    before = row;
  }
  for (const { head, where } of [...witnesses].sort((a, b) => a.head.seq - b.head.seq)) {
    const row = inOrder[head.seq - 1];
    if (!row)
      return {
        ...{ gameDate, seq: inOrder.length + 1, kind: 'cut_tail' },
        detail: `entry ${head.seq} is named by ${where}, and the audit ends at ${inOrder.length}`,
      };
    if (row.row_hash !== head.hash)
      return {
        ...{ gameDate, seq: head.seq, kind: 'replaced' },
        detail: `entry ${head.seq} is not the one that ${where} names`,
      };
  }
  return null;
}

function faultOf(
  gameDate: string,
  row: AuditRow,
  before: AuditRow | null,
  rows: readonly AuditRow[],
): AuditFault | null {
  const wanted = (before?.seq ?? 0) + 1;
  const at = { gameDate, seq: wanted };
  if (row.seq < wanted)
    return { ...at, seq: row.seq, kind: 'repeated', detail: `entry ${row.seq} is there twice` };
  const { row_hash: hash, ...rest } = row;
  const isOwn = hashOf(rest) === hash;
  if (row.seq > wanted) return { ...at, kind: 'missing', detail: `entry ${wanted} is missing` };
  if (!isOwn) {
    // Its hash fits another place: then not its words were changed but its number.
    const moved = rows.some((other) => other !== row && other.row_hash === row.prev_hash);
    const kind = moved && row.prev_hash !== (before?.row_hash ?? genesis) ? 'reordered' : 'altered';
    return { ...at, kind, detail: `entry ${row.seq} does not hash to what it says it does` };
  }
  if (row.prev_hash !== (before?.row_hash ?? genesis))
    return { ...at, kind: 'reordered', detail: `entry ${row.seq} does not follow the one before it` };
  return null;
}

function hashOf(row: Omit<AuditRow, 'row_hash'>): string {
  return createHash('sha256').update(canonicalJson(row)).digest('hex');
}
