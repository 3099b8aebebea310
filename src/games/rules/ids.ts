/** Rules of what a game and its teams are called: ids and codes that no other source contradicts, because all have them from one. Pure. */
import { isLeagueId } from '../../sources/nbac-schedule/league-id';
import { codeOfTeam } from '../teams';
import { seasonOf } from '../season';
import {
  ofPlayer,
  ofSchedule,
  ofTeam,
  spelled,
  type Contradiction,
  type GameRule,
  type RuleInput,
} from './define-rule';

export const idRules: readonly GameRule[] = [
  {
    id: 'H2',
    name: 'the_id_is_one_of_the_league',
    sentence:
      'The id of a game is ten digits: 002 (season), 004 (playoffs), 005 (play-in) or 006 (cup), two of the season, five of the game.',
    needs: [],
    blocking: true,
    tolerance: null,
    since: '0.1.0',
    find: ({ game, scheduled }) =>
      isLeagueId(game.nbaGameId)
        ? []
        : [
            {
              detail: `the id of the game is ${spelled(scheduled.game_id)}, expected ten digits such as 0022400061`,
              figures: [ofSchedule(scheduled, 'game_id')],
            },
          ],
  },
  {
    id: 'H3',
    name: 'teams_have_their_codes',
    sentence:
      'The code of a team is three capital letters, and the one that the team of this id has in the season.',
    needs: [],
    blocking: true,
    tolerance: null,
    since: '0.1.0',
    find: otherCodes,
  },
  {
    id: 'H4',
    name: 'the_schedule_agrees_with_its_game_code',
    sentence:
      'Home and away are not the reverse of both the game_code of the schedule and the game_id of another source.',
    needs: [],
    blocking: true,
    tolerance: null,
    since: '0.1.0',
    find: turnedAround,
  },
  {
    id: 'W6',
    name: 'the_kind_of_game_fits_its_id',
    sentence:
      'A game that the schedule calls one of the playoffs has an id of the playoffs, and the reverse.',
    needs: [],
    blocking: false,
    tolerance: null,
    since: '0.1.0',
    find: ({ game, scheduled }) => {
      const { is_playoffs: isPlayoffs } = scheduled;
      const kind = game.nbaGameId.slice(0, 3);
      if (isPlayoffs === null || kind === '005' || isPlayoffs === (kind === '004')) return [];
      return [
        {
          detail: `the id ${game.nbaGameId} is ${kind === '004' ? 'one' : 'none'} of the playoffs, and the schedule has is_playoffs ${String(isPlayoffs)}`,
          figures: [ofSchedule(scheduled, 'game_id'), ofSchedule(scheduled, 'is_playoffs')],
        },
      ];
    },
  },
];

function otherCodes({ game, scheduled, sides }: RuleInput): Contradiction[] {
  const season = seasonOf(game.gameDate);
  return sides.flatMap(({ team, isHome, row }): Contradiction[] => {
    const [tricode, idOf] = isHome
      ? (['home_team_tricode', 'home_team_id'] as const)
      : (['away_team_tricode', 'away_team_id'] as const);
    const code = ofSchedule(scheduled, tricode);
    if (!/^[A-Z]{3}$/.test(team))
      return [
        { detail: `the code of a team is ${spelled(team)}, expected three letters A to Z`, figures: [code] },
      ];
    const id = scheduled[idOf] ?? row?.team_id ?? null;
    const expected = id === null ? null : codeOfTeam(id, season);
    if (expected === null || expected === team) return [];
    const found = scheduled[idOf] === null && row ? ofTeam(row, 'team_id') : ofSchedule(scheduled, idOf);
    return [{ detail: `${team} has the id ${id}, which is that of ${expected}`, figures: [code, found] }];
  });
}

/** A game_id alone says nothing of home and away, since senders write both orders; with the game_code it does. */
function turnedAround({ game, scheduled, sides }: RuleInput): Contradiction[] {
  const reverse = `${game.gameDate.replaceAll('-', '')}_${game.home}_${game.away}`;
  if (scheduled.game_code?.replace(/^(\d{8})\/([A-Z]{3})([A-Z]{3})$/, '$1_$2_$3') !== reverse) return [];
  const others = sides.flatMap(({ row, listed }) => [
    ...(row?.game_id === reverse ? [ofTeam(row, 'game_id')] : []),
    ...listed.filter((own) => own.game_id === reverse).map((own) => ofPlayer(own, 'game_id')),
  ]);
  const [first] = others;
  if (!first) return [];
  return [
    {
      detail: `home and away: the schedule has ${game.away} at ${game.home}, its game_code is ${scheduled.game_code} and ${first.row} is of ${reverse}`,
      figures: [ofSchedule(scheduled, 'home_team_tricode'), ofSchedule(scheduled, 'game_code'), first],
    },
  ];
}
