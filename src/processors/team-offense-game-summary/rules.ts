/** What must hold of offence rows before they go live. */
import { bothTeams, eachRow, isOutside, unknownFigures, type Rule } from '../define-rule';
import { possibleRating, usualRating } from '../formulas/rating-ranges';
import type { TeamOffenseRow } from './table';

export const rules: readonly Rule<TeamOffenseRow, unknown>[] = [
  bothTeams((row: TeamOffenseRow) => row.team_abbr),
  eachRow('figures_are_possible', true, (row: TeamOffenseRow) =>
    row.points_scored <= 0 ||
    row.fg_attempts <= 0 ||
    (row.possessions !== null && row.possessions <= 0) ||
    (row.offensive_rating !== null && isOutside(row.offensive_rating, possibleRating))
      ? `${row.team_abbr}: ${row.points_scored} points on ${row.possessions?.toFixed(1) ?? 'unknown'} possessions`
      : null,
  ),
  eachRow('rating_is_usual', false, (row: TeamOffenseRow) =>
    row.offensive_rating !== null && isOutside(row.offensive_rating, usualRating)
      ? `${row.team_abbr} has an offensive rating of ${row.offensive_rating.toFixed(1)}`
      : null,
  ),
  unknownFigures((row: TeamOffenseRow) => row.team_abbr, {
    possessions: ['turnovers', 'offensive_rebounds', 'defensive_rebounds'],
    efg_pct: ['three_pt_makes'],
  }),
];
