/** Answers what is missing of a range of dates: the calendar and the record of all, and the rows of those that are not settled. */
import { addDays, daysBetween } from '../contracts/game-date';
import type { MissingReport } from '../contracts/missing';
import { neededAt } from '../contracts/needed-by';
import type { Policy } from '../contracts/phase3';
import { calendarFreshness, daysAround } from '../dates/calendar-freshness';
import { spansOf } from '../dates/estimate';
import { dueDates } from '../dates/due-dates';
import { missingReport, type FoundNow } from '../dates/missing-dates';
import { readDates } from '../dates/read-dates';
import { judgeRun } from '../gate/check-dependencies';
import { expectedArrivals } from '../gate/expected-arrivals';
import { calendarTable, processors } from '../plan/registry';
import type { ScheduleRow } from '../sources/nbac-schedule/table';
import { isRawTableName, type TableName } from '../tables/catalogue';
import type { Row } from '../tables/define-table';
import { runHistory, type RunHistoryRow } from '../tables/orchestration';
import type { Warehouse } from '../warehouse/warehouse';

interface Asked {
  readonly from: string;
  readonly to: string;
  /** `HH:MM` of the morning after, New York time. */
  readonly neededBy: string;
}

/** A game that is put off is played within the season. */
const daysMoved = 200;

/** Rows of an older date come when somebody loads them, and not when a night's usually do. */
const oldestExpected = 4;

export async function missingDates(
  warehouse: Warehouse,
  { from, to, neededBy }: Asked,
  policy: Policy,
): Promise<MissingReport> {
  const { now, today, oldAfterDays } = policy;
  const read = async <R extends Row>(table: TableName, first: string, last: string): Promise<R[]> => {
    const rows: Row[] = [];
    for await (const batch of warehouse.exportRows(table, first, last)) rows.push(...batch);
    return rows as unknown as R[];
  };
  const [calendar, later, around, history, last] = await Promise.all([
    read<ScheduleRow>(calendarTable, from, to),
    read<ScheduleRow>(calendarTable, addDays(to, 1), addDays(to, daysMoved)),
    read<ScheduleRow>(calendarTable, addDays(today, -daysAround), addDays(today, daysAround)),
    read<RunHistoryRow>(runHistory.name, from, to),
    warehouse.dateRange(calendarTable),
  ]);
  const due = dueDates({ calendar, history, now, today, oldAfterDays, neededBy });
  const open = due.flatMap(({ gameDate, isSettled }) => (isSettled ? [] : [gameDate]));
  return missingReport({
    ...{ from, to, at: now, today, neededBy, calendar, later, due },
    freshness: calendarFreshness({
      ...{ calendar: around, last: last?.to ?? null, now, today },
      isNeeded: (date) => neededAt(date, neededBy).toISOString() <= now,
    }),
    found: await findNow(warehouse, open, policy),
  });
}

async function findNow(
  warehouse: Warehouse,
  dates: readonly string[],
  policy: Policy,
): Promise<ReadonlyMap<string, FoundNow>> {
  const found = new Map<string, FoundNow>();
  for (const span of spansOf(dates))
    for await (const { snapshot } of readDates(warehouse, span, processors, policy)) {
      const { gameDate } = snapshot;
      if (!dates.includes(gameDate)) continue;
      const verdicts = judgeRun(snapshot, processors, policy);
      const missing = [...new Set(verdicts.flatMap((verdict) => verdict.missing))].filter(isRawTableName);
      const isYoung = daysBetween(gameDate, policy.today) <= oldestExpected;
      found.set(gameDate, {
        verdicts,
        expected: isYoung && missing.length > 0 ? await expectedArrivals(warehouse, gameDate, missing) : [],
      });
    }
  return found;
}
