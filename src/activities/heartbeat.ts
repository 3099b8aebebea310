/** The dead man's switch around a sweep: what is pinged when it begins, and what it found when it ends. */
import type { Ping } from '../notifications/heartbeat';
import { WebhookError } from '../notifications/webhook';
import type { Sweep } from './sweep-dates';

export interface HeartbeatOptions {
  /** Pings once; throws `WebhookError`. Null where nobody listens. */
  readonly ping: ((kind: Ping, text: string) => Promise<void>) | null;
  /** Whether Temporal has given up on this attempt: what it found is not the last word. */
  readonly isGivenUp: () => boolean;
  readonly warn: (message: string, fields: Record<string, unknown>) => void;
}

/**
 * Says that a sweep began, and how it ended. A sweep that fails says nothing more: it is tried again, and if it never ends, the
 * silence after its start is the alarm. A receiver that does not answer fails no sweep.
 */
export async function withHeartbeat(sweep: () => Promise<Sweep>, options: HeartbeatOptions): Promise<Sweep> {
  const { ping, isGivenUp, warn } = options;
  const say = async (kind: Ping, text: string): Promise<void> => {
    await ping?.(kind, text).catch((error: unknown) => {
      if (!(error instanceof WebhookError)) throw error;
      warn('the heartbeat could not be sent', { kind, why: error.message });
    });
  };
  await say('start', 'the dates that are due are judged');
  const swept = await sweep();
  const { lateBecause } = swept;
  if (lateBecause === null || isGivenUp()) return swept;
  if (lateBecause === '') await say('success', 'every date that is due is settled');
  else await say('fail', lateBecause);
  return swept;
}
