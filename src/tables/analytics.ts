/**
 * The tables this system publishes (`nba_analytics`). Names are the original's; computed figures are FLOAT64 and
 * unrounded. Columns said to be "null until a source has them" keep their place for readers of the old tables.
 */
import {
  bool,
  date,
  defineTable,
  float,
  integer,
  required,
  string,
  timestamp,
  type RowOf,
} from './define-table';

/** Columns every published table ends with. */
const provenance = {
  /** The bypass that the partition stands on, if any. */
  bypass_id: string,
  /** First 16 hex digits of SHA-256 over the row's figures: equal hashes, equal figures. */
  data_hash: required(string),
  processed_at: required(timestamp),
} as const;

export const teamOffenseGameSummary = defineTable({
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
    turnovers: required(integer),
    personal_fouls: integer,
    /** Sum of the players' minutes: 240 in regulation, 25 more an overtime. */
    team_minutes: required(float),
    /** Basketball-Reference's estimate, the mean over both teams. */
    possessions: required(float),
    pace: required(float),
    offensive_rating: required(float),
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

export const teamDefenseGameSummary = defineTable({
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
    turnovers_forced: required(integer),
    fouls_committed: integer,
    steals: integer,
    blocks: integer,
    defensive_rebounds: integer,
    three_pt_points_allowed: integer,
    /** Basketball-Reference's estimate, the mean over both teams. */
    opponent_possessions: required(float),
    defensive_rating: required(float),
    opponent_pace: required(float),
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
    reconstructed: required(bool),
    ...provenance,
  },
});

export const playerGameSummary = defineTable({
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

export type TeamOffenseRow = RowOf<typeof teamOffenseGameSummary>;
export type TeamDefenseRow = RowOf<typeof teamDefenseGameSummary>;
export type PlayerSummaryRow = RowOf<typeof playerGameSummary>;

type WithoutProvenance<R> = Omit<R, keyof typeof provenance>;
/** What the arithmetic yields; publishing adds the provenance columns. */
export type TeamOffenseFigures = WithoutProvenance<TeamOffenseRow>;
export type TeamDefenseFigures = WithoutProvenance<TeamDefenseRow>;
export type PlayerSummaryFigures = WithoutProvenance<PlayerSummaryRow>;
