/**
 * What rules say at their edges: the sentence and the figures to the word, where one row more or less, one minute or one name
 * makes the difference. Each night is made in its own test: what was found in rows that were seen before is remembered.
 */
import { gamesOf } from '../../../src/games/evidence';
import type { GamebookPlayerRow } from '../../../src/sources/nbac-gamebook-player-stats/table';
import type { ScheduleRow } from '../../../src/sources/nbac-schedule/table';
import type { TeamBoxscoreRow } from '../../../src/sources/nbac-team-boxscore/table';
import {
  add,
  awayOf,
  change,
  drop,
  gameDate,
  gameIdOf,
  goodNight,
  homeOf,
  nbaGameIdOf,
  ofGame,
  ofTeam,
  type Night,
} from '../../support/fixtures';

const [schedule, team, player] = [
  'nbac_schedule',
  'nbac_team_boxscore',
  'nbac_gamebook_player_stats',
] as const;
const [away, home] = [awayOf(0), homeOf(0)];
const [gameId, nbaGameId] = [gameIdOf(0), nbaGameIdOf(0)];
const turned = `20250115_${home}_${away}`;
const otherDay = `20250114_${away}_${home}`;
const preseason = '0012400500';

type Change = (night: Night) => Night;

const spell =
  (table: string) =>
  (row: string, field: string, value: unknown): string =>
    `${table} ${row} ${field} ${JSON.stringify(value)}`;
const [fromSchedule, fromTeam, fromPlayer] = [spell(schedule), spell(team), spell(player)] as const;

/** `atlplayer0`: the n-th player of a team, counted from 0. */
function nameOf(of: string, index: number): string {
  return `${of.toLowerCase()}player${index}`;
}

function players(of: string, ...indices: readonly number[]): (row: GamebookPlayerRow) => boolean {
  const names = indices.map((index) => nameOf(of, index));
  return (row) => names.includes(row.player_lookup);
}

function isActive(row: GamebookPlayerRow): boolean {
  return row.player_status === 'active' && ofGame(0)(row);
}

const scheduled =
  (changes: Partial<ScheduleRow>): Change =>
  (night) =>
    change(night, schedule, ofGame(0), changes);
const teamRow =
  (of: string, changes: Partial<TeamBoxscoreRow>): Change =>
  (night) =>
    change(night, team, ofTeam(of), changes);
const playerRows =
  (where: (row: GamebookPlayerRow) => boolean, changes: Partial<GamebookPlayerRow>): Change =>
  (night) =>
    change(night, player, where, changes);
const active = (of: string, changes: Partial<GamebookPlayerRow>): Change =>
  playerRows((row) => isActive(row) && row.team_abbr === of, changes);
const withoutTeam =
  (of: string): Change =>
  (night) =>
    drop(night, team, ofTeam(of));
const alsoScheduled =
  (changes: Partial<ScheduleRow>): Change =>
  (night) =>
    add(night, schedule, { ...night.rows[schedule][0]!, game_id: '0022400900', ...changes });

/** What a rule finds of the first game: of each contradiction the sentence and, after it, the figures. */
function found(id: string, changes: readonly Change[]): string[][] {
  const night = changes.reduce((made, alter) => alter(made), goodNight(2));
  const [first] = gamesOf(gameDate, night.rows);
  const { status, contradictions } = first!.rules.find(({ rule }) => rule.id === id)!;
  expect(status).not.toBe('not_run');
  return contradictions.map(({ detail, figures }) => [
    detail,
    ...figures.map(({ table, row, field, value }) => spell(table)(row, field, value)),
  ]);
}

type Case = readonly [id: string, what: string, changes: readonly Change[], said: string[][]];

function itFinds(cases: readonly Case[]): void {
  it.each(cases.map(([id, what, changes, said]) => ({ id, what, changes, said })))(
    '$id: $what',
    ({ id, changes, said }) => {
      expect(found(id, changes)).toEqual(said);
    },
  );
}

/** Out of line by 36 where player 0 has none: what is missing keeps it from being said, or does not. */
const apart = playerRows(players(away, 1), { plus_minus: 30 });
const adds24 = [
  `the plus-minus of ${away}'s players adds up to 24, five times its margin is -10`,
  fromPlayer(`${away}, all active players`, 'plus_minus', 24),
];

