/** Whether the team rows of a game are whole: there for both teams, played, and with the final score. Pure. */
import type { GameFault } from '../../contracts/phase3';
import type { Game } from '../../games/game';
import { parseMinutes } from '../parse-minutes';
import { table, type TeamBoxscoreRow } from './table';

/** Figures without which possessions and ratings cannot be computed. */
const neededFigures = [
  'fg_made',
  'ft_attempted',
  'offensive_rebounds',
  'defensive_rebounds',
  'turnovers',
] as const satisfies readonly (keyof TeamBoxscoreRow)[];

/** Whether the row holds a game that was played. A placeholder is a row, but not a usable one. */
export function isPlayedTeamRow(row: TeamBoxscoreRow): boolean {
  return placeholderFaults(row).length === 0;
}

/** What is wrong with the team rows of a final game; null when they are whole. */
export function faultOfTeamRows(
  game: Game,
  rows: readonly TeamBoxscoreRow[],
): GameFault<typeof table.name> | null {
  if (rows.length === 0) return fault('missing', 'no team row');
  for (const row of rows) {
    const faults = placeholderFaults(row);
    if (faults.length > 0) return fault('placeholder', `${row.team_abbr} has ${faults.join(', ')}`);
  }
  const absent = [game.away, game.home].filter((team) => !rows.some((row) => row.team_abbr === team));
  if (absent.length > 0) return fault('partial', `no row for ${absent.join(', ')}`);
  for (const row of rows) {
    const empty = neededFigures.filter((column) => row[column] === null);
    if (empty.length > 0) return fault('partial', `${row.team_abbr} has no ${empty.join(', ')}`);
    const score = row.team_abbr === game.home ? game.homeScore : game.awayScore;
    // A row from before the end of the game looks whole but for this.
    if (score !== null && row.points !== score)
      return fault('partial', `${row.team_abbr} has ${row.points ?? 0} points, the score is ${score}`);
  }
  return null;
}

function placeholderFaults(row: TeamBoxscoreRow): string[] {
  const faults: string[] = [];
  if ((row.points ?? 0) === 0) faults.push('0 points');
  if ((row.fg_attempted ?? 0) === 0) faults.push('0 field goal attempts');
  if ((parseMinutes(row.minutes) ?? 0) === 0) faults.push('no minutes');
  return faults;
}

function fault(status: GameFault['status'], detail: string): GameFault<typeof table.name> {
  return { status, table: table.name, detail };
}
