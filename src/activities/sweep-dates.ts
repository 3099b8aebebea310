/** A sweep of the sentinel: verifies the newest dates, and says what is new of them. Reads, and writes nothing. */
import { addDays } from '../contracts/game-date';
import { sentenceOfFault } from '../contracts/code-fault';
import type {
  SentinelNews,
  SentinelSettings,
  SweepFindings,
  SweepRequest,
  SweepResult,
} from '../contracts/sentinel';
import type { Policy } from '../contracts/phase3';
import { bypassAudit, type AuditRow } from '../tables/orchestration';
import { judgeDue, type JudgedDue } from './judge-due';
import { newsOf } from '../verify/sentinel/news';
import { standingOf, type Standing } from '../verify/sentinel/standing';
import { toldOf, type ToldOfDate } from '../verify/sentinel/told';
import { troublesOf, type Trouble } from '../verify/sentinel/troubles';
import { whatToTell } from '../verify/sentinel/what-to-tell';
import { datesToVerify } from '../verify/verified-dates';
import { verifyDate, type VerifiedDate } from '../verify/verify-date';
import { WarehouseError } from '../warehouse/errors';
import type { Warehouse } from '../warehouse/warehouse';

type Asked = Pick<Warehouse, 'readDate' | 'countRows' | 'arrivals' | 'readKept' | 'exportRows' | 'dateRange'>;

export interface SweepOptions {
  readonly warehouse: Asked;
  readonly settings: SentinelSettings;
  readonly policy: Policy;
  /** When rows are needed, `HH:MM` of the morning after, New York time; null where nobody is paged. */
  readonly neededBy: string | null;
  readonly clock: () => Date;
  /** The workflow of the sweep: what a notification links to. */
  readonly origin: { readonly workflowId: string; readonly runId: string };
  readonly log: Record<'info' | 'warn' | 'error', (message: string, fields: Record<string, unknown>) => void>;
  /** Whether Temporal has cancelled or given up on this attempt. */
  readonly isGivenUp: () => boolean;
}

/** A date whose trouble was told is looked at although it is not among the newest, this many days before and after them. */
const rememberedDays = 60;

/** What a sweep found, and why dates are late, as a clause; null where that could not be judged. */
export interface Sweep {
  readonly result: SweepResult;
  readonly lateBecause: string | null;
}

/** Throws `WarehouseError`. A date that our own code fails for is named, and the others are verified. */
export async function sweepDates({ suspected }: SweepRequest, options: SweepOptions): Promise<Sweep> {
  const found: SweepFindings = {
    ...{ verified: 0, altered: [], stale: [], questioned: [], unrecorded: [], unverified: [], suspected: {} },
  };
  const news: SentinelNews[] = [];
  if (options.settings.everyMs === 0) return { result: { ...found, news }, lateBecause: null };
  const newest = await datesToVerify(options.warehouse, { newest: options.settings.newest });
  const audit = await readAudit(newest, options);
  const known = new Map([...audit].map(([date, rows]) => [date, toldOf(rows)]));
  const open = [...known].flatMap(([date, { told }]) => (told ? [date] : []));
  const suspicions: Record<string, string> = {};
  for (const gameDate of [...new Set([...newest, ...open])].sort()) {
    if (options.isGivenUp()) break;
    try {
      const seen = await sweepDate(gameDate, known.get(gameDate), suspected[gameDate] ?? null, options);
      found.verified += 1;
      for (const finding of new Set(seen.troubles.map((trouble) => trouble.finding)))
        found[finding].push(gameDate);
      if (seen.suspicion !== null) suspicions[gameDate] = seen.suspicion;
      if (seen.news) news.push(seen.news);
    } catch (error) {
      if (error instanceof WarehouseError) throw error;
      found.unverified.push(gameDate);
      options.log.error(`${gameDate} could not be verified`, { gameDate, error: sentenceOfFault(error) });
    }
  }
  const due = await judge(audit, options);
  const result = {
    ...{ ...found, suspected: suspicions, due: due?.summary ?? null },
    news: [...news, ...(due?.news ?? [])],
  };
  return { result, lateBecause: due?.lateBecause ?? null };
}