/** That so many of eight lack it, of whom the first two are named. */
function isMissing(of: string, count: number): string[] {
  return [
    `plus_minus is missing for ${count} of 8 players of ${of}`,
    ...[0, 1].map((index) => fromPlayer(`${of}/${nameOf(of, index)}`, 'plus_minus', null)),
  ];
}

describe('a plus-minus', () => {
  const none = { plus_minus: null };
  itFinds([
    ['S6', 'two who lack it are few', [playerRows(players(away, 0, 1), none)], []],
    ['S6', 'three who lack it', [playerRows(players(away, 0, 1, 2), none)], [isMissing(away, 3)]],
    [
      'S6',
      'nobody has it, which is said once',
      [active(away, none), active(home, none)],
      [isMissing(away, 8)],
    ],
    ['S6', 'nobody of the away team has it', [active(away, none)], [isMissing(away, 8)]],
    ['S6', 'nobody of the home team has it', [active(home, none)], [isMissing(home, 8)]],
    [
      'S6',
      'nobody of the home team has it, and one of the away team lacks it',
      [playerRows(players(away, 0), none), active(home, none)],
      [isMissing(home, 8)],
    ],
    [
      'S6',
      'nobody of the away team has it, and three of the home team lack it',
      [active(away, none), playerRows(players(home, 0, 1, 2), none)],
      [isMissing(away, 8), isMissing(home, 3)],
    ],
    [
      'S6',
      'nobody of the home team has it, and nobody of the away team is active',
      [active(away, { player_status: 'ACTIVE' }), active(home, none)],
      [isMissing(home, 8)],
    ],
    [
      'S6',
      'one minute on court and none',
      [apart, playerRows(players(away, 0), { ...none, minutes: '1:00' })],
      [],
    ],
    ['S6', 'less and none', [apart, playerRows(players(away, 0), { ...none, minutes: '0:59' })], [adds24]],
    [
      'S6',
      'no minutes and none',
      [apart, playerRows(players(away, 0), { ...none, minutes: null })],
      [adds24],
    ],
    ['S6', 'less and none, two off', [playerRows(players(away, 0), { ...none, minutes: '0:59' })], []],
    ['S6', 'one of the home team lacks it', [playerRows(players(home, 0), none)], []],
    [
      'S6',
      'five of one team that the other does not have',
      [playerRows(players(away, 0), { plus_minus: 3 })],
      [
        [
          `the plus-minus of ${away}'s players adds up to -5, that of ${home}'s to 10; they should cancel out`,
          fromPlayer(`${away}, all active players`, 'plus_minus', -5),
          fromPlayer(`${home}, all active players`, 'plus_minus', 10),
        ],
      ],
    ],
    [
      'U1',
      'lacked by one with a minute, one with less and one with none',
      [
        playerRows(players(away, 0), { ...none, minutes: '1:00' }),
        playerRows(players(away, 1), { ...none, minutes: '0:59' }),
        playerRows(players(away, 2), { ...none, minutes: null }),
      ],
      [
        [
          `plus_minus is empty for ${nameOf(away, 0)} of ${away}, and known of others`,
          fromPlayer(`${away}/${nameOf(away, 0)}`, 'plus_minus', null),
        ],
      ],
    ],
  ]);
});

