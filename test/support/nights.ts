/** Nights of real games: the shipped demo data, and a real season where it is present. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { addDays } from '../../src/contracts/game-date';
import { seasonOf } from '../../src/games/season';
import type { Row } from '../../src/tables/define-table';

/** The raw tables that nights are made of. */
export type RawTable = 'nbac_schedule' | 'nbac_team_boxscore' | 'nbac_gamebook_player_stats';

export type Night = Record<RawTable, Row[]>;

const root = join(__dirname, '..', '..');
const demo = join(root, 'data', 'demo');
/** The shared folder, which a second working tree does not have beside it. */
const shared = process.env['SHARED_FOLDER'] ?? join(root, '..', 'shared');
export const season = join(shared, 'data', '2024-25');

/** Whether the season is there. With `CI=true` it must be, unless `PHASE3_TEST_WITHOUT=season` says that it cannot. */
const hasSeason =
  existsSync(season) || (process.env['CI'] === 'true' && process.env['PHASE3_TEST_WITHOUT'] !== 'season');

/** `describe` where the season is there; elsewhere skipped, with the reason in the name. */
export function describeWithSeason(name: string, tests: () => void): void {
  if (hasSeason) describe(name, tests);
  else describe.skip(`${name} (skipped: ../shared/data/2024-25 is not there)`, tests);
}

const cache = new Map<string, Row[]>();

function rowsOf(folder: string, table: RawTable): Row[] {
  const path = join(folder, 'nba_raw', `${table}.ndjson.gz`);
  const known = cache.get(path);
  if (known) return known;
  const rows = gunzipSync(readFileSync(path))
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Row);
  cache.set(path, rows);
  return rows;
}

function nightOf(folder: string, gameDate: string): Night {
  const pick = (table: RawTable): Row[] =>
    rowsOf(folder, table).filter((row) => row['game_date'] === gameDate);
  return {
    nbac_schedule: pick('nbac_schedule'),
    nbac_team_boxscore: pick('nbac_team_boxscore'),
    nbac_gamebook_player_stats: pick('nbac_gamebook_player_stats'),
  };
}

/** A night of the demo data. 2017-04-15 and 2017-04-16 have four games each. */
export function demoNight(gameDate: string): Night {
  return nightOf(demo, gameDate);
}

/** A night of the 2024-25 season. */
export function seasonNight(gameDate: string): Night {
  return nightOf(season, gameDate);
}

/**
 * The night as if it were another date's: the same games, moved with their ids and seasons, so that its rows agree. For tests
 * that need many nights.
 */
export function movedTo(night: Night, gameDate: string): Night {
  const year = seasonOf(gameDate);
  const days = gameDate.replaceAll('-', '');
  const leagueId = (id: string): string => `${id.slice(0, 3)}${String(year).slice(2)}${id.slice(5)}`;
  const move = (row: Row): Row => ({
    ...row,
    game_date: gameDate,
    game_id: String(row['game_id']).replace(/^\d{8}(?=_)/, days),
    season_year: year,
    processed_at: `${addDays(gameDate, 1)}T08:00:00.000Z`,
    ...('nba_game_id' in row ? { nba_game_id: leagueId(String(row['nba_game_id'])) } : {}),
  });
  return {
    nbac_schedule: night.nbac_schedule.map((row) => ({
      ...move(row),
      game_id: leagueId(String(row['game_id'])),
      season: `${year}-${String(year + 1).slice(2)}`,
    })),
    nbac_team_boxscore: night.nbac_team_boxscore.map(move),
    nbac_gamebook_player_stats: night.nbac_gamebook_player_stats.map(move),
  };
}

/**
 * The night without its team rows, and with players who do not make the minutes of a game: nothing can be rebuilt from them,
 * so what waits for team rows is blocked at the deadline.
 */
export function withoutTeamRows(night: Night): Night {
  const seen = new Set<unknown>();
  const isFirst = (row: Row): boolean => {
    if (row['player_status'] !== 'active' || seen.has(row['team_abbr'])) return false;
    seen.add(row['team_abbr']);
    return true;
  };
  return {
    ...night,
    nbac_team_boxscore: [],
    nbac_gamebook_player_stats: night.nbac_gamebook_player_stats.map((row) =>
      isFirst(row) ? { ...row, minutes: '99:00', minutes_decimal: 99 } : row,
    ),
  };
}

/** The dates that a folder of nights has games on, ascending. */
function datesOf(folder: string): string[] {
  return [...new Set(rowsOf(folder, 'nbac_schedule').map((row) => String(row['game_date'])))].sort();
}

/** Every night of the demo data. */
export function demoNights(): Night[] {
  return nightsOf(demo);
}

/** Every night of the 2024-25 season. */
export function seasonNights(): Night[] {
  return nightsOf(season);
}

function nightsOf(folder: string): Night[] {
  const nights = new Map(
    datesOf(folder).map((date): [string, Night] => [
      date,
      { nbac_schedule: [], nbac_team_boxscore: [], nbac_gamebook_player_stats: [] },
    ]),
  );
  for (const table of ['nbac_schedule', 'nbac_team_boxscore', 'nbac_gamebook_player_stats'] as const)
    for (const row of rowsOf(folder, table)) nights.get(String(row['game_date']))?.[table].push(row);
  return [...nights.values()];
}
