/** What must hold of offence rows before they go live. */
import { bothTeams, eachRow, isOutside, type Rule } from '../define-rule';
import { possibleRating, usualRating } from '../formulas/rating-ranges';
import type { TeamOffenseRow } from './table';

export const rules: readonly Rule<TeamOffenseRow, unknown>[] = [
  bothTeams((row: TeamOffenseRow) => row.team_abbr),
  eachRow('made_at_most_attempted', true, (row: TeamOffenseRow) =>
    row.fg_makes > row.fg_attempts ||
    (row.ft_makes ?? 0) > row.ft_attempts ||
    (row.three_pt_makes ?? 0) > (row.three_pt_attempts ?? Infinity)
      ? `${row.team_abbr} made more shots than it took`
      : null,
  ),
  eachRow('figures_are_possible', true, (row: TeamOffenseRow) =>
    row.points_scored <= 0 ||
    row.fg_attempts <= 0 ||
    row.possessions <= 0 ||
    isOutside(row.offensive_rating, possibleRating)
      ? `${row.team_abbr}: ${row.points_scored} points on ${row.possessions.toFixed(1)} possessions`
      : null,
  ),
  eachRow('shots_add_up_to_points', false, (row: TeamOffenseRow) => {
    if (row.three_pt_makes === null || row.ft_makes === null) return null;
    const points = 2 * row.fg_makes + row.three_pt_makes + row.ft_makes;
    return points === row.points_scored
      ? null
      : `${row.team_abbr} shot ${points} points, the row says ${row.points_scored}`;
  }),
  eachRow('rating_is_usual', false, (row: TeamOffenseRow) =>
    isOutside(row.offensive_rating, usualRating)
      ? `${row.team_abbr} has an offensive rating of ${row.offensive_rating.toFixed(1)}`
      : null,
  ),
];
