/** Judges the dates that are over: reads the calendar and the record, and says which are late and what is new of them. */
import { sentenceOfFault } from '../contracts/code-fault';
import type { DueSummary } from '../contracts/due';
import { addDays } from '../contracts/game-date';
import { neededAt, usualNeededBy } from '../contracts/needed-by';
import type { Policy } from '../contracts/phase3';
import type { SentinelNews } from '../contracts/sentinel';
import { calendarFreshness, daysAround, sayStale } from '../dates/calendar-freshness';
import { dueDates, sayLate, summaryOf } from '../dates/due-dates';
import { calendar, rowsOfTable } from '../games/evidence';
import { runHistory, type AuditRow } from '../tables/orchestration';
import type { Row } from '../tables/define-table';
import type { TableName } from '../tables/catalogue';
import { isToldLate, lateNews, type LateOrigin } from '../verify/sentinel/late';
import { WarehouseError } from '../warehouse/errors';
import type { Warehouse } from '../warehouse/warehouse';

export interface JudgeDueOptions {
  readonly warehouse: Pick<Warehouse, 'exportRows' | 'dateRange'>;
  readonly policy: Pick<Policy, 'now' | 'today' | 'oldAfterDays'>;
  /** So many days before today are judged, and every date that people were told is late. */
  readonly days: number;
  /** `HH:MM` of the morning after, New York time; null where nobody is paged. */
  readonly neededBy: string | null;
  /** The audit of the dates, by date. */
  readonly audit: ReadonlyMap<string, readonly AuditRow[]>;
  readonly origin: Omit<LateOrigin, 'neededBy'>;
  readonly logFault: (message: string, fields: Record<string, unknown>) => void;
}

export interface JudgedDue {
  readonly summary: DueSummary;
  /** Why dates are late, or nobody can tell, as a clause; empty when all is well. */
  readonly lateBecause: string;
  readonly news: readonly SentinelNews[];
}

/** Null when our own code fails for it: then nothing is known, which is not "all well". Throws `WarehouseError`. */
export async function judgeDue(options: JudgeDueOptions): Promise<JudgedDue | null> {
  const { policy, audit, neededBy, origin } = options;
  const first = addDays(policy.today, -options.days);
  const told = [...audit].flatMap(([date, rows]) => (isToldLate(rows) ? [date] : []));
  const from = [first, ...told].sort()[0] ?? first;
  const to = addDays(policy.today, -1);
  const [scheduled, history] = await Promise.all([
    // Some days of what is to come say whether the calendar is still written.
    readRows(options.warehouse, calendar.table.name, from, addDays(policy.today, daysAround)),
    readRows(options.warehouse, runHistory.name, from, to),
  ]);
  const last = await lastGame(options.warehouse, scheduled);
  try {
    const rows = rowsOfTable({ [calendar.table.name]: scheduled }, calendar.table);
    const dates = dueDates({
      calendar: rows,
      history: rowsOfTable({ [runHistory.name]: history }, runHistory),
      ...{ now: policy.now, today: policy.today, oldAfterDays: policy.oldAfterDays },
      neededBy: neededBy ?? usualNeededBy,
      remembered: told,
    }).filter(({ gameDate }) => gameDate >= first || told.includes(gameDate));
    const news =
      neededBy === null
        ? []
        : dates.flatMap(
            (date) => lateNews(date, audit.get(date.gameDate) ?? [], { ...origin, neededBy }) ?? [],
          );
    const freshness = calendarFreshness({
      ...{ calendar: rows, last, now: policy.now, today: policy.today },
      isNeeded: (date) => neededAt(date, neededBy ?? usualNeededBy).toISOString() <= policy.now,
    });
    return {
      summary: { ...summaryOf(dates, policy.now), calendar: freshness },
      lateBecause: [sayStale(freshness), sayLate(dates)].filter(Boolean).join('; '),
      news,
    };
  } catch (error) {
    if (error instanceof WarehouseError) throw error;
    options.logFault('the dates that are due could not be judged', { error: sentenceOfFault(error) });
    return null;
  }
}

/** The last date that the calendar has a game on; it is looked for only where it has none around today. */
async function lastGame(
  warehouse: JudgeDueOptions['warehouse'],
  around: readonly Row[],
): Promise<string | null> {
  const dates = around.map((row) => String(row['game_date'])).sort();
  return dates.at(-1) ?? (await warehouse.dateRange(calendar.table.name))?.to ?? null;
}

async function readRows(
  warehouse: JudgeDueOptions['warehouse'],
  table: TableName,
  from: string,
  to: string,
): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const batch of warehouse.exportRows(table, from, to)) rows.push(...batch);
  return rows;
}
