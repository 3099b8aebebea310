/** The clock of a simulated world: whoever asks for the time is told what the world says. */

const RealDate = Date;

/** `Date` reads it while it is installed. */
export class VirtualClock {
  /** ms since the epoch, as whoever has the turn sees it. */
  nowMs = RealDate.UTC(2017, 3, 16, 4);
}

/** Puts the clock in the place of `Date`; returns what undoes that. Timers stay real: nothing that is simulated sets any. */
export function installClock(clock: VirtualClock): () => void {
  globalThis.Date = class extends RealDate {
    constructor(...given: [] | [number | string]) {
      super(given.length > 0 ? (given[0] as number) : clock.nowMs);
    }

    static override now(): number {
      return clock.nowMs;
    }
  } as DateConstructor;
  return () => {
    globalThis.Date = RealDate;
  };
}
