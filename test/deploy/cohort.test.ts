/** Which dates a canary takes: the newest of each unusual kind, then the newest; none whose live rows are no measure. */
import { addDays } from '../../src/contracts/game-date';
import { chooseCohort, cohortSize, type RecentDate } from '../../src/deploy/cohort';
import { unusualOn, type UnusualKind } from '../../src/games/unusual';
import { demoNight } from '../support/nights';

const first = '2025-01-01';

function recent(count: number, special: Readonly<Record<number, UnusualKind | 'unfit'>> = {}): RecentDate[] {
  return Array.from({ length: count }, (_, index) => {
    const kind = special[index];
    return {
      gameDate: addDays(first, index),
      unfit: kind === 'unfit' ? 'it is pinned' : null,
      unusual: new Map(kind === undefined || kind === 'unfit' ? [] : [[kind, `a ${kind}`]]),
    };
  });
}

test('a tenth of the thirty newest, and three at the least', () => {
  expect([5, 20, 30].map(cohortSize)).toEqual([3, 3, 3]);
  expect(cohortSize(41)).toBe(5);
  expect(chooseCohort(recent(60), null).chosen.map(({ gameDate }) => gameDate)).toEqual(
    [57, 58, 59].map((index) => addDays(first, index)),
  );
});

test('one date of each unusual kind, the newest that has it; a date counts once', () => {
  const dates = recent(30, { 3: 'overtime', 20: 'overtime', 7: 'trade', 9: 'late box score' });
  expect(chooseCohort(dates, null).chosen).toEqual([
    { gameDate: addDays(first, 7), why: 'a trade' },
    { gameDate: addDays(first, 9), why: 'a late box score' },
    { gameDate: addDays(first, 20), why: 'a overtime' },
  ]);
  const both = recent(30).map((date, index) =>
    index === 4
      ? {
          ...date,
          unusual: new Map<UnusualKind, string>([
            ['overtime', 'ot'],
            ['trade', 'tr'],
          ]),
        }
      : date,
  );
  expect(chooseCohort(both, null).chosen.map(({ why }) => why)).toEqual([
    'ot',
    'one of the newest',
    'one of the newest',
  ]);
});

test('what is unusual too long ago is not looked at, and what is unfit is not taken but said', () => {
  const dates = recent(40, { 2: 'overtime', 39: 'unfit', 38: 'unfit' });
  const { chosen, unfit } = chooseCohort(dates, 2);
  expect(chosen.map(({ gameDate }) => gameDate)).toEqual([addDays(first, 36), addDays(first, 37)]);
  expect(unfit).toEqual([
    { gameDate: addDays(first, 39), why: 'it is pinned' },
    { gameDate: addDays(first, 38), why: 'it is pinned' },
  ]);
});

describe('what the rows tell of a date', () => {
  const night = demoNight('2017-04-15');
  const plain = { gameDate: '2017-04-15', rows: night };

  test('an ordinary night tells nothing', () => {
    expect([...unusualOn([plain]).get('2017-04-15')!]).toEqual([]);
  });

  test('overtime, by the minutes of a team', () => {
    const long = night.nbac_team_boxscore.map((row, index) =>
      index < 2 ? { ...row, minutes: '265:00' } : row,
    );
    const found = unusualOn([{ ...plain, rows: { ...night, nbac_team_boxscore: long } }]);
    expect(found.get('2017-04-15')!.get('overtime')).toContain('played 265:00 minutes');
  });

  test('a trade, by a player who plays for another team than the last time, in whatever order dates come', () => {
    const [player] = night.nbac_gamebook_player_stats.filter((row) => row.player_status === 'active');
    const moved = night.nbac_gamebook_player_stats.map((row) =>
      row === player ? { ...row, team_abbr: 'XYZ' } : row,
    );
    const after = { gameDate: '2017-04-17', rows: { ...night, nbac_gamebook_player_stats: moved } };
    const found = unusualOn([after, plain]);
    expect(found.get('2017-04-17')!.get('trade')).toContain(`plays for XYZ, before for ${player!.team_abbr}`);
    expect(found.get('2017-04-15')!.has('trade')).toBe(false);
  });

  test('a late box score, by a row that came hours after the first', () => {
    const at = (hour: number): string => `2017-04-16T${String(hour).padStart(2, '0')}:00:00.000Z`;
    const came = (last: number) =>
      unusualOn([
        {
          ...plain,
          rows: {
            ...night,
            nbac_team_boxscore: night.nbac_team_boxscore.map((row, index) => ({
              ...row,
              processed_at: at(index === 0 ? last : 3),
            })),
          },
        },
      ]).get('2017-04-15')!;
    expect(came(8).has('late box score')).toBe(false);
    expect(came(10).get('late box score')).toContain('came 7 hours after the first');
  });
});
