/** What is worth a warning and holds nothing: a game can be so, and seldom is. Pure. */
import type { TeamBoxscoreRow } from '../../sources/nbac-team-boxscore/table';
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
      "The plus-minus of a team's players adds up to five times its margin; where it does not, or is missing for more than two of them, the game's plus-minus is not used.",
    needs: ['nbac_gamebook_player_stats'],
    blocking: false,
    tolerance: { value: plusMinusApart, unit: 'points', why: 'known players of 2024-25 add up' },
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
export function plusMinusApartIn({ sides }: Pick<RuleInput, 'sides'>): Contradiction[] {
  return sides.flatMap(({ team, active, score }, index) => {
    const opponent = sides[1 - index]?.score ?? null;
    const without = active.filter(({ plus_minus }) => plus_minus === null);
    if (without.length > mostWithoutPlusMinus)
      return without.length === active.length && index === 1
        ? []
        : [
            {
              detail: `plus_minus is missing for ${without.length} of ${active.length} players of ${team}`,
              figures: without.slice(0, 2).map((row) => ofPlayer(row, 'plus_minus')),
            },
          ];
    if (without.length > 0 || active.length === 0 || score === null || opponent === null) return [];
    const sum = active.reduce((total, row) => total + (row.plus_minus ?? 0), 0);
    const margin = 5 * (score - opponent);
    return Math.abs(sum - margin) <= plusMinusApart
      ? []
      : [
          {
            detail: `the plus-minus of ${team}'s players adds up to ${sum}, five times its margin is ${margin}`,
            figures: [ofSum(team, 'plus_minus', sum)],
          },
        ];
  });
}

/** Counts that a whole source lacks of a game. */
function unknownCounts({ sides }: RuleInput): Contradiction[] {
  const found: Contradiction[] = [];
  for (const count of counts) {
    const rows = sides.flatMap(({ row }) => row ?? []);
    const lacking = rows.filter((row) => row[count.team] === null);
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
