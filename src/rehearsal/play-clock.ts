/** The play's time: that of 3 February 2026 in New York, running faster than the clock on the wall. */
import { setTimeout as pause } from 'node:timers/promises';

export interface Instants {
  /** When the play begins, ISO 8601, UTC. */
  readonly start: string;
  /** How many times as fast. */
  readonly factor: number;
}

const minuteMs = 60_000;

const inNewYork = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'America/New_York',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

export class PlayClock {
  private readonly begunMs: number;

  /** Begins to run. `wall` is the clock on the wall, in ms since the epoch. */
  constructor(
    private readonly instants: Instants,
    private readonly wall: () => number = Date.now,
  ) {
    this.begunMs = wall();
  }

  /** `23:15`, at this moment. */
  now(): string {
    return this.show(this.wall());
  }

  /** ISO 8601, UTC, at this moment. */
  instant(): string {
    return new Date(this.playMs(this.wall())).toISOString();
  }

  /** The play's time of a real instant. */
  clockOf(realInstant: string): string {
    return this.show(Date.parse(realInstant));
  }

  /** The play's time so many minutes after its beginning. */
  at(minutes: number): string {
    return inNewYork.format(new Date(Date.parse(this.instants.start) + minutes * minuteMs));
  }

  /** Minutes of the play in a real duration. */
  minutesOf(realMs: number): number {
    return (realMs * this.instants.factor) / minuteMs;
  }

  /** Returns once the play is so many minutes old; at once when it is older, which `now` then shows. */
  async reach(minutes: number, signal: AbortSignal): Promise<void> {
    const dueMs = this.begunMs + (minutes * minuteMs) / this.instants.factor;
    for (let leftMs = dueMs - this.wall(); leftMs > 0; leftMs = dueMs - this.wall()) {
      signal.throwIfAborted();
      await pause(Math.min(leftMs, 100));
    }
  }

  private show(realMs: number): string {
    return inNewYork.format(new Date(this.playMs(realMs)));
  }

  private playMs(realMs: number): number {
    return Date.parse(this.instants.start) + (realMs - this.begunMs) * this.instants.factor;
  }
}
