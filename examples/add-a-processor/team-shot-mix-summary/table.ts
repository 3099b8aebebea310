/** The table: where a team's shots came from, and how fast it played. */
import { date, defineTable, float, integer, required, string, type RowOf } from '../../tables/define-table';
import { provenance, type FiguresOf } from '../../tables/provenance';

export const table = defineTable({
  dataset: 'nba_analytics',
  name: 'team_shot_mix_summary',
  description: 'One row a team and game: pace, and the mix of its shots.',
  key: ['game_date', 'team_abbr'],
  columns: {
    game_date: required(date),
    game_id: required(string),
    team_abbr: required(string),
    season_year: required(integer),
    /** Possessions per 48 minutes, as the offence has it; null where it is not known. */
    pace: float,
    /** Three-point attempts of all field goal attempts, a fraction; null where they are not known. */
    three_pt_attempt_share: float,
    /** Free throw attempts per field goal attempt. */
    free_throw_rate: required(float),
    ...provenance,
  },
});

export type ShotMixRow = RowOf<typeof table>;
export type ShotMixFigures = FiguresOf<typeof table>;
