/** Seasons: the year in which one starts names it. Pure. */

/** The year a season starts in: October and later belong to the year itself, earlier months to the year before. */
export function seasonYear(gameDate: string): number {
  const year = Number(gameDate.slice(0, 4));
  return Number(gameDate.slice(5, 7)) >= 10 ? year : year - 1;
}
