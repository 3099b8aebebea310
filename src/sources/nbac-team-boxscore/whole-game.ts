/** Whether the team rows of a game are whole: there for both teams, played, and with the final score. Pure. */
import type { GameFault } from '../../contracts/phase3';
import type { Game } from '../../games/game';
import { parseMinutes } from '../parse-minutes';
import { table, type TeamBoxscoreRow } from './table';

/** Figures that every era has, and without which there is no box score. */
const neededFigures = [
  'points',
  'fg_made',
  'fg_attempted',
  'ft_attempted',
] as const satisfies readonly (keyof TeamBoxscoreRow)[];

/** Figures that some eras lack: both teams have them or neither does. */
const figuresOfAnEra = [
  'offensive_rebounds',
  'defensive_rebounds',
  'turnovers',
] as const satisfies readonly (keyof TeamBoxscoreRow)[];

/** Whether the row holds a game that was played. A placeholder is a row, but not a usable one. */
export function isPlayedTeamRow(row: TeamBoxscoreRow): boolean {
  return placeholderFaults(row).length === 0;
}

/**
 * What keeps the team rows of a final game from being judged: they are missing, placeholders, or lack what they must have;
 * null when there is nothing of the sort. Whether they are right is for the rules of the game.
 */
export function faultOfTeamRows(
  game: Pick<Game, 'away' | 'home'>,
  rows: readonly TeamBoxscoreRow[],
): GameFault<typeof table.name> | null {
  if (rows.length === 0) return fault('missing', 'no team row');
  for (const row of rows) {
    const faults = placeholderFaults(row);
    if (faults.length > 0) return fault('placeholder', `${row.team_abbr} has ${faults.join(', ')}`);
  }
  const absent = [game.away, game.home].filter((team) => !rows.some((row) => row.team_abbr === team));
  if (absent.length > 0) return fault('partial', `no row for ${absent.join(', ')}`);
  // What was rebuilt from players never has the turnovers of the team itself.
  const came = rows.filter((row) => !isReconstructed(row));
  const wanted = [
    ...neededFigures,
    ...figuresOfAnEra.filter((column) => came.some((row) => row[column] !== null)),
  ];
  for (const row of came) {
    const empty = wanted.filter((column) => row[column] === null);
    if (empty.length > 0) return fault('partial', `${row.team_abbr} has no ${empty.join(', ')}`);
  }
  return null;
}

/** In `data_source` of a row that was rebuilt from its players. */
export const rebuiltSource = 'reconstructed_from_players';

/** Whether the row was rebuilt from its players, because it never came. */
export function isReconstructed({ data_source }: Pick<TeamBoxscoreRow, 'data_source'>): boolean {
  return data_source === rebuiltSource;
}

function placeholderFaults(row: TeamBoxscoreRow): string[] {
  const faults: string[] = [];
  if ((row.points ?? 0) === 0) faults.push('0 points');
  if ((row.fg_attempted ?? 0) === 0) faults.push('0 field goal attempts');
  // What is there and cannot be read is no placeholder.
  if (parseMinutes(row.minutes) === 0 || ['', '-'].includes(row.minutes?.trim() ?? ''))
    faults.push('no minutes');
  return faults;
}

function fault(status: GameFault['status'], detail: string): GameFault<typeof table.name> {
  return { status, table: table.name, detail };
}
