/** A few at a time, in the order in which they came. */
export class Turns {
  private free: number;
  private readonly queue: (() => void)[] = [];

  constructor(
    private readonly most: number,
    /** Called when nobody has a turn or waits for one any more. */
    private readonly whenIdle: () => void = () => undefined,
  ) {
    this.free = most;
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.queue.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.queue.shift();
      if (next) next();
      else this.free += 1;
      if (this.free === this.most) this.whenIdle();
    }
  }
}

/** The same for each of several by itself. */
export class TurnsOfEach {
  private readonly turns = new Map<string, Turns>();

  constructor(private readonly most: number) {}

  /** Names of which somebody has a turn or waits for one. */
  get size(): number {
    return this.turns.size;
  }

  take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const turns = this.turns.get(name) ?? new Turns(this.most, () => this.turns.delete(name));
    this.turns.set(name, turns);
    return turns.take(work);
  }
}
