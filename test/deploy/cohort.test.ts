/** Which dates a canary takes: the newest of each unusual kind, then the newest; none whose live rows are no measure. */
import { addDays } from '../../src/contracts/game-date';
import { chooseCohort, cohortSize, type RecentDate } from '../../src/deploy/cohort';
import type { UnusualKind } from '../../src/games/unusual';

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
