/** Some nights of a season, sent to a worker's control endpoint as `phase3 load` sends them. */
import { Readable } from 'node:stream';
import { findRawFiles, readRawFile } from '../../src/cli/raw-files';
import type { ControlClient } from '../../src/control/client';
import type { RawTableName } from '../../src/tables/catalogue';
import type { Row } from '../../src/tables/define-table';

/** Rows by table, of some dates only. */
export type SeasonNights = ReadonlyMap<RawTableName, readonly Row[]>;

/** Dates of a season that have games, ascending. */
export async function gameDates(season: string): Promise<string[]> {
  const dates = new Set<string>();
  for (const file of await findRawFiles(season))
    if (file.table === 'nbac_schedule')
      for await (const row of readRawFile(file, () => undefined)) dates.add(String(row['game_date']));
  return [...dates].sort();
}

export async function readNights(season: string, dates: readonly string[]): Promise<SeasonNights> {
  const wanted = new Set(dates);
  const nights = new Map<RawTableName, Row[]>();
  for (const file of await findRawFiles(season)) {
    const rows: Row[] = [];
    for await (const row of readRawFile(file, () => undefined))
      if (wanted.has(String(row['game_date']))) rows.push(row);
    nights.set(file.table, rows);
  }
  return nights;
}

/** Loads the rows that `isWanted`. */
export async function loadNights(
  control: ControlClient,
  nights: SeasonNights,
  isWanted: (table: RawTableName, gameDate: string) => boolean,
): Promise<void> {
  for (const [table, rows] of nights) {
    const lines = rows
      .filter((row) => isWanted(table, String(row['game_date'])))
      .map((row) => `${JSON.stringify(row)}\n`);
    if (lines.length > 0) await control.load(table, Readable.from(lines));
  }
}
