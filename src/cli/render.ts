/** How the level log and results look to a person. */
import type { AuditFault } from '../audit/chain';
import type { JournalLine } from '../contracts/date-state';
import type { Decided } from '../contracts/decisions';
import { withOrWithout, type GateVerdict, type ProcessorResult } from '../contracts/phase3';
import { describePin } from '../contracts/pin';
import { visibleLine } from '../contracts/visible-text';
import type { AuditRow } from '../tables/orchestration';

/** `20:15:03 INFO    Level 1: …`, the time in UTC. */
export function renderLine(line: JournalLine): string {
  return `${line.at.slice(11, 19)} ${line.level.padEnd(7)} ${line.message}`;
}

/** One line per processor, and one per missing game. */
export function renderResults(results: readonly ProcessorResult[]): string[] {
  return results.flatMap((result) => [
    `  ${result.processor.padEnd(32)} ${result.outcome}${result.version ? ` (version ${result.version}, ${result.rowCount ?? '?'} rows)` : ''} - ${result.outcome === 'published' ? 'built because ' : ''}${result.reason}`,
    ...result.missingGames.map(
      (game) =>
        `    ${withOrWithout(game)} ${game.gameId}: ${game.table ?? ''} ${game.status}, ${game.detail}`,
    ),
  ]);
}

/** The gate's verdict with its evidence: expected against found, by table and by game. */
export function renderVerdict(verdict: GateVerdict): string[] {
  if (verdict.pin) return [`${verdict.processor}: nothing is built, it is ${describePin(verdict.pin)}`];
  const head = verdict.skip
    ? `nothing to do (${verdict.skip})`
    : verdict.canRun
      ? `can run, ${verdict.readyGames} of ${verdict.finalGames} final games are ready`
      : 'cannot run';
  return [
    `${verdict.processor}: ${head}`,
    ...(verdict.checkFailed ? [`  the check failed: ${verdict.checkFailed}`] : []),
    ...Object.entries(verdict.details).map(
      ([table, detail]) =>
        `  ${table.padEnd(30)} found ${detail.found}, expected at least ${detail.expectedMin}: ${detail.status}`,
    ),
    ...verdict.missingGames.map(
      (game) => `    ${game.gameId} ${game.status} in ${game.table ?? '-'}: ${game.detail}`,
    ),
    ...verdict.staleUpstreams.map(
      (upstream) => `    ${upstream.processor} is published but not up to date: ${upstream.reason}`,
    ),
  ];
}

/** A decision that was taken, and where it stands in the audit. */
export function renderDecided(gameDate: string, { summary, entry }: Decided): string[] {
  return [visibleLine(summary), `Recorded as entry ${entry.seq} in the audit log of ${gameDate}`];
}

/** Entries of the audit: of one date, or of all. */
export function renderAudit(gameDate: string | null, rows: readonly AuditRow[]): string[] {
  if (rows.length === 0)
    return [gameDate === null ? 'The audit log is empty.' : `${gameDate}: no entries in the audit log`];
  return rows.flatMap((row) => [
    [
      ...[row.game_date, `#${row.seq}`, row.decided_at, row.kind.padEnd(17), `by ${row.decided_by}`],
      ...(row.processor === null ? [] : [row.processor]),
      ...(row.kind === 'restore' ? [restoredBy(row)] : []),
      ...(row.kind === 'rerun' && row.evidence.includes('"force":true') ? ['forced'] : []),
      ...(row.waived === '[]' ? [] : [`without ${row.waived.replace(/[[\]"]/g, '').replaceAll(',', ', ')}`]),
    ]
      .map(visibleLine)
      .join('  '),
    `    ${visibleLine(row.reason)}`,
  ]);
}

/** What a restore brought back. Whoever alters an entry is found by `audit verify`, not by a broken list. */
function restoredBy({ evidence }: AuditRow): string {
  const before = /"before":"([^"]+)"/.exec(evidence)?.[1];
  return before === undefined
    ? `version ${/"version":(\d+)/.exec(evidence)?.[1] ?? '?'}`
    : `before ${before}`;
}

/** What `audit verify` looked at, and what it found. */
export interface Verification {
  readonly dates: number;
  readonly entries: number;
  /** Heads kept elsewhere that were held against the audit. */
  readonly witnesses: number;
  /** False when the open runs could not be asked; then a tail that only they know of is not missed. */
  readonly openRunsAsked: boolean;
  /** The first fault of each date. */
  readonly faults: readonly AuditFault[];
}

/** Whether the audit is whole; the first fault first. */
export function renderVerification(found: Verification): string[] {
  const { faults } = found;
  const looked = `${found.entries} entries of ${found.dates} dates, compared with ${found.witnesses} hashes kept elsewhere`;
  const [first] = faults;
  if (!first) return [`The audit log was not altered: ${looked}`];
  return [
    `The audit log was altered. First at ${first.gameDate}, entry ${first.seq} (${first.kind}): ${first.detail}`,
    ...faults
      .slice(1)
      .map((fault) => `  ${fault.gameDate}, entry ${fault.seq} (${fault.kind}): ${fault.detail}`),
    `${faults.length} of ${found.dates} dates are affected; ${looked}`,
  ];
}
