/** What must hold before the rows go live. */
import type { TeamOffenseRow } from '../team-offense-game-summary/table';
import { eachRow, isOutside, type Rule } from '../define-rule';
import type { ShotMixRow } from './table';

export const rules: readonly Rule<ShotMixRow, { readonly offense: readonly TeamOffenseRow[] }>[] = [
  {
    name: 'one_row_for_each_team_of_the_offense',
    blocking: true,
    // A game whose offence a bypass waives has no row here, and that is all the bypass allows.
    find: (rows, { published }) =>
      published.offense
        .filter((team) => rows.filter((row) => row.team_abbr === team.team_abbr).length !== 1)
        .map((team) => ({ row: null, detail: `${team.team_abbr} has not one row` })),
  },
  // That it is a share at all follows from the rules of the game, which hold its rows before they come here.
  eachRow('three_pt_attempt_share_is_possible', true, (row: ShotMixRow) =>
    row.three_pt_attempt_share !== null && isOutside(row.three_pt_attempt_share, [0, 0.9])
      ? `${row.team_abbr} took ${(100 * row.three_pt_attempt_share).toFixed(0)} % of its shots from three`
      : null,
  ),
  eachRow('pace_is_usual', false, (row: ShotMixRow) =>
    row.pace !== null && isOutside(row.pace, [75, 130])
      ? `${row.team_abbr} played at a pace of ${row.pace.toFixed(1)}`
      : null,
  ),
];
