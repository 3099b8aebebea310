import { gameFromSchedule } from '../../../src/games/game';
import { onePerPlayer } from '../../../src/processors/player-game-summary/one-per-player';
import type { GamebookPlayerRow } from '../../../src/sources/nbac-gamebook-player-stats/table';
import { goodNight, homeOf, ofTeam } from '../../support/fixtures';

const night = goodNight(1);
const game = gameFromSchedule(night.rows.nbac_schedule[0]!, 2024);
const rowsOfHome = night.rows.nbac_gamebook_player_stats.filter(ofTeam(homeOf(0)));
const active = rowsOfHome[0]!;

describe('a player whom two teams list on one date', () => {
  const listed = (teamAbbr: string, changes: Partial<GamebookPlayerRow>): GamebookPlayerRow => ({
    ...active,
    player_lookup: 'traded',
    team_abbr: teamAbbr,
    ...changes,
  });
  const idle = { player_status: 'inactive', minutes: null } as const;
  const other = rowsOfHome[1]!;

  /** The rows as one game has them, or each in a game of its own: where they stand must not matter. */
  function keptOf(rows: readonly GamebookPlayerRow[]): string[] {
    const kept = [[rows], rows.map((row) => [row])].map((games) =>
      onePerPlayer(games.map((gamebook) => ({ game, inputs: { gamebook } }))).games.flatMap(({ inputs }) =>
        inputs.gamebook.map((row) => row.team_abbr),
      ),
    );
    expect(kept[1]).toEqual(kept[0]);
    return kept[0]!;
  }

  it.each([
    [
      'the team he played for, though the other row is newer',
      listed('WAS', { minutes: '12:00', processed_at: '2025-01-16T08:00:00.000Z' }),
      listed('ATL', { ...idle, processed_at: '2025-01-17T08:00:00.000Z' }),
    ],
    [
      'the team he played for, though the other has him active at 0:00',
      listed('WAS', { minutes: '0:01' }),
      listed('ATL', { minutes: '0:00' }),
    ],
    ['the team that has him active, though at 0:00', listed('WAS', { minutes: '0:00' }), listed('ATL', idle)],
    [
      'the newest row, where he played for neither',
      listed('WAS', { ...idle, processed_at: '2025-01-17T08:00:00.000Z' }),
      listed('ATL', { ...idle, processed_at: '2025-01-16T08:00:00.000Z' }),
    ],
    [
      'a row that says when it came before one that does not',
      listed('WAS', { ...idle, processed_at: '2025-01-16T08:00:00.000Z' }),
      listed('ATL', { ...idle, processed_at: null }),
    ],
  ])('keeps the row of %s, whichever row comes first', (_which, kept, dropped) => {
    expect(keptOf([kept, dropped])).toEqual(['WAS']);
    expect(keptOf([dropped, kept])).toEqual(['WAS']);
  });

  it('goes to the first team of the alphabet where nothing else tells, whichever row comes first', () => {
    const tied = [listed('WAS', idle), listed('ATL', idle), listed('MIL', idle)];
    for (const order of [
      [0, 1, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ])
      expect(keptOf(order.map((index) => tied[index]!))).toEqual(['ATL']);
  });

  it('is reported with the row that was used and those that were not', () => {
    const gamebook = [listed('WAS', idle), listed('ATL', { minutes: '12:00' }), other];
    expect(onePerPlayer([{ game, inputs: { gamebook } }]).warnings).toEqual([
      'traded is listed by ATL and WAS; the row of ATL was used',
    ]);
  });

  it('is nobody on a night where every player is listed once, and the night stays as it is', () => {
    const games = [{ game, inputs: { gamebook: rowsOfHome, offense: [] } }];
    expect(onePerPlayer(games)).toEqual({ games, warnings: [] });
  });
});
