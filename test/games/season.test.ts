import { addDays } from '../../src/contracts/game-date';
import { datesOfSeason, isOfSeason, seasonOf, seasonsBefore } from '../../src/games/season';

describe('the season', () => {
  it.each([
    ['2024-10-01', 2024],
    ['2024-12-31', 2024],
    ['2025-01-01', 2024],
    ['2025-06-22', 2024],
    ['2025-09-30', 2024],
    ['2025-10-21', 2025],
    // Of the bubble, which ended on 11 October; the next season began in December.
    ['2020-10-11', 2019],
    ['2020-10-31', 2019],
    ['2020-11-01', 2020],
    ['2020-12-22', 2020],
    ['2019-10-15', 2019],
  ])('of %s started in %d', (gameDate, year) => {
    expect(seasonOf(gameDate)).toBe(year);
  });

  it.each([
    [2024, '2024-10-01', '2025-09-30'],
    [2019, '2019-10-01', '2020-10-31'],
    [2020, '2020-11-01', '2021-09-30'],
  ])('%d has the dates from %s to %s, and no others', (year, from, to) => {
    expect(datesOfSeason(year)).toEqual({ from, to });
    expect([from, to, addDays(from, -1), addDays(to, 1)].map((date) => isOfSeason(date, { year }))).toEqual([
      ...[true, true],
      ...[false, false],
    ]);
  });

  it('before a date is that of the date until the day before, and the whole one before it', () => {
    expect(seasonsBefore('2025-01-15')).toEqual({
      own: { year: 2024, from: '2024-10-01', to: '2025-01-14' },
      last: { year: 2023, from: '2023-10-01', to: '2024-10-31' },
    });
  });
});
