/** What the calendar says of dates: which games they have, and which season they are of. */
import { gameOfRow } from '../games/game';
import { rowsOfTable, calendar } from '../games/evidence';
import type { Row } from '../tables/define-table';
import { calendarTable } from './registry';

export { seasonOf } from '../games/game';

/** A game as a list of a date's games has it. */
export interface ListedGame {
  readonly gameDate: string;
  /** `YYYYMMDD_AWAY_HOME`. */
  readonly gameId: string;
  readonly isFinal: boolean;
  /** Why nothing is built of it, as a sentence: postponed, or no game of the season; null for any other. */
  readonly leftOut: string | null;
}

/** The games of calendar rows, each once, ordered by date and id. */
export function gamesOf(rows: readonly Row[]): ListedGame[] {
  const games = new Map<string, ListedGame>();
  for (const row of rowsOfTable({ [calendarTable]: rows }, calendar.table)) {
    const { gameDate, gameId, isFinal, leftOut } = gameOfRow(row);
    games.set(gameId, { gameDate, gameId, isFinal, leftOut });
  }
  return [...games.values()].sort((a, b) => (a.gameId < b.gameId ? -1 : 1));
}
