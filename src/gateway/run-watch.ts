/**
 * Who waits for what comes of a run. However many wait for one run, it is asked once at a time; and however many runs are
 * waited for, only a few questions are under way, since each costs the worker a workflow task.
 *
 * Nothing here is state that matters: what is waited for goes on without anybody who waits.
 */
import { Semaphore } from 'async-mutex';
import { RunEnd, type AcceptedRun, type Phase3Client } from '../client';
import type { DateOutlook } from '../contracts/date-state';

export type Waited<T> =
  | { readonly kind: 'judged'; readonly value: T }
  /** The wait is over; `last` is what the run said last, null if no worker has answered since it began. */
  | { readonly kind: 'late'; readonly last: DateOutlook | null }
  /** The run neither has the request nor has answered it, long after it was sent: there was no room for it. */
  | { readonly kind: 'not_taken' }
  /** The run has ended and holds no answer: it was terminated, or it is long ago. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'closing' };

type Run = Pick<AcceptedRun, 'workflowId' | 'runId'>;
type Settle = (waited: Waited<never>) => void;

interface Waiter {
  readonly requestId: string;
  /** Settles the waiter if the outlook answers it, or shows that it never will. */
  readonly look: (outlook: DateOutlook) => void;
  readonly settle: Settle;
}

interface Watch {
  run: Run;
  readonly waiters: Set<Waiter>;
  isOver: boolean;
  lookedAfterAt: number;
}

export interface RunWatchOptions {
  /** The shortest time between two questions to one run. */
  readonly intervalMs?: number;
  /** Questions under way at once. */
  readonly mostAtOnce?: number;
  /** How long a run may say nothing of a request before it counts as not taken. */
  readonly notTakenMs?: number;
}

/** A run that is slow to answer is asked less often, but not so seldom that who waits for it hears too late. */
const longestPauseMs = 1_000;
/** What is sent while a check is under way is taken in after it, so this is longer than a check usually takes. */
const usualNotTakenMs = 10_000;
/** How often it is asked whether the run still is the one to ask. */
const lookAfterMs = 2_000;

export class RunWatch {
  private readonly watches = new Map<string, Watch>();
  private readonly intervalMs: number;
  private readonly turns: Semaphore;
  private readonly notTakenMs: number;
  private isClosing = false;

  constructor(
    private readonly client: Pick<Phase3Client, 'outlook' | 'lastOf' | 'untilEnd'>,
    { intervalMs = 100, mostAtOnce = 4, notTakenMs = usualNotTakenMs }: RunWatchOptions = {},
  ) {
    this.intervalMs = intervalMs;
    this.notTakenMs = notTakenMs;
    this.turns = new Semaphore(mostAtOnce);
  }

  /** Runs that are waited for now. */
  get size(): number {
    return this.watches.size;
  }

  /** Waits until `judge` finds what it looks for, for `waitMs` at the most. */
  async wait<T>(
    { workflowId, runId }: Run,
    requestId: string,
    judge: (outlook: DateOutlook) => T | null,
    waitMs: number,
  ): Promise<Waited<T>> {
    if (this.isClosing) return { kind: 'closing' };
    const key = `${workflowId} ${runId}`;
    const known = this.watches.get(key);
    const watch = known ?? {
      run: { workflowId, runId },
      waiters: new Set<Waiter>(),
      isOver: false,
      lookedAfterAt: Date.now(),
    };
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | null = null;
      let last: DateOutlook | null = null;
      let knownAt = Date.now();
      const settle = (waited: Waited<T>): void => {
        if (timer) clearTimeout(timer);
        watch.waiters.delete(waiter);
        resolve(waited);
      };
      const waiter: Waiter = {
        requestId,
        settle,
        look: (outlook) => {
          last = outlook;
          const value = judge(outlook);
          if (value !== null) settle({ kind: 'judged', value });
          else if (isKnown(outlook, requestId)) knownAt = Date.now();
          else if (Date.now() - knownAt >= this.notTakenMs) settle({ kind: 'not_taken' });
        },
      };
      watch.waiters.add(waiter);
      timer = setTimeout(() => settle({ kind: 'late', last }), waitMs);
      if (known) return;
      this.watches.set(key, watch);
      void this.follow(key, watch);
    });
  }

  /** Lets everybody go who still waits. */
  close(): void {
    this.isClosing = true;
    for (const { waiters } of this.watches.values())
      for (const { settle } of [...waiters]) settle({ kind: 'closing' });
  }

  private async follow(key: string, watch: Watch): Promise<void> {
    let end = new RunEnd(this.client, watch.run);
    try {
      while (watch.waiters.size > 0) {
        const isLast = end.isThere;
        const tookMs = await this.ask(watch);
        if (watch.waiters.size === 0) break;
        if (watch.isOver) for (const { settle } of [...watch.waiters]) settle({ kind: 'gone' });
        else if (
          (isLast || Date.now() - watch.lookedAfterAt >= lookAfterMs) &&
          (await this.lookAfter(watch))
        ) {
          end.stop();
          end = new RunEnd(this.client, watch.run);
        }
        // A run that has ended says no more than it does now, so it is asked once more at once.
        if (!watch.isOver) await end.within(Math.min(Math.max(this.intervalMs, 2 * tookMs), longestPauseMs));
      }
    } finally {
      end.stop();
      this.watches.delete(key);
    }
  }

  /** Returns how long the run took to answer, without the turn that was waited for. */
  private async ask(watch: Watch): Promise<number> {
    return this.turns.runExclusive(async () => {
      const waiters = [...watch.waiters];
      if (waiters.length === 0) return 0;
      const askedAt = Date.now();
      let outlook: DateOutlook;
      try {
        outlook = await this.client.outlook(watch.run, [
          ...new Set(waiters.map(({ requestId }) => requestId)),
        ]);
      } catch {
        // No worker answers, or Temporal does not. The request is repeated; a caller who waits too long gets a timeout.
        return Date.now() - askedAt;
      }
      for (const waiter of waiters) if (watch.waiters.has(waiter)) waiter.look(outlook);
      return Date.now() - askedAt;
    });
  }

  /** Finds the run that is to be asked from now on; false where nobody can say. */
  private async lookAfter(watch: Watch): Promise<boolean> {
    watch.lookedAfterAt = Date.now();
    const last = await this.turns.runExclusive(() => this.client.lastOf(watch.run)).catch(() => null);
    if (!last) return false;
    const { isOpen, ...run } = last;
    watch.run = run;
    watch.isOver = !isOpen;
    return true;
  }
}

function isKnown({ pending, answers }: DateOutlook, requestId: string): boolean {
  return [...pending, ...answers].some((one) => one.requestId === requestId);
}
