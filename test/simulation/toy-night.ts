/** The raw rows of a date with two games, as they come and are corrected. */
import type { Row } from '../../src/tables/define-table';

/** A figure that fails a check of the first processor, and of no other. */
export const badFigure = -1;

export const gameDate = '2017-04-15';

export const rawNames = ['nbac_schedule', 'nbac_team_boxscore', 'nbac_gamebook_player_stats'] as const;
export type RawName = (typeof rawNames)[number];

const games = [
  { away: 'AAA', home: 'BBB', id: '0021600001' },
  { away: 'CCC', home: 'DDD', id: '0021600002' },
] as const;

type Game = (typeof games)[number];

function gameIdOf({ away, home }: Game): string {
  return `20170415_${away}_${home}`;
}

function scheduled({ away, home, id }: Game, status: number): Row {
  return {
    ...{ game_date: gameDate, game_id: id, game_status: status, season_year: 2016 },
    ...{ away_team_tricode: away, home_team_tricode: home, away_team_score: null, home_team_score: null },
  };
}

function teamRow(game: Game, figure: number): Row {
  return { game_date: gameDate, game_id: gameIdOf(game), team_abbr: game.home, points: figure };
}

function playerRow(game: Game, figure: number): Row {
  return { ...teamRow(game, figure), player_lookup: 'somebody', player_status: 'active' };
}

function forms(rowOf: (game: Game, figure: number) => Row): readonly (readonly Row[])[] {
  const [one, other] = games;
  return [
    [rowOf(one, 1), rowOf(other, 2)],
    [],
    [rowOf(one, 1)],
    [rowOf(one, 3), rowOf(other, 2)],
    [rowOf(one, badFigure), rowOf(other, 2)],
  ];
}

/** What a table may hold of the date; the first is the truth. */
export const formsOf: Readonly<Record<RawName, readonly (readonly Row[])[]>> = {
  nbac_schedule: [
    games.map((game) => scheduled(game, 3)),
    [],
    games.map((game, index) => scheduled(game, index === 0 ? 3 : 2)),
  ],
  nbac_team_boxscore: forms(teamRow),
  nbac_gamebook_player_stats: forms(playerRow),
};
