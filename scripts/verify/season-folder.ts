/** A folder of raw tables and printed figures: is it whole, and what does the print say? */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { isGameDate } from '../../src/contracts/game-date';
import type { TableName } from '../../src/tables/catalogue';
import type { Figure, PrintedPlayer, PrintedSeason, PrintedTeam } from './compare-season';

/** Thrown when a folder is not of the layout; the message names every file or the field that is wrong. */
export class BadFolderError extends Error {
  override readonly name = 'BadFolderError';
}

const rawNeeded: readonly TableName[] = ['nbac_schedule', 'nbac_team_boxscore', 'nbac_gamebook_player_stats'];
const playerFile = join('published', 'player_advanced.csv');
const teamFile = join('published', 'team_advanced.csv');

/** Reads the printed figures of a folder that holds all it must. Throws {@link BadFolderError}. */
export function readSeasonFolder(folder: string): PrintedSeason {
  requireFiles(folder);
  return {
    players: readCsv(join(folder, playerFile), printedPlayer),
    teams: readCsv(join(folder, teamFile), printedTeam),
  };
}

function requireFiles(folder: string): void {
  if (!existsSync(folder)) throw new BadFolderError(`There is no folder ${folder}.`);
  if (!statSync(folder).isDirectory()) throw new BadFolderError(`${folder} is a file, not a folder.`);
  const raw = rawNeeded
    .map((table) => join('nba_raw', `${table}.ndjson`))
    .filter((path) => !existsSync(join(folder, path)) && !existsSync(join(folder, `${path}.gz`)))
    .map((path) => `${path}[.gz]`);
  const published = [playerFile, teamFile].filter((path) => !existsSync(join(folder, path)));
  const missing = [...raw, ...published];
  if (missing.length > 0) throw new BadFolderError(`${folder} lacks ${missing.join(', ')}.`);
}

/** A line of a printed table. */
interface PrintedLine {
  text(column: string): string;
  figure(column: string): Figure;
}

function printedPlayer(line: PrintedLine): PrintedPlayer {
  return {
    gameDate: line.text('game_date'),
    playerLookup: line.text('player_lookup'),
    teamAbbr: line.text('team_abbr'),
    usageRate: line.figure('usg_pct'),
    tsPct: line.figure('ts_pct'),
    efgPct: line.figure('efg_pct'),
  };
}

function printedTeam(line: PrintedLine): PrintedTeam {
  return {
    gameDate: line.text('game_date'),
    teamAbbr: line.text('team_abbr'),
    opponentAbbr: line.text('opponent_team_abbr'),
    pace: line.figure('pace'),
    offensiveRating: line.figure('off_rtg'),
    defensiveRating: line.figure('def_rtg'),
    tsPct: line.figure('ts_pct'),
    efgPct: line.figure('efg_pct'),
  };
}

function readCsv<T>(path: string, decode: (line: PrintedLine) => T): T[] {
  const lines = parseCsv(path);
  if (lines.length === 0) throw new BadFolderError(`${path} holds no rows.`);
  return lines.map((fields, index) => {
    // The header is line 1.
    const where = (column: string): string => `${path}, line ${index + 2}: ${column}`;
    const field = (column: string): string => {
      const value = fields[column];
      if (value === undefined) throw new BadFolderError(`${path} has no column ${column}.`);
      return value.trim();
    };
    const row = decode({
      text: (column) => {
        const value = field(column);
        if (value === '') throw new BadFolderError(`${where(column)} is empty.`);
        return value;
      },
      figure: (column) => {
        const value = field(column);
        if (value === '') return null;
        const number = Number(value);
        if (!Number.isFinite(number))
          throw new BadFolderError(`${where(column)} is "${value}", not a number.`);
        return number;
      },
    });
    const gameDate = field('game_date');
    if (!isGameDate(gameDate))
      throw new BadFolderError(`${where('game_date')} is "${gameDate}", not a date.`);
    return row;
  });
}

function parseCsv(path: string): Record<string, string | undefined>[] {
  try {
    return parse(readFileSync(path), { columns: true, bom: true, skip_empty_lines: true });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new BadFolderError(`${path} cannot be read as CSV: ${why}`, { cause: error });
  }
}