describe('a count', () => {
  const none = { steals: null };
  const noSteals = (row: string) => fromTeam(row, 'steals', null);
  const his = (index: number, field = 'steals') => fromPlayer(`${away}/${nameOf(away, index)}`, field, null);
  const three = [0, 1, 2].map((index) => nameOf(away, index)).join(', ');
  itFinds([
    [
      'U1',
      'lacked by one who was on court for moments',
      [playerRows(players(away, 0), { ...none, minutes: '0:30' })],
      [[`steals is empty for ${nameOf(away, 0)} of ${away}, and known of others`, his(0)]],
    ],
    [
      'U1',
      'lacked by four',
      [playerRows(players(away, 0, 1, 2, 3), none)],
      [[`steals is empty for ${three} of ${away}, and known of others`, his(0), his(1)]],
    ],
    [
      'U1',
      'lacked by both team rows',
      [teamRow(away, none), teamRow(home, none)],
      [[`steals is empty in the team row of ${away} and ${home}`, noSteals(away), noSteals(home)]],
    ],
    [
      'U1',
      'lacked by the one team row that there is',
      [withoutTeam(away), teamRow(home, none)],
      [[`steals is empty in the team row of ${home}`, noSteals(home)]],
    ],
    ['U1', 'with one team row', [withoutTeam(away)], []],
    [
      'U1',
      'lacked by everybody',
      [active(away, none), active(home, none)],
      [['steals is empty for every player of the game', his(0)]],
    ],
    [
      'P1',
      'lacked by three',
      [playerRows(players(away, 0, 1, 2), none)],
      [
        [
          `steals is empty for ${three} of ${away}, and known of others; the team row has 8`,
          his(0),
          his(1),
          his(2),
        ],
      ],
    ],
    [
      'P1',
      'lacked by one of each team',
      [playerRows(players(away, 0), none), playerRows(players(home, 0), none)],
      [
        [
          `steals is empty for ${nameOf(away, 0)} of ${away}, and known of others; the team row has 8`,
          his(0),
        ],
        [
          `steals is empty for ${nameOf(home, 0)} of ${home}, and known of others; the team row has 8`,
          fromPlayer(`${home}/${nameOf(home, 0)}`, 'steals', null),
        ],
      ],
    ],
    [
      'P1',
      'lacked by a team and its row, and not by the other',
      [active(away, none), teamRow(away, none)],
      [
        [
          `steals is empty for ${three} and 5 more of ${away}, and known of others; the team row has none`,
          ...[0, 1, 2].map((index) => his(index)),
        ],
      ],
    ],
    [
      'T9',
      'none of any player, where no team row came',
      [withoutTeam(away), active(away, { assists: 0 })],
      [[`${away} has 0 assists`, fromPlayer(`${away}, all active players`, 'assists', 0)]],
    ],
    [
      'T9',
      'none of any player but one of whom it is not known, where no team row came',
      [withoutTeam(away), active(away, { assists: 0 }), playerRows(players(away, 3), { assists: null })],
      [],
    ],
    ['T9', 'some of the players, where no team row came', [withoutTeam(away)], []],
    [
      'T9',
      'none of either team, where one team row came',
      [withoutTeam(home), teamRow(away, { steals: 0 }), active(home, { steals: 0 })],
      [
        [
          `${away} and ${home} have 0 steals`,
          fromTeam(away, 'steals', 0),
          fromPlayer(`${home}, all active players`, 'steals', 0),
        ],
      ],
    ],
  ]);
});

describe('whole minutes', () => {
  const whole = active(away, { minutes: '24' });
  const both = playerRows(isActive, { minutes: ' 24 ' });
  itFinds([
    [
      'W4',
      'of everybody, which one figure shows',
      [both],
      [
        [
          `every player of ${away} and ${home} has whole minutes, which may be 30 s off`,
          fromPlayer(`${away}/${nameOf(away, 0)}`, 'minutes', ' 24 '),
        ],
      ],
    ],
    ['W4', 'of one team', [whole], []],
    ['W4', 'of all but one', [both, playerRows(players(home, 7), { minutes: '24:00' })], []],
    ['W4', 'of all but one whose are missing', [both, playerRows(players(home, 7), { minutes: null })], []],
  ]);
});

describe('figures that are rounded', () => {
  const decimal = (minutes_decimal: number): Change => playerRows(players(away, 0), { minutes_decimal });
  const share = (fg_percentage: number): Change =>
    teamRow(away, { fg_made: 42, fg_attempted: 84, fg_percentage });
  const own = `${away}/${nameOf(away, 0)}`;
  itFinds([
    ['P6', 'the last digit of the decimal', [decimal(30.01)], []],
    [
      'P6',
      'two of it',
      [decimal(30.02)],
      [
        [
          `${nameOf(away, 0)} (${away}) has minutes "30:00" and minutes_decimal 30.02`,
          fromPlayer(own, 'minutes', '30:00'),
          fromPlayer(own, 'minutes_decimal', 30.02),
        ],
      ],
    ],
    ['T5', 'the last digit of the percentage', [share(0.501)], []],
    [
      'T5',
      'two of it',
      [share(0.502)],
      [
        [
          `the team row of ${away} has fg_percentage 0.502, and 42 of 84 is 0.500`,
          fromTeam(away, 'fg_percentage', 0.502),
          fromTeam(away, 'fg_made', 42),
          fromTeam(away, 'fg_attempted', 84),
        ],
      ],
    ],
  ]);
});

