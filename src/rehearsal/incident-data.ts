/** The rows of the rehearsal: a night of the demo data, moved to 3 February 2026, and its placeholders. Pure. */
import { seasonYear } from '../games/season';
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
 * The night as if it had been played on `gameDate`: date, season and game ids moved, every figure as it was. The league's
 * own ten digits stay. A row's hash would no longer be the row's, so there is none.
 */
export function movedNight(night: RawNight, gameDate: string): RawNight {
  const year = seasonYear(gameDate);
  const season = `${year}-${String((year + 1) % 100).padStart(2, '0')}`;
  const digits = gameDate.replaceAll('-', '');
  const own = { game_date: gameDate, season_year: year };
  const dated = (id: string): string => id.replace(/^\d{8}(?=[_/])/, digits);
  return {
    nbac_schedule: night.nbac_schedule.map((row) => ({
      ...row,
      ...own,
      season,
      season_nba_format: season,
      game_code: row.game_code && dated(row.game_code),
    })),
    nbac_team_boxscore: night.nbac_team_boxscore.map((row) => ({
      ...row,
      ...own,
      game_id: dated(row.game_id),
      data_hash: null,
    })),
    nbac_gamebook_player_stats: night.nbac_gamebook_player_stats.map((row) => ({
      ...row,
      ...own,
      game_id: dated(row.game_id),
      game_code: row.game_code && dated(row.game_code),
      data_hash: null,
    })),
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
  return rows.map((row) => ({
    ...row,
    minutes: null,
    fg_made: 0,
    fg_attempted: placeholderAttempts,
    fg_percentage: 0,
    three_pt_made: 0,
    three_pt_attempted: 0,
    three_pt_percentage: null,
    ft_made: 0,
    ft_attempted: 0,
    ft_percentage: null,
    offensive_rebounds: 0,
    defensive_rebounds: 0,
    total_rebounds: 0,
    assists: 0,
    steals: 0,
    blocks: 0,
    turnovers: 0,
    personal_fouls: 0,
    points: 0,
    plus_minus: 0,
  }));
}

/** The rows as written at an instant of the play. */
export function writtenAt(rows: readonly Row[], at: string): Row[] {
  return rows.map((row) => ({ ...row, processed_at: at }));
}
