/** Nights of a season put on other dates, as many as are wanted, so that more dates can wait than a season has. */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { findRawFiles, readRawFile } from '../../src/cli/raw-files';
import { addDays, daysBetween } from '../../src/contracts/game-date';
import type { RawTableName } from '../../src/tables/catalogue';
import type { Row } from '../../src/tables/define-table';
import { datesOrFail } from './nights';

/** Of all of them the last to come: what the dates wait for. */
const missingTable: RawTableName = 'nbac_team_boxscore';

/** Games of the nights that are taken: what a night's rows cost is the season's part to measure. */
const mostGames = 2;

export interface MovedNights {
  /** Folder with `nba_raw`: everything but the team rows. */
  readonly first: string;
  /** Folder with `nba_raw`: the team rows. */
  readonly missing: string;
}

/** `count` dates in a row. */
export function datesFrom(first: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => addDays(first, index));
}

/** Rows of one night, as they would be had it been played on `to`. */
export function movedNight(rows: readonly Row[], to: string): Row[] {
  return rows.map((row) => {
    const from = String(row['game_date']);
    const days = daysBetween(from, to);
    return Object.fromEntries(
      Object.entries(row).map(([column, value]) => [
        column,
        typeof value === 'string' ? movedText(value, from, to, days) : value,
      ]),
    );
  });
}

/** Dates, instants, and the game ids and codes that begin with the date's digits. */
function movedText(text: string, from: string, to: string, days: number): string {
  const digits = from.replaceAll('-', '');
  if (text.startsWith(digits)) return to.replaceAll('-', '') + text.slice(digits.length);
  const [, day, time] = /^(\d{4}-\d{2}-\d{2})(T.*)?$/.exec(text) ?? [];
  return day === undefined ? text : addDays(day, days) + (time ?? '');
}

/** Nights of at most `most` games, ascending; where there is none of them, all. `schedule` has a night's games by date. */
export function smallNights(schedule: ReadonlyMap<string, readonly Row[]>, most: number): string[] {
  const nights = [...schedule.keys()].sort();
  const small = nights.filter((date) => (schedule.get(date) ?? []).length <= most);
  return small.length > 0 ? small : nights;
}

/** Writes the season's small nights, over and over, onto `dates` into two new folders in `folder`. */
export async function writeMovedNights(
  season: string,
  folder: string,
  dates: readonly string[],
): Promise<MovedNights> {
  const moved: MovedNights = { first: join(folder, 'first'), missing: join(folder, 'missing') };
  const tables = new Map<RawTableName, Map<string, Row[]>>();
  for (const file of await findRawFiles(season))
    tables.set(file.table, await byDate(readRawFile(file, () => undefined)));
  // Of each night the same in every table.
  const nights = datesOrFail(smallNights(tables.get('nbac_schedule') ?? new Map(), mostGames), season);
  for (const [table, rows] of tables) {
    const raw = join(table === missingTable ? moved.missing : moved.first, 'nba_raw');
    await mkdir(raw, { recursive: true });
    const lines = function* (): Generator<string> {
      for (const [index, date] of dates.entries()) {
        const night = rows.get(nights[index % nights.length] ?? '') ?? [];
        for (const row of movedNight(night, date)) yield `${JSON.stringify(row)}\n`;
      }
    };
    await pipeline(Readable.from(lines()), createWriteStream(join(raw, `${table}.ndjson`)));
  }
  return moved;
}

async function byDate(rows: AsyncIterable<Row>): Promise<Map<string, Row[]>> {
  const nights = new Map<string, Row[]>();
  for await (const row of rows) {
    const date = String(row['game_date']);
    const night = nights.get(date);
    if (night) night.push(row);
    else nights.set(date, [row]);
  }
  return nights;
}
