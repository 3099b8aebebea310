/** What must hold of defence rows before they go live. */
import { bothTeams, eachRow, isOutside, unknownFigures, type Rule } from '../define-rule';
import { possibleRating, usualRating } from '../formulas/rating-ranges';
import type { TeamDefenseRow } from './table';

export const rules: readonly Rule<TeamDefenseRow, unknown>[] = [
  bothTeams((row: TeamDefenseRow) => row.defending_team_abbr),
  eachRow('figures_are_possible', true, (row: TeamDefenseRow) =>
    row.points_allowed <= 0 ||
    row.opp_fg_attempts <= 0 ||
    (row.opponent_possessions !== null && row.opponent_possessions <= 0) ||
    (row.defensive_rating !== null && isOutside(row.defensive_rating, possibleRating))
      ? `${row.defending_team_abbr} allowed ${row.points_allowed} points on ${row.opponent_possessions?.toFixed(1) ?? 'unknown'} possessions`
      : null,
  ),
  eachRow('rating_is_usual', false, (row: TeamDefenseRow) =>
    row.defensive_rating !== null && isOutside(row.defensive_rating, usualRating)
      ? `${row.defending_team_abbr} has a defensive rating of ${row.defensive_rating.toFixed(1)}`
      : null,
  ),
  unknownFigures((row: TeamDefenseRow) => row.defending_team_abbr, {
    opponent_possessions: ['turnovers_forced', 'opp_offensive_rebounds', 'defensive_rebounds'],
    opponent_efg_pct: ['opp_three_pt_makes'],
  }),
];
