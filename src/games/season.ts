/** Seasons: the year in which one starts names it. Pure. */
import { addDays } from '../contracts/game-date';

/** The bubble: what was left of a season was played until its last game on 11 October 2020. */
const lateEnd = { year: 2020, until: '2020-10-31' };

/** A season, and the dates on which it may have games. Those at the ends may be of another. */
export interface Season {
  readonly year: number;
  readonly from: string;
  readonly to: string;
}

/** The season of a date until the day before, and the season before that. */
export function seasonsBefore(gameDate: string): { readonly own: Season; readonly last: Season } {
  const year = seasonOf(gameDate);
  return {
    own: { year, from: `${year}-10-01`, to: addDays(gameDate, -1) },
    last: { year: year - 1, from: `${year - 1}-10-01`, to: `${year}-10-31` },
  };
}

export function isOfSeason(gameDate: string, { year }: Pick<Season, 'year'>): boolean {
  return seasonOf(gameDate) === year;
}

/** The dates that belong to a season, both included. */
export function datesOfSeason(year: number): { readonly from: string; readonly to: string } {
  const begins = (one: number): string => (one === lateEnd.year ? addDays(lateEnd.until, 1) : `${one}-10-01`);
  return { from: begins(year), to: addDays(begins(year + 1), -1) };
}

/** The year a season starts in: October and later belong to the year itself, earlier months to the year before. */
export function seasonOf(gameDate: string): number {
  const year = Number(gameDate.slice(0, 4));
  if (year === lateEnd.year && gameDate <= lateEnd.until) return year - 1;
  return Number(gameDate.slice(5, 7)) >= 10 ? year : year - 1;
}
