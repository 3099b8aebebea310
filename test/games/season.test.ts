import { seasonOf } from '../../src/games/season';

describe('the season', () => {
  it.each([
    ['2024-10-01', 2024],
    ['2024-12-31', 2024],
    ['2025-01-01', 2024],
    ['2025-06-22', 2024],
    ['2025-09-30', 2024],
    ['2025-10-21', 2025],
  ])('of %s started in %d', (gameDate, year) => {
    expect(seasonOf(gameDate)).toBe(year);
  });
});
