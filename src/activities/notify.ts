/** Tells people about a date: the activity around `deliver`. */
import { ApplicationFailure } from '@temporalio/common';
import { failureTypes } from '../contracts/failures';
import type { Notification } from '../contracts/notifications';
import { deliver, type WriteLine } from '../notifications/deliver';
import type { LinkSettings } from '../notifications/render';
import { postJson, WebhookError, type WebhookOptions } from '../notifications/webhook';

export interface NotifyDependencies {
  readonly settings: LinkSettings & {
    /** A secret: it goes into no message. Null for the log alone. */
    readonly webhookUrl: string | null;
  };
  readonly log: WriteLine;
  /** For tests. */
  readonly webhook?: WebhookOptions;
}

/** A receiver may not hold a run up for longer than this between two attempts, whatever it asks for. */
const longestRetryMs = 60_000;

/**
 * Throws a failure that says whether to try again, and when. `attempt` is that of the activity: the line is written by
 * the first, the webhook is tried by all.
 */
export async function notify(
  request: Notification,
  { settings, log, webhook }: NotifyDependencies,
  attempt: number,
): Promise<void> {
  const { webhookUrl } = settings;
  try {
    await deliver(request, {
      links: settings,
      log: attempt === 1 ? log : null,
      webhook: webhookUrl === null ? null : (message) => postJson(webhookUrl, message, webhook),
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
