/** A scheduled game, as rules and arithmetic need it. */
import type { ScheduleRow } from '../sources/nbac-schedule/table';

export interface Game {
  /** `YYYYMMDD_AWAY_HOME`, whatever order a source wrote. */
  readonly gameId: string;
  /** The league's ten digits. */
  readonly nbaGameId: string;
  readonly gameDate: string;
  readonly seasonYear: number;
  readonly away: string;
  readonly home: string;
  readonly isFinal: boolean;
  readonly awayScore: number | null;
  readonly homeScore: number | null;
}

/** The league's status of a finished game. Texts vary (`Final`, `Final/OT2`), the number does not. */
const finalStatus = 3;

/** A game from its schedule row; `seasonYear` serves where the row has none. */
export function gameFromSchedule(row: ScheduleRow, seasonYear: number): Game {
  const away = row.away_team_tricode;
  const home = row.home_team_tricode;
  return {
    gameId: `${row.game_date.replaceAll('-', '')}_${away}_${home}`,
    nbaGameId: row.game_id,
    gameDate: row.game_date,
    seasonYear: row.season_year ?? seasonYear,
    away,
    home,
    isFinal: row.game_status === finalStatus,
    awayScore: row.away_team_score,
    homeScore: row.home_team_score,
  };
}

/** The other team of the game. */
export function opponentOf(game: Game, team: string): string {
  return team === game.home ? game.away : game.home;
}

/** Whether the team won, by the schedule's score; null while there is none, or in a tie. */
export function won(game: Game, team: string): boolean | null {
  if (game.homeScore === null || game.awayScore === null || game.homeScore === game.awayScore) return null;
  return game.homeScore > game.awayScore === (team === game.home);
}
