/** The counts of a box score, by their names in both raw tables. */
import type { GamebookPlayerRow } from '../../sources/nbac-gamebook-player-stats/table';
import type { TeamBoxscoreRow } from '../../sources/nbac-team-boxscore/table';

type NumbersOf<R> = { [K in keyof R]: R[K] extends number | null ? K : never }[keyof R] & string;

export interface Count {
  /** As sentences have it. */
  readonly words: string;
  readonly player: NumbersOf<GamebookPlayerRow>;
  readonly team: NumbersOf<TeamBoxscoreRow>;
}

/** Shots and points: exactly the sum of the players' in every team row of 2024-25. */
export const shots = [
  { words: 'field goals', player: 'field_goals_made', team: 'fg_made' },
  { words: 'field goal attempts', player: 'field_goals_attempted', team: 'fg_attempted' },
  { words: 'threes', player: 'three_pointers_made', team: 'three_pt_made' },
  { words: 'three-point attempts', player: 'three_pointers_attempted', team: 'three_pt_attempted' },
  { words: 'free throws', player: 'free_throws_made', team: 'ft_made' },
  { words: 'free throw attempts', player: 'free_throws_attempted', team: 'ft_attempted' },
  { words: 'points', player: 'points', team: 'points' },
] as const satisfies readonly Count[];

export const rebounds = [
  { words: 'offensive rebounds', player: 'offensive_rebounds', team: 'offensive_rebounds' },
  { words: 'defensive rebounds', player: 'defensive_rebounds', team: 'defensive_rebounds' },
] as const satisfies readonly Count[];

export const plays = [
  { words: 'assists', player: 'assists', team: 'assists' },
  { words: 'steals', player: 'steals', team: 'steals' },
  { words: 'blocks', player: 'blocks', team: 'blocks' },
  { words: 'fouls', player: 'personal_fouls', team: 'personal_fouls' },
] as const satisfies readonly Count[];

export const turnovers = {
  words: 'turnovers',
  player: 'turnovers',
  team: 'turnovers',
} as const satisfies Count;

/** Rebounds of the team itself are in no player's line and, in this feed, not in the team's total either. */
const totalRebounds = {
  words: 'rebounds',
  player: 'total_rebounds',
  team: 'total_rebounds',
} as const satisfies Count;

/** Counts of which the team's figure is the sum of its players'. */
export const summed: readonly Count[] = [...shots, ...rebounds, ...plays];

/** Everything that is counted: none of it can be negative. */
export const counts: readonly Count[] = [...summed, turnovers, totalRebounds];
