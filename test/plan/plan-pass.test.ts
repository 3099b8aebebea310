/** What a pass plans: its requests by level, the downstreams that must not be left behind, and never an upstream. */
import type { ProcessorName } from '../../src/contracts/phase3';
import { planPass, type PlanInput } from '../../src/plan/plan-pass';
import { defense, offense, player, resultOf } from '../support/fixtures';

function plan(input: Partial<PlanInput>) {
  return planPass({ requests: [], also: [], published: [], unsatisfied: [], results: {}, ...input });
}

const named = (...processors: ProcessorName[]) => ({ source: 'nbac_gamebook_player_stats', processors });
const from = (source: string) => ({ requests: [{ source }] });
const ofTeams = from('nbac_team_boxscore');
const ofInjuries = from('nbac_injury_report');
const rerun = (name: ProcessorName) => ({ requests: [{ ...named(name), kind: 'rerun' as const }] });
const left = (name: ProcessorName, outcome: Parameters<typeof resultOf>[1]) => ({
  results: { [name]: resultOf(name, outcome) },
});

const [none, players, offenseOnly, defenseOnly] = [[], [[player]], [[offense]], [[defense]]];
const teams = [[offense, defense]];
const all = [[offense, defense], [player]];
const offenseThenPlayers = [[offense], [player]];

test.each<readonly [what: string, input: Partial<PlanInput>, levels: readonly (readonly ProcessorName[])[]]>([
  ['a trigger of everything', from('nbac_gamebook_player_stats'), all],
  ['a trigger of the teams', ofTeams, teams],
  ['a trigger of the players', ofInjuries, players],
  ['a trigger of nothing', from('nbac_referees'), none],
  ['a rerun, with the downstream of what it names', rerun(offense), offenseThenPlayers],
  ['a rerun of what nothing reads', rerun(defense), defenseOnly],
  ['a rerun of the last level', rerun(player), players],
  ['a run of one', { requests: [{ ...named(offense), kind: 'run' }] }, offenseOnly],
  ['a run of two levels', { requests: [named(offense, player)] }, offenseThenPlayers],
  // A downstream joins its upstream's plan …
  ['which is published and would stand on older rows', { ...ofTeams, published: [player] }, all],
  ['which an earlier run owes', { ...ofTeams, unsatisfied: [player] }, all],
  ...(['waiting', 'blocked', 'quarantined', 'failed', 'upstream_failed'] as const).map(
    (outcome) =>
      [`which this run left ${outcome}`, { ...ofTeams, ...left(player, { outcome }) }, all] as const,
  ),
  ['of an upstream that a gate added', { also: [offense], published: [player] }, offenseThenPlayers],
  // … and else it does not.
  ['which this run has published', { ...ofTeams, ...left(player, {}) }, teams],
  ['which this run found unchanged', { ...ofTeams, ...left(player, { outcome: 'unchanged' }) }, teams],
  ['which was owed and is satisfied', { ...ofTeams, unsatisfied: [player], ...left(player, {}) }, teams],
  [
    'which does not read what is planned',
    { requests: [named(defense)], published: [player], unsatisfied: [player] },
    defenseOnly,
  ],
  // An upstream is never pulled in.
  ['players, with published teams', { ...ofInjuries, published: [offense, defense] }, players],
  [
    'players, with teams that an earlier run owes',
    { ...ofInjuries, unsatisfied: [offense, defense] },
    players,
  ],
  ['players, with a failed offence', { ...ofInjuries, ...left(offense, { outcome: 'failed' }) }, players],
  ['players by name', { requests: [named(player)], unsatisfied: [offense] }, players],
  // What is unfinished is planned with the request, and without one.
  ['what is left over, and a request', { ...ofInjuries, also: [defense] }, [[defense], [player]]],
  ['what is left over, in any order', { also: [player, defense, offense] }, all],
  ['a request that came twice', { requests: [...ofTeams.requests, ...ofTeams.requests] }, teams],
])('%s', (_what, input, levels) => {
  expect(plan(input).map(({ processors }) => processors)).toEqual(levels);
});

test('levels have their numbers and descriptions, as operators read them', () => {
  const second = { level: 2, description: 'Player stats - requires team possessions' };
  expect(plan(from('nbac_gamebook_player_stats'))).toMatchObject([
    { level: 1, description: 'Team stats - foundation for player calculations' },
    second,
  ]);
  expect(plan(ofInjuries)).toMatchObject([second]);
});

test.each([[[0, 1, 2]], [[0, 2, 1]], [[1, 0, 2]], [[1, 2, 0]], [[2, 0, 1]], [[2, 1, 0]]])(
  'the order of requests does not matter: %j',
  (order) => {
    const requests = [...ofInjuries.requests, named(defense), named(player, offense)];
    const levels = plan({ requests: order.flatMap((index) => requests[index] ?? []) });
    expect(levels.map(({ processors }) => processors)).toEqual(all);
  },
);
