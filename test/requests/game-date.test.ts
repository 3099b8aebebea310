import { addDays, daysBetween, isGameDate } from '../../src/contracts/game-date';
import { newYorkDate } from '../../src/contracts/new-york';

describe('a game date', () => {
  it.each(['2025-01-15', '2024-02-29', '2000-02-29', '1946-11-01', '2025-12-31'])('%s is one', (text) => {
    expect(isGameDate(text)).toBe(true);
  });

  it.each([
    '2025-02-30',
    '2025-02-29',
    '1900-02-29',
    '2025-04-31',
    '2025-13-01',
    '2025-00-10',
    '2025-01-00',
    '2025-1-15',
    '20250115',
    '2025/01/15',
    '15-01-2025',
    '2025-01-15T00:00:00Z',
    ' 2025-01-15',
    '2025-01-15\n',
    'yesterday',
    '',
  ])('%j is none', (text) => {
    expect(isGameDate(text)).toBe(false);
  });
});

describe('days', () => {
  it.each([
    ['2025-01-15', 1, '2025-01-16'],
    ['2024-12-31', 1, '2025-01-01'],
    ['2025-01-01', -1, '2024-12-31'],
    ['2024-02-28', 1, '2024-02-29'],
    ['2025-02-28', 1, '2025-03-01'],
    ['2025-03-09', 1, '2025-03-10'],
    ['2025-11-02', 1, '2025-11-03'],
    ['2025-01-15', 365, '2026-01-15'],
    ['2025-01-15', 0, '2025-01-15'],
  ])('%s and %d more is %s, clock changes or not', (from, days, to) => {
    expect(addDays(from, days)).toBe(to);
    expect(daysBetween(from, to)).toBe(days);
    expect(daysBetween(to, from)).toBe(-days + 0);
  });
});

describe('the date in New York', () => {
  it.each([
    ['2025-01-16T04:59:59.999Z', '2025-01-15'],
    ['2025-01-16T05:00:00.000Z', '2025-01-16'],
    ['2025-07-16T03:59:59.999Z', '2025-07-15'],
    ['2025-07-16T04:00:00.000Z', '2025-07-16'],
    ['2025-01-01T02:00:00.000Z', '2024-12-31'],
    ['2025-03-10T04:00:00.000Z', '2025-03-10'],
  ])('at %s is %s', (at, date) => {
    expect(newYorkDate(new Date(at))).toBe(date);
  });
});
