import type { Arrival } from '../../src/contracts/arrival';
import { addDays } from '../../src/contracts/game-date';
import { newYorkMidnight } from '../../src/contracts/new-york-midnight';
import { expectedArrival } from '../../src/gate/expected-arrival';

const table = 'nbac_team_boxscore';
const hour = 3_600_000;

/** Arrivals of the dates before `gameDate`, newest first, so many hours after the midnights of theirs. */
function arrivals(gameDate: string, hours: readonly number[]): Arrival[] {
  return hours.map((after, index) => {
    const date = addDays(gameDate, -1 - index);
    return {
      gameDate: date,
      arrivedAt: new Date(newYorkMidnight(date).getTime() + after * hour).toISOString(),
    };
  });
}

describe('when rows are to be expected', () => {
  it('is the midnight of their date in New York and what half, and nine in ten, of the dates before took', () => {
    const hours = [28, 27, 35, 26, 29, 31, 30, 33, 32, 34];
    // Of ten in order, 26 to 35, the fifth and the ninth.
    expect(expectedArrival(table, '2025-01-20', arrivals('2025-01-20', hours))).toEqual({
      table,
      p50At: '2025-01-21T11:00:00.000Z',
      p90At: '2025-01-21T15:00:00.000Z',
      samples: 10,
    });
  });

  it.each([
    // ⌈0.5 · 5⌉ = 3 and ⌈0.9 · 5⌉ = 5
    [[25, 26, 27, 28, 40], 27, 40],
    // ⌈0.5 · 6⌉ = 3 and ⌈0.9 · 6⌉ = 6
    [[25, 26, 27, 28, 29, 40], 27, 40],
    // ⌈0.5 · 11⌉ = 6 and ⌈0.9 · 11⌉ = 10
    [[20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 40], 25, 29],
  ])('is an instant that was seen, by the nearest rank: %j', (hours, half, nineInTen) => {
    const gameDate = '2025-01-20';
    const of = (after: number) => new Date(newYorkMidnight(gameDate).getTime() + after * hour).toISOString();
    const expected = expectedArrival(table, gameDate, arrivals(gameDate, [...hours].reverse()));
    expect(expected).toMatchObject({ p50At: of(half), p90At: of(nineInTen) });
  });

  it.each([
    // Dates of standard time tell of one of summer time, and the other way round.
    ['2025-03-10', '2025-03-11T08:00:00.000Z', '2025-03-09T09:00:00.000Z'],
    ['2025-11-03', '2025-11-04T09:00:00.000Z', '2025-11-02T08:00:00.000Z'],
  ])('counts from the midnight of each date, over a change of the clocks before %s', (gameDate, at, seen) => {
    const given = arrivals(gameDate, [28, 28, 28, 28, 28]);
    expect(given[1]?.arrivedAt).toBe(seen);
    expect(expectedArrival(table, gameDate, given)).toMatchObject({ p50At: at, p90At: at });
  });

  it('is not learned from what was loaded from history, more than three days after its date began', () => {
    const gameDate = '2025-01-20';
    const hours = [28, 72, 72.001, 29, 400 * 24, 30, 31];
    expect(expectedArrival(table, gameDate, arrivals(gameDate, hours))).toMatchObject({
      samples: 5,
      p90At: '2025-01-23T05:00:00.000Z',
    });
  });

  it('is not learned from rows that are older than their date', () => {
    const gameDate = '2025-01-20';
    const hours = [-0.001, -50, 0, 29, 30, 31, 32];
    expect(expectedArrival(table, gameDate, arrivals(gameDate, hours))).toMatchObject({ samples: 5 });
  });

  it('is learned from the last thirty dates, those that say nothing among them', () => {
    const gameDate = '2025-01-20';
    const late = Array<number>(30).fill(60);
    const thirty = [...Array<number>(10).fill(100), ...Array<number>(20).fill(28)];
    expect(expectedArrival(table, gameDate, arrivals(gameDate, [...thirty, ...late]))).toEqual({
      table,
      p50At: '2025-01-21T09:00:00.000Z',
      p90At: '2025-01-21T09:00:00.000Z',
      samples: 20,
    });
  });

  it('is not known from fewer than five dates', () => {
    const gameDate = '2025-01-20';
    expect(expectedArrival(table, gameDate, [])).toBeNull();
    expect(expectedArrival(table, gameDate, arrivals(gameDate, [28, 28, 28, 28]))).toBeNull();
    expect(expectedArrival(table, gameDate, arrivals(gameDate, [28, 28, 28, 28, 100]))).toBeNull();
    expect(expectedArrival(table, gameDate, arrivals(gameDate, [28, 28, 28, 28, 28]))).not.toBeNull();
  });
});
