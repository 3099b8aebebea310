import { gameFromSchedule, opponentOf, won, type Game } from '../../src/games/game';
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
