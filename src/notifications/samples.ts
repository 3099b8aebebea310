/** One notification of each kind, as it might be sent, so that people see before the night what they would read. Pure. */
import {
  notificationKinds,
  type Notification,
  type NotificationKind,
  type Severity,
} from '../contracts/notifications';
import { severityOfKind } from './severity';

type Said = Pick<Notification, 'state' | 'summary'> & Partial<Pick<Notification, 'subject' | 'next'>>;

export interface SampleOptions {
  readonly gameDate: string;
  readonly taskQueue: string;
  /** `HH:MM` of the morning after, New York time; null where nobody is paged. */
  readonly neededBy: string | null;
  /** ISO 8601, UTC. */
  readonly at: string;
}

export interface Sample {
  readonly notification: Notification;
  /** Whom it wakes, as a clause; null where nothing says when rows are needed. */
  readonly wakes: string | null;
}

export function samples(options: SampleOptions): Sample[] {
  return notificationKinds.map((kind) => sampleOf(kind, options));
}

function sampleOf(kind: NotificationKind, options: SampleOptions): Sample {
  const { gameDate, neededBy, at } = options;
  const known = severityOfKind({ kind });
  const severity: { severity?: Severity } = neededBy === null ? {} : { severity: known ?? 'page' };
  return {
    notification: {
      ...{ notificationId: `sample/${kind}`, kind, subject: gameDate, since: at },
      ...{ workflowId: `phase3/${gameDate}`, runId: 'a-run', ...severity },
      ...said(kind, options),
    },
    wakes:
      neededBy === null
        ? null
        : (known ?? `page if its rows will not be there by ${neededBy}, otherwise notice`),
  };
}

function said(kind: NotificationKind, { gameDate, taskQueue, neededBy }: SampleOptions): Said {
  switch (kind) {
    case 'trouble':
      return { state: 'blocked', summary: `${gameDate} is blocked: a table has 0 of at least 2 rows.` };
    case 'still_in_trouble':
      return { state: 'blocked', summary: `${gameDate} is blocked: a table has 0 of at least 2 rows.` };
    case 'recovered':
      return { state: 'published', summary: `${gameDate} is published.` };
    case 'decided':
      return { state: 'blocked', summary: 'ana extended the deadline by 30 minutes: the feed is late.' };
    case 'backfill_in_trouble':
      return {
        ...{ state: 'blocked', subject: `${gameDate} to ${gameDate}` },
        summary: '1 of 1 dates was not published.',
      };
    case 'not_as_published':
      return { state: 'published', summary: `${gameDate}: 1 row is not as it was published.` };
    case 'as_published_again':
      return { state: 'published', summary: `${gameDate}: everything that is live is as it was published.` };
    case 'late':
      return {
        state: 'blocked',
        summary: `${gameDate}: needed by ${neededBy ?? '09:00'} New York time, and it is blocked.`,
      };
    case 'late_over':
      return { state: 'published', summary: `${gameDate}: settled now: it is published.` };
    case 'recalled':
      return {
        ...{ state: 'published', next: `phase3 diff ${gameDate} 1 2` },
        summary: `${gameDate}: published figures were replaced: 2 columns of 9 rows changed.`,
      };
    case 'worker_gone':
      return { state: 'no_worker', subject: taskQueue, summary: `No worker asks for work on ${taskQueue}.` };
    case 'worker_back':
      return {
        state: 'worker_present',
        subject: taskQueue,
        summary: `A worker asks for work on ${taskQueue} again.`,
      };
  }
}