describe('figures of which nobody knows of how many', () => {
  itFinds([
    [
      'T5',
      'a percentage whose attempts are missing',
      [teamRow(away, { three_pt_attempted: null, three_pt_made: 10, three_pt_percentage: 0.5 })],
      [],
    ],
    [
      'T5',
      'a percentage whose makes are missing',
      [teamRow(away, { three_pt_attempted: 30, three_pt_made: null, three_pt_percentage: 0.5 })],
      [],
    ],
    [
      'T11',
      'blocks where the makes of the other are missing',
      [teamRow(away, { blocks: 90 }), teamRow(home, { fg_made: null })],
      [],
    ],
  ]);
});

describe('minutes that are rounded', () => {
  const short = playerRows(players(away, 1), { minutes: '28:00' });
  const said = [
    `${away}'s players played 238:00, its team row has "240:00": 120 s apart`,
    fromTeam(away, 'minutes', '240:00'),
    fromPlayer(`${away}, all active players`, 'minutes', '238:00'),
  ];
  itFinds([
    [
      'S5',
      'of one player allow for nothing',
      [short, playerRows(players(away, 0), { minutes: '30' })],
      [said],
    ],
    [
      'S5',
      'of all players allow for half a minute each',
      [active(away, { minutes: '30' }), playerRows(players(away, 1), { minutes: '28' })],
      [],
    ],
  ]);
});

/** Of eleven turnovers of eight players: what the team row has above that is of the team itself. */
describe('turnovers that no player has', () => {
  const had = (ofAway: number, ofHome: number): Change[] => [
    teamRow(away, { turnovers: 11 + ofAway }),
    teamRow(home, { turnovers: 11 + ofHome }),
  ];
  const said = (ofAway: number, ofHome: number): string[] => [
    `${away} has ${ofAway} turnovers that no player has, ${home} ${ofHome}`,
    fromTeam(away, 'turnovers', 11 + ofAway),
    fromTeam(home, 'turnovers', 11 + ofHome),
  ];
  itFinds([
    ['W5', 'five of one team, and two of the other', had(5, 2), []],
    ['W5', 'six of one team', had(6, 0), [said(6, 0)]],
    ['W5', 'six of the other team', had(0, 6), [said(0, 6)]],
    ['W5', 'eight of both', had(4, 4), [said(4, 4)]],
    ['W5', 'a team whose number is missing', [teamRow(away, { turnovers: null })], []],
    [
      'W5',
      'a player whose number is missing',
      [...had(6, 0), playerRows(players(away, 0), { turnovers: null })],
      [],
    ],
  ]);
});

describe('seven fouls', () => {
  const seven = playerRows(players(away, 0), { personal_fouls: 7 });
  const said = [
    `${nameOf(away, 0)} (${away}) has 7 fouls`,
    fromPlayer(`${away}/${nameOf(away, 0)}`, 'personal_fouls', 7),
  ];
  itFinds([
    [
      'P7',
      'where five others have fewer than six',
      [seven, playerRows(players(away, 6, 7), { personal_fouls: 6 })],
      [said],
    ],
    ['P7', 'where four others do', [seven, playerRows(players(away, 5, 6, 7), { personal_fouls: 6 })], []],
    ['P7', 'six are none', [playerRows(players(away, 0), { personal_fouls: 6 })], []],
  ]);
});

