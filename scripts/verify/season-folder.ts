/** A folder of raw tables and printed figures: is it whole, and what does the print say? */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { isGameDate } from '../../src/contracts/game-date';
import type { TableName } from '../../src/tables/catalogue';
import {
  comparedFigures,
  comparedTables,
  type ComparedRow,
  type ComparedTable,
  type Figure,
  type PrintedSeason,
} from './compare-season';

/** Thrown when a folder is not of the layout; the message names every file or the field that is wrong. */
export class BadFolderError extends Error {
  override readonly name = 'BadFolderError';
}

const rawNeeded: readonly TableName[] = ['nbac_schedule', 'nbac_team_boxscore', 'nbac_gamebook_player_stats'];
const files = ['player_advanced', 'team_advanced'] as const;

/** Reads the printed figures of a folder that holds all it must. Throws {@link BadFolderError}. */
export function readSeasonFolder(folder: string): PrintedSeason {
  requireFiles(folder);
  return {
    player_advanced: readCsv(folder, 'player_advanced'),
    team_advanced: readCsv(folder, 'team_advanced'),
  };
}

function requireFiles(folder: string): void {
  if (!existsSync(folder)) throw new BadFolderError(`There is no folder ${folder}.`);
  if (!statSync(folder).isDirectory()) throw new BadFolderError(`${folder} is a file, not a folder.`);
  const raw = rawNeeded
    .map((table) => join('nba_raw', `${table}.ndjson`))
    .filter((path) => !existsSync(join(folder, path)) && !existsSync(join(folder, `${path}.gz`)))
    .map((path) => `${path}[.gz]`);
  const published = files.map(pathOf).filter((path) => !existsSync(join(folder, path)));
  const missing = [...raw, ...published];
  if (missing.length > 0) throw new BadFolderError(`${folder} lacks ${missing.join(', ')}.`);
}

function pathOf(file: ComparedTable['file']): string {
  return join('published', `${file}.csv`);
}

function readCsv(folder: string, file: ComparedTable['file']): ComparedRow[] {
  const path = join(folder, pathOf(file));
  const tables = comparedTables.filter((compared) => compared.file === file);
  const texts = [...new Set(tables.flatMap((compared) => compared.texts.map(([, printed]) => printed)))];
  const figures = comparedFigures.filter((figure) => tables.some(({ table }) => table === figure.table));
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
    const text = (column: string): string => {
      const value = field(column);
      if (value === '') throw new BadFolderError(`${where(column)} is empty.`);
      return value;
    };
    const figure = (column: string): Figure => {
      const value = field(column);
      if (value === '') return null;
      const number = Number(value);
      if (!Number.isFinite(number)) throw new BadFolderError(`${where(column)} is "${value}", not a number.`);
      return number;
    };
    const entries: [string, string | Figure][] = [
      ...texts.map((column): [string, string] => [column, text(column)]),
      ...figures.map(({ printed }): [string, Figure] => [printed, figure(printed)]),
    ];
    if (!isGameDate(field('game_date')))
      throw new BadFolderError(`${where('game_date')} is "${field('game_date')}", not a date.`);
    return Object.fromEntries(entries);
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
