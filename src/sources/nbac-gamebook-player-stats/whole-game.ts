/** Whether the player rows of a game are whole: enough players of both teams, who add up to the score. Pure. */
import type { GameFault } from '../../contracts/phase3';
import type { Game } from '../../games/game';
import { parseMinutes } from '../parse-minutes';
import { table, type GamebookPlayerRow } from './table';

/** A side with fewer players than a team has on court cannot be a whole game. */
const fewestActivePlayers = 5;

/** Whether the row is of a player who was listed to play. */
export function isActivePlayer(row: GamebookPlayerRow): boolean {
  return row.player_status === 'active';
}

/**
 * What keeps the player rows of a final game from being judged: nobody, nobody who played, or too few; null when there is
 * nothing of the sort. Whether they are right is for the rules of the game.
 */
export function faultOfPlayerRows(
  game: Pick<Game, 'away' | 'home'>,
  rows: readonly GamebookPlayerRow[],
): GameFault<typeof table.name> | null {
  if (rows.length === 0) return fault('missing', 'no player row');
  // A status that nobody knows may mean that he played.
  const listed = rows.filter((row) => row.player_status !== 'dnp' && row.player_status !== 'inactive');
  const played = listed.filter(({ minutes }) => parseMinutes(minutes) !== 0 && !isBlank(minutes));
  if (listed.length > 0 && played.length === 0) return fault('placeholder', 'no active player has minutes');
  for (const team of [game.away, game.home]) {
    const side = listed.filter((row) => row.team_abbr === team);
    if (side.length < fewestActivePlayers)
      return fault('partial', `${team} has ${side.length} active players, at least 5 play`);
  }
  return null;
}

/** Whether there is nothing there to be read, and not something that cannot be. */
function isBlank(minutes: string | null): boolean {
  return ['', '-'].includes(minutes?.trim() ?? '');
}

function fault(status: GameFault['status'], detail: string): GameFault<typeof table.name> {
  return { status, table: table.name, detail };
}
