/** A few at a time, in the order in which they came. */
export class Turns {
  private free: number;
  private readonly queue: (() => void)[] = [];

  constructor(private readonly most: number) {
    this.free = most;
  }

  /** Whether nobody has a turn or waits for one. */
  get isIdle(): boolean {
    return this.free === this.most;
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
    }
  }
}

/** The same for each of several by itself. */
export class TurnsOfEach {
  private readonly turns = new Map<string, Turns>();

  constructor(private readonly most: number) {}

  async take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const turns = this.turns.get(name) ?? new Turns(this.most);
    this.turns.set(name, turns);
    try {
      return await turns.take(work);
    } finally {
      if (turns.isIdle) this.turns.delete(name);
    }
  }
}