describe('how long a team played', () => {
  const sevenSeconds = playerRows(players(away, 0), { minutes: '30:07' });
  const odd = teamRow(away, { minutes: '240:07' });
  const said = [
    `the minutes of the team row of ${away} are "240:07"; a team plays 240, and 25 more for each overtime`,
    fromTeam(away, 'minutes', '240:07'),
  ];
  itFinds([
    ['T6', "seconds that are the players'", [odd, sevenSeconds], []],
    ['T6', "seconds that are not the players'", [odd], [said]],
    [
      'T6',
      "a second more than the players'",
      [odd, playerRows(players(away, 0), { minutes: '30:06' })],
      [said],
    ],
    [
      'T6',
      'whole minutes that no game has',
      [teamRow(away, { minutes: '247' })],
      [[said[0]!.replace('240:07', '247'), fromTeam(away, 'minutes', '247')]],
    ],
    ['T6', 'seconds, where no player came', [odd, (night) => drop(night, player)], []],
    [
      'T6',
      'seconds, where somebody has no minutes',
      [odd, playerRows(players(away, 0), { minutes: '-' })],
      [said],
    ],
    [
      'T7',
      'an overtime of one team',
      [teamRow(away, { minutes: '265:00' })],
      [
        [
          `${away} played 265:00 minutes and ${home} 240:00`,
          fromTeam(away, 'minutes', '265:00'),
          fromTeam(home, 'minutes', '240:00'),
        ],
      ],
    ],
    [
      'T7',
      'an overtime of both',
      [teamRow(away, { minutes: '265:00' }), teamRow(home, { minutes: '265:00' })],
      [],
    ],
  ]);
});

describe('the schedule against itself', () => {
  const ids = [
    fromSchedule(nbaGameId, 'game_id', nbaGameId),
    fromSchedule('0022400900', 'game_id', '0022400900'),
  ];
  const pair = `the schedule has two games of the same teams, ${away} and ${home}, on this date: ${nbaGameId} and 0022400900`;
  const scores = (one: number | null, other: number | null) => [
    fromSchedule(nbaGameId, 'away_team_score', one),
    fromSchedule(nbaGameId, 'home_team_score', other),
  ];
  const noZeros = nbaGameId.slice(2);
  itFinds([
    [
      'G2',
      'no score',
      [scheduled({ home_team_score: null })],
      [['the schedule says final and has no score', ...scores(96, null)]],
    ],
    [
      'G2',
      'a tie',
      [scheduled({ away_team_score: 98 })],
      [['the schedule says final at 98 to 98, a tie', ...scores(98, 98)]],
    ],
    ['G2', 'no winner', [scheduled({ winning_team_tricode: null })], []],
    ['G2', 'an empty winner', [scheduled({ winning_team_tricode: '' })], []],
    ['G5', 'no year of the season', [scheduled({ season_year: null })], []],
    ['G5', 'no season', [scheduled({ season: null })], []],
    ['G5', 'a season in other words', [scheduled({ season: '2023-24 regular' })], []],
    ['G5', 'a season with a word before it', [scheduled({ season: 'NBA 2023-24' })], []],
    ['H1', 'a row without the id of the team', [teamRow(away, { team_id: null })], []],
    [
      'H1',
      'players without the teams of the game',
      [playerRows(players(away, 0), { home_team_abbr: null })],
      [],
    ],
    ['K2', 'two games of one pair', [alsoScheduled({})], [[pair, ...ids]]],
    [
      'K2',
      'two games of one pair, turned',
      [alsoScheduled({ away_team_tricode: home, home_team_tricode: away })],
      [[pair, ...ids]],
    ],
    ...[
      { away_team_tricode: home, home_team_tricode: 'WAS' },
      { away_team_tricode: 'WAS', home_team_tricode: away },
    ].map((teams): Case => {
      const other = `20250115_${teams.away_team_tricode}_${teams.home_team_tricode} (0022400900)`;
      return [
        'K2',
        `another game of one team, ${other}`,
        [alsoScheduled(teams)],
        [[`the schedule has a team of this game in another game of the date: ${other}`, ...ids]],
      ];
    }),
    [
      'K3',
      'a listing without zeros',
      [alsoScheduled({ game_id: noZeros })],
      [
        [
          `the schedule lists the game twice, as ${nbaGameId} and ${noZeros}; it is taken for one, ${nbaGameId}`,
          fromSchedule(nbaGameId, 'game_id', nbaGameId),
          fromSchedule(noZeros, 'game_id', noZeros),
        ],
      ],
    ],
    ...[
      `20250115_${home}_WAS`,
      `20250115_WAS_${away}`,
      `20250115_WAS_${home}`,
      '20250115_WAS_UTA',
      otherDay,
    ].map((other): Case => [
      'H1',
      `a row of ${other}`,
      [teamRow(away, { game_id: other })],
      [[`the team row of ${away} is of game ${other}, not ${gameId}`, fromTeam(away, 'game_id', other)]],
    ]),
    ['H1', 'a row with an id of another form', [teamRow(away, { game_id: `x${otherDay}` })], []],
    ['H1', 'a row with the teams turned', [teamRow(away, { game_id: turned })], []],
  ]);
});

