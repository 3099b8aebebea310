import type { TeamOffenseRow } from '../../../src/processors/team-offense-game-summary/table';
import { change, offense, ofTeam } from '../../support/fixtures';
import { away, describeRules, failures, goodRows, night } from '../rules';

function rowsWith(changes: Partial<TeamOffenseRow>): readonly TeamOffenseRow[] {
  return change(night, 'team_offense_game_summary', ofTeam(away), changes).rows.team_offense_game_summary;
}

/** What nobody can compute where a count is not known. */
const unknown = { possessions: null, pace: null, offensive_rating: null } as const;

describeRules(offense, {
  blocking: [
    ['two_rows_a_game', `${away} has no row`, goodRows(offense).filter((row) => row['team_abbr'] !== away)],
    ['two_rows_a_game', 'XXX has a row but no game', rowsWith({ team_abbr: 'XXX' })],
    [
      'figures_are_possible',
      `${away}: 96 points on 12.0 possessions`,
      rowsWith({ possessions: 12, offensive_rating: 800 }),
    ],
    ['figures_are_possible', `${away}: 0 points`, rowsWith({ points_scored: 0 })],
    ['figures_are_possible', `${away}: 96 points`, rowsWith({ fg_attempts: 0, fg_makes: 0 })],
    ['figures_are_possible', 'on 0.0 possessions', rowsWith({ possessions: 0 })],
    ['figures_are_possible', 'on unknown possessions', rowsWith({ ...unknown, points_scored: 0 })],
    ['figures_are_possible', `${away}: 96 points`, rowsWith({ offensive_rating: Number.NaN })],
  ],
  warning: [
    [
      'figures_are_known',
      `${away}: possessions is null: turnovers unknown`,
      rowsWith({ ...unknown, turnovers: null }),
    ],
    [
      'figures_are_known',
      `${away}: efg_pct is null: three_pt_makes unknown`,
      rowsWith({ efg_pct: null, three_pt_makes: null }),
    ],
    ['rating_is_usual', `${away} has an offensive rating of 200.0`, rowsWith({ offensive_rating: 200 })],
  ],
});

it('what the source does not say is not held against a team', () => {
  expect(failures(offense, rowsWith({ three_pt_makes: null, three_pt_attempts: null }))).toEqual({});
  expect(Object.keys(failures(offense, rowsWith({ ...unknown, turnovers: null })))).toEqual([
    'figures_are_known',
  ]);
});
