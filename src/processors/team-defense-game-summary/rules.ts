/** What must hold of defence rows before they go live. */
import { bothTeams, eachRow, isOutside, type Rule } from '../define-rule';
import { possibleRating, usualRating } from '../formulas/rating-ranges';
import type { TeamDefenseRow } from './table';

export const rules: readonly Rule<TeamDefenseRow, unknown>[] = [
  bothTeams((row: TeamDefenseRow) => row.defending_team_abbr),
  eachRow('made_at_most_attempted', true, (row: TeamDefenseRow) =>
    row.opp_fg_makes > row.opp_fg_attempts || (row.opp_ft_makes ?? 0) > row.opp_ft_attempts
      ? `${row.defending_team_abbr} allowed more shots than were taken`
      : null,
  ),
  eachRow('figures_are_possible', true, (row: TeamDefenseRow) =>
    row.points_allowed <= 0 ||
    row.opp_fg_attempts <= 0 ||
    row.opponent_possessions <= 0 ||
    isOutside(row.defensive_rating, possibleRating)
      ? `${row.defending_team_abbr} allowed ${row.points_allowed} points on ${row.opponent_possessions.toFixed(1)} possessions`
      : null,
  ),
  eachRow('rating_is_usual', false, (row: TeamDefenseRow) =>
    isOutside(row.defensive_rating, usualRating)
      ? `${row.defending_team_abbr} has a defensive rating of ${row.defensive_rating.toFixed(1)}`
      : null,
  ),
];