describe('a game that is left out, and was played', () => {
  const postponed = scheduled({ game_status: 1, game_status_text: 'Postponed' });
  const byId = scheduled({ game_id: preseason });
  const tells = (teams: number, own: number): string =>
    `the schedule says "Postponed", and ${teams} team rows and ${own} rows of players tell of it as played`;
  const status = [
    fromSchedule(nbaGameId, 'game_id', nbaGameId),
    fromSchedule(nbaGameId, 'game_status_text', 'Postponed'),
  ];
  const points = (of: string, id: string | null, sum: number): string[] => [
    fromTeam(of, 'nba_game_id', id),
    fromTeam(of, 'points', sum),
  ];
  const played = (of: string, index: number): string =>
    fromPlayer(`${of}/${nameOf(of, index)}`, 'minutes', '30:00');
  itFinds([
    [
      'G3',
      'by all rows',
      [postponed],
      [[tells(2, 16), ...status, ...points(away, nbaGameId, 96), played(away, 0)]],
    ],
    ['G3', 'by rows that may be of another game of the teams', [alsoScheduled({}), postponed], []],
    [
      'G3',
      'by team rows without an id of the league',
      [postponed, teamRow(away, { nba_game_id: null }), teamRow(home, { nba_game_id: null })],
      [[tells(2, 16), ...status, ...points(away, null, 96), played(away, 0)]],
    ],
    [
      'G3',
      'by players alone',
      [postponed, withoutTeam(away), withoutTeam(home)],
      [[tells(0, 16), ...status, played(away, 0)]],
    ],
    [
      'G3',
      'by team rows alone',
      [postponed, active(away, { minutes: '0:00' }), active(home, { minutes: null })],
      [[tells(2, 0), ...status, ...points(away, nbaGameId, 96)]],
    ],
    [
      'G3',
      'by the rows that are not of another day, and of those of players who played',
      [
        postponed,
        teamRow(away, { game_id: otherDay }),
        playerRows(players(away, 0, 1, 2), { game_id: otherDay }),
        playerRows(players(away, 3, 4), { minutes: '0:00' }),
      ],
      [[tells(1, 11), ...status, ...points(home, nbaGameId, 98), played(away, 5)]],
    ],
    [
      'G3',
      'by nothing that is of it',
      [
        postponed,
        ...[away, home].flatMap((of) => [
          teamRow(of, { game_id: otherDay }),
          active(of, { game_id: otherDay }),
        ]),
      ],
      [],
    ],
    [
      'G3',
      'under the id of a preseason game, by the team row with an id of the season',
      [byId, teamRow(away, { nba_game_id: null })],
      [
        [
          `${preseason} is a preseason game, by its id, and 1 team rows and 0 rows of players tell of it as played`,
          fromSchedule(preseason, 'game_id', preseason),
          fromSchedule(preseason, 'game_status_text', 'Final'),
          ...points(home, nbaGameId, 98),
        ],
      ],
    ],
    [
      'G3',
      'not by rows of a preseason game',
      [byId, teamRow(away, { nba_game_id: preseason }), teamRow(home, { nba_game_id: null })],
      [],
    ],
  ]);
});

