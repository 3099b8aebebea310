/**
 * Messages on their way to their dates. A date is signalled once a second at the most; what comes meanwhile goes together, in one
 * signal. Each signal costs the server four events and the worker a task, and in a storm of pushes these are most of the work.
 *
 * Nothing here is state that matters: whoever sent what is lost here has not been answered, and sends it again.
 */
import { AsyncResource } from 'node:async_hooks';
import type { TriggerMessage } from '../contracts/messages';

/** A gate is not probed more often either. */
const shortestGapMs = 1_000;
/** A signal of so many messages is some tens of kilobytes. */
const mostTogether = 100;

type Together = readonly [TriggerMessage, ...TriggerMessage[]];

type Send<T> = (gameDate: string, messages: Together) => Promise<T>;

interface Waiting<T> {
  readonly message: TriggerMessage;
  /** Sends as a part of the trace of whoever brought the message, and not of whoever came before. */
  readonly send: Send<T>;
  readonly resolve: (sent: T) => void;
  readonly reject: (error: unknown) => void;
}

/** The gateway stops: who hears this sends the message again, whether or not it was on its way. */
export class OutboxClosedError extends Error {
  override readonly name = 'OutboxClosedError';
}

export class Outbox<T> {
  /** Of the dates that were told less than a second ago. */
  private readonly queues = new Map<string, Waiting<T>[]>();
  /** Messages that have not been answered: queued, or on their way. */
  private readonly waiting = new Set<Waiting<T>>();
  private isClosed = false;

  constructor(
    private readonly send: Send<T>,
    private readonly gapMs = shortestGapMs,
  ) {}

  /** Sends a message, alone or with others of its date. Settles as the signal does that it goes with. */
  put(gameDate: string, message: TriggerMessage): Promise<T> {
    if (this.isClosed) return Promise.reject(new OutboxClosedError());
    return new Promise<T>((resolve, reject) => {
      const waiting = { message, resolve, reject, send: AsyncResource.bind(this.send) };
      this.waiting.add(waiting);
      const known = this.queues.get(gameDate);
      if (known) {
        known.push(waiting);
        return;
      }
      const queue = [waiting];
      this.queues.set(gameDate, queue);
      void this.drain(gameDate, queue);
    });
  }

  /** Lets everybody go at once with an {@link OutboxClosedError}; what is only queued is not sent. */
  close(): void {
    this.isClosed = true;
    for (const queue of this.queues.values()) queue.length = 0;
    for (const { reject } of this.waiting) reject(new OutboxClosedError());
    this.waiting.clear();
  }

  private async drain(gameDate: string, queue: Waiting<T>[]): Promise<void> {
    for (let [first, ...others] = take(queue); first; [first, ...others] = take(queue)) {
      const nextAt = Date.now() + this.gapMs;
      const together = [first, ...others];
      try {
        const sent = await first.send(gameDate, [first.message, ...others.map(({ message }) => message)]);
        for (const { resolve } of together) resolve(sent);
      } catch (error) {
        for (const { reject } of together) reject(error);
      }
      for (const one of together) this.waiting.delete(one);
      await pause(nextAt - Date.now());
    }
    this.queues.delete(gameDate);
  }
}

function take<T>(queue: Waiting<T>[]): Waiting<T>[] {
  return queue.splice(0, mostTogether);
}

/** Holds up no process that has nothing else to do. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)).unref());
}
