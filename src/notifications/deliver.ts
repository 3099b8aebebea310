/** Delivers a notification: to the log first, which cannot fail, then to the webhook, which can. */
import type { Notification, NotificationKind } from '../contracts/notifications';
import {
  headline,
  linksOf,
  logFields,
  slackMessage,
  type LinkSettings,
  type LogFields,
  type SlackMessage,
} from './render';

export type NotificationLevel = 'INFO' | 'WARN' | 'ERROR';

/** Writes a structured line. A Temporal `Logger`'s `log` fits. */
export type WriteLine = (level: NotificationLevel, message: string, fields: LogFields) => void;

export interface Sinks {
  readonly links: LinkSettings;
  /** Null when an earlier attempt has written the line. */
  readonly log: WriteLine | null;
  /** Null when none is configured. */
  readonly webhook: ((message: SlackMessage) => Promise<void>) | null;
}

const levels: Readonly<Record<NotificationKind, NotificationLevel>> = {
  trouble: 'ERROR',
  still_in_trouble: 'WARN',
  recovered: 'INFO',
  decided: 'INFO',
  backfill_in_trouble: 'ERROR',
};

/** Throws what the webhook throws; the line is in the log by then. */
export async function deliver(notification: Notification, sinks: Sinks): Promise<void> {
  const links = linksOf(notification, sinks.links);
  sinks.log?.(levels[notification.kind], headline(notification), logFields(notification, links));
  await sinks.webhook?.(slackMessage(notification, links));
}
