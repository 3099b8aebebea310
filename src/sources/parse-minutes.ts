/** Minutes as sources write them. */

/**
 * Minutes from `MM:SS` (a team's `265:00` too), the league's `PT34M12.00S` or a plain number; null for anything else, `""`,
 * `"-"` and seconds above 59 included. Exact to the second: 12:30 is 12.5.
 */
export function parseMinutes(text: string | null): number | null {
  const trimmed = text?.trim() ?? '';
  const clock = /^(\d{1,3}):([0-5]\d)$/.exec(trimmed);
  if (clock) return Number(clock[1]) + Number(clock[2]) / 60;
  const iso = isoDuration.exec(trimmed);
  if (iso) return 60 * Number(iso[1] ?? 0) + Number(iso[2] ?? 0) + Number(iso[3] ?? 0) / 60;
  return /^\d{1,3}(\.\d+)?$/.test(trimmed) ? Number(trimmed) : null;
}

/** An ISO 8601 duration, as NBA.com writes them. */
const isoDuration = /^PT(?=\d)(?:(\d)H)?(?:(\d{1,3})M)?(?:([0-5]?\d(?:\.\d+)?)S)?$/;
