/** Turns of several by name: so many of each at once, in the order in which they came. */
import { Semaphore } from 'async-mutex';

export class TurnsOfEach {
  private readonly turns = new Map<string, Semaphore>();

  constructor(private readonly most: number) {}

  /** Names of which somebody has a turn or waits for one. */
  get size(): number {
    return this.turns.size;
  }

  /** Works when it is this one's turn; throws what the work throws. */
  async take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const turns = this.turns.get(name) ?? new Semaphore(this.most);
    this.turns.set(name, turns);
    const [, release] = await turns.acquire();
    try {
      return await work();
    } finally {
      release();
      // In the same moment: who comes later would begin a second line beside this one.
      if (turns.getValue() === this.most) this.turns.delete(name);
    }
  }
}
