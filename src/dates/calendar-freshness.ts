/** Whether the feed of the game calendar goes on: a schedule that nobody writes any more hides what is missing. Pure. */
import { addDays, daysBetween } from '../contracts/game-date';
import type { CalendarFreshness } from '../contracts/due';
import { newYorkMidnight } from '../contracts/new-york-midnight';
import { gamesOf } from '../games/evidence';
import { isSuspended } from '../games/game';
import { seasonOf } from '../games/season';
import { byDate } from '../plan/calendar';
import { calendarTable } from '../plan/registry';
import type { ScheduleRow } from '../sources/nbac-schedule/table';

/** Days around today whose rows are looked at. */
export const daysAround = 15;

/**
 * A feed that runs writes its coming games anew at the least this often, in days: the dependency check takes an older calendar's word for
 * nothing either, and the longest break within a season, the All-Star one, is shorter.
 */
const longestSilence = 7;

/** The months and days between which some game is played every week. Before and after them a calendar may rightly end. */
const [seasonBegins, seasonEnds] = ['10-28', '04-10'];

export interface FreshnessQuestion {
  /** Rows of the dates around today; of others nothing is said. */
  readonly calendar: readonly ScheduleRow[];
  /** The last date that it has a game on; null where it has none. */
  readonly last: string | null;
  /** ISO 8601, UTC. */
  readonly now: string;
  /** The date in New York at `now`. */
  readonly today: string;
  /** Dates whose rows are needed by now. */
  readonly isNeeded: (gameDate: string) => boolean;
}

export function calendarFreshness(question: FreshnessQuestion): CalendarFreshness {
  const written = question.calendar.flatMap(({ processed_at: at }) => at ?? []).sort();
  const writtenAt = written.at(-1) ?? null;
  return { writtenAt, staleBecause: whyStale(question, writtenAt) };
}

/** One clause; empty where the feed goes on. */
export function sayStale({ staleBecause }: CalendarFreshness): string {
  return staleBecause === null ? '' : `the game calendar is not written any more: ${staleBecause}`;
}

function whyStale(question: FreshnessQuestion, writtenAt: string | null): string | null {
  const { calendar, last, now, today } = question;
  const day = today.slice(5);
  const isInSeason = day >= seasonBegins || day <= seasonEnds;
  // Of a season that this calendar never had nothing is known: it may be another installation's archive.
  if (last !== null && isInSeason && seasonOf(last) === seasonOf(today)) {
    const silence = daysBetween(last, today);
    if (silence > longestSilence) return `its last game is on ${last}, ${silence} days ago`;
  }
  const isToCome = calendar.some(({ game_date: date }) => date >= today);
  const silentMs = writtenAt === null ? 0 : Date.parse(now) - Date.parse(writtenAt);
  if (isToCome && silentMs > longestSilence * 86_400_000)
    return `it has games to come, and was last written at ${writtenAt ?? ''}`;
  return whyNotFinal(question);
}

/** Dates that are needed, whose rows were written before their games could end: nobody told the calendar how they went. */
function whyNotFinal({ calendar, today, isNeeded }: FreshnessQuestion): string | null {
  const early = [...byDate(calendar)].flatMap(([date, rows]) => {
    if (date >= today || !isNeeded(date)) return [];
    const over = newYorkMidnight(addDays(date, 1)).toISOString();
    const open = gamesOf(date, { [calendarTable]: rows }).filter(
      ({ game, scheduled }) => !game.isFinal && game.leftOut === null && !isSuspended(scheduled),
    );
    const last = open.flatMap(({ scheduled }) => scheduled.processed_at ?? []).sort();
    const newest = last.at(-1);
    return newest !== undefined && newest < over
      ? [
          `${open.length} ${open.length === 1 ? 'game' : 'games'} of ${date} ${open.length === 1 ? 'was' : 'were'} last written at ${newest}, before that day was over`,
        ]
      : [];
  });
  return early.length > 0 ? early.sort().join(', ') : null;
}
