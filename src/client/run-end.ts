/**
 * The end of a run, for who waits for what comes of it: most requests are answered as their run ends, and the server says that
 * at once. Who only asked the run now and then would hear of it up to a pause later.
 */
import type { Looks } from './looks';
import type { RunRef } from './run-chain';

export class RunEnd {
  isThere = false;
  private hasWoken = false;
  private readonly waiting = new AbortController();
  private readonly reached: Promise<void>;

  constructor(looks: Pick<Looks, 'untilEnd'>, run: RunRef) {
    this.reached = looks.untilEnd(run, this.waiting.signal).then(
      () => {
        this.isThere = true;
      },
      // Then nothing comes of this wait but its pause.
      () => new Promise(() => undefined),
    );
  }

  /** Waits for it, for `ms` at the most. It wakes who waits once: who knows of it and goes on waiting has the pause. */
  async within(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const pause = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
    await (this.hasWoken ? pause : Promise.race([this.reached, pause]));
    this.hasWoken = this.isThere;
    clearTimeout(timer);
  }

  /** Nobody waits for it any more. */
  stop(): void {
    this.waiting.abort();
  }
}
