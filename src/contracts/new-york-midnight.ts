/** Where a game date begins. */
import { newYorkDate } from './new-york';

/**
 * The instant at which a date begins in New York. Clocks are changed at two in the morning, so that every date has one
 * midnight: of daylight saving time (UTC−4), or else of standard time (UTC−5).
 */
export function newYorkMidnight(gameDate: string): Date {
  const inSummer = new Date(`${gameDate}T04:00:00Z`);
  return newYorkDate(inSummer) === gameDate ? inSummer : new Date(`${gameDate}T05:00:00Z`);
}
