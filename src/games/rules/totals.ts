/** Rules of how much of something a game has, whoever has it: what all sources say alike and no real game has. Pure. */
import { plays, rebounds, turnovers, type Count } from './columns';
import {
  ofPlayer,
  ofSum,
  ofTeam,
  type Contradiction,
  type GameRule,
  type RuleInput,
  type Side,
} from './define-rule';
import { sumOf } from './sums';

const mostFouls = 6;
const onCourt = 5;
/** More turnovers of the team itself than this are worth a look. */
const usualOwnTurnovers = { ofTeam: 5, ofGame: 7 };
const [assists, steals, blocks, fouls] = plays;
const [offensive, defensive] = rebounds;

export const totalRules: readonly GameRule[] = [
  {
    id: 'P7',
    name: 'nobody_has_seven_fouls',
    sentence:
      'A player has at most six fouls: with the sixth he is out of the game, unless fewer than five others of his team may play.',
    needs: [],
    blocking: true,
    tolerance: { value: mostFouls, unit: 'fouls', why: 'rule 3, section I of the league' },
    since: '0.1.0',
    find: ({ sides }) =>
      sides.flatMap(({ active }) =>
        active
          .filter((row) => (row.personal_fouls ?? 0) > mostFouls)
          // Where nobody is left to come in for him, he stays in, and fouls again.
          .filter(() => active.filter((row) => (row.personal_fouls ?? 0) < mostFouls).length >= onCourt)
          .map((row) => ({
            detail: `${row.player_lookup} (${row.team_abbr}) has ${row.personal_fouls} fouls`,
            figures: [ofPlayer(row, 'personal_fouls')],
          })),
      ),
  },
  {
    id: 'T9',
    name: 'zero_is_a_count',
    sentence:
      'No team is without assists, fouls and defensive rebounds, and no game without steals, turnovers and offensive rebounds: a feed that has 0 there does not have the column.',
    needs: ['nbac_gamebook_player_stats'],
    blocking: true,
    tolerance: {
      value: 0,
      unit: 'of a count',
      why: 'in 2024-25 at least 9, 5 and 16 for a team, and 5, 12 and 7 in a game',
    },
    since: '0.1.0',
    find: (input) => [
      ...[assists, fouls, defensive].flatMap((count) => teamsWithout(input, count)),
      ...[steals, turnovers, offensive].flatMap((count) => gameWithout(input, count)),
    ],
  },
  {
    id: 'W3',
    name: 'a_game_has_blocks_and_a_team_steals',
    sentence: 'A game without a block, and a team without a steal, are rare: a column may be missing.',
    needs: ['nbac_gamebook_player_stats'],
    blocking: false,
    tolerance: { value: 0, unit: 'of a count', why: 'once each in 1,310 games' },
    since: '0.1.0',
    find: (input) => [...gameWithout(input, blocks), ...teamsWithout(input, steals)],
  },
  {
    id: 'W4',
    name: 'minutes_have_seconds',
    sentence:
      'The minutes of players are to the second; those of a feed of whole minutes are up to 30 s off.',
    needs: ['nbac_gamebook_player_stats'],
    blocking: false,
    tolerance: null,
    since: '0.1.0',
    find: ({ sides }) => {
      const active = sides.flatMap((side) => side.active);
      const [first] = active;
      const isWhole = ({ minutes }: { minutes: string | null }): boolean => /^\s*\d+\s*$/.test(minutes ?? '');
      if (!first || !active.every(isWhole)) return [];
      return [
        {
          detail: `every player of ${sides[0].team} and ${sides[1].team} has whole minutes, which may be 30 s off`,
          figures: [ofPlayer(first, 'minutes')],
        },
      ];
    },
  },
  {
    id: 'W5',
    name: 'few_turnovers_are_of_the_team_itself',
    sentence: 'A team has at most 5 turnovers that no player has, and both together at most 7.',
    needs: ['nbac_team_boxscore', 'nbac_gamebook_player_stats'],
    blocking: false,
    tolerance: {
      value: usualOwnTurnovers.ofTeam,
      unit: 'turnovers',
      why: 'more in one of 1,231 games of 2024-25; above 8 the game is held (S4)',
    },
    since: '0.1.0',
    find: ownTurnovers,
  },
];

/** What a team has of a count: by its row, else by its players; null where that is not known. */
function totalOf(side: Side, count: Count): number | null {
  if (side.row) return side.row[count.team];
  return side.active.every((row) => row[count.player] !== null) ? sumOf(side, count) : null;
}

function figureOf({ row, team }: Side, count: Count): Contradiction['figures'][number] {
  return row ? ofTeam(row, count.team) : ofSum(team, count.player, 0);
}

function teamsWithout({ sides }: RuleInput, count: Count): Contradiction[] {
  return sides.flatMap((side) =>
    totalOf(side, count) === 0
      ? [{ detail: `${side.team} has 0 ${count.words}`, figures: [figureOf(side, count)] }]
      : [],
  );
}

function gameWithout({ sides }: RuleInput, count: Count): Contradiction[] {
  if (sides.some((side) => totalOf(side, count) !== 0)) return [];
  return [
    {
      detail: `${sides[0].team} and ${sides[1].team} have 0 ${count.words}`,
      figures: sides.map((side) => figureOf(side, count)),
    },
  ];
}

function ownTurnovers({ sides }: RuleInput): Contradiction[] {
  const own = sides.map((side) => {
    const ofPlayers = side.active.every((row) => row.turnovers !== null) ? sumOf(side, turnovers) : null;
    const ofRow = side.row?.turnovers ?? null;
    return ofPlayers === null || ofRow === null ? 0 : ofRow - ofPlayers;
  });
  const sum = own.reduce((total, count) => total + count, 0);
  if (Math.max(...own) <= usualOwnTurnovers.ofTeam && sum <= usualOwnTurnovers.ofGame) return [];
  return [
    {
      detail: `${sides[0].team} has ${own[0]} turnovers that no player has, ${sides[1].team} ${own[1]}`,
      figures: sides.flatMap(({ row }) => (row ? [ofTeam(row, 'turnovers')] : [])),
    },
  ];
}
