/** A notification to begin from, and all the words that one can be made of. */
import type { Notification, NotificationKind } from '../../src/contracts/notifications';
import type { RunState } from '../../src/contracts/phase3';

export function notification(fields: Partial<Notification> = {}): Notification {
  return {
    notificationId: 'phase3/2026-02-03/run-1/trouble/1',
    kind: 'trouble',
    subject: '2026-02-03',
    state: 'blocked',
    summary: 'still missing at the deadline: nbac_team_boxscore 0 of at least 2 rows',
    since: '2026-02-04T06:31:22.417Z',
    workflowId: 'phase3/2026-02-03',
    runId: '0198c1f2-7d1e-7c55-a1b2-000000000001',
    ...fields,
  };
}

/** As records, so that a new word does not compile without a place here. */
const states: Readonly<Record<RunState, true>> = {
  running: true,
  published: true,
  unchanged: true,
  partial: true,
  disputed: true,
  questioned: true,
  waiting: true,
  blocked: true,
  quarantined: true,
  failed: true,
  upstream_failed: true,
  skipped: true,
  abandoned: true,
  cancelled: true,
};
const kinds: Readonly<Record<NotificationKind, true>> = {
  trouble: true,
  still_in_trouble: true,
  recovered: true,
  decided: true,
  backfill_in_trouble: true,
  not_as_published: true,
  as_published_again: true,
  late: true,
  late_over: true,
  recalled: true,
  worker_gone: true,
  worker_back: true,
};

export const allStates = Object.keys(states) as RunState[];
export const allKinds = Object.keys(kinds) as NotificationKind[];
