/** Judges every date that is over by the game calendar: whether it is settled, and by when it had to be. Pure. */
import { addDays, daysBetween } from '../contracts/game-date';
import { neededAt } from '../contracts/needed-by';
import { newYorkMidnight } from '../contracts/new-york-midnight';
import { dueStandings, type DueStanding, type DueSummary } from '../contracts/due';
import {
  adoptedVersion,
  bypassesOf,
  decisionsAbout,
  isLacking,
  isSatisfied,
  lackingGames,
  type ProcessorResult,
  type RunState,
} from '../contracts/phase3';
import { recordedDate, type RecordedDate } from '../contracts/run-record';
import { calendar as gameCalendar, gamesOf } from '../games/evidence';
import { isSuspended } from '../games/game';
import { byDate } from '../plan/calendar';
import type { ScheduleRow } from '../sources/nbac-schedule/table';
import type { RunHistoryRow } from '../tables/orchestration';

export interface DueDate {
  readonly gameDate: string;
  readonly standing: DueStanding;
  /** Whether nobody waits for it any more: it may be so although it is partial. */
  readonly isSettled: boolean;
  /** State on record; null when it was never run. */
  readonly state: RunState | null;
  /** Why, as a clause. */
  readonly why: string;
  /** When its rows are needed, ISO 8601, UTC. */
  readonly neededAt: string;
  /** Whether that has passed. */
  readonly isDue: boolean;
}

export interface DueQuestion {
  /** Rows of the calendar and of the run history, of the dates that are asked about. */
  readonly calendar: readonly ScheduleRow[];
  readonly history: readonly RunHistoryRow[];
  /** ISO 8601, UTC. */
  readonly now: string;
  /** The date in New York at `now`. */
  readonly today: string;
  /** A date this many days old is published with the games that are there. */
  readonly oldAfterDays: number;
  /** `HH:MM` of the morning after, New York time. */
  readonly neededBy: string;
  /** Dates that are judged although nothing is to be played on them any more: people were told that they are late. */
  readonly remembered?: readonly string[];
}

type Judged = Pick<DueDate, 'standing' | 'isSettled' | 'why'>;

/** Dates with games, or with a run that came to something else than "no games"; ascending. Today's is not over. */
export function dueDates(question: DueQuestion): DueDate[] {
  const calendar = byDate(question.calendar);
  const history = byDate(question.history);
  const { remembered = [] } = question;
  const known = [...calendar.keys(), ...history.keys(), ...remembered];
  const dates = [...new Set(known)].filter((date) => date < question.today);
  return dates.sort().flatMap((gameDate): DueDate[] => {
    const recorded = recordedDate(history.get(gameDate) ?? []);
    const games = gamesOf(gameDate, { [gameCalendar.table.name]: calendar.get(gameDate) ?? [] });
    const count = games.filter(({ game }) => game.leftOut === null).length;
    const suspended = games.flatMap(({ game, scheduled }) => (isSuspended(scheduled) ? [game.gameId] : []));
    const isOld = daysBetween(gameDate, question.today) >= question.oldAfterDays;
    const judged = whySuspended(recorded, suspended) ?? judge(recorded, count, isOld);
    // Nothing was to be played, and nothing is wrong.
    if (count === 0 && judged.isSettled && !remembered.includes(gameDate)) return [];
    const needed = neededAt(gameDate, question.neededBy).toISOString();
    return [
      {
        ...{ gameDate, ...judged, state: recorded?.state ?? null },
        ...{ neededAt: needed, isDue: needed <= question.now },
      },
    ];
  });
}

/** A game that was broken off is due on the date on which it is resumed: a date that lacks nothing else waits for nothing. */
function whySuspended(recorded: RecordedDate | null, suspended: readonly string[]): Judged | null {
  if (!recorded || !['partial', 'blocked'].includes(recorded.state)) return null;
  const lacking = lackingGames(recorded.results);
  if (lacking.length === 0 || !lacking.every(({ gameId }) => suspended.includes(gameId))) return null;
  const why = `${sayGames(recorded.results)} is suspended, and due on the date on which it is resumed`;
  return { standing: 'settled', isSettled: true, why };
}

