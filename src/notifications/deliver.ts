/** Delivers a notification: to the log first, which cannot fail, then to every channel, which can. */
import type { Notification, NotificationKind } from '../contracts/notifications';
import { WebhookError } from './webhook';
import {
  headline,
  jsonMessage,
  linksOf,
  logFields,
  slackMessage,
  type JsonMessage,
  type Links,
  type LinkSettings,
  type LogFields,
  type SlackMessage,
} from './render';

export type NotificationLevel = 'INFO' | 'WARN' | 'ERROR';

/** Writes a structured line. A Temporal `Logger`'s `log` fits. */
export type WriteLine = (level: NotificationLevel, message: string, fields: LogFields) => void;

/** `slack`: an incoming webhook in Slack's format · `json`: any receiver of JSON. */
export type ChannelName = 'slack' | 'json';

export interface Channel {
  readonly name: ChannelName;
  /** A secret. */
  readonly address: string;
}

export interface Sinks {
  readonly links: LinkSettings;
  /** Null when an earlier attempt has written the line. */
  readonly log: WriteLine | null;
  /** Those that an earlier attempt has not reached. */
  readonly channels: readonly Channel[];
  readonly post: (address: string, message: SlackMessage | JsonMessage) => Promise<unknown>;
  /** Hears of each channel that has it. */
  readonly sent?: (name: ChannelName) => void;
}

const levels: Readonly<Record<NotificationKind, NotificationLevel>> = {
  trouble: 'ERROR',
  still_in_trouble: 'WARN',
  recovered: 'INFO',
  decided: 'INFO',
  backfill_in_trouble: 'ERROR',
  not_as_published: 'ERROR',
  as_published_again: 'INFO',
  late: 'ERROR',
  late_over: 'INFO',
  recalled: 'WARN',
  worker_gone: 'ERROR',
  worker_back: 'INFO',
};

/** Throws what a channel throws, once all have been tried; the line is in the log by then. */
export async function deliver(notification: Notification, sinks: Sinks): Promise<void> {
  const links = linksOf(notification, sinks.links);
  sinks.log?.(levels[notification.kind], headline(notification), logFields(notification, links));
  const tried = await Promise.allSettled(
    sinks.channels.map(async ({ name, address }) => {
      await sinks.post(address, messageOf(name, notification, links));
      sinks.sent?.(name);
    }),
  );
  const failed = tried.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  if (failed.length === 0) return;
  // What another attempt may mend is not given up for the sake of what none mends.
  throw failed.find((reason) => reason instanceof WebhookError && reason.retryable) ?? failed[0];
}

/** What a channel gets. */
export function messageOf(
  name: ChannelName,
  notification: Notification,
  links: Links,
): SlackMessage | JsonMessage {
  return name === 'slack' ? slackMessage(notification, links) : jsonMessage(notification, links);
}
