/** Rules of one line of a box score, a player's or a team's: what no line of a real game can say. Pure. */
import type { Figure } from '../../contracts/phase3';
import type { GamebookPlayerRow } from '../../sources/nbac-gamebook-player-stats/table';
import type { TeamBoxscoreRow } from '../../sources/nbac-team-boxscore/table';
import { parseMinutes } from '../../sources/parse-minutes';
import { counts, summed, turnovers } from './columns';
import {
  ofPlayer,
  ofTeam,
  spelled,
  type Contradiction,
  type GameRule,
  type RuleInput,
  type Side,
} from './define-rule';
import { sumOf } from './sums';

/** A line of either table under the names that these rules use. */
interface Line {
  readonly who: string;
  readonly made: number | null;
  readonly attempted: number | null;
  readonly threesMade: number | null;
  readonly threesAttempted: number | null;
  readonly freeThrowsMade: number | null;
  readonly freeThrowsAttempted: number | null;
  readonly points: number | null;
  readonly figures: (...words: ('fg' | 'three' | 'ft')[]) => Figure[];
  /** What makes the points, and the points. */
  readonly scored: readonly Figure[];
}

function ofPlayerRow(row: GamebookPlayerRow): Line {
  const fields = {
    fg: ['field_goals_made', 'field_goals_attempted'],
    three: ['three_pointers_made', 'three_pointers_attempted'],
    ft: ['free_throws_made', 'free_throws_attempted'],
  } as const;
  return {
    who: `${row.player_lookup} (${row.team_abbr})`,
    ...{ made: row.field_goals_made, attempted: row.field_goals_attempted },
    ...{ threesMade: row.three_pointers_made, threesAttempted: row.three_pointers_attempted },
    ...{ freeThrowsMade: row.free_throws_made, freeThrowsAttempted: row.free_throws_attempted },
    points: row.points,
    figures: (...words) => words.flatMap((word) => fields[word].map((field) => ofPlayer(row, field))),
    scored: (['points', 'field_goals_made', 'three_pointers_made', 'free_throws_made'] as const).map(
      (field) => ofPlayer(row, field),
    ),
  };
}

function ofTeamRow(row: TeamBoxscoreRow): Line {
  const fields = {
    fg: ['fg_made', 'fg_attempted'],
    three: ['three_pt_made', 'three_pt_attempted'],
    ft: ['ft_made', 'ft_attempted'],
  } as const;
  return {
    who: `the team row of ${row.team_abbr}`,
    ...{ made: row.fg_made, attempted: row.fg_attempted },
    ...{ threesMade: row.three_pt_made, threesAttempted: row.three_pt_attempted },
    ...{ freeThrowsMade: row.ft_made, freeThrowsAttempted: row.ft_attempted },
    points: row.points,
    figures: (...words) => words.flatMap((word) => fields[word].map((field) => ofTeam(row, field))),
    scored: (['points', 'fg_made', 'three_pt_made', 'ft_made'] as const).map((field) => ofTeam(row, field)),
  };
}

function linesOf({ sides }: RuleInput): Line[] {
  return sides.flatMap(({ row, active }) => [...(row ? [ofTeamRow(row)] : []), ...active.map(ofPlayerRow)]);
}

/** Whether one figure is above another; an unknown one is above nothing. */
function exceeds(some: number | null, other: number | null): boolean {
  return some !== null && other !== null && some > other;
}

const decimalApart = 0.01;
const percentageApart = 0.001;
/** What binary fractions may differ by that print alike. */
const ulp = 1e-9;

