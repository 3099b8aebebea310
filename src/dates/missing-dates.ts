/** What is missing: every date that is over and not settled, with what a run of it would lack now; and where games have gone. Pure. */
import type { ExpectedArrival } from '../contracts/arrival';
import type { CalendarFreshness } from '../contracts/due';
import { daysBetween } from '../contracts/game-date';
import type { MissingDate, MissingReport, MovedGame } from '../contracts/missing';
import { isLacking, type GateVerdict } from '../contracts/phase3';
import { gamesOf as evidenceOf } from '../games/evidence';
import { isPostponed, isSuspended } from '../games/game';
import { byDate, gamesOf } from '../plan/calendar';
import { calendarTable } from '../plan/registry';
import type { ScheduleRow } from '../sources/nbac-schedule/table';
import { isLate, type DueDate } from './due-dates';

/** What a run of a date would find now. */
export interface FoundNow {
  readonly verdicts: readonly GateVerdict[];
  readonly expected: readonly ExpectedArrival[];
}

export interface MissingQuestion extends Pick<MissingReport, 'from' | 'to' | 'at' | 'today' | 'neededBy'> {
  readonly calendar: readonly ScheduleRow[];
  /** The calendar's rows after the range: games may have been moved there. */
  readonly later: readonly ScheduleRow[];
  readonly freshness: CalendarFreshness;
  /** Of the range, judged. */
  readonly due: readonly DueDate[];
  /** Of dates that are not settled. */
  readonly found: ReadonlyMap<string, FoundNow>;
}

export function missingReport(question: MissingQuestion): MissingReport {
  const { from, to, at, today, neededBy, calendar, later, freshness, due, found } = question;
  const games = new Map(
    [
      ...byDate(
        gamesOf(calendar)
          .filter(({ leftOut }) => leftOut === null)
          .map(asRow),
      ),
    ].map(([date, own]) => [date, own.length]),
  );
  const open = due.filter(({ isSettled }) => !isSettled);
  const late = open.filter(isLate).length;
  const toCome = [...games.keys()].filter((date) => date >= today && date <= to).length;
  const days = from <= to ? daysBetween(from, to) + 1 : 0;
  const settled = due.length - open.length;
  return {
    ...{ from, to, at, today, neededBy, calendar: freshness },
    counts: {
      ...{ settled, late, due: open.length - late, toCome },
      noGames: days - due.length - toCome,
    },
    dates: open.map((date) => missingDate(date, games.get(date.gameDate) ?? 0, found.get(date.gameDate), at)),
    moved: movedGames(calendar, later),
  };
}

function asRow({ gameDate, gameId }: { readonly gameDate: string; readonly gameId: string }): {
  game_date: string;
  game_id: string;
} {
  return { game_date: gameDate, game_id: gameId };
}

function missingDate(
  { gameDate, standing, state, why, neededAt, ...due }: DueDate,
  games: number,
  found: FoundNow | undefined,
  at: string,
): MissingDate {
  const verdicts = found?.verdicts ?? [];
  const lacking = new Map(
    verdicts
      .flatMap(({ missingGames }) => missingGames)
      .filter(isLacking)
      .map(({ gameId, status, detail }) => [gameId, { gameId, status, detail }]),
  );
  return {
    ...{ gameDate, standing, state, games, why, neededAt },
    isLate: due.isDue,
    missing: [...new Set(verdicts.flatMap(({ missing }) => missing))],
    // What should have come long ago is not to be expected.
    expected: (found?.expected ?? []).filter(({ p90At }) => p90At >= at),
    lacking: [...lacking.values()],
  };
}

/** Games that were put off or broken off, with where the calendar has them next. */
function movedGames(calendar: readonly ScheduleRow[], later: readonly ScheduleRow[]): MovedGame[] {
  const rows = [...byDate([...calendar, ...later])].sort(([a], [b]) => (a < b ? -1 : 1));
  const all = rows.flatMap(([date, own]) => evidenceOf(date, { [calendarTable]: own }));
  const dates = new Set(calendar.map(({ game_date: date }) => date));
  return all.flatMap(({ game, scheduled }): MovedGame[] => {
    const kind = isPostponed(scheduled) ? 'postponed' : isSuspended(scheduled) ? 'suspended' : null;
    if (kind === null || !dates.has(game.gameDate)) return [];
    const next = all.find(
      (other) => other.game.nbaGameId === game.nbaGameId && other.game.gameDate > game.gameDate,
    );
    return [
      {
        ...{ gameId: game.gameId, gameDate: game.gameDate, kind },
        ...{ text: scheduled.game_status_text ?? '', playedOn: next?.game.gameDate ?? null },
      },
    ];
  });
}
