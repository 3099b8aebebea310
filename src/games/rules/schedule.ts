/** Rules that hold the schedule's row against itself and against what the other sources say of the game. Pure. */
import type { Figure } from '../../contracts/phase3';
import { leagueId, whyLeftOut } from '../../sources/nbac-schedule/league-id';
import type { TeamBoxscoreRow } from '../../sources/nbac-team-boxscore/table';
import { parseMinutes } from '../../sources/parse-minutes';
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

/** The one rule that a game breaks which is left out of the season's figures: whoever has rows of it says otherwise. */
export const leftOutRule: GameRule = {
  id: 'G3',
  name: 'what_is_left_out_was_not_played',
  sentence:
    'A game that the schedule leaves out, by its id or as postponed, has no rows of a game of the season.',
  needs: [],
  blocking: true,
  tolerance: null,
  since: '0.1.0',
  find: leftOutYetPlayed,
};

export const scheduleRules: readonly GameRule[] = [
  leftOutRule,
  {
    id: 'G2',
    name: 'a_final_game_has_a_winner',
    sentence: 'A final game has a score, is no tie, and its winner has the higher score.',
    needs: [],
    blocking: true,
    tolerance: null,
    since: '0.1.0',
    find: ({ scheduled, game }) => {
      const { awayScore, homeScore } = game;
      const scores = [ofSchedule(scheduled, 'away_team_score'), ofSchedule(scheduled, 'home_team_score')];
      if (awayScore === null || homeScore === null)
        return [{ detail: 'the schedule says final and has no score', figures: scores }];
      if (awayScore === homeScore)
        return [
          { detail: `the schedule says final at ${awayScore} to ${homeScore}, a tie`, figures: scores },
        ];
      const stated = scheduled.winning_team_tricode;
      const winner = homeScore > awayScore ? game.home : game.away;
      return stated === null || stated === '' || stated === winner
        ? []
        : [
            {
              detail: `the schedule's winner is ${stated}, and its score is ${game.away} ${awayScore}, ${game.home} ${homeScore}`,
              figures: [ofSchedule(scheduled, 'winning_team_tricode'), ...scores],
            },
          ];
    },
  },
  {
    id: 'G5',
    name: 'the_season_fits_the_date',
    sentence: "The season of every row is that of the game's date and of its id.",
    needs: [],
    blocking: true,
    tolerance: null,
    since: '0.1.0',
    find: seasonsApart,
  },
  {
    id: 'H1',
    name: 'home_and_away_agree',
    sentence: 'Home and away, and the ids of the teams and of the game, are as the schedule has them.',
    needs: [],
    blocking: true,
    tolerance: null,
    since: '0.1.0',
    find: sidesApart,
  },
  {
    id: 'K2',
    name: 'a_team_plays_once_a_date',
    sentence: 'No team plays two games on a date: the rows of its players cannot be told apart.',
    needs: [],
    blocking: true,
    tolerance: null,
    since: '0.1.0',
    find: ({ game, scheduled, sameTeams }) =>
      sameTeams.map((other) => {
        const isPair =
          [other.away, other.home].includes(game.away) && [other.away, other.home].includes(game.home);
        return {
          detail: isPair
            ? `the schedule has two games of the same teams, ${game.away} and ${game.home}, on this date: ${game.nbaGameId} and ${other.nbaGameId}`
            : `the schedule has a team of this game in another game of the date: ${other.gameId} (${other.nbaGameId})`,
          figures: [
            ofSchedule(scheduled, 'game_id'),
            { table: 'nbac_schedule', row: other.nbaGameId, field: 'game_id', value: other.nbaGameId },
          ],
        };
      }),
  },
  {
    id: 'K3',
    name: 'the_schedule_lists_a_game_once',
    sentence:
      'The schedule lists a game under one id; a listing that only lacks leading zeros is read as the same.',
    needs: [],
    blocking: false,
    tolerance: null,
    since: '0.1.0',
    find: ({ game, listedAs }) =>
      listedAs.length < 2
        ? []
        : [
            {
              detail: `the schedule lists the game twice, as ${listedAs.join(' and ')}; it is taken for one, ${game.nbaGameId}`,
              figures: listedAs.map((id) => ({
                table: 'nbac_schedule',
                row: id,
                field: 'game_id',
                value: id,
              })),
            },
          ],
  },
];

/** The year that the id of a game says its season starts in: digits four and five. Null for what is no id of the league. */
export function seasonOfId(nbaGameId: string): number | null {
  const match = /^00[1-9](\d\d)\d{5}$/.exec(nbaGameId);
  if (!match) return null;
  const short = Number(match[1]);
  return short >= 46 ? 1900 + short : 2000 + short;
}

function seasonsApart({ game, scheduled, sides }: RuleInput): Contradiction[] {
  const ofDate = seasonOf(game.gameDate);
  const ofId = seasonOfId(game.nbaGameId);
  const stated: Figure[] = [
    ofSchedule(scheduled, 'season_year'),
    ...sides.flatMap(({ row, listed }) => [
      ...(row ? [ofTeam(row, 'season_year')] : []),
      ...listed.map((own) => ofPlayer(own, 'season_year')),
    ]),
  ];
  const wrong = stated.filter(({ value }) => value !== null && value !== ofDate);
  const [first] = wrong;
  const text = scheduled.season;
  return [
    ...(ofId !== null && ofId !== ofDate
      ? [
          {
            detail: `the id ${game.nbaGameId} is of season ${ofId}, the date ${game.gameDate} of ${ofDate}`,
            figures: [ofSchedule(scheduled, 'game_id'), ofSchedule(scheduled, 'game_date')],
          },
        ]
      : []),
    ...(first
      ? [
          {
            detail: `season_year is ${String(first.value)} in ${first.table} (${first.row}${wrong.length > 1 ? ` and ${wrong.length - 1} more rows` : ''}), and the date ${game.gameDate} is of season ${ofDate}`,
            figures: wrong.slice(0, 3),
          },
        ]
      : []),
    ...(text !== null && /^\d{4}-\d\d$/.test(text) && Number(text.slice(0, 4)) !== ofDate
      ? [
          {
            detail: `the schedule's season is ${spelled(text)}, and the date ${game.gameDate} is of season ${ofDate}`,
            figures: [ofSchedule(scheduled, 'season')],
          },
        ]
      : []),
  ];
}

