/** What is worth a warning and holds nothing: a game can be so, and seldom is. Pure. */
import type { GamebookPlayerRow } from '../../sources/nbac-gamebook-player-stats/table';
import type { TeamBoxscoreRow } from '../../sources/nbac-team-boxscore/table';
import { parseMinutes } from '../../sources/parse-minutes';
import { teamSidePossessions, type TeamPlays } from '../possessions';
import { counts } from './columns';
import {
  ofPlayer,
  ofSum,
  ofTeam,
  type Contradiction,
  type GameRule,
  type RuleInput,
  type Side,
} from './define-rule';

const possessionsApart = 12;
const fewestListed = 13;
const plusMinusApart = 5;
const mostWithoutPlusMinus = 2;
/** Minutes in which a player's own plus-minus can still be missing: he was on court for a play. */
const momentsOnCourt = 1;

export const warningRules: readonly GameRule[] = [
  {
    id: 'W1',
    name: 'both_sides_have_the_ball_as_often',
    sentence: "Both teams' possessions are about as many.",
    needs: ['nbac_team_boxscore'],
    blocking: false,
    tolerance: { value: possessionsApart, unit: 'possessions', why: 'at most 11.3 apart in 2024-25' },
    since: '0.1.0',
    find: ({ sides: [away, home] }) => {
      const [one, other] = [possessionsOf(away, home), possessionsOf(home, away)];
      if (one === null || other === null || Math.abs(one - other) <= possessionsApart) return [];
      return [
        {
          detail: `${away.team} has ${one.toFixed(1)} possessions and ${home.team} ${other.toFixed(1)}`,
          figures: [away, home].flatMap(({ row }) => (row ? [ofTeam(row, 'fg_attempted')] : [])),
        },
      ];
    },
  },
  {
    id: 'W2',
    name: 'a_team_lists_its_players',
    sentence: 'A gamebook that lists who did not play lists at least 13 players for a team.',
    needs: ['nbac_gamebook_player_stats'],
    blocking: false,
    tolerance: { value: fewestListed, unit: 'players', why: '14 at the least in 2024-25' },
    since: '0.1.0',
    // The feed of 2017 lists only who played.
    find: ({ sides }) =>
      sides.flatMap(({ team, listed }) =>
        listed.length >= fewestListed || sides.every((side) => side.listed.length === side.active.length)
          ? []
          : [
              {
                detail: `${listed.length} players are listed for ${team}`,
                figures: [ofSum(team, 'player_lookup', listed.length)],
              },
            ],
      ),
  },
  {
    id: 'S6',
    name: 'plus_minus_adds_up',
    sentence:
      "The plus-minus of a team's players adds up to five times its margin, and with the other team's to 0; where it does not, or is missing for more than two of them, the game's plus-minus is not used.",
    needs: ['nbac_gamebook_player_stats'],
    blocking: false,
    tolerance: {
      value: plusMinusApart,
      unit: 'points',
      why: 'off by 0 or 5 in 2024-25, and then for both teams',
    },
    since: '0.1.0',
    find: plusMinusApartIn,
  },
  {
    id: 'U1',
    name: 'every_count_is_there',
    sentence: 'The feed has every count; what needs one that it has not is null.',
    needs: [],
    blocking: false,
    tolerance: null,
    since: '0.1.0',
    find: unknownCounts,
  },
];

/** One team's side of the estimate; null where a figure of it is unknown. */
function possessionsOf({ row }: Side, { row: other }: Side): number | null {
  return row && other ? teamSidePossessions(playsOf(row), playsOf(other)) : null;
}

/** What a team's row contributes to the estimate of possessions. */
function playsOf(row: TeamBoxscoreRow): TeamPlays {
  return {
    fieldGoalsMade: row.fg_made,
    fieldGoalsAttempted: row.fg_attempted,
    freeThrowsAttempted: row.ft_attempted,
    offensiveRebounds: row.offensive_rebounds,
    defensiveRebounds: row.defensive_rebounds,
    turnovers: row.turnovers,
  };
}

/** What makes a game's plus-minus useless. */
export function plusMinusApartIn(input: Pick<RuleInput, 'sides'>): Contradiction[] {
  const ofSides = plusMinusApartOfSides(input);
  return ofSides.length > 0 ? ofSides : plusMinusApartOfBoth(input);
}

