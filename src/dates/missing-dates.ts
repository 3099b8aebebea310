/** What is missing: every date that is over and not settled, with what a run of it would lack now; and where games have gone. Pure. */
import type { ExpectedArrival } from '../contracts/arrival';
import type { CalendarFreshness } from '../contracts/due';
import { daysBetween } from '../contracts/game-date';
import type { MissingDate, MissingReport } from '../contracts/missing';
import { isLacking, type GateVerdict } from '../contracts/phase3';
import { movedGames } from '../games/moved-games';
import { byDate, gamesOf } from '../plan/calendar';
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
