/** A scheduled game, as rules and arithmetic need it. */
import { leagueId, whyLeftOut } from '../sources/nbac-schedule/league-id';
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
  /** Why no figure of it is to be had, as a sentence: no game of the season, or postponed; null for any other. */
  readonly leftOut: string | null;
  readonly isFinal: boolean;
  readonly awayScore: number | null;
  readonly homeScore: number | null;
  /** Columns of its players that are not used, each with the sentence that says why. */
  readonly distrusted?: Readonly<Record<string, string>>;
}

/** The league's status of a finished game. Texts vary (`Final`, `Final/OT2`), the number does not. */
const finalStatus = 3;

/** A game from its schedule row; `seasonYear` serves where the row has none. */
export function gameFromSchedule(row: ScheduleRow, seasonYear: number): Game {
  const away = row.away_team_tricode;
  const home = row.home_team_tricode;
  return {
    gameId: `${row.game_date.replaceAll('-', '')}_${away}_${home}`,
    nbaGameId: leagueId(row.game_id),
    leftOut: whyNoGame(row),
    gameDate: row.game_date,
    seasonYear: row.season_year ?? seasonYear,
    away,
    home,
    isFinal: row.game_status === finalStatus,
    awayScore: row.away_team_score,
    homeScore: row.home_team_score,
  };
}

/** Where fields of a game come from: the columns of the schedule, and how, where they are not copied. */
export const gameFields = {
  gameDate: { columns: ['game_date'] },
  gameId: {
    columns: ['game_date', 'away_team_tricode', 'home_team_tricode'],
    how: 'YYYYMMDD_AWAY_HOME of the schedule',
  },
  nbaGameId: { columns: ['game_id'], how: "the league's id, with the zeros that it begins with" },
  seasonYear: {
    columns: ['season_year'],
    how: 'the season of the schedule, and that of the date where it has none',
  },
  away: { columns: ['away_team_tricode'] },
  home: { columns: ['home_team_tricode'] },
  awayScore: { columns: ['away_team_score'] },
  homeScore: { columns: ['home_team_score'] },
} as const satisfies {
  readonly [K in keyof Game]?: { readonly columns: readonly (keyof ScheduleRow)[]; readonly how?: string };
};
export type GameField = keyof typeof gameFields;

/** Null for a game of the season that is played on its date. */
function whyNoGame(row: ScheduleRow): string | null {
  const kind = whyLeftOut(row.game_id);
  if (kind) return `${leagueId(row.game_id)} is ${kind}, by its id`;
  return isPostponed(row) ? `the schedule says ${JSON.stringify(row.game_status_text)}` : null;
}

/** Whether the game is not played on the date that the schedule has it on. */
export function isPostponed({ game_status, game_status_text }: ScheduleRow): boolean {
  return game_status !== finalStatus && /\b(ppd|postponed|cancell?ed)\b/i.test(game_status_text ?? '');
}

/** Whether the game was begun and broken off: it is played to its end on the date that the schedule has it on again. */
export function isSuspended({ game_status, game_status_text }: ScheduleRow): boolean {
  return game_status !== finalStatus && /\bsusp(ended)?\b/i.test(game_status_text ?? '');
}

/** The other team of the game. */
export function opponentOf(game: Pick<Game, 'home' | 'away'>, team: string): string {
  return team === game.home ? game.away : game.home;
}

/** Whether the team won, by the schedule's score; null while there is none, or in a tie. */
export function won(game: Pick<Game, 'home' | 'homeScore' | 'awayScore'>, team: string): boolean | null {
  if (game.homeScore === null || game.awayScore === null || game.homeScore === game.awayScore) return null;
  return game.homeScore > game.awayScore === (team === game.home);
}
