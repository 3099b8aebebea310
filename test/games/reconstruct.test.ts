/** Team rows that never came, rebuilt from the players: marked, and unknown where players cannot say. */
import { gamesOf } from '../../src/games/evidence';
import { nbacTeamBoxscore } from '../../src/sources/nbac-team-boxscore';
import { isReconstructed } from '../../src/sources/nbac-team-boxscore/whole-game';
import {
  change,
  defense,
  drop,
  gameDate,
  goodNight,
  homeOf,
  awayOf,
  offense,
  ofGame,
  ofTeam,
  player,
  published,
  withRows,
  type Night,
} from '../support/fixtures';

const night = goodNight(2);
const [away, home] = [awayOf(0), homeOf(0)];
const zeros = { points: 0, fg_attempted: 0, fg_made: 0, turnovers: 0, minutes: null };
const missing = drop(night, 'nbac_team_boxscore', ofTeam(home));
const late = (snapshot: Night): Night => ({ ...snapshot, reconstructs: 'all' });

function teamRows(snapshot: Night) {
  const { rows, reconstructs = 'none' } = snapshot;
  return gamesOf(gameDate, rows, { reconstructs })[0]!.rowsOf(nbacTeamBoxscore);
}

it.each<[string, Night, string[]]>([
  ['missing', missing, [home]],
  ['a placeholder', change(night, 'nbac_team_boxscore', ofTeam(home), zeros), [home]],
  ['missing of both teams', drop(night, 'nbac_team_boxscore', ofGame(0)), [away, home]],
])('a team row that is %s is rebuilt from its players, and marked', (_what, snapshot, rebuilt) => {
  expect(teamRows(snapshot).filter(isReconstructed)).toEqual([]);
  const rows = teamRows(late(snapshot));
  expect(rows.filter(isReconstructed).map((row) => row.team_abbr)).toEqual(rebuilt);
  const real = night.rows.nbac_team_boxscore.find(ofTeam(home))!;
  const sums = Object.entries(rows.find(ofTeam(home))!).filter(
    ([column, value]) => typeof value === 'number' && column !== 'season_year',
  );
  expect(sums.length).toBeGreaterThan(12);
  for (const [column, value] of sums) expect([column, value]).toEqual([column, real[column as 'points']]);
  expect(rows.find(ofTeam(home))).toMatchObject({ turnovers: null, minutes: '240:00', is_home: true });
});

it.each<[string, Night]>([
  ['its players do not make the score', change(missing, 'nbac_schedule', ofGame(0), { home_team_score: 99 })],
  ['its gamebook is missing', drop(missing, 'nbac_gamebook_player_stats', ofTeam(home))],
  [
    'its players do not make the minutes of a game',
    change(missing, 'nbac_gamebook_player_stats', (row) => row.team_abbr === home && row.minutes !== null, {
      minutes: '29:00',
    }),
  ],
  ["the other team's players are missing", drop(missing, 'nbac_gamebook_player_stats', ofTeam(away))],
  ['the game is not final', change(missing, 'nbac_schedule', ofGame(0), { game_status: 2 })],
])('nothing is rebuilt where %s', (_why, snapshot) => {
  expect(teamRows(late(snapshot)).filter(isReconstructed)).toEqual([]);
});

it('what players cannot give is null: possessions, ratings, their own usage; the opponent keeps his usage', () => {
  const built = published(late(missing), offense, defense, player).rows;
  const own = built.team_offense_game_summary.find(ofTeam(home));
  expect(own).toMatchObject({ reconstructed: true, points_scored: 98, turnovers: null, possessions: null });
  expect(own).toMatchObject({ pace: null, offensive_rating: null });
  expect(own?.ts_pct).toBeGreaterThan(0);
  const usage = (team: string) =>
    built.player_game_summary.filter((row) => row.team_abbr === team && row.is_active);
  expect(new Set(usage(home).map((row) => row.usage_rate))).toEqual(new Set([null]));
  expect(new Set(usage(home).map((row) => row.usage_rate_valid))).toEqual(new Set([false]));
  expect(new Set(usage(home).map((row) => row.usage_rate_anomaly_reason))).toEqual(
    new Set(['no_team_turnovers']),
  );
  expect(usage(away).every((row) => (row.usage_rate ?? 0) > 0)).toBe(true);
});

it('what was rebuilt stays so until the real row comes, which replaces it', () => {
  const built = published(late(missing), offense);
  const young: Night = { ...built, reconstructs: 'none' };
  expect(teamRows(young).filter(isReconstructed)).toHaveLength(1);
  const { nbac_team_boxscore: real } = night.rows;
  expect(teamRows(withRows(young, 'nbac_team_boxscore', real)).filter(isReconstructed)).toEqual([]);
  const replaced = published(withRows(young, 'nbac_team_boxscore', real), offense, player).rows;
  expect(replaced.team_offense_game_summary.every((row) => !row.reconstructed && row.possessions)).toBe(true);
});

it('of an old date only what the source has sent no row of, while it sent others: the rest may still come', () => {
  const old = (snapshot: Night): number =>
    teamRows({ ...snapshot, reconstructs: 'stragglers' }).filter(isReconstructed).length;
  expect(old(missing)).toBe(1);
  expect(old(drop(night, 'nbac_team_boxscore', ofGame(0)))).toBe(2);
  expect(old(drop(night, 'nbac_team_boxscore'))).toBe(0);
  // One row of each game: which of them come is not known yet.
  expect(old(drop(missing, 'nbac_team_boxscore', ofTeam(homeOf(1))))).toBe(0);
});

it.each<[string, (live: Night) => Night]>([
  ['gone', (live) => drop(live, 'nbac_team_boxscore', ofTeam(home))],
  ['a placeholder', (live) => change(live, 'nbac_team_boxscore', ofTeam(home), zeros)],
])('what was published from a real row is not rebuilt when that is %s', (_what, alter) => {
  expect(teamRows(late(alter(published(night, offense)))).filter(isReconstructed)).toEqual([]);
});
