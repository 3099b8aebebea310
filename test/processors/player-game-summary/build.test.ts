import { gameFromSchedule } from '../../../src/games/game';
import { playerSummaries, playerSummary } from '../../../src/processors/player-game-summary/build';
import { teamOffenseSummaries } from '../../../src/processors/team-offense-game-summary/build';
import type { TeamOffenseRow } from '../../../src/processors/team-offense-game-summary/table';
import type { GamebookPlayerRow } from '../../../src/sources/nbac-gamebook-player-stats/table';
import { awayOf, goodNight, homeOf } from '../../support/fixtures';

const night = goodNight(1);
const game = gameFromSchedule(night.rows.nbac_schedule[0]!, 2024);
const home = homeOf(0);
const teams = teamOffenseSummaries(game, night.rows.nbac_team_boxscore).map((row): TeamOffenseRow => ({
  ...row,
  bypass_id: null,
  data_hash: '',
  processed_at: '',
}));
const team = teams.find((row) => row.team_abbr === home)!;
const rowsOfHome = night.rows.nbac_gamebook_player_stats.filter((row) => row.team_abbr === home);
const active = rowsOfHome[0]!;
const dnp = rowsOfHome.find((row) => row.player_status === 'dnp')!;
const inactive = rowsOfHome.find((row) => row.player_status === 'inactive')!;

describe('the summary of a player who played', () => {
  const summary = playerSummary(game, active, team);

  it('holds his line, his team and his opponent', () => {
    expect(summary).toMatchObject({
      game_id: game.gameId,
      nba_game_id: game.nbaGameId,
      player_lookup: active.player_lookup,
      player_full_name: active.player_name,
      team_abbr: home,
      opponent_team_abbr: awayOf(0),
      season_year: 2024,
      player_status: 'active',
      is_active: true,
      is_dnp: false,
      dnp_reason: null,
      dnp_reason_category: null,
      minutes_played: 30,
      points: 11,
      fg_makes: 3,
      fg_attempts: 7,
      three_pt_makes: 1,
      three_pt_attempts: 4,
      ft_makes: 4,
      ft_attempts: 4,
      turnovers: 2,
      win_flag: true,
    });
  });

  it("divides by the plays of the team's row", () => {
    const plays = 7 + 0.44 * 4 + 2;
    const teamPlays = 84 + 0.44 * 18 + 11;
    expect(summary.usage_rate).toBeCloseTo((100 * plays * 48) / (30 * teamPlays), 12);
  });

  it.each([
    ['starter_flag'],
    ['universal_player_id'],
    ['paint_attempts'],
    ['points_line'],
    ['over_under_result'],
  ] as const)('leaves %s undefined until a source has it', (column) => {
    expect(summary[column]).toBeNull();
  });
});

it('everybody is divided by his own team, and by none where a bypass does without it', () => {
  const gamebook = night.rows.nbac_gamebook_player_stats;
  const alone = gamebook.map((row) =>
    playerSummary(
      game,
      row,
      teams.find((one) => one.team_abbr === row.team_abbr)!,
    ),
  );
  expect(playerSummaries(game, gamebook, teams)).toEqual(alone);
  expect(playerSummaries(game, [active], [])).toMatchObject([
    { points: 11, usage_rate: null, usage_rate_valid: false, usage_rate_anomaly_reason: 'no_team_row' },
  ]);
});

describe('the summary of a player with an empty line', () => {
  // Real: Craig Porter Jr., Emoni Bates and Damian Jones, 1:50 and less, 10 April 2024.
  const porter: GamebookPlayerRow = {
    ...active,
    minutes: '01:50',
    points: 0,
    field_goals_made: 0,
    field_goals_attempted: 0,
    three_pointers_made: 0,
    free_throws_attempted: 0,
    turnovers: 0,
  };

  it('has a usage rate of zero, and no shooting percentage', () => {
    expect(playerSummary(game, porter, team)).toMatchObject({
      usage_rate: 0,
      usage_rate_valid: true,
      ts_pct: null,
      efg_pct: null,
    });
  });

  it('has true zeros for shooting once he missed', () => {
    expect(playerSummary(game, { ...porter, field_goals_attempted: 2 }, team)).toMatchObject({
      ts_pct: 0,
      efg_pct: 0,
    });
  });

  it.each(['0:00', '00:00'])('has no usage rate at %s, but stays an active player', (minutes) => {
    expect(playerSummary(game, { ...porter, minutes }, team)).toMatchObject({
      is_active: true,
      is_dnp: false,
      minutes_played: 0,
      usage_rate: null,
      usage_rate_raw: null,
      usage_rate_valid: null,
      usage_rate_anomaly_reason: 'no_minutes',
    });
  });

  it('has no minutes rather than zero where they cannot be read', () => {
    expect(playerSummary(game, { ...porter, minutes: '-' }, team)).toMatchObject({
      minutes_played: null,
      usage_rate: null,
    });
  });

  it('keeps a missing plus/minus undefined', () => {
    expect(playerSummary(game, { ...porter, plus_minus: null }, team).plus_minus).toBeNull();
  });
});

it('stores 100 with the raw figure beside it for a shot in the last seconds', () => {
  const shooter = {
    ...active,
    minutes: '0:08',
    field_goals_attempted: 1,
    free_throws_attempted: 0,
    turnovers: 0,
  };
  const summary = playerSummary(game, shooter, team);
  expect(summary).toMatchObject({
    usage_rate: 100,
    usage_rate_valid: false,
    usage_rate_anomaly_reason: 'exceeds_100',
  });
  expect(summary.usage_rate_raw).toBeCloseTo((100 * 48) / ((8 / 60) * (84 + 0.44 * 18 + 11)), 9);
});

describe.each([
  ['dnp', dnp, "DNP - Coach's Decision", 'coach_decision'],
  ['inactive', inactive, 'Injury/Illness - Left Knee; Sprain', 'injury'],
] as const)('the summary of a player who is %s', (status, row, reason, category) => {
  const summary = playerSummary(game, row, team);

  it('says why, and has no figure, not even zero', () => {
    expect(summary).toMatchObject({
      player_status: status,
      is_active: false,
      is_dnp: true,
      dnp_reason: reason,
      dnp_reason_category: category,
      minutes_played: null,
      points: null,
      usage_rate: null,
      usage_rate_raw: null,
      usage_rate_valid: null,
      usage_rate_anomaly_reason: null,
      ts_pct: null,
      efg_pct: null,
    });
  });

  it('says whether his team won', () => {
    expect(summary.win_flag).toBe(true);
  });
});
