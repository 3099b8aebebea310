/** What could stand for turnovers that no player's line has: the mean of the games before, from one season or two. */
import { findEstimate } from '../../src/gate/find-estimate';
import { gamesOf } from '../../src/gate/snapshot';
import type { Row } from '../../src/tables/define-table';
import type { Warehouse } from '../../src/warehouse/warehouse';
import {
  change,
  drop,
  gameDate,
  gameIdOf,
  goodNight,
  homeOf,
  awayOf,
  nbaGameIdOf,
  ofGame,
  ofTeam,
  type Night,
} from '../support/fixtures';

const home = homeOf(0);
const boxscore = 'nbac_team_boxscore';
const rawTables = ['nbac_schedule', boxscore, 'nbac_gamebook_player_stats'];

/** The night on another date, of its season. */
function on(date: string, night: Night): Night {
  const [year, month] = [Number(date.slice(0, 4)), Number(date.slice(5, 7))];
  const season = month >= 10 ? year : year - 1;
  const text = JSON.stringify(night)
    .replaceAll(gameDate, date)
    .replaceAll(gameDate.replaceAll('-', ''), date.replaceAll('-', ''))
    .replaceAll('"00224', `"002${season % 100}`)
    .replaceAll('"season_year":2024', `"season_year":${season}`)
    .replaceAll('2024-25', `${season}-${(season % 100) + 1}`);
  return JSON.parse(text) as Night;
}

/** A night of five games; the home team of the first has so many turnovers that no player has. */
const withOwn = (count: number): Night =>
  change(goodNight(5), boxscore, ofTeam(home), { turnovers: 11 + count });

const missing: Night = { ...drop(goodNight(2), boxscore, ofTeam(home)), reconstructs: 'all' };

async function find(nights: readonly Night[], snapshot: Night = missing, gameId = gameIdOf(0)) {
  const asked: string[] = [];
  const warehouse = {
    exportRows: (table: string, from: string, to: string) => {
      asked.push([table, from, to].join(' '));
      const rows = nights
        .flatMap((night): readonly Row[] => night.rows[table] ?? [])
        .filter((row) => String(row['game_date']) >= from && String(row['game_date']) <= to);
      // In two parts, as a warehouse gives them.
      return (async function* () {
        yield rows.slice(0, 7);
        yield rows.slice(7);
      })();
    },
  } as unknown as Pick<Warehouse, 'exportRows'>;
  return { found: await findEstimate(warehouse, snapshot, gameId), asked };
}

const both = [on('2024-11-02', withOwn(3)), on('2025-01-14', withOwn(1))];

it('it is the mean over the season so far, to a hundredth, where that has twenty team games', async () => {
  const { found, asked } = await find([on('2024-04-14', withOwn(9)), ...both]);
  expect(found).toEqual({
    kind: 'estimate',
    estimate: { teams: [home], mean: 0.2, games: 20, from: '2024-11-02', to: '2025-01-14' },
  });
  expect(new Set(asked.map((one) => one.split(' ')[0]))).toEqual(new Set(rawTables));
  // Each day of the season once, up to the day before, and no more than a month at a time.
  expect(asked.filter((one) => one.startsWith(`${boxscore} `))).toEqual([
    `${boxscore} 2024-10-01 2024-10-31`,
    `${boxscore} 2024-11-01 2024-12-01`,
    `${boxscore} 2024-12-02 2025-01-01`,
    `${boxscore} 2025-01-02 2025-01-14`,
  ]);
});

it('says between which dates those games were, in whatever order a warehouse gives them', async () => {
  const { found } = await find([on('2025-01-14', withOwn(1)), on('2025-01-03', withOwn(3))]);
  expect(found).toMatchObject({ estimate: { games: 20, from: '2025-01-03', to: '2025-01-14' } });
});

it('with fewer the season before counts as well, and no game of another or of none', async () => {
  const preseason = change(on('2024-10-07', withOwn(7)), 'nbac_schedule', () => true, {
    is_regular_season: false,
    game_id: '0012400001',
  });
  const few = on('2024-10-30', drop(withOwn(2), boxscore, ofGame(4)));
  const { found } = await find([on('2023-04-09', withOwn(9)), on('2024-04-14', withOwn(5)), preseason, few]);
  expect(found).toEqual({
    kind: 'estimate',
    // Seven over 18 team games.
    estimate: { teams: [home], mean: 0.39, games: 18, from: '2024-04-14', to: '2024-10-30' },
  });
});

it('a season that ends on the last day of a part is asked to that day', async () => {
  const snapshot = on('2024-11-01', missing);
  const gameId = gamesOf(snapshot)[0]!.game.gameId;
  const { asked } = await find([], snapshot, gameId);
  const ofTeams = asked.filter((one) => one.startsWith(boxscore));
  expect(ofTeams[0]).toBe(`${boxscore} 2024-10-01 2024-10-31`);
  // The season before may have ended late.
  expect([ofTeams[1], ofTeams.at(-1)]).toEqual([
    `${boxscore} 2023-10-01 2023-10-31`,
    `${boxscore} 2024-10-07 2024-10-31`,
  ]);
  // The first day of a season has none before it.
  const first = on('2024-10-02', missing);
  const { asked: ofFirst } = await find([], first, gamesOf(first)[0]!.game.gameId);
  expect(ofFirst).toContain('nbac_schedule 2024-10-01 2024-10-01');
});

it('both teams are named, in order, where neither row came', async () => {
  const neither: Night = { ...drop(goodNight(2), boxscore, ofGame(0)), reconstructs: 'all' };
  const { found } = await find(both, neither);
  expect(found).toMatchObject({ estimate: { teams: [awayOf(0), home].sort() } });
});

it.each<[string, Night, string, readonly Night[], RegExp]>([
  ['of a game that is not there', missing, nbaGameIdOf(9), both, /^the schedule of 2025-01-15 has no game /],
  ['of a game whose rows came', missing, gameIdOf(1), both, /^no team row of .+ is made from its players/],
  [
    'where its own players are not known',
    change(missing, 'nbac_gamebook_player_stats', ofTeam(home), { turnovers: null }),
    gameIdOf(0),
    both,
    /^what the players of BOS have of it is not known$/,
  ],
  [
    'where no game was played before',
    missing,
    gameIdOf(0),
    [],
    /^no game of the season before 2025-01-15, nor /,
  ],
])('nothing is estimated %s', async (_what, snapshot, gameId, nights, why) => {
  const { found } = await find(nights, snapshot, gameId);
  expect(found).toEqual({ kind: 'refused', why: expect.stringMatching(why) as string });
});
