/** News of a date that a person should hear: one at the first trouble, one digest while it lasts, one on recovery, and each decision. */
import type { RunState } from './phase3';

export type NotificationKind =
  'trouble' | 'still_in_trouble' | 'recovered' | 'decided' | 'backfill_in_trouble';

export interface Notification {
  /** The same on every retry, so that receivers can tell an echo. */
  notificationId: string;
  kind: NotificationKind;
  /** The game date, or the range of a backfill (`FROM to TO`). */
  subject: string;
  /** State of the date now. */
  state: RunState;
  /** One sentence: what is so, and what is missing. */
  summary: string;
  /** When the trouble began, ISO 8601, UTC. */
  since: string;
  workflowId: string;
  runId: string;
}
