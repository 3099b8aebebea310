/**
 * The audit's hash chain, one a game date: every entry is hashed together with the hash of the one before it, so that
 * none can be altered, taken out or moved without all that follow giving it away. Pure.
 *
 * What a chain alone cannot show is a tail that was cut off. Its head is therefore also kept where others keep their own
 * records: in manifests, in the run history and in the date's open run.
 */
import { createHash } from 'node:crypto';
import type { AuditEntry, AuditHead } from '../contracts/decisions';
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
  /** Such as `version 2 of` a table. */
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
  const rowsOf = byDate(rows, (row) => row.game_date);
  const witnessesOf = byDate(witnesses, ({ gameDate }) => gameDate);
  return [...new Set([...rowsOf.keys(), ...witnessesOf.keys()])].sort(compareText).flatMap((gameDate) => {
    const fault = verifyChain(gameDate, rowsOf.get(gameDate) ?? [], witnessesOf.get(gameDate) ?? []);
    return fault ? [fault] : [];
  });
}

function byDate<T>(all: readonly T[], dateOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(dateOf(one));
    if (group) group.push(one);
    else groups.set(dateOf(one), [one]);
  }
  return groups;
}

/** The first fault of one date's chain; null when it is whole. */
export function verifyChain(
  gameDate: string,
  rows: readonly AuditRow[],
  witnesses: readonly Witness[],
): AuditFault | null {
  const chain = [...rows].sort((a, b) => a.seq - b.seq);
  for (const [index, row] of chain.entries()) {
    const fault = faultAt(row, index, chain, witnesses);
    if (fault) return { gameDate, ...fault };
  }
  const beyond = witnesses.filter(({ head }) => head.seq > chain.length).sort(byNumber)[0];
  if (!beyond) return null;
  return {
    ...{ gameDate, seq: chain.length + 1, kind: 'cut_tail' },
    detail: `entry ${beyond.head.seq} is named by ${beyond.where}, and the audit ends at ${chain.length}`,
  };
}

function byNumber(a: Witness, b: Witness): number {
  return a.head.seq - b.head.seq;
}

type Fault = Omit<AuditFault, 'gameDate'>;

/** What is wrong with a row whose predecessors are as they should be. */
function faultAt(
  row: AuditRow,
  index: number,
  chain: readonly AuditRow[],
  witnesses: readonly Witness[],
): Fault | null {
  const before = chain[index - 1];
  const { seq } = row;
  const wanted = index + 1;
  if (seq < 1) return { seq, kind: 'altered', detail: `entry ${seq} has a number that no entry has` };
  if (seq < wanted) return { seq, kind: 'repeated', detail: `entry ${seq} is there twice` };
  if (seq > wanted) return { seq: wanted, kind: 'missing', detail: `entry ${wanted} is missing` };
  const follows = row.prev_hash === (before?.row_hash ?? genesis);
  if (!hashesToItself(row)) {
    // Its hash fits another place: then not its words were changed but its number.
    const moved = !follows && chain.some((other) => other !== row && other.row_hash === row.prev_hash);
    const detail = `entry ${seq} was altered: its hash does not match its content`;
    return { seq, kind: moved ? 'reordered' : 'altered', detail };
  }
  if (!follows) {
    // Who forges an entry gives it a right hash, but those after it were written with the true one.
    if (before && isVouchedFor(row, chain[index + 1], witnesses) && !isNamed(before, witnesses))
      return {
        ...{ seq: before.seq, kind: 'replaced' },
        detail: `the link from entry ${seq} back to entry ${before.seq} is broken`,
      };
    return { seq, kind: 'reordered', detail: `entry ${seq} does not follow the one before it` };
  }
  const against = witnesses.find(({ head }) => head.seq === seq && head.hash !== row.row_hash);
  if (!against) return null;
  return { seq, kind: 'replaced', detail: `entry ${seq} is not the one that ${against.where} names` };
}

/** Whether the next entry or a witness says that this one is as it was written. */
function isVouchedFor(row: AuditRow, next: AuditRow | undefined, witnesses: readonly Witness[]): boolean {
  const isFollowed = next?.seq === row.seq + 1 && next.prev_hash === row.row_hash && hashesToItself(next);
  return isFollowed || isNamed(row, witnesses);
}

function isNamed(row: AuditRow, witnesses: readonly Witness[]): boolean {
  return witnesses.some(({ head }) => head.seq === row.seq && head.hash === row.row_hash);
}

function hashesToItself({ row_hash: hash, ...rest }: AuditRow): boolean {
  return hashOf(rest) === hash;
}

function hashOf(row: Omit<AuditRow, 'row_hash'>): string {
  return createHash('sha256').update(canonicalJson(row)).digest('hex');
}
