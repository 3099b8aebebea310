import { gameFromSchedule } from '../../src/games/game';
import { IncompleteRowError } from '../../src/processors/define-columns';
import { teamDefenseSummaries } from '../../src/processors/team-defense-game-summary/build';
import { teamOffenseSummaries } from '../../src/processors/team-offense-game-summary/build';
import { rebuiltSource } from '../../src/sources/nbac-team-boxscore/whole-game';
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
    ['a row without points', rows.map((row) => ({ ...row, points: null }))],
    ['a row without attempts', rows.map((row) => ({ ...row, fg_attempted: null }))],
  ])('refuses %s and names game and team, rather than count with zero', (_fault, incomplete) => {
    expect(() => summarise(game, incomplete)).toThrow(IncompleteRowError);
    expect(() => summarise(game, incomplete)).toThrow(new RegExp(`^${gameIdOf(0)}: (ATL|BOS)`));
  });

  it.each(['turnovers', 'offensive_rebounds', 'defensive_rebounds'] as const)(
    'does not know possessions, pace and ratings where %s is unknown, and knows the rest',
    (column) => {
      const bare = rows.map((row) => ({ ...row, [column]: null }));
      const known = summarise(game, rows);
      for (const [index, row] of summarise(game, bare).entries()) {
        const unknown = Object.keys(row).filter(
          (name) =>
            row[name as keyof typeof row] === null && known[index]![name as keyof typeof row] !== null,
        );
        expect(unknown.filter((name) => /pace|rating|possessions/.test(name))).toHaveLength(3);
        expect(unknown.every((name) => /pace|rating|possessions|turnovers|rebounds/.test(name))).toBe(true);
      }
    },
  );

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

it('marks rows as reconstructed that stand on a team row which was rebuilt', () => {
  for (const row of teamOffenseSummaries(game, rows)) expect(row.reconstructed).toBe(false);
  const rebuilt = rows.map((row) =>
    row.team_abbr === homeOf(0) ? { ...row, data_source: rebuiltSource } : row,
  );
  expect(teamOffenseSummaries(game, rebuilt).map((row) => row.reconstructed)).toEqual([true, false]);
  expect(teamDefenseSummaries(game, rebuilt).map((row) => row.reconstructed)).toEqual([true, true]);
});
