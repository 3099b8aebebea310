/** Each rule of the game is broken once by the smallest change that it is there for, and found with its figures. */
import { gamesOf, type GameEvidence, type Reconstructs } from '../../../src/games/evidence';
import { plainName } from '../../../src/games/rules/people';
import { overtimesNamed } from '../../../src/games/rules/length';
import { gameRules } from '../../../src/games/rules/registry';
import { seasonOfId } from '../../../src/games/rules/schedule';
import type { Row } from '../../../src/tables/define-table';
import type { GamebookPlayerRow } from '../../../src/sources/nbac-gamebook-player-stats/table';
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
  withRows,
  type Night,
} from '../../support/fixtures';

const night = goodNight(2);
const [away, home] = [awayOf(0), homeOf(0)];
const [schedule, team, player] = [
  'nbac_schedule',
  'nbac_team_boxscore',
  'nbac_gamebook_player_stats',
] as const;
const scorer = `${away.toLowerCase()}player0`;
const isScorer = (row: GamebookPlayerRow): boolean => row.player_lookup === scorer;
const idle = `${away.toLowerCase()}dnp`;
const his = night.rows[player].find(isScorer)!;

function withTeam(changes: Partial<TeamBoxscoreRow>, from = night): Night {
  return change(from, team, ofTeam(away), changes);
}

function withPlayer(changes: Partial<GamebookPlayerRow>, from = night): Night {
  return change(from, player, isScorer, changes);
}

/** The games as judged now: the nights are made as this file is loaded, and what was found in rows seen before is remembered. */
function judged({ rows }: Night): readonly GameEvidence[] {
  return gamesOf(gameDate, structuredClone(rows));
}

/** What each rule finds of the first game, by its id. */
function found(snapshot: Night): Map<string, string[]> {
  const [first] = judged(snapshot);
  return new Map(
    first!.rules.map(({ rule, contradictions }) => [rule.id, contradictions.map(({ detail }) => detail)]),
  );
}

type Break = readonly [rule: string, what: string, broken: Night, detail: string];