/** How the dates stand that are over, by the calendar. */
function judge(
  audit: ReadonlyMap<string, readonly AuditRow[]>,
  { warehouse, policy, settings, neededBy, origin, clock, log }: SweepOptions,
): Promise<JudgedDue | null> {
  return judgeDue({
    ...{ warehouse, policy, neededBy, audit, days: settings.newest },
    origin: { ...origin, at: clock().toISOString() },
    logFault: log.error,
  });
}

interface SweptDate {
  readonly troubles: readonly Trouble[];
  readonly suspicion: string | null;
  readonly news: SentinelNews | null;
}

async function sweepDate(
  gameDate: string,
  known: ToldOfDate = { told: null, newestEntry: null },
  suspected: string | null,
  options: SweepOptions,
): Promise<SweptDate> {
  const { warehouse, policy, settings, clock, log, origin } = options;
  const first = await verifyDate(warehouse, gameDate, policy);
  if (troublesOf(first).length === 0 && !known.told) return { troubles: [], suspicion: null, news: null };
  const [standing, date] = await readAgain(gameDate, options);
  const troubles = troublesOf(date);
  const { tell, suspicion } = whatToTell({
    ...{ gameDate, troubles, isOpen: date.isOpen, suspected, standing, policy: settings.policy },
    ...{ ...known, now: clock() },
  });
  if (!tell) return { troubles, suspicion, news: null };
  const news = newsOf(tell, { gameDate, standing, ...origin, at: clock().toISOString() });
  const fields = { gameDate, kind: tell.kind, entryId: tell.entryId, repair: news.repair?.requestId ?? null };
  log[tell.kind === 'not_as_published' ? 'warn' : 'info'](`${gameDate}: ${news.entry.reason}`, fields);
  return { troubles, suspicion, news };
}

/**
 * What is reported is what a second look finds. The record is read before it: a repair that is on record as answered has had its
 * effect when the rows are read.
 */
async function readAgain(
  gameDate: string,
  { warehouse, policy }: SweepOptions,
): Promise<[Standing, VerifiedDate]> {
  const rows = await warehouse.readDate(gameDate, ['run_history', 'partition_manifest']);
  const standing = standingOf(rows.run_history, rows.partition_manifest);
  return [standing, await verifyDate(warehouse, gameDate, policy)];
}

/** The audit of the newest dates, of those that are due, and of those around them; by date. */
async function readAudit(
  newest: readonly string[],
  { warehouse, policy: { today }, settings }: SweepOptions,
): Promise<Map<string, AuditRow[]>> {
  const audit = new Map<string, AuditRow[]>();
  for (const [from, to] of rangesAround(newest, [addDays(today, -settings.newest), today]))
    for await (const rows of warehouse.exportRows(bypassAudit.name, from, to))
      for (const row of rows as readonly AuditRow[])
        audit.set(row.game_date, [...(audit.get(row.game_date) ?? []), row]);
  return audit;
}

type Range = readonly [from: string, to: string];

/** The days around the newest dates and around those that are due, no day twice: one may lie long after the other. */
function rangesAround(newest: readonly string[], due: readonly string[]): Range[] {
  const own = around(due);
  const published = newest.length > 0 ? around(newest) : own;
  const areApart = published[1] < own[0] || own[1] < published[0];
  if (areApart) return [published, own];
  const [from = '', , , to = ''] = [...published, ...own].sort();
  return [[from, to]];
}

/** `dates`: ascending, and at least one. */
function around(dates: readonly string[]): Range {
  return [addDays(dates[0] ?? '', -rememberedDays), addDays(dates.at(-1) ?? '', rememberedDays)];
}
