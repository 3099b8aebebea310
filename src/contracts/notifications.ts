/**
 * News of a date that a person should hear: one at the first trouble, one digest while it lasts, one on recovery, decisions. What
 * is live is watched beside that: `not_as_published` when it is not what was published, `as_published_again` when that is over;
 * `late` when a date is not there by the time at which it is needed, `late_over` when it is; `recalled` when published figures were
 * replaced by others. `worker_gone` and `worker_back` are about no date.
 */
import type { RunState } from './phase3';

export const notificationKinds = [
  'trouble',
  'still_in_trouble',
  'recovered',
  'decided',
  'backfill_in_trouble',
  'not_as_published',
  'as_published_again',
  'late',
  'late_over',
  'recalled',
  'worker_gone',
  'worker_back',
] as const;
export type NotificationKind = (typeof notificationKinds)[number];

/** `page`: somebody is to be woken · `notice`: it can be read in the morning. */
export type Severity = 'page' | 'notice';

export interface Notification {
  /** The same on every retry, so that receivers can tell an echo. */
  notificationId: string;
  kind: NotificationKind;
  /** The game date, the range of a backfill (`FROM to TO`), or the task queue that no worker serves. */
  subject: string;
  /** State of the date now; of a worker, whether work is done. */
  state: RunState | WorkerState;
  /** One sentence: what is so, and what is missing. */
  summary: string;
  /** When the trouble began, or it was decided, ISO 8601, UTC. */
  since: string;
  /** The run that tells it; null where none does. */
  workflowId: string | null;
  runId: string | null;
  /** Whether to wake somebody; absent where nothing says when rows are needed (`PHASE3_NEEDED_BY`). */
  severity?: Severity;
  /** The command to run next, where it follows from more than kind and state. */
  next?: string;
}

/** Whether a worker asks for work. */
export type WorkerState = 'no_worker' | 'worker_present';
