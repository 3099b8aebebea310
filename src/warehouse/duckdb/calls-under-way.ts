/** What has been asked of the driver and is not answered, so that closing can wait for it. */
export class CallsUnderWay {
  private readonly running = new Set<Promise<unknown>>();
  private over = false;

  /** Whether {@link end} was called: nothing may begin any more. */
  get ended(): boolean {
    return this.over;
  }

  /** Runs `work` and counts it as under way until it has settled. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const call = work();
    this.running.add(call);
    try {
      return await call;
    } finally {
      this.running.delete(call);
    }
  }

  /** Settles when everything that is under way now has, however it ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.running);
  }

  /** The same, and nothing may begin any more. */
  async end(): Promise<void> {
    this.over = true;
    await this.settled();
  }
}
