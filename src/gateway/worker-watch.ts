/**
 * Tells people that no worker asks for work, and that one does again. A worker that is gone can tell nobody, and so can no schedule:
 * what it starts needs a worker too. The gateway is another process, often on another machine.
 */
import type { NotificationSettings } from '../config/notifications';
import type { Notification } from '../contracts/notifications';
import { deliver, type ChannelName, type WriteLine } from '../notifications/deliver';
import { withKnownSeverity } from '../notifications/severity';
import { postJson } from '../notifications/webhook';
import type { GatewayParts } from './parts';

export interface WorkerWatchOptions {
  readonly taskQueue: string;
  /** How long no worker may have asked, ms. */
  readonly goneAfterMs: number;
  /** When a worker asked last; null when Temporal knows of none. Throws when it does not answer. */
  readonly lastPoll: () => Promise<Date | null>;
  /** Delivers to the channels that do not have it; `isFirst` is false where it was tried before. Throws when one cannot be reached. */
  readonly deliver: (notification: Notification, delivery: Delivery) => Promise<void>;
  /** Hears at the start, and of each look, when a worker asked last. */
  readonly seen: (at: Date) => void;
  readonly clock: () => Date;
  readonly log: GatewayParts['log'];
}

export interface Delivery {
  readonly isFirst: boolean;
  /** Those that have it; what is reached is added. */
  readonly reached: ChannelName[];
}

/** Delivers to the log, and to the channels that do not have a message yet. */
export function toChannels(
  { channels, neededBy, ...links }: NotificationSettings,
  namespace: string,
  log: GatewayParts['log'],
): WorkerWatchOptions['deliver'] {
  const write: WriteLine = (level, message, fields) =>
    log(level === 'WARN' ? 'WARNING' : level, message, { ...fields });
  return (notification, { isFirst, reached }) =>
    deliver(neededBy === null ? notification : withKnownSeverity(notification), {
      links: { ...links, namespace },
      log: isFirst ? write : null,
      channels: channels.filter(({ name }) => !reached.includes(name)),
      post: postJson,
      sent: (name) => reached.push(name),
    });
}

/** How often a message that cannot be delivered is tried: for some hours. */
const mostTries = 500;

interface Pending {
  readonly notification: Notification;
  readonly reached: ChannelName[];
  tries: number;
}

export class WorkerWatch {
  /** When a worker asked last, as far as this gateway knows: one that starts gives the worker its time. */
  private lastSeen: Date;
  private isGone = false;
  /** When the one asked last that was told to be gone. */
  private goneSince: Date | null = null;
  private readonly pending: Pending[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: WorkerWatchOptions) {
    this.lastSeen = options.clock();
    // A metric that says 1970 would be an alarm.
    options.seen(this.lastSeen);
  }

  /** Looks every `everyMs`; one look at a time. */
  start(everyMs: number): void {
    const again = (): void => {
      this.timer = setTimeout(() => void this.look().finally(again), everyMs);
      this.timer.unref();
    };
    again();
  }

  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  async look(): Promise<void> {
    const { clock, goneAfterMs, lastPoll, log } = this.options;
    try {
      const polled = await lastPoll();
      if (polled && polled > this.lastSeen) this.lastSeen = polled;
    } catch (error) {
      // Temporal is away, which says nothing of the worker.
      log('WARNING', 'it cannot be seen whether a worker is there', { error });
      return;
    }
    this.options.seen(this.lastSeen);
    const isGone = clock().getTime() - this.lastSeen.getTime() > goneAfterMs;
    if (isGone !== this.isGone) this.pending.push({ notification: this.news(isGone), reached: [], tries: 0 });
    this.isGone = isGone;
    await this.deliverPending();
  }

  /** Of two gateways that see the same worker go, both name the same incident. */
  private news(isGone: boolean): Notification {
    const { taskQueue } = this.options;
    if (isGone) this.goneSince = this.lastSeen;
    const since = (this.goneSince ?? this.lastSeen).toISOString();
    const shown = `${since.slice(0, 16).replace('T', ' ')} UTC`;
    return {
      notificationId: `${taskQueue}/${since}/${isGone ? 'worker_gone' : 'worker_back'}`,
      ...{ kind: isGone ? 'worker_gone' : 'worker_back', subject: taskQueue },
      state: isGone ? 'no_worker' : 'worker_present',
      summary: isGone
        ? `No worker has asked for work on task queue ${taskQueue} since ${shown}: no date advances, and nothing is verified.`
        : `A worker asks for work on task queue ${taskQueue} again; there was none since ${shown}. What was under way goes on where it was.`,
      ...{ since, workflowId: null, runId: null },
    };
  }

  private async deliverPending(): Promise<void> {
    for (const one of [...this.pending]) {
      one.tries += 1;
      try {
        await this.options.deliver(one.notification, { isFirst: one.tries === 1, reached: one.reached });
      } catch (error) {
        this.options.log('WARNING', 'the notification could not be sent', {
          ...{ kind: one.notification.kind, error },
        });
        if (one.tries < mostTries) return;
      }
      this.pending.splice(this.pending.indexOf(one), 1);
    }
  }
}