const breaks: readonly Break[] = [
  [
    'S1',
    'an attempt that no player took',
    withTeam({ fg_attempted: 85, fg_percentage: 36 / 85 }),
    `the field goal attempts of ${away}'s players add up to 84, its team row has 85`,
  ],
  [
    'S2',
    'a rebound of nobody',
    withTeam({ offensive_rebounds: 9, total_rebounds: 41 }),
    `the offensive rebounds of ${away}'s players add up to 8, its team row has 9`,
  ],
  [
    'S3',
    'an assist of nobody',
    withTeam({ assists: 25 }),
    `the assists of ${away}'s players add up to 24, its team row has 25`,
  ],
  [
    'S4',
    'fewer turnovers than the players',
    withTeam({ turnovers: 10 }),
    `the turnovers of ${away}'s players add up to 11, its team row has 10`,
  ],
  [
    'S4',
    'more of the team itself than there ever were',
    withTeam({ turnovers: 20 }),
    'add up to 11, its team row has 20',
  ],
  [
    'S5',
    'eleven seconds',
    withPlayer({ minutes: '30:11', minutes_decimal: 30.18 }),
    `${away}'s players played 240:11, its team row has "240:00": 11 s apart`,
  ],
  [
    'G1',
    'a point that the schedule does not have',
    change(night, schedule, ofGame(0), { away_team_score: 95 }),
    `the team row of ${away} has 96 points, the schedule's score is 95`,
  ],
  [
    'G2',
    'no score',
    change(night, schedule, ofGame(0), { away_team_score: null }),
    'says final and has no score',
  ],
  ['G2', 'a tie', change(night, schedule, ofGame(0), { away_team_score: 98 }), 'final at 98 to 98, a tie'],
  [
    'G2',
    'the other winner',
    change(night, schedule, ofGame(0), { winning_team_tricode: away }),
    `the schedule's winner is ${away}`,
  ],
  [
    'G5',
    'the season after',
    withTeam({ season_year: 2025 }),
    `season_year is 2025 in nbac_team_boxscore (${away})`,
  ],
  [
    'G5',
    'an id of another season',
    change(change(night, schedule, ofGame(0), { game_id: '0022300500' }), team, ofGame(0), {
      nba_game_id: '0022300500',
    }),
    'the id 0022300500 is of season 2023',
  ],
  [
    'G5',
    'a season in words',
    change(night, schedule, ofGame(0), { season: '2023-24' }),
    `the schedule's season is "2023-24"`,
  ],
  [
    'H1',
    'home at away',
    withTeam({ is_home: true }),
    `home and away: the schedule has ${away} away, its team row has is_home true`,
  ],
  [
    'H1',
    'the id of another team',
    withTeam({ team_id: 7 }),
    `the schedule has id 200 for ${away}, its team row has team_id 7`,
  ],
  [
    'H1',
    'the id of another game',
    withTeam({ nba_game_id: nbaGameIdOf(1) }),
    `the team row of ${away} as ${nbaGameIdOf(1)}`,
  ],
  [
    'H1',
    'a row of another date',
    withTeam({ game_id: `20250114_${away}_${home}` }),
    `is of game 20250114_${away}_${home}`,
  ],
  [
    'H1',
    'sides turned in the gamebook',
    change(night, player, ofTeam(away), { home_team_abbr: away, away_team_abbr: home }),
    `10 player rows of ${away} have ${home} at ${away}`,
  ],
  [
    'K1',
    'a row twice at one instant',
    add(night, player, { ...his, assists: 4 }),
    `twice, arrived at one instant, with other assists`,
  ],
  [
    'K1',
    'active for both teams',
    add(night, player, { ...his, team_abbr: home }),
    `${scorer} is active for ${away} (30:00) and for ${home} (30:00)`,
  ],
  [
    'K1',
    'active in two games',
    add(night, player, { ...his, team_abbr: homeOf(1), game_id: gameIdOf(1) }),
    `${scorer} is active for ${away} in ${gameIdOf(0)} and in ${gameIdOf(1)}`,
  ],
  [
    'K2',
    'two games of one pair',
    add(night, schedule, { ...night.rows[schedule][0]!, game_id: '0022400900' }),
    `the schedule has two games of the same teams, ${away} and ${home}, on this date: ${nbaGameIdOf(0)} and 0022400900`,
  ],
  [
    'K3',
    'a listing without zeros',
    add(night, schedule, { ...night.rows[schedule][0]!, game_id: nbaGameIdOf(0).slice(2) }),
    `the schedule lists the game twice, as ${nbaGameIdOf(0)} and ${nbaGameIdOf(0).slice(2)}`,
  ],
  [
    'P12',
    'capitals in a lookup',
    withPlayer({ player_lookup: 'AtlPlayer0' }),
    'is "AtlPlayer0", expected a name in letters a to z and digits',
  ],
  [
    'P12',
    'one line under two names',
    add(night, player, { ...his, player_lookup: 'atlplayer00' }),
    'one person under two names',
  ],
  [
    'P13',
    'a status in capitals',
    withPlayer({ player_status: 'ACTIVE' }),
    'is "ACTIVE", expected one of active, dnp, inactive',
  ],
  [
    'P14',
    'a name of somebody else',
    withPlayer({ player_name: 'Trae Young' }),
    `the player_lookup of "Trae Young" is "${scorer}"`,
  ],
  ['T1', 'a negative count', withTeam({ turnovers: -5 }), `the team row of ${away} has -5 turnovers`],
  ['T1', 'a negative count of a player', withPlayer({ steals: -1 }), `${scorer} (${away}) has -1 steals`],
  [
    'P1',
    'a count that one player lacks',
    withPlayer({ assists: null }),
    `assists is empty for ${scorer} of ${away}`,
  ],
  [
    'P2',
    'more threes than field goals',
    withPlayer({ three_pointers_made: 4 }),
    `made 4 threes and 3 field goals`,
  ],
  ['P2', 'more makes than attempts', withTeam({ ft_made: 17 }), `made 17 of 16 free throws`],
  ['P2', 'more field goals than attempts', withTeam({ fg_made: 85 }), `made 85 of 84 field goals`],
  ['P2', 'more threes than attempts', withTeam({ three_pt_made: 33 }), `made 33 of 32 threes`],
  [
    'P2',
    'more threes tried than shots',
    withTeam({ three_pt_attempted: 85 }),
    `took 85 threes and 84 field goals`,
  ],
  [
    'P3',
    'points that nobody shot',
    withPlayer({ points: 10 }),
    `the shots of ${scorer} (${away}) make 9 points, the row has 10`,
  ],
  [
    'P5',
    'minutes that are no time',
    withPlayer({ minutes: '34m12s' }),
    `who is active, are "34m12s", which is no time`,
  ],
  ['P5', 'no minutes', withPlayer({ minutes: null }), 'are empty, which is no time'],
  [
    'P6',
    'a clock as a decimal',
    withPlayer({ minutes: '30.08', minutes_decimal: 30.13 }),
    `has minutes "30.08" and minutes_decimal 30.13`,
  ],
  [
    'R1',
    'a total of something else',
    withTeam({ total_rebounds: 41 }),
    'has 8 offensive and 32 defensive rebounds, and 41 in total',
  ],
  [
    'T5',
    'a percentage of other shots',
    withTeam({ fg_percentage: 0.5 }),
    `has fg_percentage 0.5, and 36 of 84 is 0.429`,
  ],
  ['T6', 'the length of the game', withTeam({ minutes: '48:00' }), `are "48:00"; a team plays 240`],
  [
    'T7',
    'an overtime of one team',
    withTeam({ minutes: '265:00' }),
    `${away} played 265:00 minutes and ${home} 240:00`,
  ],
  [
    'T8',
    'an overtime that nobody played',
    change(night, schedule, ofGame(0), { game_status_text: 'Final/OT' }),
    `the status is "Final/OT", and the minutes of the team row of ${away} are "240:00"`,
  ],
  [
    'T11',
    'more assists than field goals',
    withTeam({ assists: 37 }),
    `${away} has 37 assists on 36 field goals`,
  ],
  [
    'T11',
    'more steals than the other lost',
    withTeam({ steals: 12 }),
    `${away} has 12 steals, ${home} lost the ball 11 times`,
  ],
  [
    'T11',
    'more blocks than the other missed',
    withTeam({ blocks: 49 }),
    `${away} has 49 blocks, ${home} missed 48 field goals`,
  ],
  ...['42', '00224000610', '0072400500', '1022400500', 'x'].map((id): Break => [
    'H2',
    `the id ${id} everywhere`,
    change(change(night, schedule, ofGame(0), { game_id: id }), team, ofGame(0), { nba_game_id: id }),
    `the id of the game is "${id}"`,
  ]),
  [
    'H3',
    'the code that the team of the id does not have',
    change(withTeam({ team_id: 1610612756 }), schedule, ofGame(0), { away_team_id: 1610612756 }),
    `${away} has the id 1610612756, which is that of PHX`,
  ],
  [
    'H3',
    'a code with a blank',
    change(night, schedule, ofGame(0), { away_team_tricode: `${away} ` }),
    `the code of a team is "${away} "`,
  ],
  [
    'H4',
    'ids and the code of the game with the sides turned',
    change(change(night, schedule, ofGame(0), { game_code: `20250115/${home}${away}` }), player, ofGame(0), {
      game_id: `20250115_${home}_${away}`,
    }),
    `its game_code is 20250115/${home}${away}`,
  ],
  [
    'W6',
    'a game of the season in the playoffs',
    change(night, schedule, ofGame(0), { is_playoffs: true }),
    'is none of the playoffs',
  ],
  [
    'H1',
    'a team against itself',
    change(night, schedule, ofGame(0), { home_team_tricode: away }),
    `the schedule has ${away} at home and away`,
  ],
  ['P7', 'a seventh foul', withPlayer({ personal_fouls: 7 }), `${scorer} (${away}) has 7 fouls`],
  ['T9', 'no assist', withTeam({ assists: 0 }), `${away} has 0 assists`],
  [
    'T9',
    'no steal of either team',
    change(night, team, ofGame(0), { steals: 0 }),
    `${away} and ${home} have 0 steals`,
  ],
  ['W3', 'a team without a steal', withTeam({ steals: 0 }), `${away} has 0 steals`],
  [
    'W4',
    'whole minutes',
    change(night, player, (row) => row.player_status === 'active', { minutes: '24' }),
    'has whole minutes',
  ],
  ['W5', 'six turnovers of the team itself', withTeam({ turnovers: 17 }), `${away} has 6 turnovers`],
  [
    'P12',
    'a name with and without its suffix',
    change(night, player, (row) => row.player_lookup === `${away.toLowerCase()}player1`, {
      player_lookup: `${scorer}jr`,
    }),
    `${scorer} and ${scorer}jr (${away}) are one name`,
  ],
  [
    'P14',
    'a name with a character that is not seen',
    withPlayer({ player_name: `\u200b${his.player_name}` }),
    'the player_lookup of',
  ],
  ['W1', 'one team scaled by 1.3', withTeam({ fg_attempted: 109 }), `${away} has`],
  ['W2', 'ten listed', night, `10 players are listed for ${away}`],
  [
    'G3',
    'rows of a game that is said to be postponed',
    change(night, schedule, ofGame(0), { game_status: 1, game_status_text: 'Postponed' }),
    'the schedule says "Postponed", and 2 team rows and 16 rows of players tell of it as played',
  ],
  [
    'G3',
    'rows of the season under the id of a preseason game',
    change(night, schedule, ofGame(0), { game_id: '0012400500' }),
    'and 2 team rows',
  ],
  [
    'P12',
    'a word of programs in place of a name',
    withPlayer({ player_lookup: 'null' }),
    'is "null", expected a name',
  ],
  [
    'P12',
    "the lookups of half of a game's players cut off",
    withRows(
      night,
      player,
      night.rows[player].map((row) =>
        row.team_abbr === away ? { ...row, player_lookup: row.player_lookup.slice(1) } : row,
      ),
    ),
    'of 20 players is not that of their names',
  ],
  ['P14', 'no name', withPlayer({ player_name: null }), `${scorer} (${away}) has no player_name`],
  [
    'P15',
    'a reason of somebody who is active',
    withPlayer({ dnp_reason: 'Rest' }),
    `${scorer} (${away}) is active, and has the reason "Rest"`,
  ],
  [
    'P15',
    'figures of somebody who did not play',
    change(night, player, (row) => row.player_lookup === idle, { points: 4 }),
    `${idle} (${away}) is "dnp", and has 4 points, which are not used`,
  ],
  [
    'P15',
    'no reason of somebody who did not play',
    change(night, player, (row) => row.player_lookup === idle, { dnp_reason: ' ' }),
    `${idle} (${away}) is "dnp", and has no dnp_reason`,
  ],
  [
    'P15',
    'the reason of another status',
    change(night, player, (row) => row.player_lookup === idle, { dnp_reason: 'Inactive' }),
    `${idle} (${away}) is "dnp", and has the reason "Inactive"`,
  ],
  [
    'T6',
    "seconds that are not the players'",
    withTeam({ minutes: '240:07' }),
    `the minutes of the team row of ${away} are "240:07"`,
  ],
  [
    'S6',
    'a plus-minus that no line-up explains',
    withPlayer({ plus_minus: his.plus_minus! + 3 }),
    `the plus-minus of ${away}'s players adds up to -7, five times its margin is -10`,
  ],
  [
    'S6',
    'five of one team that the other does not have',
    withPlayer({ plus_minus: his.plus_minus! + 5 }),
    `the plus-minus of ${away}'s players adds up to -5, that of ${home}'s to 10; they should cancel out`,
  ],
  [
    'S6',
    "a home team's plus-minus, all empty",
    change(night, player, (row) => ofGame(0)(row) && row.team_abbr === home, { plus_minus: null }),
    `plus_minus is missing for 8 of 8 players of ${home}`,
  ],
  [
    'U1',
    'a plus-minus that one who played lacks',
    withPlayer({ plus_minus: null }),
    `plus_minus is empty for ${scorer} of ${away}, and known of others`,
  ],
  [
    'U1',
    'a count that the sums show to be 0',
    withPlayer({ steals: null }, change(night, team, ofTeam(away), { steals: 7 })),
    `steals is empty for ${scorer} of ${away}, and known of others`,
  ],
  [
    'S6',
    'a plus-minus far off',
    withPlayer({ plus_minus: 30 }),
    `the plus-minus of ${away}'s players adds up to 22, five times its margin is -10`,
  ],
  [
    'U1',
    'a column that the feed lacks',
    withTeam({ steals: null }),
    `steals is empty in the team row of ${away}`,
  ],
];

