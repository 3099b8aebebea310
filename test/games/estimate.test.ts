/** Turnovers that no player's line has, estimated by a person's decision: for the teams it names, marked, and gone with the real row. */
import type { GameDecision, TeamEstimate } from '../../src/contracts/game-decisions';
import { decisionsOver } from '../../src/gate/decisions-over';
import { judgeGames } from '../../src/gate/judge-games';
import { selectNight } from '../../src/gate/select-inputs';
import { gamesOf } from '../../src/gate/snapshot';
import { countsOfTeams, madeTeams } from '../../src/games/team-itself';
import { estimatedTurnovers } from '../../src/games/reconstruct';
import { mostOwnTurnovers } from '../../src/games/rules/sums';
import { nbacGamebookPlayerStats } from '../../src/sources/nbac-gamebook-player-stats';
import { nbacTeamBoxscore } from '../../src/sources/nbac-team-boxscore';
import { processorOf } from '../../src/plan/registry';
import {
  awayOf,
  change,
  defense,
  drop,
  goodNight,
  homeOf,
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
const gameId = gamesOf(night)[0]!.game.gameId;
const missing: Night = { ...drop(night, 'nbac_team_boxscore', ofTeam(home)), reconstructs: 'all' };
const mean: TeamEstimate = {
  ...{ teams: [home], mean: 0.8, games: 812 },
  ...{ from: '2016-10-25', to: '2017-04-14' },
};

function accepted(given: Partial<GameDecision> = {}): GameDecision {
  return {
    ...{ decisionId: 'e-1', kind: 'estimate', gameId, rules: [], estimate: mean },
    ...{ by: 'ana', reason: 'why', until: '2099-01-01T00:00:00Z', over: null, isOverOnRecord: false },
    ...given,
  };
}

function estimated(snapshot: Night, given: Partial<GameDecision> = {}): Night {
  return { ...snapshot, decisions: [accepted(given)] };
}

const turnoversOf = (snapshot: Night, team: string): number | null =>
  gamesOf(snapshot)[0]!
    .rowsOf(nbacTeamBoxscore)
    .find((row) => row.team_abbr === team)!.turnovers;

const real = night.rows.nbac_team_boxscore.find(ofTeam(home))!.turnovers ?? 0;

it("an estimate is the players' turnovers and the mean of teams themselves, to a whole number", () => {
  expect(estimatedTurnovers(12, { mean: 0.8 })).toBe(13);
  expect(estimatedTurnovers(12, { mean: 0.4 })).toBe(12);
  expect(estimatedTurnovers(null, { mean: 0.8 })).toBeNull();
  expect(turnoversOf(missing, home)).toBeNull();
  expect(turnoversOf(estimated(missing), home)).toBe(real + 1);
});

it('with it possessions, ratings and usage are computed, and every row of the game names the decision', () => {
  const { rows } = published(estimated(missing), offense, defense, player);
  const own = rows.team_offense_game_summary.find(ofTeam(home));
  expect(own).toMatchObject({ reconstructed: true, turnovers: real + 1, bypass_id: 'e-1' });
  expect([own?.possessions, own?.pace, own?.offensive_rating].every((figure) => (figure ?? 0) > 0)).toBe(
    true,
  );
  const players = rows.player_game_summary.filter((row) => row.team_abbr === home && row.is_active);
  expect(players.every((row) => (row.usage_rate ?? 0) > 0 && row.bypass_id === 'e-1')).toBe(true);
  const others = rows.team_offense_game_summary.filter(({ game_id: id }) => id !== gameId);
  expect(others.map((row) => row.bypass_id)).toEqual([null, null]);
});

it('the verdict stays reconstructed, and says what is estimated, how, and by whom', () => {
  const [judged] = judgeGames(processorOf(player), published(estimated(missing), offense));
  expect(judged?.verdict).toMatchObject({
    status: 'reconstructed',
    estimate: { decisionId: 'e-1', by: 'ana' },
  });
  expect(judged?.verdict.detail).toContain(
    `the turnovers of ${home} are estimated as ${real + 1}: those of its players, and 1 of the team itself (the mean is 0.8 over 812 team games`,
  );
  expect(judged?.verdict.detail).toContain('estimate accepted by ana until 2099-01-01T00:00:00Z: why (e-1)');
});

it.each<[string, Night]>([
  ['has expired', estimated(missing, { over: 'expired' })],
  ['is cleared', estimated(missing, { over: 'cleared' })],
  ['is of another game', estimated(missing, { gameId: '20170415_AAA_BBB' })],
  ['is for another team', estimated(missing, { estimate: { ...mean, teams: [away] } })],
])('nothing is estimated by a decision that %s', (_why, snapshot) => {
  expect(turnoversOf(snapshot, home)).toBeNull();
  expect(selectNight(processorOf(offense), snapshot).decided).toEqual([]);
});

it('of two rows that never came only that of the team that was decided about is estimated', () => {
  const both: Night = { ...drop(night, 'nbac_team_boxscore', ofGame(0)), reconstructs: 'all' };
  expect([away, home].map((team) => turnoversOf(estimated(both), team))).toEqual([null, real + 1]);
  const [judged] = judgeGames(processorOf(offense), estimated(both));
  expect(judged?.verdict.detail).toContain(`those of ${away} are unknown`);
});

it("a row that came is never touched, and its coming is the decision's end", () => {
  const whole = estimated(withRows(missing, 'nbac_team_boxscore', night.rows.nbac_team_boxscore));
  expect(turnoversOf(whole, home)).toBe(real);
  expect(decisionsOver(whole)).toMatchObject([
    { how: 'cleared', reason: expect.stringContaining('have come') as string },
  ]);
  expect(decisionsOver(estimated(missing))).toEqual([]);
  expect(decisionsOver(estimated(missing, { estimate: { ...mean, teams: [away, home] } }))).toEqual([]);
  expect(decisionsOver(estimated(missing, { over: 'expired' }))).toMatchObject([{ how: 'expired' }]);
});

it('the turnovers of a made row are the one figure that is estimated, where they are known', () => {
  const [game] = gamesOf(estimated(missing));
  const [came, made] = [away, home].map((team) => game!.rowsOf(nbacTeamBoxscore).find(ofTeam(team))!);
  expect(game!.isEstimated).toBe(true);
  expect(game!.estimated(made!, 'turnovers')).toContain('the mean is 0.8 over 812 team games');
  expect([made!, came!, {}].map((row) => game!.estimated(row, 'points'))).toEqual([null, null, null]);
  expect([came!, { ...made! }].map((row) => game!.estimated(row, 'turnovers'))).toEqual([null, null]);
  for (const snapshot of [night, missing, estimated(night)]) {
    expect(gamesOf(snapshot)[0]!.isEstimated).toBe(false);
    const rows = gamesOf(snapshot)[0]!.rowsOf(nbacTeamBoxscore);
    expect(rows.map((row) => gamesOf(snapshot)[0]!.estimated(row, 'turnovers'))).toEqual([null, null]);
  }
  // Of two made rows the one whose team was not decided about is unknown.
  const [both] = gamesOf(estimated({ ...drop(night, 'nbac_team_boxscore', ofGame(0)), reconstructs: 'all' }));
  const [unknown, known] = [away, home].map((team) => both!.rowsOf(nbacTeamBoxscore).find(ofTeam(team))!);
  expect(both!.estimated(unknown!, 'turnovers')).toBeNull();
  expect(both!.estimated(known!, 'turnovers')).not.toBeNull();
  const names = `the team rows of ${away} and ${home} never came and are made from the players`;
  expect(both!.reconstructed?.detail).toMatch(
    new RegExp(
      `^${names}; the turnovers of ${home} are estimated as ${real + 1}: .*; those of ${away} are unknown$`,
    ),
  );
  expect(game!.reconstructed?.detail).not.toContain('unknown');
});

it('where the players have no turnovers either, an estimate gives none, and nothing is said of it', () => {
  const none = change(missing, 'nbac_gamebook_player_stats', ofTeam(home), { turnovers: null });
  for (const snapshot of [none, estimated(none)]) {
    const [game] = gamesOf(snapshot);
    expect([game!.isEstimated, turnoversOf(snapshot, home)]).toEqual([false, null]);
    expect(game!.reconstructed?.detail).toBe(
      `the team row of ${home} never came and is made from the players, so team turnovers, and what needs them, are unknown`,
    );
  }
});

it('a made row is made from the players of its team who played; one that came from nothing else', () => {
  const [game] = gamesOf(missing);
  const [came, made] = [away, home].map((team) => game!.rowsOf(nbacTeamBoxscore).find(ofTeam(team))!);
  const own = game!
    .rowsOf(nbacGamebookPlayerStats)
    .filter((row) => row.team_abbr === home && row.player_status === 'active');
  expect(own.length).toBeGreaterThan(0);
  expect(game!.madeFrom(made!)).toEqual(own.map((row) => [nbacGamebookPlayerStats, row]));
  expect(game!.madeFrom(came!)).toEqual([]);
  expect(game!.madeFrom({ ...made! })).toEqual([]);
});

it('the turnovers of the players of made rows are known where each of them has a count', () => {
  const made = (snapshot: Night) => madeTeams(gamesOf(snapshot)[0]!);
  expect(made(missing)).toEqual([{ team: home, ofPlayers: real }]);
  expect(made(night)).toEqual([]);
  const first = missing.rows.nbac_gamebook_player_stats.find(
    (row) => row.team_abbr === home && row.player_status === 'active',
  )!;
  const lacking = change(
    missing,
    'nbac_gamebook_player_stats',
    (row) => row.player_lookup === first.player_lookup,
    {
      turnovers: null,
    },
  );
  expect(made(lacking)).toEqual([{ team: home, ofPlayers: null }]);
  const nobody = { rowsOf: () => [] } as never;
  expect(madeTeams(nobody)).toEqual([]);
});

it('rules that hold the team row against others do not run on an estimate', () => {
  const states = (snapshot: Night) =>
    Object.fromEntries(gamesOf(snapshot)[0]!.rules.map(({ rule, status }) => [rule.name, status]));
  expect(states(night)['turnovers_are_in_the_team_row']).toBe('passed');
  // A warning that a count is not there is the one that has no ground any more.
  expect(states(estimated(missing))).toEqual({ ...states(missing), every_count_is_there: 'passed' });
  expect(states(estimated(missing))['turnovers_are_in_the_team_row']).toBe('not_run');
});

it('the turnovers of teams themselves are read from rows that came, and within what the rule lets pass', () => {
  const of = (snapshot: Night): number[] => countsOfTeams(gamesOf(snapshot)[0]!);
  const with2 = change(night, 'nbac_team_boxscore', ofTeam(home), { turnovers: real + 2 });
  expect(of(with2).sort()).toEqual([...of(night).slice(1), of(night)[0]! + 2].sort());
  expect(of(missing)).toHaveLength(1);
  expect(of(change(night, 'nbac_team_boxscore', ofTeam(home), { turnovers: real + 40 }))).toHaveLength(1);
  const unknown = change(night, 'nbac_gamebook_player_stats', ofTeam(home), { turnovers: null });
  expect(of(unknown)).toHaveLength(1);
});

it.each([
  ['none', 0, true],
  ['as many as the rule lets pass', mostOwnTurnovers, true],
  ['one more', mostOwnTurnovers + 1, false],
  ['fewer than its players', -1, false],
])('of a team with %s of its own the row counts: %s', (_what, own, counts) => {
  const of = (snapshot: Night): number[] => countsOfTeams(gamesOf(snapshot)[0]!);
  const without = of(change(night, 'nbac_team_boxscore', ofTeam(home), { turnovers: real + 40 }));
  const found = of(change(night, 'nbac_team_boxscore', ofTeam(home), { turnovers: real + own }));
  expect(found).toEqual(counts ? [...without, own] : without);
});

it('a row counts for nothing that was made, has no turnovers, or whose players are not known', () => {
  const of = (snapshot: Night): number[] => countsOfTeams(gamesOf(snapshot)[0]!);
  expect(of(night)).toHaveLength(2);
  expect(of(estimated(missing))).toHaveLength(1);
  expect(of(change(night, 'nbac_team_boxscore', ofTeam(home), { turnovers: null }))).toHaveLength(1);
  // So few that they could be of the team itself.
  const few = change(night, 'nbac_team_boxscore', ofTeam(home), { turnovers: 5 });
  expect(of(drop(few, 'nbac_gamebook_player_stats', ofTeam(home)))).toHaveLength(1);
  const unknown = { turnovers: null };
  expect(of(change(few, 'nbac_gamebook_player_stats', ofTeam(home), unknown))).toHaveLength(1);
});
