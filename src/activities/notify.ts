/** Tells people about a date: the activity around `deliver`. */
import { ApplicationFailure } from '@temporalio/common';
import { failureTypes } from '../contracts/failures';
import type { Notification } from '../contracts/notifications';
import { deliver, type Channel, type ChannelName, type WriteLine } from '../notifications/deliver';
import type { LinkSettings } from '../notifications/render';
import { postJson, WebhookError, type WebhookOptions } from '../notifications/webhook';

export interface NotifyDependencies {
  readonly settings: LinkSettings & {
    /** Their addresses are secrets: they go into no message. None for the log alone. */
    readonly channels: readonly Channel[];
  };
  readonly log: WriteLine;
  /** For tests. */
  readonly webhook?: WebhookOptions;
}

/** An attempt of the activity. */
export interface NotifyAttempt {
  /** From 1. */
  readonly attempt: number;
  /** Channels that earlier attempts have reached. */
  readonly reached: readonly ChannelName[];
  /** Hears of each that this one reaches. */
  readonly sent: (name: ChannelName) => void;
}

/** A receiver may not hold a run up for longer than this between two attempts, whatever it asks for. */
const longestRetryMs = 60_000;

/**
 * Throws a failure that says whether to try again, and when. The line is written by the first attempt; each channel is tried until
 * it has the message.
 */
export async function notify(
  request: Notification,
  { settings, log, webhook }: NotifyDependencies,
  { attempt, reached, sent }: NotifyAttempt,
): Promise<void> {
  try {
    await deliver(request, {
      links: settings,
      log: attempt === 1 ? log : null,
      channels: settings.channels.filter(({ name }) => !reached.includes(name)),
      post: (address, message) => postJson(address, message, webhook),
      sent,
    });
  } catch (error) {
    throw toFailure(error);
  }
}

/** Wraps what a webhook threw; anything else is returned as it is, to be retried and seen. */
function toFailure(error: unknown): unknown {
  if (!(error instanceof WebhookError)) return error;
  const { message, retryable, retryAfterMs } = error;
  return ApplicationFailure.create({
    type: failureTypes.webhookFailed,
    message,
    nonRetryable: !retryable,
    // "At once" is what the retry policy knows better.
    ...(retryable && retryAfterMs ? { nextRetryDelay: Math.min(retryAfterMs, longestRetryMs) } : {}),
    cause: error,
  });
}
