/** Rules that hold a team's row against the sum over its players, and both against the score. Pure. */
import { parseMinutes } from '../../sources/parse-minutes';
import { plays, rebounds, shots, turnovers, type Count } from './columns';
import {
  ofSchedule,
  ofSum,
  ofTeam,
  spelled,
  type Contradiction,
  type GameRule,
  type RuleInput,
  type Side,
} from './define-rule';

const both = ['nbac_team_boxscore', 'nbac_gamebook_player_stats'] as const;

/** Sum over a team's active players; null where nobody has the figure. Who lacks it counts as 0: the rule T1 sees to him. */
export function sumOf({ active }: Pick<Side, 'active'>, { player }: Count): number | null {
  const known = active.flatMap((row) => row[player] ?? []);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

/** Seconds that a team's active players played, together; null where nobody's minutes can be read. */
function secondsOf({ active }: Pick<Side, 'active'>): number | null {
  const known = active.flatMap((row) => parseMinutes(row.minutes) ?? []);
  return known.length === 0 ? null : Math.round(60 * known.reduce((sum, value) => sum + value, 0));
}

function addUp(columns: readonly Count[]): GameRule['find'] {
  return ({ sides }) =>
    sides.flatMap((side) =>
      columns.flatMap((count) => {
        const { row, team } = side;
        const [stated, sum] = [row?.[count.team] ?? null, sumOf(side, count)];
        if (!row || stated === null || sum === null || stated === sum) return [];
        return {
          detail: `the ${count.words} of ${team}'s players add up to ${sum}, its team row has ${stated}`,
          figures: [ofTeam(row, count.team), ofSum(team, count.player, sum)],
        };
      }),
    );
}

/** Most turnovers of a team that are in no player's line. */
export const mostOwnTurnovers = 8;
const secondsApart = 10;

export const sumRules: readonly GameRule[] = [
  {
    id: 'S1',
    name: 'shots_and_points_add_up',
    sentence: "The shots and points of a team's players add up to its team row.",
    needs: both,
    blocking: true,
    tolerance: null,
    since: '0.1.0',
    find: addUp(shots),
  },
  {
    id: 'S2',
    name: 'rebounds_add_up',
    sentence:
      "The rebounds of a team's players add up to its team row, and the total is offensive plus defensive.",
    needs: both,
    blocking: true,
    tolerance: null,
    since: '0.1.0',
    find: addUp(rebounds),
  },
  {
    id: 'S3',
    name: 'plays_add_up',
    sentence: "The assists, steals, blocks and fouls of a team's players add up to its team row.",
    needs: both,
    blocking: true,
    tolerance: null,
    since: '0.1.0',
    find: addUp(plays),
  },
  {
    id: 'S4',
    name: 'turnovers_are_in_the_team_row',
    sentence: "The players' turnovers are at most the team row's, which also has those of the team itself.",
    needs: both,
    blocking: true,
    tolerance: { value: mostOwnTurnovers, unit: 'turnovers', why: '0 to 7 seen in 2024-25' },
    since: '0.1.0',
    find: ({ sides }) =>
      sides.flatMap((side) => {
        const { row, team } = side;
        const [stated, sum] = [row?.turnovers ?? null, sumOf(side, turnovers)];
        if (!row || stated === null || sum === null) return [];
        if (sum <= stated && stated - sum <= mostOwnTurnovers) return [];
        return {
          detail: `the turnovers of ${team}'s players add up to ${sum}, its team row has ${stated}`,
          figures: [ofTeam(row, 'turnovers'), ofSum(team, 'turnovers', sum)],
        };
      }),
  },
  {
    id: 'S5',
    name: 'minutes_add_up',
    sentence: "The minutes of a team's players add up to its team row.",
    needs: both,
    blocking: true,
    tolerance: { value: secondsApart, unit: 's', why: 'at most 7 s apart in two seasons' },
    since: '0.1.0',
    find: ({ sides }) =>
      sides.flatMap((side) => {
        const { row, team } = side;
        const [stated, seconds] = [parseMinutes(row?.minutes ?? null), secondsOf(side)];
        if (!row || stated === null || seconds === null) return [];
        const apart = Math.abs(60 * stated - seconds);
        if (apart <= secondsApart + roundedSeconds(row, side)) return [];
        return {
          detail: `${team}'s players played ${clock(seconds)}, its team row has ${spelled(row.minutes)}: ${Math.round(apart)} s apart`,
          figures: [ofTeam(row, 'minutes'), ofSum(team, 'minutes', clock(seconds))],
        };
      }),
  },
  {
    id: 'G1',
    name: 'points_are_the_score',
    sentence: "A team's points are its score in the schedule, by its team row and by its players.",
    needs: [],
    blocking: true,
    tolerance: null,
    since: '0.1.0',
    find: (input) => input.sides.flatMap((side) => offTheScore(input, side)),
  },
];

/** Needs no source to be run: each that has come is held against the schedule. */
function offTheScore({ scheduled, come }: RuleInput, side: Side): Contradiction[] {
  const { row, score, team } = side;
  if (score === null) return [];
  const inSchedule = ofSchedule(scheduled, side.isHome ? 'home_team_score' : 'away_team_score');
  const players = come.has('nbac_gamebook_player_stats')
    ? sumOf(side, { words: 'points', player: 'points', team: 'points' })
    : null;
  return [
    ...(row && row.points !== null && row.points !== score
      ? [
          {
            detail: `the team row of ${team} has ${row.points} points, the schedule's score is ${score}`,
            figures: [inSchedule, ofTeam(row, 'points')],
          },
        ]
      : []),
    ...(players !== null && players !== score
      ? [
          {
            detail: `the points of ${team}'s players add up to ${players}, the schedule's score is ${score}`,
            figures: [inSchedule, ofSum(team, 'points', players)],
          },
        ]
      : []),
  ];
}

/** Seconds that feeds of whole minutes may have rounded off: one minute of a team, half of one of each player. */
function roundedSeconds(row: { readonly minutes: string | null }, { active }: Side): number {
  return (isWhole(row) ? 60 : 0) + (active.every(isWhole) ? 30 * active.length : 0);
}

/** Whether minutes are given without seconds. */
function isWhole({ minutes }: { readonly minutes: string | null }): boolean {
  return /^\s*\d+\s*$/.test(minutes ?? '');
}

function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
