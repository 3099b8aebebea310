/** What is usual of offence rows, by the table's own history: how fast a game is, and how much a team does in it. */
import type { HistoryRule } from '../define-history';
import type { TeamOffenseRow } from './table';

/** Both teams wrong alike contradict no other source: only the nights before say that nobody plays so fast. */
export const history: HistoryRule<TeamOffenseRow> = {
  id: 'A1',
  name: 'figures_are_usual',
  sentence: 'Pace, shots and points of a team are within what the table has had in the 45 days before.',
  figures: [
    { name: 'pace', of: (row) => row.pace },
    { name: 'fg_attempts per 48 minutes', of: (row) => per48(row.fg_attempts, row) },
    { name: 'points_scored per 48 minutes', of: (row) => per48(row.points_scored, row) },
  ],
  rowOf: (row) => row.team_abbr,
  days: 45,
  fewestRows: 100,
  tolerance: {
    value: 4.2,
    unit: 'robust standard deviations',
    why: 'at most 3.9 in 2024-25; both teams times 1.3 are found in 95 of 100 games',
  },
  since: '0.1.0',
};

/** Overtime makes no figure unusual. */
function per48(count: number, { team_minutes: minutes }: TeamOffenseRow): number {
  return (48 * count) / (minutes / 5);
}