/** What one team gains the other loses: the sums of both teams, where all of it is known, cancel out. */
function plusMinusApartOfBoth({ sides }: Pick<RuleInput, 'sides'>): Contradiction[] {
  const sums = sides.map(({ active }) =>
    active.length === 0 || active.some(({ plus_minus }) => plus_minus === null)
      ? null
      : active.reduce((total, row) => total + (row.plus_minus ?? 0), 0),
  );
  const [away = null, home = null] = sums;
  if (away === null || home === null || away + home === 0) return [];
  return [
    {
      detail: `the plus-minus of ${sides[0].team}'s players adds up to ${away}, that of ${sides[1].team}'s to ${home}; they should cancel out`,
      figures: [ofSum(sides[0].team, 'plus_minus', away), ofSum(sides[1].team, 'plus_minus', home)],
    },
  ];
}

function plusMinusApartOfSides({ sides }: Pick<RuleInput, 'sides'>): Contradiction[] {
  return sides.flatMap(({ team, active, score }, index) => {
    const opponent = sides[1 - index]?.score ?? null;
    const without = active.filter(({ plus_minus }) => plus_minus === null);
    if (without.length > mostWithoutPlusMinus)
      // A column that nobody has is said once.
      return index === 1 && without.length === active.length && lacksAll(sides[0])
        ? []
        : [
            {
              detail: `plus_minus is missing for ${without.length} of ${active.length} players of ${team}`,
              figures: without.slice(0, 2).map((row) => ofPlayer(row, 'plus_minus')),
            },
          ];
    const isMissed = without.some((row) => (parseMinutes(row.minutes) ?? 0) >= momentsOnCourt);
    if (isMissed || active.length === 0 || score === null || opponent === null) return [];
    const sum = active.reduce((total, row) => total + (row.plus_minus ?? 0), 0);
    const margin = 5 * (score - opponent);
    return isPlusMinus(sum - margin, without.length === 0)
      ? []
      : [
          {
            detail: `the plus-minus of ${team}'s players adds up to ${sum}, five times its margin is ${margin}`,
            figures: [ofSum(team, 'plus_minus', sum)],
          },
        ];
  });
}

function lacksAll({ active }: Side): boolean {
  return active.length > 0 && active.every(({ plus_minus }) => plus_minus === null);
}

/**
 * Five players are on court at a time, so a stretch in which one line-up was noted wrong changes the sum by a whole multiple of
 * five: in 2024-25 it is off by 0, or by 5 for both teams.
 */
function isPlusMinus(apart: number, isWhole: boolean): boolean {
  return Math.abs(apart) <= plusMinusApart && (!isWhole || apart % 5 === 0);
}

/** What some player lacks though others have it, where nothing is wrong with the sums: 0, or a plus-minus. */
function unknownOfSome({ sides }: RuleInput): Contradiction[] {
  return sides.flatMap(({ team, active }) =>
    [...counts.map(({ player }) => player), 'plus_minus' as const].flatMap((field) => {
      const isMeant = (row: GamebookPlayerRow): boolean =>
        field !== 'plus_minus' || (parseMinutes(row.minutes) ?? 0) >= momentsOnCourt;
      const without = active.filter((row) => row[field] === null && isMeant(row));
      if (without.length === 0 || active.every((row) => row[field] === null)) return [];
      const names = without.slice(0, 3).map((row) => row.player_lookup);
      return [
        {
          detail: `${field} is empty for ${names.join(', ')} of ${team}, and known of others`,
          figures: without.slice(0, 2).map((row) => ofPlayer(row, field)),
        },
      ];
    }),
  );
}

/** Counts that a whole source, or some player, lacks of a game. */
function unknownCounts(input: RuleInput): Contradiction[] {
  const { sides } = input;
  const found: Contradiction[] = unknownOfSome(input);
  for (const count of counts) {
    const lacking = sides.flatMap(({ row }) => (row?.[count.team] === null ? [row] : []));
    if (lacking.length > 0)
      found.push({
        detail: `${count.team} is empty in the team row of ${lacking.map((row) => row.team_abbr).join(' and ')}`,
        figures: lacking.map((row) => ofTeam(row, count.team)),
      });
    const active = sides.flatMap((side) => side.active);
    const [first] = active;
    if (first && active.every((row) => row[count.player] === null))
      found.push({
        detail: `${count.player} is empty for every player of the game`,
        figures: [ofPlayer(first, count.player)],
      });
  }
  return found;
}
