/** What the calendar says of dates: which games they have, and which season they are of. */
import { gamesOf as gamesOfRows } from '../games/evidence';
import type { Row } from '../tables/define-table';
import { calendarTable } from './registry';

export { datesOfSeason, seasonOf } from '../games/season';

/** A game as a list of a date's games has it. */
export interface ListedGame {
  readonly gameDate: string;
  /** `YYYYMMDD_AWAY_HOME`. */
  readonly gameId: string;
  readonly isFinal: boolean;
  /** Why nothing is built of it, as a sentence: postponed, or no game of the season; null for any other. */
  readonly leftOut: string | null;
}

/** The games of calendar rows of any dates, each once, ordered by date and id: those that the gate judges, by the same rows. */
export function gamesOf(rows: readonly Row[]): ListedGame[] {
  return [...byDate(rows)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([date, own]) =>
      gamesOfRows(date, { [calendarTable]: own }).map(({ game }) => {
        const { gameDate, gameId, isFinal, leftOut } = game;
        return { gameDate, gameId, isFinal, leftOut };
      }),
    );
}

/** Rows by their game date. */
export function byDate<R extends Row>(rows: readonly R[]): Map<string, R[]> {
  const dates = new Map<string, R[]>();
  for (const row of rows) {
    const date = String(row['game_date']);
    const known = dates.get(date);
    if (known) known.push(row);
    else dates.set(date, [row]);
  }
  return dates;
}