describe('ids and codes', () => {
  const reverse = scheduled({ game_code: `20250115/${home}${away}` });
  const turnedBy = (row: string, figure: string): string[] => [
    `home and away: the schedule has ${away} at ${home}, its game_code is 20250115/${home}${away} and ${row} is of ${turned}`,
    fromSchedule(nbaGameId, 'home_team_tricode', home),
    fromSchedule(nbaGameId, 'game_code', `20250115/${home}${away}`),
    figure,
  ];
  const third = `${away}/${nameOf(away, 3)}`;
  const playoffs = '0042400101';
  const phoenix = 1610612756;
  itFinds([
    [
      'H4',
      'turned by one team row',
      [reverse, teamRow(home, { game_id: turned })],
      [turnedBy(home, fromTeam(home, 'game_id', turned))],
    ],
    [
      'H4',
      'turned by one player row',
      [reverse, playerRows(players(away, 3), { game_id: turned })],
      [turnedBy(third, fromPlayer(third, 'game_id', turned))],
    ],
    [
      'H4',
      'turned by one player row, where no team row came',
      [reverse, withoutTeam(away), withoutTeam(home), playerRows(players(away, 3), { game_id: turned })],
      [turnedBy(third, fromPlayer(third, 'game_id', turned))],
    ],
    ['H4', 'no game_code', [scheduled({ game_code: null }), teamRow(home, { game_id: turned })], []],
    ['H4', 'turned by nobody but the game_code', [reverse], []],
    [
      'H3',
      'the code that the team of the id does not have, by the team row',
      [scheduled({ away_team_id: null }), teamRow(away, { team_id: phoenix })],
      [
        [
          `${away} has the id ${phoenix}, which is that of PHX`,
          fromSchedule(nbaGameId, 'away_team_tricode', away),
          fromTeam(away, 'team_id', phoenix),
        ],
      ],
    ],
    [
      'H3',
      'the same by the schedule',
      [scheduled({ away_team_id: phoenix })],
      [
        [
          `${away} has the id ${phoenix}, which is that of PHX`,
          fromSchedule(nbaGameId, 'away_team_tricode', away),
          fromSchedule(nbaGameId, 'away_team_id', phoenix),
        ],
      ],
    ],
    [
      'H3',
      'four letters',
      [scheduled({ away_team_tricode: `A${away}` })],
      [
        [
          `the code of a team is "A${away}", expected three letters A to Z`,
          fromSchedule(nbaGameId, 'away_team_tricode', `A${away}`),
        ],
      ],
    ],
    ['H3', 'nobody has an id', [scheduled({ away_team_id: null }), withoutTeam(away)], []],
    [
      'W6',
      'an id of the playoffs',
      [scheduled({ game_id: playoffs })],
      [
        [
          `the id ${playoffs} is one of the playoffs, and the schedule has is_playoffs false`,
          fromSchedule(playoffs, 'game_id', playoffs),
          fromSchedule(playoffs, 'is_playoffs', false),
        ],
      ],
    ],
    ['W6', 'of which nobody says whether it is of the playoffs', [scheduled({ is_playoffs: null })], []],
    [
      'W6',
      'an id of the play-in, in the playoffs',
      [scheduled({ game_id: '0052400101', is_playoffs: true })],
      [],
    ],
    ['W6', 'an id of the play-in, out of them', [scheduled({ game_id: '0052400101' })], []],
  ]);
});