export const lineRules: readonly GameRule[] = [
  {
    id: 'T1',
    name: 'counts_are_counts',
    sentence: 'No count is negative.',
    needs: [],
    blocking: true,
    tolerance: null,
    since: '0.1.0',
    find: ({ sides }) =>
      sides.flatMap(({ row, active }) => [
        ...counts.flatMap(({ words, team }) =>
          row && (row[team] ?? 0) < 0
            ? [
                {
                  detail: `the team row of ${row.team_abbr} has ${row[team]} ${words}`,
                  figures: [ofTeam(row, team)],
                },
              ]
            : [],
        ),
        ...active.flatMap((own) =>
          counts.flatMap(({ words, player }) =>
            (own[player] ?? 0) < 0
              ? [
                  {
                    detail: `${own.player_lookup} (${own.team_abbr}) has ${own[player]} ${words}`,
                    figures: [ofPlayer(own, player)],
                  },
                ]
              : [],
          ),
        ),
      ]),
  },
  {
    id: 'P1',
    name: 'counts_are_known_or_unknown',
    sentence:
      'A count that some active players of a game have is known of all of them, unless the team row shows that it is 0 for the others.',
    needs: ['nbac_gamebook_player_stats'],
    blocking: true,
    tolerance: null,
    since: '0.1.0',
    find: (input) => summed.concat(turnovers).flatMap((count) => partlyUnknown(input, count)),
  },
  {
    id: 'P2',
    name: 'makes_are_attempts',
    sentence:
      'Makes are at most attempts, threes at most field goals, and three-point attempts at most field goal attempts.',
    needs: [],
    blocking: true,
    tolerance: null,
    since: '0.1.0',
    find: (input) =>
      linesOf(input).flatMap((line): Contradiction[] => {
        const { who, made, attempted, threesMade, threesAttempted, freeThrowsMade, freeThrowsAttempted } =
          line;
        const include = 'field goals, which include them';
        const pairs: readonly [number | null, number | null, string, Parameters<Line['figures']>][] = [
          [made, attempted, `made ${made} of ${attempted} field goals`, ['fg']],
          [threesMade, threesAttempted, `made ${threesMade} of ${threesAttempted} threes`, ['three']],
          [
            freeThrowsMade,
            freeThrowsAttempted,
            `made ${freeThrowsMade} of ${freeThrowsAttempted} free throws`,
            ['ft'],
          ],
          [threesMade, made, `made ${threesMade} threes and ${made} ${include}`, ['three', 'fg']],
          [
            threesAttempted,
            attempted,
            `took ${threesAttempted} threes and ${attempted} ${include}`,
            ['three', 'fg'],
          ],
        ];
        return pairs.flatMap(([part, whole, detail, words]) =>
          exceeds(part, whole) ? [{ detail: `${who} ${detail}`, figures: line.figures(...words) }] : [],
        );
      }),
  },
  {
    id: 'P3',
    name: 'shots_make_the_points',
    sentence: 'Points are two for each field goal, one more for each three and one for each free throw.',
    needs: [],
    blocking: true,
    tolerance: null,
    since: '0.1.0',
    find: (input) =>
      linesOf(input).flatMap((line) => {
        const { made, threesMade, freeThrowsMade, points, who } = line;
        if (made === null || threesMade === null || freeThrowsMade === null || points === null) return [];
        const shot = 2 * made + threesMade + freeThrowsMade;
        return shot === points
          ? []
          : [
              {
                detail: `the shots of ${who} make ${shot} points, the row has ${points}`,
                figures: line.scored,
              },
            ];
      }),
  },
  {
    id: 'P5',
    name: 'minutes_can_be_read',
    sentence:
      'The minutes of an active player and of a team are written MM:SS, as minutes, or as PT34M12.00S.',
    needs: [],
    blocking: true,
    tolerance: null,
    since: '0.1.0',
    find: ({ sides, come }) =>
      sides.flatMap(({ row, active }) => [
        ...(row && row.minutes !== null && parseMinutes(row.minutes) === null
          ? [
              {
                detail: `the minutes of the team row of ${row.team_abbr} are ${spelled(row.minutes)}, which is no time`,
                figures: [ofTeam(row, 'minutes')],
              },
            ]
          : []),
        // A list of names that came before the game was over has no minutes, and is no box score yet.
        ...(come.has('nbac_gamebook_player_stats') ? active : []).flatMap((own) =>
          parseMinutes(own.minutes) === null
            ? [
                {
                  detail: `the minutes of ${own.player_lookup} (${own.team_abbr}), who is active, are ${spelled(own.minutes)}, which is no time`,
                  figures: [ofPlayer(own, 'minutes')],
                },
              ]
            : [],
        ),
      ]),
  },
  {
    id: 'P6',
    name: 'minutes_agree_with_their_decimal',
    sentence: "A player's minutes are the same as text and as a decimal number.",
    needs: ['nbac_gamebook_player_stats'],
    blocking: true,
    tolerance: { value: decimalApart, unit: 'minutes', why: 'the decimal has two digits' },
    since: '0.1.0',
    find: ({ sides }) =>
      sides.flatMap(({ active }) =>
        active.flatMap((own) => {
          const [minutes, decimal] = [parseMinutes(own.minutes), own.minutes_decimal];
          if (minutes === null || decimal === null || Math.abs(minutes - decimal) <= decimalApart + ulp)
            return [];
          return [
            {
              detail: `${own.player_lookup} (${own.team_abbr}) has minutes ${spelled(own.minutes)} and minutes_decimal ${decimal}`,
              figures: [ofPlayer(own, 'minutes'), ofPlayer(own, 'minutes_decimal')],
            },
          ];
        }),
      ),
  },
  {
    id: 'R1',
    name: 'total_rebounds_add_up',
    sentence: 'Total rebounds are offensive plus defensive rebounds, of a player and of a team.',
    needs: [],
    blocking: true,
    tolerance: null,
    since: '0.1.0',
    find: ({ sides }) =>
      sides.flatMap(({ row, active }) => [
        ...(row && isOffTotal(row)
          ? [
              {
                detail: `the team row of ${row.team_abbr} has ${row.offensive_rebounds} offensive and ${row.defensive_rebounds} defensive rebounds, and ${row.total_rebounds} in total`,
                figures: (['offensive_rebounds', 'defensive_rebounds', 'total_rebounds'] as const).map(
                  (field) => ofTeam(row, field),
                ),
              },
            ]
          : []),
        ...active.filter(isOffTotal).map((own) => ({
          detail: `${own.player_lookup} (${own.team_abbr}) has ${own.offensive_rebounds} offensive and ${own.defensive_rebounds} defensive rebounds, and ${own.total_rebounds} in total`,
          figures: (['offensive_rebounds', 'defensive_rebounds', 'total_rebounds'] as const).map((field) =>
            ofPlayer(own, field),
          ),
        })),
      ]),
  },
  {
    id: 'T5',
    name: 'percentages_are_of_the_shots',
    sentence: 'A stated shooting percentage is makes divided by attempts.',
    needs: ['nbac_team_boxscore'],
    blocking: true,
    tolerance: { value: percentageApart, unit: '', why: 'percentages have three digits' },
    since: '0.1.0',
    find: ({ sides }) =>
      sides.flatMap(({ row }) =>
        row
          ? percentages.flatMap(([stated, made, attempted]) => {
              const [share, makes, attempts] = [row[stated], row[made], row[attempted]];
              if (share === null || makes === null || attempts === null || attempts === 0) return [];
              if (Math.abs(share - makes / attempts) <= percentageApart + ulp) return [];
              return [
                {
                  detail: `the team row of ${row.team_abbr} has ${stated} ${share}, and ${makes} of ${attempts} is ${(makes / attempts).toFixed(3)}`,
                  figures: [ofTeam(row, stated), ofTeam(row, made), ofTeam(row, attempted)],
                },
              ];
            })
          : [],
      ),
  },
  {
    id: 'T11',
    name: 'plays_need_the_other_side',
    sentence:
      "A team's assists are at most its field goals, its steals at most the opponent's turnovers, its blocks at most the opponent's missed field goals.",
    // A row that was rebuilt from its players has their assists.
    needs: [],
    blocking: true,
    tolerance: null,
    since: '0.1.0',
    find: ({ sides: [away, home] }) => [...impossiblePlays(away, home), ...impossiblePlays(home, away)],
  },
];