it.each(breaks.map(([id, what, broken, detail]) => ({ id, what, broken, detail })))(
  '$id finds $what',
  ({ id, broken, detail }) => {
    expect(found(broken).get(id)).toEqual(expect.arrayContaining([expect.stringContaining(detail)]));
  },
);

it.each(breaks.map(([id, what, broken]) => ({ id, what, broken })))(
  '$id names the figures of $what, as they stand in the rows',
  ({ id, broken }) => {
    const [first] = judged(broken);
    const { contradictions } = first!.rules.find(({ rule }) => rule.id === id)!;
    for (const { figures } of contradictions) {
      expect(figures).not.toEqual([]);
      // A sum stands in no row.
      for (const { table, field, value } of figures.filter(
        ({ row }) => !row.endsWith('all active players'),
      )) {
        const rows: readonly Row[] = broken.rows[table] ?? [];
        const stored = rows.map((row) => row[field] ?? null);
        expect([field, stored]).toEqual([field, expect.arrayContaining([value])]);
      }
    }
  },
);

it('every rule has been broken, and a good night breaks none but the short list of its fixture', () => {
  expect([...new Set(breaks.map(([id]) => id))].sort()).toEqual(gameRules.map(({ id }) => id).sort());
  const broken = [...found(night)].filter(([, details]) => details.length > 0).map(([id]) => id);
  expect(broken).toEqual(['W2']);
});

