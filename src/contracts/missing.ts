/** What is missing of a range of dates, by the game calendar: never by the ticks of a clock. */
import type { ExpectedArrival } from './arrival';
import type { CalendarFreshness, DueStanding } from './due';
import type { GameStatus, RunState } from './phase3';

/** A date that is over and not settled. */
export interface MissingDate {
  readonly gameDate: string;
  /** Whether the time has passed at which its rows are needed. */
  readonly isLate: boolean;
  readonly standing: DueStanding;
  /** On record; null where it was never run. */
  readonly state: RunState | null;
  /** Games that are to be played, by the calendar. */
  readonly games: number;
  /** Why it is not settled, as a clause. */
  readonly why: string;
  /** ISO 8601, UTC. */
  readonly neededAt: string;
  /** Tables that a run of it would lack now; none where it only was not run. */
  readonly missing: readonly string[];
  /** When rows of them usually come; none where nobody can tell, or it is past. */
  readonly expected: readonly ExpectedArrival[];
  /** Games that a run would lack now, and why. */
  readonly lacking: readonly {
    readonly gameId: string;
    readonly status: GameStatus;
    readonly detail: string;
  }[];
}

/** A game that was not played to its end on its date. */
export interface MovedGame {
  readonly gameId: string;
  readonly gameDate: string;
  readonly kind: 'postponed' | 'suspended';
  /** What the schedule says. */
  readonly text: string;
  /** The later date on which the schedule has it again, where it is due; null where it has none yet. */
  readonly playedOn: string | null;
}

export interface MissingReport {
  readonly from: string;
  readonly to: string;
  /** By the worker's clock, ISO 8601, UTC. */
  readonly at: string;
  readonly today: string;
  /** `HH:MM` of the morning after, New York time, by which a date is late. */
  readonly neededBy: string;
  readonly calendar: CalendarFreshness;
  /** Days by what is so of them; `toCome`: with games, today's or later. */
  readonly counts: Readonly<Record<'settled' | 'late' | 'due' | 'toCome' | 'noGames', number>>;
  /** Ascending. */
  readonly dates: readonly MissingDate[];
  readonly moved: readonly MovedGame[];
}
