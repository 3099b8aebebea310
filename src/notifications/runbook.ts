/** Which paragraph of docs/runbook.md a notification leads to. Closed: a new state or kind does not compile without one. */
import type { Notification, WorkerState } from '../contracts/notifications';
import type { RunState } from '../contracts/phase3';

/** Anchors of headings in docs/runbook.md. Messages that were sent lead there for ever, so they do not change. */
export type RunbookAnchor =
  | 'what-you-see'
  | 'waiting'
  | 'blocked'
  | 'quarantined'
  | 'partial'
  | 'disputed'
  | 'questioned'
  | 'failed'
  | 'upstream-failed'
  | 'abandoned'
  | 'cancelled'
  | 'standing-on-a-bypass'
  | 'recovered'
  | 'decided'
  | 'backfill-in-trouble'
  | 'not-as-published'
  | 'late'
  | 'recalled'
  | 'worker-down';

const ofState: Readonly<Record<RunState | WorkerState, RunbookAnchor>> = {
  waiting: 'waiting',
  blocked: 'blocked',
  quarantined: 'quarantined',
  partial: 'partial',
  disputed: 'disputed',
  questioned: 'questioned',
  failed: 'failed',
  upstream_failed: 'upstream-failed',
  abandoned: 'abandoned',
  cancelled: 'cancelled',
  // What is published and in trouble all the same can only be so because of what was waived.
  published: 'standing-on-a-bypass',
  unchanged: 'standing-on-a-bypass',
  // These say nothing of the trouble: the reader has to look for himself.
  running: 'what-you-see',
  skipped: 'what-you-see',
  no_worker: 'worker-down',
  worker_present: 'worker-down',
};

export function runbookAnchor({ kind, state }: Pick<Notification, 'kind' | 'state'>): RunbookAnchor {
  switch (kind) {
    case 'trouble':
    case 'still_in_trouble':
      return ofState[state];
    case 'recovered':
    case 'as_published_again':
    case 'late_over':
      return 'recovered';
    case 'decided':
      return 'decided';
    case 'not_as_published':
      return 'not-as-published';
    case 'backfill_in_trouble':
      return 'backfill-in-trouble';
    case 'late':
      return 'late';
    case 'recalled':
      return 'recalled';
    case 'worker_gone':
    case 'worker_back':
      return 'worker-down';
  }
}
