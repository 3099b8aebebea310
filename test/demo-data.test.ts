/** The shipped demo data keeps what data/demo/README.md promises. Reads the files; fetches nothing. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { buildDemoTables, playerLookup } from '../scripts/build-demo-data';
import type { RowOf, TableDefinition } from '../src/tables/define-table';
import { nbacGamebookPlayerStats } from '../src/sources/nbac-gamebook-player-stats';
import { nbacSchedule } from '../src/sources/nbac-schedule';
import { nbacTeamBoxscore } from '../src/sources/nbac-team-boxscore';
import type { GamebookPlayerRow } from '../src/sources/nbac-gamebook-player-stats/table';
import type { ScheduleRow } from '../src/sources/nbac-schedule/table';
import type { TeamBoxscoreRow } from '../src/sources/nbac-team-boxscore/table';

const folder = join(__dirname, '..', 'data', 'demo', 'nba_raw');

function bytesOf(table: TableDefinition): Buffer {
  return readFileSync(join(folder, `${table.name}.ndjson.gz`));
}

// The cast is the decoder here: that rows have exactly the declared columns is the first test.
function read<T extends TableDefinition>(table: T): readonly RowOf<T>[] {
  const lines = gunzipSync(bytesOf(table)).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as RowOf<T>);
}

const tables: readonly TableDefinition[] = [
  nbacSchedule.table,
  nbacTeamBoxscore.table,
  nbacGamebookPlayerStats.table,
];
const games = read(nbacSchedule.table);
const teams = read(nbacTeamBoxscore.table);
const players = read(nbacGamebookPlayerStats.table);

function playersOf(team: TeamBoxscoreRow): readonly GamebookPlayerRow[] {
  return players.filter((row) => row.game_id === team.game_id && row.team_abbr === team.team_abbr);
}

function total<T>(rows: readonly T[], figure: (row: T) => number | null): number {
  return rows.reduce((sum, row) => sum + (figure(row) ?? NaN), 0);
}

function scheduledGame(team: TeamBoxscoreRow): ScheduleRow | undefined {
  return games.find((row) => row.game_id === team.nba_game_id);
}

describe.each(tables.map((table) => [table.name, table] as const))('%s', (_name, table) => {
  const rows = read(table);

  it('has exactly the declared columns, in their order, and null only where it may be', () => {
    const declared = Object.keys(table.columns);
    const required = declared.filter((column) => table.columns[column]?.required === true);
    for (const row of rows) {
      expect(Object.keys(row)).toEqual(declared);
      expect(required.filter((column) => row[column] === null)).toEqual([]);
    }
  });

  it('is sorted by its key, which no two rows share', () => {
    const keys = rows.map((row) => table.key.map((column) => String(row[column])).join(' '));
    expect(keys).toEqual([...new Set(keys)].sort());
  });

  it('carries neither a time nor an operating system in its gzip header', () => {
    expect([...bytesOf(table).subarray(4, 8)]).toEqual([0, 0, 0, 0]);
    expect(bytesOf(table)[9]).toBe(255);
  });

  it('was processed at 08:00 UTC on the day after the game', () => {
    for (const row of rows) {
      const processedAt = String(row['processed_at']);
      expect(processedAt).toMatch(/^\d{4}-\d\d-\d\dT08:00:00Z$/);
      expect(Date.parse(processedAt) - Date.parse(String(row['game_date']))).toBe(32 * 60 * 60 * 1000);
    }
  });
});

it('holds the 79 games of 42 dates, four of them on 2017-04-15', () => {
  expect(games).toHaveLength(79);
  expect(new Set(games.map((game) => game.game_date)).size).toBe(42);
  expect(games.filter((game) => game.game_date === '2017-04-15')).toHaveLength(4);
  expect(players).toHaveLength(1737);
});

it('names a game by both ids and the same two teams in every table', () => {
  for (const game of games) {
    const pair = teams.filter((row) => row.nba_game_id === game.game_id);
    const day = game.game_date.replaceAll('-', '');
    expect(game.game_id).toMatch(/^004\d{7}$/);
    expect(game.game_code).toBe(`${day}/${game.away_team_tricode}${game.home_team_tricode}`);
    expect(pair.map((row) => row.game_id)).toEqual(
      Array(2).fill(`${day}_${game.away_team_tricode}_${game.home_team_tricode}`),
    );
    expect(pair.find((row) => row.is_home === true)?.team_abbr).toBe(game.home_team_tricode);
    expect(pair.find((row) => row.is_home === false)?.team_abbr).toBe(game.away_team_tricode);
  }
  expect(teams).toHaveLength(2 * games.length);
  expect(total(teams, (team) => playersOf(team).length)).toBe(players.length);
});

it('agrees on score, winner and margin between schedule and team rows', () => {
  for (const team of teams) {
    const game = scheduledGame(team);
    const own = team.is_home === true ? game?.home_team_score : game?.away_team_score;
    const other = team.is_home === true ? game?.away_team_score : game?.home_team_score;
    expect(team.points).toBe(own);
    expect(team.plus_minus).toBe(Number(own) - Number(other));
    expect(Number(team.plus_minus) > 0).toBe(game?.winning_team_tricode === team.team_abbr);
  }
});

it('sums every team row from at least five players', () => {
  for (const team of teams) {
    const own = playersOf(team);
    expect(own.length).toBeGreaterThanOrEqual(5);
    expect(team).toMatchObject({
      data_source: 'summed_from_players',
      points: total(own, (row) => row.points),
      fg_made: total(own, (row) => row.field_goals_made),
      fg_attempted: total(own, (row) => row.field_goals_attempted),
      three_pt_made: total(own, (row) => row.three_pointers_made),
      three_pt_attempted: total(own, (row) => row.three_pointers_attempted),
      ft_made: total(own, (row) => row.free_throws_made),
      ft_attempted: total(own, (row) => row.free_throws_attempted),
      offensive_rebounds: total(own, (row) => row.offensive_rebounds),
      defensive_rebounds: total(own, (row) => row.defensive_rebounds),
      total_rebounds: total(own, (row) => row.total_rebounds),
      assists: total(own, (row) => row.assists),
      steals: total(own, (row) => row.steals),
      blocks: total(own, (row) => row.blocks),
      turnovers: total(own, (row) => row.turnovers),
      personal_fouls: total(own, (row) => row.personal_fouls),
    });
    // Five players share each margin.
    expect(total(own, (row) => row.plus_minus)).toBe(5 * Number(team.plus_minus));
  }
});

it('keeps the identities of a box score for players and teams', () => {
  const box = [
    ...teams.map((row) => [row, row.fg_made, row.three_pt_made, row.ft_made] as const),
    ...players.map(
      (row) => [row, row.field_goals_made, row.three_pointers_made, row.free_throws_made] as const,
    ),
  ];
  for (const [row, fieldGoals, threes, freeThrows] of box) {
    expect(2 * Number(fieldGoals) + Number(threes) + Number(freeThrows)).toBe(row.points);
    expect(Number(row.offensive_rebounds) + Number(row.defensive_rebounds)).toBe(row.total_rebounds);
  }
});

it('gives a team the minutes of its players, to a few seconds, and the overtimes that follow', () => {
  const texts = new Map([
    ['240:00', 'Final'],
    ['265:00', 'Final/OT'],
  ]);
  for (const team of teams) {
    const seconds = total(playersOf(team), (row) => {
      const [minutes, rest] = String(row.minutes).split(':').map(Number);
      return Number(minutes) * 60 + Number(rest);
    });
    expect(Math.abs(seconds - Number(team.minutes?.split(':')[0]) * 60)).toBeLessThanOrEqual(3);
    expect(scheduledGame(team)?.game_status_text).toBe(texts.get(String(team.minutes)));
  }
  expect(games.filter((game) => game.game_status_text === 'Final/OT')).toHaveLength(3);
});

it('lists only players who played', () => {
  for (const row of players) {
    const [minutes, seconds] = String(row.minutes).split(':').map(Number);
    expect(row).toMatchObject({ player_status: 'active', dnp_reason: null });
    expect(row.minutes).toMatch(/^\d{1,2}:[0-5]\d$/);
    expect(row.minutes_decimal).toBeCloseTo(Number(minutes) + Number(seconds) / 60, 2);
  }
});

it('splits the name of a team into city and nickname', () => {
  const named = new Map(teams.map((row) => [row.team_abbr, [row.team_city, row.team_name]]));
  expect(named.size).toBe(16);
  expect(named.get('POR')).toEqual(['Portland', 'Trail Blazers']);
  expect(named.get('GSW')).toEqual(['Golden State', 'Warriors']);
  expect(named.get('LAC')).toEqual(['LA', 'Clippers']);
});

it('hashes a row without its hash and its time', () => {
  for (const row of [...teams, ...players]) {
    const { data_hash: hash, processed_at: _processedAt, ...figures } = row;
    const sorted = JSON.stringify(figures, Object.keys(figures).sort());
    expect(hash).toBe(createHash('sha256').update(sorted).digest('hex').slice(0, 16));
  }
});

it.each([
  ['Dennis Schröder', 'dennisschroder'],
  ['Dāvis Bertāns', 'davisbertans'],
  ['Kelly Oubre Jr.', 'kellyoubrejr'],
  ['Tim Hardaway Junior', 'timhardawayjr'],
  ['Michael Carter-Williams', 'michaelcarterwilliams'],
  ['P.J. Tucker', 'pjtucker'],
])('looks up %s as %s', (name, expected) => {
  expect(playerLookup(name)).toBe(expected);
});

it('refuses a source that is not a game log', () => {
  expect(() => buildDemoTables({ resultSets: [] })).toThrow(
    'The source is not a stats.nba.com answer with headers and rowSet.',
  );
});
