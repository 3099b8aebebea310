/** Game dates: `YYYY-MM-DD`, the league's date in New York. Pure; safe in the workflow sandbox. */

const pattern = /^(\d{4})-(\d{2})-(\d{2})$/;
const dayMs = 86_400_000;

/** Whether `text` is a real calendar date written `YYYY-MM-DD`. */
export function isGameDate(text: string): boolean {
  const [, year, month, day] = pattern.exec(text) ?? [];
  return day !== undefined && day !== '00' && Number(day) <= daysIn(Number(year), Number(month));
}

/** Days of a month, 1 to 12, of the Gregorian calendar; 0 where there is no such month. */
function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  if (month < 1 || month > 12) return 0;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** The date `days` later (or earlier, if negative). */
export function addDays(gameDate: string, days: number): string {
  return new Date(Date.parse(`${gameDate}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}

/** Whole days from `from` to `to`; negative if `to` is earlier. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / dayMs);
}
