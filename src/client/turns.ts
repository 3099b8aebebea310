/** Turns of several by name: so many of each together, in the order in which they came. */
import { setTimeout as pause } from 'node:timers/promises';

/** Lets somebody begin, who says when it has ended. */
type Open = (end: () => void) => void;

/** A work that hung is no reason to rest for as long. */
const longestRestMs = 1_000;

export class TurnsOfEach {
  private readonly lines = new Map<string, Open[]>();

  constructor(
    private readonly most: number,
    private readonly rest: (ms: number) => Promise<unknown> = pause,
  ) {}

  /** Names of which somebody has a turn or waits for one. */
  get size(): number {
    return this.lines.size;
  }

  /**
   * Works when it is this one's turn, under the deadline and trace of whoever asks; throws what the work throws. Those who come
   * meanwhile go together, up to `most`, and while more of them wait, that name rests for as long as the last ones took.
   */
  async take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const end = await new Promise<() => void>((open) => this.enter(name, open));
    try {
      return await work();
    } finally {
      end();
    }
  }

  private enter(name: string, open: Open): void {
    const line = this.lines.get(name);
    if (line) line.push(open);
    else void this.serve(name, [open]);
  }

  private async serve(name: string, line: Open[]): Promise<void> {
    this.lines.set(name, line);
    while (line.length > 0) {
      const beganAt = performance.now();
      await Promise.all(line.splice(0, this.most).map((open) => new Promise<void>(open)));
      if (line.length > 0) await this.rest(Math.min(longestRestMs, performance.now() - beganAt));
    }
    this.lines.delete(name);
  }
}
