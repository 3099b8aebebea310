/** Judges the dates that are over: reads the calendar and the record, and says which are late and what is new of them. */
import { sentenceOfFault } from '../contracts/code-fault';
import type { DueSummary } from '../contracts/due';
import { addDays } from '../contracts/game-date';
import { usualNeededBy } from '../contracts/needed-by';
import type { Policy } from '../contracts/phase3';
import type { SentinelNews } from '../contracts/sentinel';
import { dueDates, sayLate, summaryOf } from '../dates/due-dates';
import { calendar, rowsOfTable } from '../games/evidence';
import { runHistory, type AuditRow } from '../tables/orchestration';
import type { Row } from '../tables/define-table';
import type { TableName } from '../tables/catalogue';
import { isToldLate, lateNews, type LateOrigin } from '../verify/sentinel/late';
import { WarehouseError } from '../warehouse/errors';
import type { Warehouse } from '../warehouse/warehouse';

export interface JudgeDueOptions {
  readonly warehouse: Pick<Warehouse, 'exportRows'>;
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
  /** Why dates are late, as a clause; empty when none is. */
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
    readRows(options.warehouse, calendar.table.name, from, to),
    readRows(options.warehouse, runHistory.name, from, to),
  ]);
  try {
    const dates = dueDates({
      calendar: rowsOfTable({ [calendar.table.name]: scheduled }, calendar.table),
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
    return { summary: summaryOf(dates, policy.now), lateBecause: sayLate(dates), news };
  } catch (error) {
    if (error instanceof WarehouseError) throw error;
    options.logFault('the dates that are due could not be judged', { error: sentenceOfFault(error) });
    return null;
  }
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
