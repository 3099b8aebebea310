/** The whole arithmetic on one real overtime game. */
import { gameFromSchedule } from '../../src/games/game';
import { playerSummary } from '../../src/processors/player-game-summary/build';
import { teamDefenseSummaries } from '../../src/processors/team-defense-game-summary/build';
import { teamOffenseSummaries } from '../../src/processors/team-offense-game-summary/build';
import type { TeamOffenseRow } from '../../src/processors/team-offense-game-summary/table';
import { expected, playerRows, schedule, teamRows } from './knicks-at-sixers';

const game = gameFromSchedule(schedule, 2024);
const offense = teamOffenseSummaries(game, teamRows).map((row): TeamOffenseRow => ({
  ...row,
  bypass_id: null,
  data_hash: '',
  processed_at: '',
}));
const defense = teamDefenseSummaries(game, teamRows);
const players = playerRows.map((row) =>
  playerSummary(
    game,
    row,
    offense.find((team) => team.team_abbr === row.team_abbr)!,
  ),
);

/** Halves are printed rounded either way, so a figure may lie just on the edge. */
const slack = 1e-9;

function teamOf<T>(rows: readonly T[], isTeam: (row: T) => boolean): T {
  return rows.find(isTeam)!;
}

describe.each(expected.map((line, index) => [line.name, line, players[index]!] as const))(
  '%s',
  (_name, line, row) => {
    it('used the printed share of the plays, by the true length of the game', () => {
      expect(Math.abs(row.usage_rate! - line.usage)).toBeLessThanOrEqual(0.05 + slack);
      expect(row.usage_rate_raw).toBe(row.usage_rate);
      expect(row.usage_rate_valid).toBe(true);
    });

    it('shot as printed', () => {
      expect(Math.abs(row.ts_pct! - line.trueShooting)).toBeLessThanOrEqual(0.0005 + slack);
      expect(Math.abs(row.efg_pct! - line.effectiveFieldGoals)).toBeLessThanOrEqual(0.0005 + slack);
    });
  },
);

describe.each(['NYK', 'PHI'])('the players of %s', (team) => {
  const own = players.filter((row) => row.team_abbr === team);
  const minutes = own.reduce((sum, row) => sum + row.minutes_played!, 0);

  it("have together the minutes and points of the team's row", () => {
    const row = teamOf(offense, (candidate) => candidate.team_abbr === team);
    expect(minutes).toBeCloseTo(row.team_minutes, 9);
    expect(own.reduce((sum, candidate) => sum + candidate.points!, 0)).toBe(row.points_scored);
  });

  it('average a usage rate of 20, weighted by minutes: five share every play', () => {
    const weighted = own.reduce((sum, row) => sum + row.usage_rate! * row.minutes_played!, 0);
    expect(weighted / minutes).toBeCloseTo(20, 9);
  });
});

describe('the teams', () => {
  const philadelphia = teamOf(offense, (row) => row.team_abbr === 'PHI');
  const newYork = teamOf(offense, (row) => row.team_abbr === 'NYK');

  it('played one overtime of 53 minutes in all', () => {
    for (const row of [...offense, ...defense]) expect(row.overtime_periods).toBe(1);
    expect(philadelphia.team_minutes).toBe(265);
  });

  it('share possessions and pace, counted per 48 minutes', () => {
    expect(philadelphia.possessions!).toBe(newYork.possessions!);
    const sides = [
      92 + 0.4 * 14 - 1.07 * (11 / (11 + 30)) * 46 + 12,
      86 + 0.4 * 24 - 1.07 * (15 / (15 + 24)) * 40 + 13,
    ];
    expect(newYork.possessions!).toBeCloseTo((sides[0]! + sides[1]!) / 2, 12);
    expect(newYork.pace).toBeCloseTo((48 * newYork.possessions!) / 53, 12);
    expect(philadelphia.pace).toBe(newYork.pace);
  });

  it('score 119 and 125 in 100 possessions times the rating', () => {
    expect((philadelphia.offensive_rating! * philadelphia.possessions!) / 100).toBeCloseTo(119, 9);
    expect((newYork.offensive_rating! * newYork.possessions!) / 100).toBeCloseTo(125, 9);
  });

  it('shoot 0.606 and 0.647 true, 0.571 and 0.628 effective', () => {
    expect(philadelphia.ts_pct).toBeCloseTo(0.606, 3);
    expect(newYork.ts_pct).toBeCloseTo(0.647, 3);
    expect(philadelphia.efg_pct).toBeCloseTo(0.571, 3);
    expect(newYork.efg_pct).toBeCloseTo(0.628, 3);
  });

  it('win and lose by the score of the schedule, home and away alike', () => {
    expect(newYork).toMatchObject({ win_flag: true, home_game: false, margin_of_victory: 6 });
    expect(philadelphia).toMatchObject({ win_flag: false, home_game: true, margin_of_victory: -6 });
    for (const row of players) expect(row.win_flag).toBe(row.team_abbr === 'NYK');
  });

  it("allow what the other did: each one's defence mirrors the other's offence", () => {
    for (const own of defense) {
      const other = teamOf(offense, (row) => row.team_abbr === own.opponent_team_abbr);
      expect(own).toMatchObject({
        points_allowed: other.points_scored,
        opp_fg_attempts: other.fg_attempts,
        opp_fg_makes: other.fg_makes,
        opp_three_pt_attempts: other.three_pt_attempts,
        opp_three_pt_makes: other.three_pt_makes,
        opp_ft_attempts: other.ft_attempts,
        opp_ft_makes: other.ft_makes,
        opp_rebounds: other.rebounds,
        opp_offensive_rebounds: other.offensive_rebounds,
        opp_assists: other.assists,
        turnovers_forced: other.turnovers,
        three_pt_points_allowed: 3 * other.three_pt_makes!,
        defensive_rating: other.offensive_rating,
        opponent_possessions: other.possessions,
        opponent_pace: other.pace,
        opponent_ts_pct: other.ts_pct,
        opponent_efg_pct: other.efg_pct,
        win_flag: !other.win_flag!,
        home_game: !other.home_game,
      });
    }
  });

  it('keep their own steals, blocks, rebounds and fouls in defence', () => {
    expect(teamOf(defense, (row) => row.defending_team_abbr === 'PHI')).toMatchObject({
      steals: 8,
      blocks: 2,
      defensive_rebounds: 24,
      fouls_committed: 19,
      margin_of_victory: -6,
    });
  });
});
