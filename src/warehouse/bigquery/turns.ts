/** Who may write when. */
import { Mutex } from 'async-mutex';
import { askerGivesUp } from '../asker';
import { WarehouseError } from '../errors';

/**
 * One writing transaction at a time: BigQuery cancels one of two that change the same table, and all dates share their
 * tables. A turn ends after `longestMs`, so that a job that stays pending does not hold all other dates: what collides then,
 * or with another process, is tried again. The more turns have been overrun by writes that still go on, the shorter is the
 * next, so that any number of such jobs holds the others no longer than two turns.
 */
export class Turns {
  private readonly mutex = new Mutex();
  /** Writes whose turn is over and that still go on. */
  private overrun = 0;

  constructor(private readonly longestMs: number) {}

  /**
   * Runs a write when its turn has come; throws what it throws. Whoever gives up before that leaves the queue: what nobody waits
   * for keeps nobody waiting, and is not written when its asker has long been told that it was not. What has begun is let end.
   */
  async take<T>(write: () => Promise<T>): Promise<T> {
    const release = await this.turn(askerGivesUp());
    const turn = { isOver: false };
    const end = setTimeout(
      () => {
        turn.isOver = true;
        this.overrun += 1;
        release();
      },
      this.longestMs / 2 ** this.overrun,
    );
    try {
      return await write();
    } finally {
      clearTimeout(end);
      if (turn.isOver) this.overrun -= 1;
      else release();
    }
  }

  /** Waits for a turn, and returns what ends it. Throws a {@link WarehouseError} when the asker gives up meanwhile. */
  private async turn(givesUp: AbortSignal | undefined): Promise<() => void> {
    if (!givesUp) return this.mutex.acquire();
    const { promise: left, stop } = untilAborted(givesUp);
    const turn = this.mutex.acquire();
    try {
      return await Promise.race([left, turn]);
    } catch (error) {
      void turn.then((release) => release());
      throw error;
    } finally {
      stop();
    }
  }
}

/** Rejects as soon as the asker has given up; `stop` ends the looking. */
function untilAborted(givesUp: AbortSignal): { readonly promise: Promise<never>; readonly stop: () => void } {
  let give = (): void => undefined;
  const promise = new Promise<never>((_, reject) => {
    give = () =>
      reject(
        new WarehouseError('unavailable', 'Whoever asked for a write has given up before its turn came.'),
      );
    if (givesUp.aborted) give();
    else givesUp.addEventListener('abort', give, { once: true });
  });
  return { promise, stop: () => givesUp.removeEventListener('abort', give) };
}
