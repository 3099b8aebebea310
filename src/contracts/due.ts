/** How dates that are over stand, by the game calendar: what the dead man's switch and the gauges say. */

/**
 * `settled`: published, unchanged, or left as it is by a person's decision · `open`: not asked for, or under way · `blocked`: inputs never
 * came · `partial`: published without some games · `held`: games break a rule and wait for a decision · `failed`: a person has to look.
 */
export const dueStandings = ['settled', 'open', 'blocked', 'partial', 'held', 'failed'] as const;
export type DueStanding = (typeof dueStandings)[number];

/** Whether the feed of the game calendar goes on. */
export interface CalendarFreshness {
  /** When a row of the dates around today was last written, ISO 8601, UTC; null where none says. */
  writtenAt: string | null;
  /** Why the feed is taken to have stopped, as a clause; null where it goes on, or nothing is known. */
  staleBecause: string | null;
}

/** What a sweep found of the dates whose day is over. */
export interface DueSummary {
  /** Dates by how they stand, ascending. */
  dates: Record<DueStanding, string[]>;
  /** Dates that are not settled although the time at which they are needed has passed, ascending. */
  late: string[];
  /** Seconds since the oldest of `late` was needed; 0 when none is late. */
  lateSeconds: number;
  /** Seconds since the day of the newest date was over; null when no date is due. */
  newestAgeSeconds: number | null;
  /** Without it what is late cannot be told; absent in what earlier sweeps wrote. */
  calendar?: CalendarFreshness;
}
