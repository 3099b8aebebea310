/** The raw table as phase 2 fills it. Column names are the original's. */
import {
  bool,
  defineTable,
  date,
  integer,
  required,
  string,
  timestamp,
  type RowOf,
} from '../../tables/define-table';

export const table = defineTable({
  dataset: 'nba_raw',
  name: 'nbac_schedule',
  description: 'One row a game: teams, status (3 = final, whatever the text says) and score.',
  key: ['game_date', 'game_id'],
  columns: {
    game_id: required(string),
    game_code: string,
    season: string,
    season_nba_format: string,
    season_year: integer,
    game_date: required(date),
    game_status: required(integer),
    game_status_text: string,
    home_team_id: integer,
    home_team_tricode: required(string),
    home_team_name: string,
    away_team_id: integer,
    away_team_tricode: required(string),
    away_team_name: string,
    is_regular_season: bool,
    is_playoffs: bool,
    neutral_site_flag: bool,
    home_team_score: integer,
    away_team_score: integer,
    winning_team_tricode: string,
    processed_at: timestamp,
  },
});

export type ScheduleRow = RowOf<typeof table>;
