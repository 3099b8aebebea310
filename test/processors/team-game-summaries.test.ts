import { gameFromSchedule } from '../../src/games/game';
import { IncompleteRowError } from '../../src/processors/formulas/team-sides';
import { teamDefenseSummaries } from '../../src/processors/team-defense-game-summary/build';
import { teamOffenseSummaries } from '../../src/processors/team-offense-game-summary/build';
import { awayOf, gameIdOf, goodNight, homeOf } from '../support/fixtures';

const night = goodNight(1);
const game = gameFromSchedule(night.rows.nbac_schedule[0]!, 2024);
const rows = night.rows.nbac_team_boxscore;

describe.each([
  ['offence', teamOffenseSummaries],
  ['defence', teamDefenseSummaries],
])('the %s of a game', (_name, summarise) => {
  it('does not depend on the order of the rows', () => {
    expect(summarise(game, [...rows].reverse())).toEqual(summarise(game, rows));
  });

  it('is named away before home even where the source wrote the id the other way round', () => {
    const turned = rows.map((row) => ({ ...row, game_id: `20250115_${homeOf(0)}_${awayOf(0)}` }));
    for (const row of summarise(game, turned)) expect(row.game_id).toBe(gameIdOf(0));
  });

  it('tells home from away by the schedule, not by the row', () => {
    const unmarked = rows.map((row) => ({ ...row, is_home: null }));
    expect(summarise(game, unmarked).map((row) => row.home_game)).toEqual([true, false]);
  });

  it.each([
    ['a team without a row', rows.slice(1)],
    ['a row without minutes', rows.map((row) => ({ ...row, minutes: null }))],
    ['a row without turnovers', rows.map((row) => ({ ...row, turnovers: null }))],
    ['a row without rebounds', rows.map((row) => ({ ...row, offensive_rebounds: null }))],
  ])('refuses %s and names game and team, rather than count with zero', (_fault, incomplete) => {
    expect(() => summarise(game, incomplete)).toThrow(IncompleteRowError);
    expect(() => summarise(game, incomplete)).toThrow(new RegExp(`^${gameIdOf(0)}: (ATL|BOS)`));
  });

  it('leaves undefined what the source does not say, and never makes it zero', () => {
    const bare = rows.map((row) => ({ ...row, three_pt_attempted: null, assists: null, steals: null }));
    for (const row of summarise(game, bare)) expect(Object.values(row)).not.toContain(undefined);
    const [home] = teamOffenseSummaries(game, bare);
    expect(home).toMatchObject({ three_pt_attempts: null, assists: null, steals: null });
  });
});

it('does not know the points of threes where the source does not count the threes', () => {
  const [home] = teamDefenseSummaries(
    game,
    rows.map((row) => ({ ...row, three_pt_made: null })),
  );
  expect(home?.three_pt_points_allowed).toBeNull();
});

it('marks no row as reconstructed: every one came from a team row', () => {
  for (const row of teamOffenseSummaries(game, rows)) expect(row.reconstructed).toBe(false);
});
