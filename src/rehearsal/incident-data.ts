/** The rows of the rehearsal: a night of the demo data, moved to 3 February 2026, and its placeholders. Pure. */
import { seasonOf } from '../games/season';
import type { Row } from '../tables/define-table';
import type { GamebookPlayerRow } from '../sources/nbac-gamebook-player-stats/table';
import type { ScheduleRow } from '../sources/nbac-schedule/table';
import type { TeamBoxscoreRow } from '../sources/nbac-team-boxscore/table';

/** The raw rows of one date. */
export interface RawNight {
  readonly nbac_schedule: readonly ScheduleRow[];
  readonly nbac_team_boxscore: readonly TeamBoxscoreRow[];
  readonly nbac_gamebook_player_stats: readonly GamebookPlayerRow[];
}

export const incidentDate = '2026-02-03';

/** The night of the demo data whose figures are played: four games. */
export const figuresOf = '2017-04-16';

/**
 * The night as if it had been played on `gameDate`: date, season and game ids moved, every figure as it was. A row's hash
 * would no longer be the row's, so there is none.
 */
export function movedNight(night: RawNight, gameDate: string): RawNight {
  const year = seasonOf(gameDate);
  const season = `${year}-${String((year + 1) % 100).padStart(2, '0')}`;
  const moved: Row = {
    ...{ game_date: gameDate, season_year: year, season, season_nba_format: season },
    data_hash: null,
  };
  const ours = (value: unknown): unknown =>
    typeof value === 'string'
      ? value
          .replace(/^\d{8}(?=[_/])/, gameDate.replaceAll('-', ''))
          // The league's ten digits name the season in the fourth and fifth.
          .replace(/^(00\d)\d\d(?=\d{5}$)/, `$1${String(year % 100).padStart(2, '0')}`)
      : value;
  const move = <R extends Row>(rows: readonly R[]): R[] =>
    rows.map(
      (row) =>
        Object.fromEntries(
          Object.entries(row).map(([column, value]) => [
            column,
            column in moved ? moved[column] : ours(value),
          ]),
        ) as R,
    );
  return {
    nbac_schedule: move(night.nbac_schedule),
    nbac_team_boxscore: move(night.nbac_team_boxscore),
    nbac_gamebook_player_stats: move(night.nbac_gamebook_player_stats),
  };
}

/**
 * Field goal attempts of a placeholder, and the only plays in it. A team has about 100 plays in a game, so what is divided
 * by 4 comes out some 25 times too high: 24 % becomes 600 %, and the highest of this night, 47.2 %, becomes 1253 %. That
 * is the order of what went out on 3 February, 600 to 1275 %.
 */
const placeholderAttempts = 4;

/** Team rows as from the first seconds of their games: both teams are there, without points and without minutes. */
export function placeholdersOf(rows: readonly TeamBoxscoreRow[]): TeamBoxscoreRow[] {
  return rows.map(({ team_id, season_year, ...row }) => ({
    // Every other number of a row is a figure of its game.
    ...(Object.fromEntries(
      Object.entries(row).map(([column, value]) => [column, typeof value === 'number' ? 0 : value]),
    ) as typeof row),
    ...{ team_id, season_year, fg_attempted: placeholderAttempts },
    ...{ minutes: null, three_pt_percentage: null, ft_percentage: null },
  }));
}

/** The rows as written at an instant of the play. */
export function writtenAt(rows: readonly Row[], at: string): Row[] {
  return rows.map((row) => ({ ...row, processed_at: at }));
}
