/** Who may write when. */
import { Mutex } from 'async-mutex';

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

  /** Runs a write when its turn has come; throws what it throws. */
  async take<T>(write: () => Promise<T>): Promise<T> {
    const release = await this.mutex.acquire();
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
}
