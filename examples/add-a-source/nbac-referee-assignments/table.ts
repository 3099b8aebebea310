/** The raw table as phase 2 fills it. */
import { date, defineTable, required, string, timestamp, type RowOf } from '../../tables/define-table';

export const table = defineTable({
  dataset: 'nba_raw',
  name: 'nbac_referee_assignments',
  description: 'One row an official and game.',
  key: ['game_date', 'game_id', 'official_name'],
  columns: {
    game_date: required(date),
    game_id: required(string),
    official_name: required(string),
    official_position: string,
    processed_at: timestamp,
  },
});

export type RefereeAssignmentRow = RowOf<typeof table>;
