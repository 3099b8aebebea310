/** The raw rows that the bench expects rows of, and those that it puts on other dates. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planPushes } from '../../scripts/bench/parts';
import { movedRow, readSeason, spread, writeMovedNights } from '../../scripts/bench/season';

const demo = join(__dirname, '..', '..', 'data', 'demo');
const season = readSeason(demo);

test('a night becomes two rows a game and one a player', () => {
  expect(season.nights.size).toBe(42);
  // The finals' fourth game: 23 players and those who sat out.
  const last = season.nights.get('2017-06-12');
  const players = (season.tables.get('nbac_gamebook_player_stats') ?? []).filter(
    (row) => row['game_date'] === '2017-06-12',
  );
  expect(last).toEqual({ teams: 2, players: players.length });
});

test('a player who comes twice is one row', () => {
  const total = [...season.nights.values()].reduce((sum, { players }) => sum + players, 0);
  const keys = (season.tables.get('nbac_gamebook_player_stats') ?? []).map(
    (row) => `${String(row['game_id'])} ${String(row['player_lookup'])}`,
  );
  expect(total).toBe(new Set(keys).size);
});

test.each([
  [1, ['a']],
  [2, ['a', 'd']],
  [3, ['a', 'c', 'e']],
  [9, ['a', 'b', 'c', 'd', 'e']],
])('%d of five dates are spread over all', (count, expected) => {
  expect(spread(['a', 'b', 'c', 'd', 'e'], count)).toEqual(expected);
});

test('a moved row keeps what is no date', () => {
  const row = {
    game_id: '20170612_CLE_GSW',
    game_code: '20170612/CLEGSW',
    nba_game_id: '0041600405',
    game_date: '2017-06-12',
    season_year: 2016,
    season: '2016-17',
    points: 120,
    dnp_reason: null,
    processed_at: '2017-06-13T08:00:00Z',
  };
  expect(movedRow(row, '2010-02-28')).toEqual({
    ...row,
    game_id: '20100228_CLE_GSW',
    game_code: '20100228/CLEGSW',
    nba_game_id: '0040900405',
    game_date: '2010-02-28',
    ...{ season_year: 2009, season: '2009-10' },
    processed_at: '2010-03-01T08:00:00Z',
  });
});

test('moved nights are whole, and the team rows are apart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'phase3-bench-moved-'));
  try {
    const moved = await writeMovedNights(season, folder, '2010-12-30', 50);
    expect(moved.dates).toHaveLength(50);
    expect(moved.dates.slice(0, 3)).toEqual(['2010-12-30', '2010-12-31', '2011-01-01']);
    const [first, missing] = [readSeason(moved.first), readSeason(moved.missing)];
    expect([...first.tables.keys()].sort()).toEqual(['nbac_gamebook_player_stats', 'nbac_schedule']);
    expect([...missing.tables.keys()]).toEqual(['nbac_team_boxscore']);
    const gamesOf = (rows: readonly Readonly<Record<string, unknown>>[] | undefined): Set<unknown> =>
      new Set(rows?.map((row) => row['game_date']));
    expect([...first.nights.keys()]).toEqual(moved.dates);
    expect([...gamesOf(missing.tables.get('nbac_team_boxscore'))]).toEqual(moved.dates);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('half of the pushes are sent twice at once, the other half again at the end, and every date is told of every source', () => {
  const dates = ['2024-10-22', '2024-10-23', '2024-10-24'];
  const pushes = planPushes(dates);
  const ids = pushes.map(({ id }) => id);
  expect(ids).toHaveLength(60);
  for (const id of new Set(ids)) expect(ids.filter((other) => other === id)).toHaveLength(2);
  expect(ids.filter((id, index) => id === ids[index + 1])).toHaveLength(15);
  for (const date of dates)
    expect(new Set(pushes.filter((push) => push.date === date).map(({ source }) => source)).size).toBe(4);
});
