/** Turns of several by name: so many of each at once, in the order in which they came. */
import { setTimeout as pause } from 'node:timers/promises';

type Turn = () => Promise<void>;

/** A work that hung is no reason to rest for as long. */
const longestRestMs = 1_000;

export class TurnsOfEach {
  private readonly lines = new Map<string, Turn[]>();

  constructor(
    private readonly most: number,
    private readonly rest: (ms: number) => Promise<unknown> = pause,
  ) {}

  /** Names of which somebody has a turn or waits for one. */
  get size(): number {
    return this.lines.size;
  }

  /**
   * Works when it is this one's turn; throws what the work throws. Those who come meanwhile go together, up to `most`, and while
   * more of them wait, that name rests for as long as the last ones took.
   */
  take<T>(name: string, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      // A work that throws at once rejects as well.
      const turn = (): Promise<void> => new Promise<T>((settle) => settle(work())).then(resolve, reject);
      const line = this.lines.get(name);
      if (line) line.push(turn);
      else void this.serve(name, [turn]);
    });
  }

  private async serve(name: string, line: Turn[]): Promise<void> {
    this.lines.set(name, line);
    while (line.length > 0) {
      const beganAt = performance.now();
      await Promise.all(line.splice(0, this.most).map((turn) => turn()));
      if (line.length > 0) await this.rest(Math.min(longestRestMs, performance.now() - beganAt));
    }
    this.lines.delete(name);
  }
}
