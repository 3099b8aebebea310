import type { TeamDefenseRow } from '../../../src/processors/team-defense-game-summary/table';
import { change, defense } from '../../support/fixtures';
import { away, describeRules, failures, goodRows, night } from '../rules';

function rowsWith(changes: Partial<TeamDefenseRow>): readonly TeamDefenseRow[] {
  const isAway = (row: TeamDefenseRow): boolean => row.defending_team_abbr === away;
  return change(night, 'team_defense_game_summary', isAway, changes).rows.team_defense_game_summary;
}

/** What nobody can compute where a count is not known. */
const unknown = { opponent_possessions: null, opponent_pace: null, defensive_rating: null } as const;

describeRules(defense, {
  blocking: [
    [
      'two_rows_a_game',
      `${away} has no row`,
      goodRows(defense).filter((row) => row['defending_team_abbr'] !== away),
    ],
    [
      'figures_are_possible',
      `${away} allowed 98 points on 0.0 possessions`,
      rowsWith({ opponent_possessions: 0 }),
    ],
    ['figures_are_possible', 'on unknown possessions', rowsWith({ ...unknown, points_allowed: 0 })],
    ['figures_are_possible', `${away} allowed 98 points`, rowsWith({ opp_fg_attempts: 0 })],
    ['figures_are_possible', `${away} allowed 0 points`, rowsWith({ points_allowed: 0 })],
    ['figures_are_possible', `${away} allowed 98 points`, rowsWith({ defensive_rating: Number.NaN })],
  ],
  warning: [
    [
      'figures_are_known',
      `${away}: opponent_efg_pct is null: opp_three_pt_makes unknown`,
      rowsWith({ opp_three_pt_makes: null, opponent_efg_pct: null }),
    ],
    [
      'figures_are_known',
      `${away}: opponent_possessions is null: turnovers_forced unknown`,
      rowsWith({ ...unknown, turnovers_forced: null }),
    ],
    ['rating_is_usual', `${away} has a defensive rating of 60.0`, rowsWith({ defensive_rating: 60 })],
  ],
});

it('what the source does not say is not held against a team', () => {
  expect(Object.keys(failures(defense, rowsWith({ ...unknown, turnovers_forced: null })))).toEqual([
    'figures_are_known',
  ]);
});
