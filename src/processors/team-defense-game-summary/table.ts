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
  name: 'team_defense_game_summary',
  description: 'One row a team and game: what the team allowed.',
  key: ['game_date', 'defending_team_abbr'],
  columns: {
    game_date: required(date),
    game_id: required(string),
    nba_game_id: string,
    defending_team_abbr: required(string),
    opponent_team_abbr: required(string),
    season_year: required(integer),
    points_allowed: required(integer),
    opp_fg_attempts: required(integer),
    opp_fg_makes: required(integer),
    opp_three_pt_attempts: integer,
    opp_three_pt_makes: integer,
    opp_ft_attempts: required(integer),
    opp_ft_makes: integer,
    opp_rebounds: integer,
    opp_offensive_rebounds: integer,
    opp_assists: integer,
    turnovers_forced: integer,
    fouls_committed: integer,
    steals: integer,
    blocks: integer,
    defensive_rebounds: integer,
    three_pt_points_allowed: integer,
    /** Basketball-Reference's estimate, the mean over both teams; null, with pace and rating, where an input is unknown. */
    opponent_possessions: float,
    defensive_rating: float,
    opponent_pace: float,
    opponent_ts_pct: float,
    opponent_efg_pct: float,
    home_game: required(bool),
    win_flag: bool,
    margin_of_victory: integer,
    overtime_periods: required(integer),
    // null until a source has them
    opp_paint_attempts: integer,
    opp_paint_makes: integer,
    opp_mid_range_attempts: integer,
    opp_mid_range_makes: integer,
    points_in_paint_allowed: integer,
    mid_range_points_allowed: integer,
    second_chance_points_allowed: integer,
    fast_break_points_allowed: integer,
    blocks_paint: integer,
    blocks_mid_range: integer,
    blocks_three_pt: integer,
    /** True when a team row of the game was rebuilt from its players because it never came. */
    reconstructed: required(bool),
    ...provenance,
  },
});

export type TeamDefenseRow = RowOf<typeof table>;
/** What the arithmetic yields; publishing adds the provenance columns. */
export type TeamDefenseFigures = FiguresOf<typeof table>;
