/** What a sweep has to say of a date that is not there by the time at which it is needed; the audit remembers what was told. Pure. */
import { systemEntry } from '../../contracts/audit-entries';
import type { AuditKind } from '../../contracts/decisions';
import type { SentinelNews } from '../../contracts/sentinel';
import { isLate, type DueDate } from '../../dates/due-dates';
import type { AuditRow } from '../../tables/orchestration';
import { hashOf } from './troubles';

/** Kinds of entries that say it. */
const lateKinds = ['late', 'late_over'] as const satisfies readonly AuditKind[];
type LateKind = (typeof lateKinds)[number];

export interface LateOrigin {
  /** `HH:MM` of the morning after, New York time. */
  readonly neededBy: string;
  /** Of the sweep. */
  readonly workflowId: string;
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** The newest of a date's entries that says it; null when nobody was ever told. `audit`: rows of one date, in any order. */
function newestOf(audit: readonly AuditRow[]): AuditRow | null {
  const own = audit.filter(({ kind }) => lateKinds.some((one) => one === kind));
  return own.sort((a, b) => b.seq - a.seq)[0] ?? null;
}

/** Whether people were told that the date is late, and not that it is over. */
export function isToldLate(audit: readonly AuditRow[]): boolean {
  return newestOf(audit)?.kind === 'late';
}

/** Null where there is nothing to say that was not said. */
export function lateNews(date: DueDate, audit: readonly AuditRow[], origin: LateOrigin): SentinelNews | null {
  const isTold = isToldLate(audit);
  if (isLate(date) === isTold) return null;
  const kind: LateKind = isTold ? 'late_over' : 'late';
  const { gameDate, why, neededAt, state } = date;
  const { neededBy, workflowId, runId, at } = origin;
  const reason = isTold ? `settled now: ${why}` : `needed by ${neededBy} New York time, and ${why}`;
  // Told again after it was over, it is another entry; told by two attempts, it is one.
  const entryId = `sentinel/${gameDate}/${hashOf([newestOf(audit)?.entry_id ?? null, kind])}`;
  return {
    gameDate,
    entry: { ...systemEntry(entryId, kind, reason, at), evidence: { neededAt, state } },
    notification: {
      ...{ notificationId: entryId, kind, subject: gameDate, workflowId, runId },
      // What was never run waits to be.
      state: state ?? 'waiting',
      summary: `${gameDate}: ${reason}`,
      since: neededAt,
    },
    repair: null,
  };
}
