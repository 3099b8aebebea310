/**
 * The table this processor publishes. Column names are the original's; computed figures are FLOAT64 and unrounded. Columns
 * said to be "null until a source has them" keep their place for readers of the old tables.
 */
import {
  bool,
  defineTable,
  date,
  float,
  integer,
  required,
  string,
  type RowOf,
} from '../../tables/define-table';
import { provenance, type FiguresOf } from '../../tables/provenance';

export const table = defineTable({
  dataset: 'nba_analytics',
  name: 'team_offense_game_summary',
  description: "One row a team and game: what the team's offence did.",
  key: ['game_date', 'team_abbr'],
  columns: {
    game_date: required(date),
    game_id: required(string),
    nba_game_id: string,
    team_abbr: required(string),
    opponent_team_abbr: required(string),
    season_year: required(integer),
    points_scored: required(integer),
    fg_attempts: required(integer),
    fg_makes: required(integer),
    three_pt_attempts: integer,
    three_pt_makes: integer,
    ft_attempts: required(integer),
    ft_makes: integer,
    rebounds: integer,
    offensive_rebounds: integer,
    defensive_rebounds: integer,
    assists: integer,
    steals: integer,
    blocks: integer,
    turnovers: integer,
    personal_fouls: integer,
    /** Sum of the players' minutes: 240 in regulation, 25 more an overtime. */
    team_minutes: required(float),
    /** Basketball-Reference's estimate, the mean over both teams; null, with pace and rating, where an input is unknown. */
    possessions: float,
    pace: float,
    offensive_rating: float,
    ts_pct: float,
    efg_pct: float,
    home_game: required(bool),
    win_flag: bool,
    margin_of_victory: integer,
    overtime_periods: required(integer),
    // null until a source has them
    team_paint_attempts: integer,
    team_paint_makes: integer,
    team_mid_range_attempts: integer,
    team_mid_range_makes: integer,
    points_in_paint_scored: integer,
    second_chance_points_scored: integer,
    players_inactive: integer,
    starters_inactive: integer,
    referee_crew_id: string,
    /** True when the row was rebuilt from its players because the team row never came. */
    reconstructed: required(bool),
    ...provenance,
  },
});

export type TeamOffenseRow = RowOf<typeof table>;
/** What the arithmetic yields; publishing adds the provenance columns. */
export type TeamOffenseFigures = FiguresOf<typeof table>;
