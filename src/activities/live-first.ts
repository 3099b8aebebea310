/**
 * Live nights before backfills, within a worker. Temporal hands out what is urgent first, but what it has handed out before
 * shares the processor and the one writer of the warehouse with it. So activities that give way begin when no other is at work.
 */
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { givesWay } from '../contracts/urgency';

/** Between two activities of a night lies a task of its workflow: so long after one ends, the next is awaited. */
const betweenMs = 150;
/**
 * Longer than this nobody gives way: the limit of an activity goes on, and a night that waits for a slow warehouse needs no
 * processor meanwhile.
 */
const mostMs = 2_000;

export class LiveFirst {
  private live = 0;
  private lastEnd = -Infinity;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly limits: { betweenMs: number; mostMs: number } = { betweenMs, mostMs }) {}

  /** Does live work, at once. */
  async first<T>(work: () => Promise<T>): Promise<T> {
    this.live += 1;
    try {
      return await work();
    } finally {
      this.live -= 1;
      this.lastEnd = performance.now();
      if (this.live === 0) for (const look of this.waiting) look();
    }
  }

  /** Resolves when no live work is under way or about to be, or when it was waited for long enough. */
  async giveWay(): Promise<void> {
    const until = performance.now() + this.limits.mostMs;
    for (;;) {
      const now = performance.now();
      const free = this.lastEnd + this.limits.betweenMs;
      if (now >= until || (this.live === 0 && now >= free)) return;
      await this.turn(Math.min(until, this.live === 0 ? free : until) - now);
    }
  }

  /** Until the last live work ends, for `ms` at the most. */
  private turn(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(1, ms));
      this.waiting.add(done);
    });
  }
}

/** For a worker's activities. */
export function liveFirst(order = new LiveFirst()): ActivityInterceptorsFactory {
  return ({ info }) => ({
    inbound: {
      async execute(input, next) {
        if (!givesWay(info.priority?.priorityKey)) return order.first(() => next(input));
        await order.giveWay();
        return next(input);
      },
    },
  });
}
