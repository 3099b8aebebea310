/** What a date's rows tell of it that was unusual, and from where on it is. */
import { unusualOn, type DateRows } from '../../src/games/unusual';
import { addDays } from '../../src/contracts/game-date';
import { awayOf, change, gameDate, goodNight, ofTeam, type Night } from '../support/fixtures';

const night = goodNight(2);
const [team, player] = ['nbac_team_boxscore', 'nbac_gamebook_player_stats'] as const;
const away = awayOf(0);
const scorer = `${away.toLowerCase()}player0`;

const dateOf = ({ rows }: Night, days = 0): DateRows => ({ gameDate: addDays(gameDate, days), rows });
const of = (...dates: readonly DateRows[]): (readonly [string, string])[][] =>
  [...unusualOn(dates).values()].map((unusual) => [...unusual]);
const withTeam = (changes: Parameters<typeof change<typeof team>>[3], who = away): Night =>
  change(night, team, ofTeam(who), changes);
const plays = (from: Night, changes: Parameters<typeof change<typeof player>>[3]): Night =>
  change(from, player, ({ player_lookup: lookup }) => lookup === scorer, changes);

test('nothing, where every game had its length, every player his team, and all rows came together', () => {
  expect(of(dateOf(night), dateOf(night, 1))).toEqual([[], []]);
  expect(of({ gameDate, rows: {} })).toEqual([[]]);
});

test.each([
  ['265:00', [['overtime', `overtime: ${away} played 265:00 minutes`]]],
  ['240:00', []],
  [null, []],
])('team minutes of %s', (minutes, expected) => {
  expect(of(dateOf(withTeam({ minutes })))).toEqual([expected]);
});

test('a trade, of the first who plays for another team than the last time, however the dates come', () => {
  const traded = plays(night, { team_abbr: 'XYZ', player_name: 'A Player' });
  const said = [['trade', `a trade: A Player plays for XYZ, before for ${away}`]];
  const back = [
    [
      'trade',
      `a trade: ${night.rows[player].find((row) => row.player_lookup === scorer)!.player_name!} plays for ${away}, before for XYZ`,
    ],
  ];
  expect(of(dateOf(traded, 1), dateOf(night, 2), dateOf(night))).toEqual([[], said, back]);
  expect(of(dateOf(traded, 1))).toEqual([[]]);
  const nameless = plays(night, { team_abbr: 'XYZ', player_name: null });
  expect(of(dateOf(night), dateOf(nameless, 1))[1]).toEqual([
    ['trade', `a trade: ${scorer} plays for XYZ, before for ${away}`],
  ]);
});

test('nobody is traded who does not play', () => {
  const idle = plays(night, { team_abbr: 'XYZ', player_status: 'dnp' });
  expect(of(dateOf(night), dateOf(idle, 1), dateOf(night, 2))).toEqual([[], [], []]);
});

test.each([
  ['5 hours 59 minutes', (5 * 60 + 59) * 60_000, []],
  [
    '6 hours',
    6 * 3_600_000,
    [['late box score', `a late box score: the row of ${away} came 6 hours after the first`]],
  ],
  [
    'a day',
    24.4 * 3_600_000,
    [['late box score', `a late box score: the row of ${away} came 24 hours after the first`]],
  ],
])('a row that came %s after the others', (_, ms, expected) => {
  const [first] = night.rows[team].map(({ processed_at: at }) => Date.parse(at ?? '')).sort();
  const later = withTeam({ processed_at: new Date(first! + ms).toISOString() });
  expect(of(dateOf(later))).toEqual([expected]);
});

test('a row that came earlier than all others makes the newest the late one, and one without a time is not counted', () => {
  const last = night.rows[team].at(-1)!.team_abbr;
  const early = withTeam({ processed_at: '2025-01-15T20:00:00.000Z' });
  expect(of(dateOf(early))[0]![0]).toEqual([
    'late box score',
    `a late box score: the row of ${last} came 12 hours after the first`,
  ]);
  expect(of(dateOf(withTeam({ processed_at: null })))).toEqual([[]]);
});
