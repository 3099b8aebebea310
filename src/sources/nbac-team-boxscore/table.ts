/** The raw table as phase 2 fills it. Column names are the original's. */
import {
  bool,
  defineTable,
  date,
  float,
  integer,
  required,
  string,
  timestamp,
  type RowOf,
} from '../../tables/define-table';

export const table = defineTable({
  dataset: 'nba_raw',
  name: 'nbac_team_boxscore',
  description:
    "Two rows a game: each team's box score. `minutes` is the sum over its players (240:00, 265:00 …).",
  key: ['game_date', 'game_id', 'team_abbr'],
  columns: {
    game_id: required(string),
    nba_game_id: string,
    game_date: required(date),
    season_year: integer,
    team_id: integer,
    team_abbr: required(string),
    team_name: string,
    team_city: string,
    is_home: bool,
    minutes: string,
    fg_made: integer,
    fg_attempted: integer,
    fg_percentage: float,
    three_pt_made: integer,
    three_pt_attempted: integer,
    three_pt_percentage: float,
    ft_made: integer,
    ft_attempted: integer,
    ft_percentage: float,
    offensive_rebounds: integer,
    defensive_rebounds: integer,
    total_rebounds: integer,
    assists: integer,
    steals: integer,
    blocks: integer,
    turnovers: integer,
    personal_fouls: integer,
    points: integer,
    plus_minus: integer,
    /** Where the row came from, if not from the league's own feed (`summed_from_players` in the demo data). */
    data_source: string,
    data_hash: string,
    processed_at: timestamp,
  },
});

export type TeamBoxscoreRow = RowOf<typeof table>;
