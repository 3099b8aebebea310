/** When the rows of a date are needed: a time of the morning after, by the clocks of New York. */
import { addDays } from './game-date';

/** A time of day, `HH:MM`. */
export const neededByPattern = /^([01]\d|2[0-3]):[0-5]\d$/;

/** The time that is used where nothing says when rows are needed: nobody is paged by it. */
export const usualNeededBy = '09:00';

const wallClock = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'America/New_York',
  dateStyle: 'short',
  timeStyle: 'short',
});

/**
 * The instant at which `neededBy` is on the clocks of New York the day after the date. Of an hour that the clocks show twice it is
 * the first; a time that they skip is taken as if they had not been put forward.
 */
export function neededAt(gameDate: string, neededBy: string): Date {
  const morning = addDays(gameDate, 1);
  const inSummer = new Date(`${morning}T${neededBy}:00-04:00`);
  return wallClock.format(inSummer) === `${morning} ${neededBy}`
    ? inSummer
    : new Date(`${morning}T${neededBy}:00-05:00`);
}
