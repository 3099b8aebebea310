import { planPass, type PlanInput } from '../../src/plan/plan-pass';
import { processorsOf } from '../../src/plan/registry';
import type { Outcome, ProcessorName } from '../../src/contracts/phase3';
import { defense, offense, player, resultOf } from '../support/fixtures';

/** Processors by level. */
function plan(input: Partial<PlanInput>): ProcessorName[][] {
  const levels = planPass({
    requests: [],
    also: [],
    published: [],
    unsatisfied: [],
    results: {},
    ...input,
  });
  expect(levels.map((level) => level.level)).toEqual([...levels.map((level) => level.level)].sort());
  return levels.map((level) => level.processors);
}

const teamTrigger = { source: 'nbac_team_boxscore' };

describe('a trigger plans', () => {
  it.each([
    ['nbac_gamebook_player_stats', [[offense, defense], [player]]],
    ['nbac_player_boxscores', [[offense, defense], [player]]],
    ['nbac_team_boxscore', [[offense, defense]]],
    ['nbac_injury_report', [[player]]],
  ])('%s: its own groups, level by level', (source, levels) => {
    expect(plan({ requests: [{ source }] })).toEqual(levels);
  });

  it('its levels with their numbers and descriptions, as operators read them', () => {
    const levels = planPass({
      requests: [{ source: 'nbac_gamebook_player_stats' }],
      also: [],
      published: [],
      unsatisfied: [],
      results: {},
    });
    expect(levels.map(({ level, description }) => ({ level, description }))).toEqual([
      { level: 1, description: 'Team stats - foundation for player calculations' },
      { level: 2, description: 'Player stats - requires team possessions' },
    ]);
  });

  it('what a rerun names with its downstream, published or not; any other request only what it names', () => {
    const named = (...processors: ProcessorName[]) => ({ source: 'nbac_gamebook_player_stats', processors });
    expect(plan({ requests: [{ ...named(offense), kind: 'rerun' }] })).toEqual([[offense], [player]]);
    expect(plan({ requests: [{ ...named(offense), kind: 'run' }] })).toEqual([[offense]]);
    // Nothing reads the defence, and nothing comes after the players.
    for (const name of [defense, player] as const)
      expect(plan({ requests: [{ ...named(name), kind: 'rerun' }] })).toEqual([[name]]);
  });

  it('players alone still on level 2', () => {
    const [level] = planPass({
      requests: [{ source: 'nbac_injury_report' }],
      also: [],
      published: [],
      unsatisfied: [],
      results: {},
    });
    expect(level).toMatchObject({ level: 2, description: 'Player stats - requires team possessions' });
  });

  it('nothing for a source that sets off nothing', () => {
    expect(plan({ requests: [{ source: 'nbac_referees' }] })).toEqual([]);
    expect(processorsOf('nbac_referees')).toEqual([]);
  });

  it('only the named processors, where some are named', () => {
    expect(
      plan({ requests: [{ source: 'nbac_gamebook_player_stats', processors: [offense, player] }] }),
    ).toEqual([[offense], [player]]);
    expect(plan({ requests: [{ source: 'nbac_gamebook_player_stats', processors: [defense] }] })).toEqual([
      [defense],
    ]);
  });
});

describe('a downstream joins the plan of its upstream', () => {
  it('when it is published, or it would be left standing on an older offence', () => {
    expect(plan({ requests: [teamTrigger], published: [player] })).toEqual([[offense, defense], [player]]);
  });

  it('when an earlier run was asked for it and did not satisfy it', () => {
    expect(plan({ requests: [teamTrigger], unsatisfied: [player] })).toEqual([[offense, defense], [player]]);
  });

  it.each<[Outcome, boolean]>([
    ['waiting', true],
    ['blocked', true],
    ['quarantined', true],
    ['failed', true],
    ['upstream_failed', true],
    ['published', false],
    ['unchanged', false],
  ])('when this run left it %s: %s', (outcome, joins) => {
    const levels = plan({ requests: [teamTrigger], results: { [player]: resultOf(player, { outcome }) } });
    expect(levels).toEqual(joins ? [[offense, defense], [player]] : [[offense, defense]]);
  });

  it('unless this run has satisfied since what an earlier one owed', () => {
    expect(
      plan({ requests: [teamTrigger], unsatisfied: [player], results: { [player]: resultOf(player) } }),
    ).toEqual([[offense, defense]]);
  });

  it('also when the upstream is planned because a gate added it', () => {
    expect(plan({ also: [offense], published: [player] })).toEqual([[offense], [player]]);
  });

  it('but not for a sibling that it does not read', () => {
    const input: Partial<PlanInput> = { published: [player], unsatisfied: [player] };
    expect(plan({ requests: [{ source: 'nbac_team_boxscore', processors: [defense] }], ...input })).toEqual([
      [defense],
    ]);
  });

  it('and otherwise is left alone: nobody asked for it', () => {
    expect(plan({ requests: [teamTrigger] })).toEqual([[offense, defense]]);
  });
});

describe('an upstream is never pulled in', () => {
  it.each<[state: string, input: Partial<PlanInput>]>([
    ['not published', {}],
    ['published', { published: [offense, defense] }],
    ['owed by an earlier run', { unsatisfied: [offense, defense] }],
    ['failed in this run', { results: { [offense]: resultOf(offense, { outcome: 'failed' }) } }],
  ])('while it is %s', (_state, input) => {
    expect(plan({ requests: [{ source: 'nbac_injury_report' }], ...input })).toEqual([[player]]);
    expect(plan({ requests: [{ source: 'nbac_team_boxscore', processors: [player] }], ...input })).toEqual([
      [player],
    ]);
  });
});

describe('what is unfinished', () => {
  it('is merged with the new request', () => {
    expect(plan({ requests: [{ source: 'nbac_injury_report' }], also: [defense] })).toEqual([
      [defense],
      [player],
    ]);
  });

  it('is planned without any request', () => {
    expect(plan({ also: [player, offense] })).toEqual([[offense], [player]]);
  });
});

describe('the plan does not depend on the order', () => {
  const all = [
    { source: 'nbac_injury_report' },
    { source: 'nbac_team_boxscore', processors: [defense] },
    { source: 'nbac_gamebook_player_stats', processors: [player, offense] },
  ] as const;

  it.each([[[0, 1, 2]], [[0, 2, 1]], [[1, 0, 2]], [[1, 2, 0]], [[2, 0, 1]], [[2, 1, 0]]])(
    'of requests: %j',
    (order) => {
      expect(plan({ requests: order.map((index) => all[index]!) })).toEqual([[offense, defense], [player]]);
    },
  );

  it('of what is named, left over or published', () => {
    expect(plan({ also: [player, defense, offense] })).toEqual([[offense, defense], [player]]);
    expect(plan({ also: [offense], published: [player, defense, offense] })).toEqual(
      plan({ also: [offense], published: [offense, defense, player] }),
    );
  });

  it('of a request that came twice', () => {
    expect(plan({ requests: [teamTrigger, teamTrigger] })).toEqual([[offense, defense]]);
  });
});
