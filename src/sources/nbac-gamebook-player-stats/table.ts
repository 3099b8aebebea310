/** The raw table as phase 2 fills it. Column names are the original's. */
import {
  date,
  defineTable,
  float,
  integer,
  required,
  string,
  timestamp,
  type RowOf,
} from '../../tables/define-table';

export const table = defineTable({
  dataset: 'nba_raw',
  name: 'nbac_gamebook_player_stats',
  description: 'One row a player and game: active with a box score, or dnp / inactive with a reason.',
  key: ['game_date', 'game_id', 'team_abbr', 'player_lookup'],
  columns: {
    game_id: required(string),
    game_code: string,
    game_date: required(date),
    season_year: integer,
    home_team_abbr: string,
    away_team_abbr: string,
    player_name: string,
    player_name_original: string,
    player_lookup: required(string),
    team_abbr: required(string),
    player_status: required(string),
    dnp_reason: string,
    minutes: string,
    minutes_decimal: float,
    points: integer,
    field_goals_made: integer,
    field_goals_attempted: integer,
    three_pointers_made: integer,
    three_pointers_attempted: integer,
    free_throws_made: integer,
    free_throws_attempted: integer,
    offensive_rebounds: integer,
    defensive_rebounds: integer,
    total_rebounds: integer,
    assists: integer,
    steals: integer,
    blocks: integer,
    turnovers: integer,
    personal_fouls: integer,
    plus_minus: integer,
    data_hash: string,
    processed_at: timestamp,
  },
});

/** The words of `player_status`: played or was to play, was to and did not, was not to. */
export const knownStatuses = ['active', 'dnp', 'inactive'] as const;

export type GamebookPlayerRow = RowOf<typeof table>;