describe('who is who', () => {
  const [smith, smithson, paul] = ['johnsmith', 'johnsmithson', 'paul'];
  /** Four figures above 0 beside the rebounds, which follow from one of them: two lines may be so by chance. */
  const line: Partial<GamebookPlayerRow> = {
    ...{ minutes: '5:00', plus_minus: 0, points: 2 },
    ...{ field_goals_made: 1, field_goals_attempted: 1, three_pointers_made: 0, three_pointers_attempted: 0 },
    ...{ free_throws_made: 0, free_throws_attempted: 0, assists: 0, steals: 0, blocks: 0, turnovers: 0 },
    ...{ offensive_rebounds: 1, defensive_rebounds: 0, total_rebounds: 1, personal_fouls: 0 },
  };
  const two = (one: string, other: string, changes: Partial<GamebookPlayerRow> = {}): Change[] => [
    playerRows(players(away, 0), { ...line, player_lookup: one, ...changes }),
    playerRows(players(away, 1), { ...line, player_lookup: other, ...changes }),
  ];
  const oneLine = (one: string, other: string): string[] => {
    const [some, same] = [one, other].map((row) => row.split('/').reverse().join(' ('));
    return [
      `${some}) and ${same}) have one line, 5:00 with 2 points: one person under two names`,
      fromPlayer(one, 'minutes', '5:00'),
      fromPlayer(other, 'minutes', '5:00'),
    ];
  };
  const lookup = (of: string): Change =>
    playerRows((row) => row.team_abbr === of && row.player_status === 'inactive', {
      player_lookup: 'somebody',
    });
  const ofBothGames = { team_abbr: homeOf(1), game_id: gameIdOf(1) };
  const first = nameOf(away, 0);
  itFinds([
    [
      'P12',
      'one line of four figures, under names that begin alike',
      two(smith, smithson),
      [oneLine(`${away}/${smith}`, `${away}/${smithson}`)],
    ],
    [
      'P12',
      'the same, the longer name first',
      [
        playerRows(players(away, 0), { ...line, player_lookup: smithson }),
        playerRows(players(home, 0), { ...line, player_lookup: smith }),
      ],
      [oneLine(`${away}/${smithson}`, `${home}/${smith}`)],
    ],
    ['P12', 'one line of four figures, under names that end alike', two('smith', smith), []],
    ['P12', 'one line of four figures, under other names', two(smith, paul), []],
    ['P12', 'a name that begins with what ends others', two('jrsmith', 'smith'), []],
    [
      'P12',
      'one line of five figures, under other names',
      two(smith, paul, { steals: 1 }),
      [oneLine(`${away}/${smith}`, `${away}/${paul}`)],
    ],
    [
      'P12',
      'one line of four figures, of one player_name',
      two(smith, paul, { player_name: 'Paul Johnsmith' }),
      [oneLine(`${away}/${smith}`, `${away}/${paul}`)],
    ],
    ['P12', 'one line of four figures, of no player_name', two(smith, paul, { player_name: null }), []],
    [
      'P12',
      'half of the lookups of others',
      [
        ...Array.from({ length: 8 }, (_, index) =>
          playerRows(players(away, index), { player_lookup: `x${index}` }),
        ),
        lookup(away),
        lookup(home),
      ],
      [
        [
          `the player_lookup of 10 of 20 players is not that of their names: that of "${away} inactive" is "somebody"`,
          fromPlayer(`${away}/somebody`, 'player_lookup', 'somebody'),
          fromPlayer(`${away}/somebody`, 'player_name', `${away} inactive`),
        ],
      ],
    ],
    [
      'P12',
      'half of the lookups of others, of those who have a name',
      [
        ...Array.from({ length: 8 }, (_, index) =>
          playerRows(players(away, index), { player_lookup: `x${index}` }),
        ),
        lookup(away),
        playerRows(players(home, 0, 1), { player_name: null }),
      ],
      [
        [
          `the player_lookup of 9 of 18 players is not that of their names: that of "${away} inactive" is "somebody"`,
          fromPlayer(`${away}/somebody`, 'player_lookup', 'somebody'),
          fromPlayer(`${away}/somebody`, 'player_name', `${away} inactive`),
        ],
      ],
    ],
    [
      'P12',
      'less than half of the lookups of others',
      [
        ...Array.from({ length: 8 }, (_, index) =>
          playerRows(players(away, index), { player_lookup: `x${index}` }),
        ),
        lookup(away),
      ],
      [],
    ],
    [
      'P14',
      'no name',
      [playerRows(players(away, 0), { player_name: null })],
      [[`${first} (${away}) has no player_name`, fromPlayer(`${away}/${first}`, 'player_name', null)]],
    ],
    [
      'P15',
      'the reason of another status',
      [playerRows((row) => row.player_lookup === 'atldnp', { dnp_reason: 'Inactive' })],
      [
        [
          `atldnp (${away}) is "dnp", and has the reason "Inactive"`,
          fromPlayer(`${away}/atldnp`, 'player_status', 'dnp'),
          fromPlayer(`${away}/atldnp`, 'dnp_reason', 'Inactive'),
        ],
      ],
    ],
    [
      'P15',
      'the reason of the other status',
      [playerRows((row) => row.player_lookup === 'atlinactive', { dnp_reason: 'DNP - Rest' })],
      [
        [
          `atlinactive (${away}) is "inactive", and has the reason "DNP - Rest"`,
          fromPlayer(`${away}/atlinactive`, 'player_status', 'inactive'),
          fromPlayer(`${away}/atlinactive`, 'dnp_reason', 'DNP - Rest'),
        ],
      ],
    ],
    [
      'K1',
      'active in two games',
      [(night) => add(night, player, { ...night.rows[player].find(players(away, 0))!, ...ofBothGames })],
      [
        [
          `${first} is active for ${away} in ${gameId} and in ${gameIdOf(1)}: two people under one name, or a row in the wrong list`,
          fromPlayer(`${away}/${first}`, 'player_lookup', first),
        ],
      ],
    ],
  ]);
});
