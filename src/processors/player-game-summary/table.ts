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
  name: 'player_game_summary',
  description: 'One row a player and date; usage divides by the plays of the published offence.',
  key: ['game_date', 'player_lookup'],
  columns: {
    game_date: required(date),
    game_id: required(string),
    nba_game_id: string,
    player_lookup: required(string),
    universal_player_id: string,
    player_full_name: string,
    team_abbr: required(string),
    opponent_team_abbr: required(string),
    season_year: required(integer),
    /** `active`, `dnp` or `inactive`. */
    player_status: required(string),
    is_active: required(bool),
    is_dnp: required(bool),
    dnp_reason: string,
    dnp_reason_category: string,
    minutes_played: float,
    points: integer,
    fg_makes: integer,
    fg_attempts: integer,
    three_pt_makes: integer,
    three_pt_attempts: integer,
    ft_makes: integer,
    ft_attempts: integer,
    offensive_rebounds: integer,
    defensive_rebounds: integer,
    assists: integer,
    steals: integer,
    blocks: integer,
    turnovers: integer,
    personal_fouls: integer,
    plus_minus: integer,
    /** Percent of the team's plays while on court, capped at 100. */
    usage_rate: float,
    usage_rate_raw: float,
    usage_rate_valid: bool,
    usage_rate_anomaly_reason: string,
    ts_pct: float,
    efg_pct: float,
    win_flag: bool,
    starter_flag: bool,
    // null until a source has them
    paint_attempts: integer,
    paint_makes: integer,
    mid_range_attempts: integer,
    mid_range_makes: integer,
    assisted_fg_makes: integer,
    unassisted_fg_makes: integer,
    points_line: float,
    over_under_result: string,
    margin: float,
    points_line_source: string,
    ...provenance,
  },
});

export type PlayerSummaryRow = RowOf<typeof table>;
/** What the arithmetic yields; publishing adds the provenance columns. */
export type PlayerSummaryFigures = FiguresOf<typeof table>;