it('rules are data: an id and a name of their own, a sentence, a tolerance that says why', () => {
  expect(new Set(gameRules.map(({ id }) => id)).size).toBe(gameRules.length);
  expect(new Set(gameRules.map(({ name }) => name)).size).toBe(gameRules.length);
  for (const { name, sentence, tolerance, since } of gameRules) {
    expect(name).toMatch(/^[a-z0-9_]+$/);
    expect(sentence).toMatch(/^[A-Z].*\.$/);
    expect(since).toMatch(/^\d+\.\d+\.\d+$/);
    if (tolerance) expect(tolerance.why.length).toBeGreaterThan(10);
  }
});

describe('what is harmless breaks nothing', () => {
  it.each<[string, Night]>([
    [
      'ids with the sides turned',
      change(change(night, team, ofGame(0), { game_id: `20250115_${home}_${away}` }), player, ofGame(0), {
        game_id: `20250115_${home}_${away}`,
      }),
    ],
    ['ten seconds', withPlayer({ minutes: '30:10', minutes_decimal: 30.17 })],
    [
      'minutes as the league writes them',
      withPlayer({ minutes: 'PT30M00.00S' }, withTeam({ minutes: 'PT240M00.00S' })),
    ],
    ['whole minutes, one off', withTeam({ minutes: '241' })],
    [
      "a team's minutes that a feed has added up from its players'",
      withPlayer({ minutes: '30:07', minutes_decimal: 30.12 }, withTeam({ minutes: '240:07' })),
    ],
    [
      'a status without its overtime',
      change(
        change(
          change(night, team, ofGame(0), { minutes: '265:00' }),
          player,
          (row) => row.player_status === 'active' && ofGame(0)(row),
          { minutes: '33:08', minutes_decimal: 33.13 },
        ),
        player,
        (row) => /player[0-3]$/.test(row.player_lookup) && ofGame(0)(row),
        { minutes: '33:07', minutes_decimal: 33.12 },
      ),
    ],
    ['turnovers of the team itself', withTeam({ turnovers: 19 })],
    [
      'a column of an era, null everywhere',
      change(change(night, team, ofGame(0), { turnovers: null }), player, ofGame(0), { turnovers: null }),
    ],
    [
      'a traded player whom the other team lists as inactive',
      add(night, player, {
        ...night.rows[player].find((row) => row.player_status === 'inactive')!,
        team_abbr: homeOf(1),
        game_id: gameIdOf(1),
        home_team_abbr: homeOf(1),
        away_team_abbr: awayOf(1),
      }),
    ],
    [
      'a null that the sums show to be 0',
      change(night, player, isScorer, { steals: null }) &&
        withPlayer({ steals: null }, change(night, team, ofTeam(away), { steals: 7 })),
    ],
    [
      'a postponed game of the same team',
      add(night, schedule, {
        ...night.rows[schedule][0]!,
        game_id: '0022400900',
        game_status: 1,
        game_status_text: 'PPD',
      }),
    ],
  ])('%s', (_what, snapshot) => {
    const [first] = judged(snapshot);
    expect(first!.rules.filter(({ status, rule }) => status === 'broken' && rule.blocking)).toEqual([]);
  });
});

