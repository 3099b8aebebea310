/** Games that were put off or broken off, with where the calendar has them next. Pure. */
import type { MovedGame } from '../contracts/missing';
import type { ScheduleRow } from '../sources/nbac-schedule/table';
import { calendar, gamesOf } from './evidence';
import { isPostponed, isSuspended } from './game';

/** Those of `own` dates; `later` rows only say where they are played. */
export function movedGames(own: readonly ScheduleRow[], later: readonly ScheduleRow[]): MovedGame[] {
  const dates = [...new Set([...own, ...later].map((row) => row.game_date))].sort();
  const all = dates.flatMap((date) =>
    gamesOf(date, { [calendar.table.name]: [...own, ...later].filter((row) => row.game_date === date) }),
  );
  const asked = new Set(own.map((row) => row.game_date));
  return all.flatMap(({ game, scheduled }): MovedGame[] => {
    const kind = isPostponed(scheduled) ? 'postponed' : isSuspended(scheduled) ? 'suspended' : null;
    if (kind === null || !asked.has(game.gameDate)) return [];
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
