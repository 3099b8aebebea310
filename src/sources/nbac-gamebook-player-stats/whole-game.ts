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

/** What is wrong with the player rows of a final game; null when they are whole. */
export function faultOfPlayerRows(
  game: Game,
  rows: readonly GamebookPlayerRow[],
): GameFault<typeof table.name> | null {
  if (rows.length === 0) return fault('missing', 'no player row');
  const active = rows.filter(isActivePlayer);
  const played = active.filter((row) => (parseMinutes(row.minutes) ?? 0) > 0);
  if (active.length > 0 && played.length === 0) return fault('placeholder', 'no active player has minutes');
  for (const team of [game.away, game.home]) {
    const side = active.filter((row) => row.team_abbr === team);
    if (side.length < fewestActivePlayers)
      return fault('partial', `${team} has ${side.length} active players, at least 5 play`);
    const points = side.reduce((sum, row) => sum + (row.points ?? 0), 0);
    const score = team === game.home ? game.homeScore : game.awayScore;
    if (score !== null && points !== score)
      return fault('partial', `${team}'s players scored ${points}, the score is ${score}`);
  }
  return null;
}

function fault(status: GameFault['status'], detail: string): GameFault<typeof table.name> {
  return { status, table: table.name, detail };
}