it('a rule is not run before the source comes that it needs, and sums not on rows that were rebuilt from another', () => {
  const states = (snapshot: Night, reconstructs: Reconstructs = 'none'): Record<string, string> =>
    Object.fromEntries(
      gamesOf(gameDate, snapshot.rows, { reconstructs })[0]!.rules.map(({ rule, status }) => [
        rule.id,
        status,
      ]),
    );
  const without = drop(night, player, ofGame(0));
  expect(states(without)).toMatchObject({ S1: 'not_run', P6: 'not_run', T5: 'passed', G1: 'passed' });
  const late = drop(night, team, ofTeam(home));
  expect(states(late)).toMatchObject({ S1: 'not_run', W1: 'not_run', P6: 'passed' });
  expect(states(late, 'all')).toMatchObject({ S1: 'not_run', T11: 'passed', P6: 'passed', G1: 'passed' });
  // Each by its id, so that none looks at half of what it compares.
  const notRun = (snapshot: Night): string =>
    Object.entries(states(snapshot))
      .filter(([, status]) => status === 'not_run')
      .map(([id]) => id)
      .join(' ');
  expect(notRun(without)).toBe('P12 P1 P6 S1 S2 S3 S4 S5 T9 P14 P15 W3 W4 W5 W2 S6');
  expect(notRun(late)).toBe('T7 T5 S1 S2 S3 S4 S5 W5 W1');
});