function sidesApart(input: RuleInput): Contradiction[] {
  const { game, scheduled, sides } = input;
  const all: Contradiction[] = [];
  const says = (detail: string, ...figures: Figure[]): void => void all.push({ detail, figures });
  if (game.away === game.home)
    says(`the schedule has ${game.home} at home and away`, ofSchedule(scheduled, 'home_team_tricode'));
  for (const { team, isHome, row, listed } of sides) {
    const [tricode, id] = isHome
      ? (['home_team_tricode', 'home_team_id'] as const)
      : (['away_team_tricode', 'away_team_id'] as const);
    const place = isHome ? 'home' : 'away';
    if (row && row.is_home !== null && row.is_home !== isHome)
      says(
        `home and away: the schedule has ${team} ${place}, its team row has is_home ${String(row.is_home)}`,
        ofSchedule(scheduled, tricode),
        ofTeam(row, 'is_home'),
      );
    if (row && row.team_id !== null && scheduled[id] !== null && row.team_id !== scheduled[id])
      says(
        `the schedule has id ${scheduled[id]} for ${team}, its team row has team_id ${row.team_id}`,
        ofSchedule(scheduled, id),
        ofTeam(row, 'team_id'),
      );
    if (row && row.nba_game_id !== null && leagueId(row.nba_game_id) !== game.nbaGameId)
      says(
        `the schedule has the game as ${game.nbaGameId}, the team row of ${team} as ${row.nba_game_id}`,
        ofSchedule(scheduled, 'game_id'),
        ofTeam(row, 'nba_game_id'),
      );
    if (row && isOfOther(row.game_id, input))
      says(`the team row of ${team} is of game ${row.game_id}, not ${game.gameId}`, ofTeam(row, 'game_id'));
    const elsewhere = listed.filter((own) => isOfOther(own.game_id, input));
    if (elsewhere[0])
      says(
        `${elsewhere.length} player rows of ${team} are of game ${elsewhere[0].game_id}, not ${game.gameId}`,
        ofPlayer(elsewhere[0], 'game_id'),
      );
    const turned = listed.filter(
      (own) =>
        (own.home_team_abbr !== null && own.home_team_abbr !== game.home) ||
        (own.away_team_abbr !== null && own.away_team_abbr !== game.away),
    );
    if (turned[0])
      says(
        `home and away: the schedule has ${game.away} at ${game.home}, ${turned.length} player rows of ${team} have ${turned[0].away_team_abbr ?? 'nobody'} at ${turned[0].home_team_abbr ?? 'nobody'}`,
        ofSchedule(scheduled, 'home_team_tricode'),
        ofPlayer(turned[0], 'home_team_abbr'),
        ofPlayer(turned[0], 'away_team_abbr'),
      );
  }
  return all;
}

function leftOutYetPlayed(input: RuleInput): Contradiction[] {
  const { game, scheduled, sides, sameTeams } = input;
  // Rows are found by the teams' codes: those of another game of theirs say nothing of this one.
  if (game.leftOut === null || sameTeams.length > 0) return [];
  // A row with the league's id of the game says of which kind it is; of a postponed game no row is to be had.
  const isOfSeason = (row: TeamBoxscoreRow): boolean =>
    whyLeftOut(game.nbaGameId) === null || (row.nba_game_id !== null && whyLeftOut(row.nba_game_id) === null);
  const rows = sides.flatMap(({ row }) =>
    row && !isOfOther(row.game_id, input) && isOfSeason(row) ? [row] : [],
  );
  const players =
    whyLeftOut(game.nbaGameId) === null
      ? sides.flatMap(({ active }) =>
          active.filter((own) => !isOfOther(own.game_id, input) && (parseMinutes(own.minutes) ?? 0) > 0),
        )
      : [];
  const [row] = rows;
  const [player] = players;
  if (!row && !player) return [];
  return [
    {
      detail: `${game.leftOut}, and ${rows.length} team rows and ${players.length} rows of players tell of it as played`,
      figures: [
        ofSchedule(scheduled, 'game_id'),
        ofSchedule(scheduled, 'game_status_text'),
        ...(row ? [ofTeam(row, 'nba_game_id'), ofTeam(row, 'points')] : []),
        ...(player ? [ofPlayer(player, 'minutes')] : []),
      ],
    },
  ];
}

/** Whether a row's own id names another game. The order of the teams in it says nothing: senders write both. */
function isOfOther(gameId: string, { game }: RuleInput): boolean {
  const match = /^(\d{8})_([A-Z]{3})_([A-Z]{3})$/.exec(gameId);
  if (!match) return false;
  const [, day, one, other] = match;
  const isPair = (one === game.away && other === game.home) || (one === game.home && other === game.away);
  return !isPair || day !== game.gameDate.replaceAll('-', '');
}
