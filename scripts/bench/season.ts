/** The raw rows of a season's folder: its nights, the rows that they must become, and copies of them on other dates. */
import { readFileSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { seasonOf } from '../../src/games/season';

export type Row = Readonly<Record<string, unknown>>;

/** Rows that a night must become. */
export interface NightRows {
  /** Of each team table. */
  readonly teams: number;
  readonly players: number;
}

export interface Season {
  readonly folder: string;
  /** By the table's name. */
  readonly tables: ReadonlyMap<string, readonly Row[]>;
  /** Nights with games, ascending, with what they must become. */
  readonly nights: ReadonlyMap<string, NightRows>;
}

/** Of all tables the last to come: what the dates that wait lack. */
const missingTable = 'nbac_team_boxscore';

export function readSeason(folder: string): Season {
  const raw = join(folder, 'nba_raw');
  const tables = new Map<string, Row[]>();
  for (const file of readdirSync(raw)) {
    const [, table] = /^(\w+)\.ndjson(?:\.gz)?$/.exec(file) ?? [];
    if (table === undefined) continue;
    const bytes = readFileSync(join(raw, file));
    const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    tables.set(
      table,
      lines.map((line) => JSON.parse(line) as Row),
    );
  }
  return { folder, tables, nights: nightsOf(tables) };
}

/** Two rows a game, and one for each player whom the date's records name, be it twice or for two teams. */
function nightsOf(tables: ReadonlyMap<string, readonly Row[]>): Map<string, NightRows> {
  const distinct = (table: string, column: string): Map<string, Set<string>> => {
    const keys = new Map<string, Set<string>>();
    for (const row of tables.get(table) ?? []) {
      const date = String(row['game_date']);
      keys.set(date, (keys.get(date) ?? new Set()).add(String(row[column])));
    }
    return keys;
  };
  const games = distinct('nbac_schedule', 'game_id');
  const players = distinct('nbac_gamebook_player_stats', 'player_lookup');
  const dates = [...games.keys()].sort();
  return new Map(
    dates.map((date) => [
      date,
      { teams: 2 * (games.get(date)?.size ?? 0), players: players.get(date)?.size ?? 0 },
    ]),
  );
}

/** `count` dates, evenly spread over all of them; all where there are not so many. */
export function spread(dates: readonly string[], count: number): string[] {
  return dates.filter(
    (_, index) =>
      Math.floor((index * count) / dates.length) !== Math.floor(((index - 1) * count) / dates.length),
  );
}

/** Folders with `nba_raw`: everything but the team rows, and the team rows. */
export interface MovedNights {
  readonly dates: readonly string[];
  readonly first: string;
  readonly missing: string;
}

/** Writes the season's nights of few games, over and over, onto `count` dates from `from` on into new folders of `folder`. */
export async function writeMovedNights(
  { tables, nights }: Season,
  folder: string,
  from: string,
  count: number,
): Promise<MovedNights> {
  const dates = Array.from({ length: count }, (_, index) => addDays(from, index));
  // What a night's rows cost is the season's part to measure.
  const fewest = Math.min(...[...nights.values()].map(({ teams }) => teams));
  const small = [...nights.keys()].filter((date) => (nights.get(date)?.teams ?? 0) <= Math.max(fewest, 4));
  const moved: MovedNights = { dates, first: join(folder, 'first'), missing: join(folder, 'missing') };
  for (const [table, rows] of tables) {
    const raw = join(table === missingTable ? moved.missing : moved.first, 'nba_raw');
    await mkdir(raw, { recursive: true });
    const lines = dates.flatMap((date, index) => {
      const night = small[index % small.length];
      return rows
        .filter((row) => row['game_date'] === night)
        .map((row) => JSON.stringify(movedRow(row, date)));
    });
    await writeFile(join(raw, `${table}.ndjson`), lines.map((line) => `${line}\n`).join(''));
  }
  return moved;
}

/** Days of 52 weeks: a season that is moved by them is played on the same days of the week, and after the one before it. */
const weeks52 = 364;

/** Writes the season as it would have been `back` years before into a new folder with `nba_raw`. Returns its nights, ascending. */
export async function writeEarlierSeason(
  { tables, nights }: Season,
  folder: string,
  back: number,
): Promise<string[]> {
  const raw = join(folder, 'nba_raw');
  await mkdir(raw, { recursive: true });
  for (const [table, rows] of tables) {
    const lines = rows.map((row) =>
      JSON.stringify(movedRow(row, addDays(String(row['game_date']), -weeks52 * back))),
    );
    await writeFile(join(raw, `${table}.ndjson`), lines.map((line) => `${line}\n`).join(''));
  }
  return [...nights.keys()].map((date) => addDays(date, -weeks52 * back));
}

/** A row as it would be had its night been played on `to`: dates, instants, seasons, and ids that name the date or the season. */
export function movedRow(row: Row, to: string): Row {
  const from = String(row['game_date']);
  const year = seasonOf(to);
  const short = (of: number): string => String(of % 100).padStart(2, '0');
  const season = `${year}-${short(year + 1)}`;
  const seasons: Row = { season_year: year, season, season_nba_format: season };
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000;
  const digits = from.replaceAll('-', '');
  const moved = (value: unknown): unknown => {
    if (typeof value !== 'string') return value;
    // The league's ten digits name the season in the fourth and fifth.
    if (/^00\d{8}$/.test(value)) return value.slice(0, 3) + short(year) + value.slice(5);
    if (value.startsWith(digits)) return to.replaceAll('-', '') + value.slice(digits.length);
    const [, day, time = ''] = /^(\d{4}-\d{2}-\d{2})(T.*)?$/.exec(value) ?? [];
    return day === undefined ? value : addDays(day, days) + time;
  };
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      Object.hasOwn(seasons, column) ? seasons[column] : moved(value),
    ]),
  );
}

function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);
}