it('a plus-minus that does not add up is not used, and everything else of the game is', () => {
  const [first] = gamesOf(gameDate, withPlayer({ plus_minus: 30 }).rows);
  expect(first!.game.distrusted?.['plus_minus']).toContain('adds up to 22');
});

it.each([
  ['Final', null],
  ['Final/OT', 1],
  ['Final/OT2', 2],
  ['Final/2OT', 2],
  ['FINAL OT', 1],
  [null, null],
])('the status %j names overtimes: %j', (text, periods) => {
  expect(overtimesNamed(text)).toBe(periods);
});

it.each([
  ['0022400061', 2024],
  ['0049600401', 1996],
  ['0041900401', 2019],
  ['0024600401', 1946],
  ['0024500401', 2045],
  ['22400061', null],
  ['10022400061', null],
  ['00224000611', null],
  ['x', null],
])('the id %s is of season %j', (id, season) => {
  expect(seasonOfId(id)).toBe(season);
});

it.each([
  ['Nikola Jokić', 'nikolajokic'],
  ['Ömer Aşık', 'omerasik'],
  ['Søren Ræ', 'sorenrae'],
  ["De'Aaron Fox Jr.", 'deaaronfoxjr'],
])('the plain name of %s is %s', (name, plain) => {
  expect(plainName(name)).toBe(plain);
});
