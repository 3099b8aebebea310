import { gameFromSchedule, isPostponed, isSuspended, opponentOf, won, type Game } from '../../src/games/game';
import { movedGames } from '../../src/games/moved-games';
import { awayOf, gameIdOf, goodNight, homeOf, nbaGameIdOf } from '../support/fixtures';

const row = goodNight(1).rows.nbac_schedule[0]!;
const game = gameFromSchedule(row, 2024);

describe('a game from its schedule row', () => {
  it('is named date, away, home, and keeps the ten digits of the league', () => {
    expect(game).toMatchObject({
      gameId: gameIdOf(0),
      nbaGameId: nbaGameIdOf(0),
      away: awayOf(0),
      home: homeOf(0),
      awayScore: 96,
      homeScore: 98,
    });
  });

  it.each(['Final', 'Final/OT', 'Final/OT2', 'FINAL', null])(
    'is final by its status 3, whatever the text says: %j',
    (text) => {
      expect(gameFromSchedule({ ...row, game_status: 3, game_status_text: text }, 2024).isFinal).toBe(true);
    },
  );

  it.each([
    [1, '7:30 pm ET'],
    [2, 'Q4 0:12'],
    [2, 'Final'],
  ])('is not final with status %d, even where the text is %j', (status, text) => {
    expect(gameFromSchedule({ ...row, game_status: status, game_status_text: text }, 2024).isFinal).toBe(
      false,
    );
  });

  it("takes the row's season, and the given one where the row has none", () => {
    expect(gameFromSchedule({ ...row, season_year: 2019 }, 2024).seasonYear).toBe(2019);
    expect(gameFromSchedule({ ...row, season_year: null }, 2024).seasonYear).toBe(2024);
  });
});

describe('a game that is not played on its date', () => {
  const said = (text: string | null, status = 1) => ({ ...row, game_status: status, game_status_text: text });

  it.each(['PPD', 'Postponed', 'Cancelled', 'canceled - weather'])('is postponed by the text %j', (text) => {
    expect([isPostponed(said(text)), isSuspended(said(text))]).toEqual([true, false]);
    expect(isPostponed(said(text, 3))).toBe(false);
  });

  it.each(['Susp', 'Suspended Q3'])('is suspended by the text %j', (text) => {
    expect([isPostponed(said(text)), isSuspended(said(text))]).toEqual([false, true]);
    expect(isSuspended(said(text, 3))).toBe(false);
  });

  it.each(['7:30 pm ET', 'suspect', null])('is neither by the text %j', (text) => {
    expect([isPostponed(said(text)), isSuspended(said(text))]).toEqual([false, false]);
  });

  it('is played on the first later date that the schedule has it on, in whatever order that is given', () => {
    const on = (date: string, changes: object) => ({ ...row, game_date: date, ...changes });
    const own = [said('Postponed')];
    const [next, last] = ['2025-02-01', '2025-03-01'].map((date) =>
      on(date, { game_status: 1, game_status_text: null }),
    );
    const other = {
      ...goodNight(2).rows.nbac_schedule[1]!,
      game_date: '2025-01-20',
      game_status_text: 'PPD',
      game_status: 1,
    };
    expect(movedGames(own, [last!, other, next!])).toEqual([
      {
        ...{ gameId: gameIdOf(0), gameDate: row.game_date, kind: 'postponed' },
        ...{ text: 'Postponed', playedOn: '2025-02-01' },
      },
    ]);
    expect(movedGames(own, [other])).toMatchObject([{ playedOn: null }]);
    expect(movedGames([row], [next!])).toEqual([]);
  });
});

describe('win flag', () => {
  function scored(away: number | null, home: number | null): Game {
    return { ...game, awayScore: away, homeScore: home };
  }

  it('is by the score of the schedule', () => {
    expect(won(scored(96, 98), game.home)).toBe(true);
    expect(won(scored(96, 98), game.away)).toBe(false);
    expect(won(scored(125, 119), game.home)).toBe(false);
    expect(won(scored(125, 119), game.away)).toBe(true);
  });

  it.each([
    ['without a score', null, null],
    ['with half a score', 98, null],
    ['with the other half', null, 98],
    ['in a tie', 98, 98],
  ])('is undefined %s', (_name, away, home) => {
    expect(won(scored(away, home), game.home)).toBeNull();
    expect(won(scored(away, home), game.away)).toBeNull();
  });
});

it('names the other team of a game', () => {
  expect(opponentOf(game, game.home)).toBe(game.away);
  expect(opponentOf(game, game.away)).toBe(game.home);
});
