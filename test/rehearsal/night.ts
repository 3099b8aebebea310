/** The night of the demo data that the rehearsal plays, as its rows are declared. */
import { figuresOf, type RawNight } from '../../src/rehearsal/incident-data';
import { tableOf } from '../../src/tables/catalogue';
import type { Row } from '../../src/tables/define-table';
import { decodeRow } from '../../src/warehouse/decode-row';
import { demoNight, type RawTable } from '../support/nights';

export function rehearsalNight(): RawNight {
  const night = demoNight(figuresOf);
  const decoded = (table: RawTable): Row[] =>
    night[table].map((row) => {
      const answer = decodeRow(tableOf(table), row);
      if (!answer.ok) throw new Error(`${table}: ${JSON.stringify(answer.faults)}`);
      return answer.row;
    });
  return {
    nbac_schedule: decoded('nbac_schedule'),
    nbac_team_boxscore: decoded('nbac_team_boxscore'),
    nbac_gamebook_player_stats: decoded('nbac_gamebook_player_stats'),
  } as unknown as RawNight;
}
