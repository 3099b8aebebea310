/** The command to run next, for each notification. Pure. */
import type { Notification, WorkerState } from '../contracts/notifications';
import type { RunState } from '../contracts/phase3';

/** As it is typed. What it shows says what else can be done. */
export function nextCommand(notification: Notification): string {
  const { kind, subject, state, next } = notification;
  if (next !== undefined) return next;
  switch (kind) {
    case 'trouble':
    case 'still_in_trouble':
      return ofTrouble(subject, state);
    case 'recovered':
    case 'late':
      return `phase3 why ${subject}`;
    case 'late_over':
      return `phase3 status ${subject}`;
    case 'decided':
    case 'as_published_again':
      return `phase3 audit ${subject}`;
    case 'backfill_in_trouble': {
      const [from = '', to = from] = subject.split(' to ');
      return `phase3 list --blocked --failed --from ${from} --to ${to}`;
    }
    case 'not_as_published':
      return `phase3 verify ${subject}`;
    case 'recalled':
      return `phase3 versions ${subject}`;
    case 'worker_gone':
    case 'worker_back':
      return 'phase3 status';
  }
}

function ofTrouble(gameDate: string, state: RunState | WorkerState): string {
  if (state === 'quarantined') return `phase3 quarantine show ${gameDate}`;
  return state === 'abandoned' ? `phase3 check ${gameDate}` : `phase3 why ${gameDate}`;
}