function judge(recorded: RecordedDate | null, games: number, isOld: boolean): Judged {
  const unsettled = (standing: DueStanding, why: string): Judged => ({ standing, isSettled: false, why });
  const settled = (why: string): Judged => ({ standing: 'settled', isSettled: true, why });
  if (!recorded)
    return games === 0
      ? settled('no games')
      : unsettled('open', `${countOf(games)}, and no run is on record`);
  const { state, results } = recorded;
  // An adoption writes its own word.
  if ((state as string) === adoptedVersion) return settled('it was adopted by a person');
  switch (state) {
    case 'published':
    case 'unchanged':
      return settled(`it is ${state}`);
    case 'questioned':
      return settled('a pinned version is live, as a person decided');
    case 'cancelled':
      return settled('it was cancelled by a person');
    case 'skipped':
      return games === 0
        ? settled('no games')
        : unsettled('open', `it was skipped, and the calendar lists ${countOf(games)} now`);
    case 'partial':
      return judgePartial(results, isOld);
    case 'disputed':
      return unsettled('held', `${sayGames(results)}: evidence contradicts what is live`);
    case 'blocked':
      return unsettled('blocked', sayMissing(results));
    case 'failed':
    case 'upstream_failed':
    case 'quarantined':
    case 'abandoned':
      return unsettled('failed', `it is ${state}`);
    case 'running':
    case 'waiting':
      return unsettled('open', `it is ${state}`);
    default:
      // A refused adoption, and whatever an earlier version may have written.
      return unsettled('open', `its record says ${String(state satisfies never)}`);
  }
}

function countOf(games: number): string {
  return games === 1 ? '1 game' : `${games} games`;
}

/** What is lacking is waited for until a person, or the two-day rule, has decided; a held game until a person has. */
function judgePartial(results: readonly ProcessorResult[], isOld: boolean): Judged {
  const satisfied = results.filter(({ outcome }) => isSatisfied(outcome));
  const lacking = lackingGames(satisfied);
  // A bypass is about a source, and decides about no game.
  if (lacking.some(({ status }) => status === 'held' || status === 'disputed'))
    return { standing: 'held', isSettled: false, why: `${sayGames(results)} waits for a decision` };
  if (satisfied.every((result) => isWaived(result)))
    return { standing: 'settled', isSettled: true, why: 'what is missing was waived by a person' };
  return {
    standing: 'partial',
    isSettled: isOld,
    why: `it is published without ${sayGames(results)}${isOld ? ', by the rule for old dates' : ''}`,
  };
}

/** Whether a result lacks nothing, or a person does without: by a bypass, or by a decision about each game that is lacking. */
function isWaived(result: ProcessorResult): boolean {
  const lacking = result.missingGames.filter(isLacking);
  return bypassesOf(result).length > 0 || lacking.every((game) => decisionsAbout(game).length > 0);
}

function sayGames(results: readonly ProcessorResult[]): string {
  const games = lackingGames(results).map(({ gameId }) => gameId);
  return games.length > 3 ? `${games.slice(0, 3).join(', ')} and ${games.length - 3} more` : games.join(', ');
}

function sayMissing(results: readonly ProcessorResult[]): string {
  const missing = [...new Set(results.flatMap((result) => result.missing))].sort();
  return missing.length > 0 ? `it is blocked for ${missing.join(', ')}` : 'it is blocked';
}

/** One clause of all dates that are late; empty when none is. */
export function sayLate(dates: readonly DueDate[]): string {
  return dates
    .filter(isLate)
    .map(({ gameDate, why }) => `${gameDate}: ${why}`)
    .join('; ');
}

export function isLate({ isSettled, isDue }: DueDate): boolean {
  return isDue && !isSettled;
}

/** Counts and ages at `now` (ISO 8601, UTC). */
export function summaryOf(dates: readonly DueDate[], now: string): DueSummary {
  const secondsSince = (instant: string): number =>
    Math.max(0, (Date.parse(now) - Date.parse(instant)) / 1000);
  const late = dates.filter(isLate);
  const newest = dates.at(-1);
  const over = newest && newYorkMidnight(addDays(newest.gameDate, 1)).toISOString();
  const named = (standing: DueStanding): string[] =>
    dates.filter((date) => date.standing === standing).map(({ gameDate }) => gameDate);
  return {
    dates: Object.fromEntries(dueStandings.map((one) => [one, named(one)])) as Record<DueStanding, string[]>,
    late: late.map(({ gameDate }) => gameDate),
    lateSeconds: late[0] ? secondsSince(late[0].neededAt) : 0,
    newestAgeSeconds: over ? secondsSince(over) : null,
  };
}
