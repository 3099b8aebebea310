/** Game dates: `YYYY-MM-DD`, the league's date in New York. Pure; safe in the workflow sandbox. */

const pattern = /^(\d{4})-(\d{2})-(\d{2})$/;
const dayMs = 86_400_000;

/** Whether `text` is a real calendar date written `YYYY-MM-DD`. */
export function isGameDate(text: string): boolean {
  if (!pattern.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === text;
}

/** The date `days` later (or earlier, if negative). */
export function addDays(gameDate: string, days: number): string {
  return new Date(Date.parse(`${gameDate}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}

/** Whole days from `from` to `to`; negative if `to` is earlier. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / dayMs);
}

/** The year a season starts in: October and later belong to the year itself, earlier months to the year before. */
export function seasonYear(gameDate: string): number {
  const year = Number(gameDate.slice(0, 4));
  return Number(gameDate.slice(5, 7)) >= 10 ? year : year - 1;
}
