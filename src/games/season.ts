/** Seasons: the year in which one starts names it. Pure. */

/** The bubble: what was left of a season was played until its last game on 11 October 2020. */
const lateEnd = { year: 2020, until: '2020-10-31' };

/** The year a season starts in: October and later belong to the year itself, earlier months to the year before. */
export function seasonYear(gameDate: string): number {
  const year = Number(gameDate.slice(0, 4));
  if (year === lateEnd.year && gameDate <= lateEnd.until) return year - 1;
  return Number(gameDate.slice(5, 7)) >= 10 ? year : year - 1;
}
