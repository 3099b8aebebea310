/** Whether a notification is to wake somebody: only if the rows of its date will not be there when they are needed. Pure. */
import type { Notification, Severity } from '../contracts/notifications';
import { isSatisfied, type ProcessorResult } from '../contracts/phase3';

export interface SeverityOptions {
  /** What is on record of its processors; null when that could not be read. */
  readonly results: readonly ProcessorResult[] | null;
  /** When the date's rows are needed, ISO 8601, UTC. */
  readonly neededAt: string;
  /** ISO 8601, UTC. */
  readonly now: string;
}

/** Of news that is about no single date, or that nobody has to act on before the morning. */
export function severityOfKind({ kind }: Pick<Notification, 'kind'>): Severity | null {
  switch (kind) {
    case 'late':
    case 'worker_gone':
      return 'page';
    case 'recovered':
    case 'decided':
    case 'backfill_in_trouble':
    case 'as_published_again':
    case 'late_over':
    case 'recalled':
    case 'worker_back':
      return 'notice';
    case 'trouble':
    case 'still_in_trouble':
    case 'not_as_published':
      return null;
  }
}

/** With the severity that follows from its kind. */
export function withKnownSeverity(notification: Notification): Notification {
  return { ...notification, severity: severityOfKind(notification) ?? 'notice' };
}

/** In any other trouble rows are live, and somebody has to look at them. */
const mendsNotItself: readonly Notification['state'][] = [
  'failed',
  'upstream_failed',
  'quarantined',
  'abandoned',
];

/** Of trouble of one date. What cannot be judged wakes somebody. */
export function severityOfTrouble(
  { kind, state }: Pick<Notification, 'kind' | 'state'>,
  { results, neededAt, now }: SeverityOptions,
): Severity {
  const isPast = neededAt <= now;
  // Its rows are read, and are not what they should be.
  if (kind === 'not_as_published') return isPast ? 'page' : 'notice';
  if (state === 'blocked') return isPast || comesTooLate(results, neededAt) ? 'page' : 'notice';
  return mendsNotItself.includes(state) ? 'page' : 'notice';
}

/**
 * Whether what is missing is expected after it is needed, by when nine in ten of the nights before had it. What cannot be foreseen
 * may still come in time: when it does not, the date is `late`.
 */
function comesTooLate(results: readonly ProcessorResult[] | null, neededAt: string): boolean {
  if (results === null) return true;
  return results
    .filter(({ outcome }) => !isSatisfied(outcome))
    .some(({ missing, expected = [] }) =>
      expected.some(({ table, p90At }) => missing.includes(table) && p90At > neededAt),
    );
}