const percentages = [
  ['fg_percentage', 'fg_made', 'fg_attempted'],
  ['three_pt_percentage', 'three_pt_made', 'three_pt_attempted'],
  ['ft_percentage', 'ft_made', 'ft_attempted'],
] as const;

function isOffTotal(row: {
  readonly offensive_rebounds: number | null;
  readonly defensive_rebounds: number | null;
  readonly total_rebounds: number | null;
}): boolean {
  const { offensive_rebounds: off, defensive_rebounds: def, total_rebounds: total } = row;
  return off !== null && def !== null && total !== null && off + def !== total;
}

/** A count that is empty for some active players of the game and not for others, where no sum says that it is 0. */
function partlyUnknown({ sides }: RuleInput, count: (typeof summed)[number]): Contradiction[] {
  const isKnown = (row: GamebookPlayerRow): boolean => row[count.player] !== null;
  // In an era without the column nobody has it, and nothing that needs it is computed.
  if (!sides.some(({ active }) => active.some(isKnown))) return [];
  return sides.flatMap((side) => {
    const unknown = side.active.filter((row) => !isKnown(row));
    const stated = side.row?.[count.team] ?? null;
    if (unknown.length === 0 || (stated !== null && sumOf(side, count) === stated)) return [];
    const names = unknown.slice(0, 3).map((row) => row.player_lookup);
    const more = unknown.length > 3 ? ` and ${unknown.length - 3} more` : '';
    return [
      {
        detail: `${count.player} is empty for ${names.join(', ')}${more} of ${side.team}, and known of others; the team row has ${stated ?? 'none'}`,
        figures: unknown.slice(0, 3).map((row) => ofPlayer(row, count.player)),
      },
    ];
  });
}

function impossiblePlays({ row }: Side, { row: other }: Side): Contradiction[] {
  if (!row || !other) return [];
  const missed =
    other.fg_attempted === null || other.fg_made === null ? null : other.fg_attempted - other.fg_made;
  return [
    ...(exceeds(row.assists, row.fg_made)
      ? [
          {
            detail: `${row.team_abbr} has ${row.assists} assists on ${row.fg_made} field goals`,
            figures: [ofTeam(row, 'assists'), ofTeam(row, 'fg_made')],
          },
        ]
      : []),
    ...(exceeds(row.steals, other.turnovers)
      ? [
          {
            detail: `${row.team_abbr} has ${row.steals} steals, ${other.team_abbr} lost the ball ${other.turnovers} times`,
            figures: [ofTeam(row, 'steals'), ofTeam(other, 'turnovers')],
          },
        ]
      : []),
    ...(exceeds(row.blocks, missed)
      ? [
          {
            detail: `${row.team_abbr} has ${row.blocks} blocks, ${other.team_abbr} missed ${missed} field goals`,
            figures: [ofTeam(row, 'blocks'), ofTeam(other, 'fg_attempted'), ofTeam(other, 'fg_made')],
          },
        ]
      : []),
  ];
}
