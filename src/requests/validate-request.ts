/** Validates what people and messages ask for: each fault names the argument and what would be right. Pure. */
import { daysBetween, isGameDate } from '../contracts/game-date';
import * as fields from '../contracts/fields';
import * as named from '../contracts/named-fields';
import type { InputTableName, ProcessorName } from '../contracts/phase3';
import {
  descriptionOf,
  read,
  sentenceOf,
  shown,
  type Fault,
  type Read,
  type Schema,
} from '../contracts/schema';
import * as v from 'valibot';
import { defaultSource, processorOf, triggerNames } from '../plan/registry';
import { analyticsTables, bareTableName, tables, type TableName } from '../tables/catalogue';
import type { ManifestRow } from '../tables/orchestration';
import { nearest } from './nearest';

/** Thrown when a request names something that cannot be. */
export class InvalidRequestError extends Error {
  override readonly name = 'InvalidRequestError';
  constructor(readonly faults: readonly Fault[]) {
    super(faults.map(sentenceOf).join(' '));
  }
}

/** Validates what people and programs have sent; near names are proposed for wrong ones. */
export function readRequest<T>(schema: Schema<T>, given: unknown, what?: string): Read<T> {
  return read(schema, given, { suggest: nearest, ...(what === undefined ? {} : { what }) });
}

/** One argument, by its schema; throws {@link InvalidRequestError} naming `field`. */
function requireField<T>(schema: Schema<T>, given: unknown, field: string): T {
  const found = readRequest(schema, given, field);
  if (found.ok) return found.value;
  throw new InvalidRequestError(found.faults);
}

function required(fault: Fault | null): void {
  if (fault) throw new InvalidRequestError([fault]);
}

/** First NBA game: no date before it can have a box score. */
export const firstGameDate = '1946-11-01';

/** What is wrong with a game date, which is from the league's first to `today`; null when nothing is. */
export function faultOfGameDate(field: string, text: string, today: string): Fault | null {
  if (!isGameDate(text))
    return {
      code: 'wrong_value',
      field,
      problem: `is ${shown(text)}, expected ${descriptionOf(fields.gameDate)}`,
    };
  if (text > today)
    return {
      code: 'in_future',
      field,
      problem: `is ${text}, which is in the future: it is ${today} in New York. The newest date that can run is today's`,
    };
  if (text < firstGameDate)
    return {
      code: 'too_early',
      field,
      problem: `is ${text}, before the league's first game (${firstGameDate})`,
    };
  return null;
}

/** A well-formed game date from the league's first to `today`; throws {@link InvalidRequestError}. */
export function requireGameDate(field: string, text: string, today: string): string {
  required(faultOfGameDate(field, text, today));
  return text;
}

/** A source of the trigger registry. */
const source = v.pipe(
  v.picklist(triggerNames),
  v.metadata({ code: 'unknown_source' }),
  v.description(`a table that triggers processors: one of ${triggerNames.join(', ')}`),
);

/** A source table of the registry, written with or without its dataset. */
export function requireSource(text: string): string {
  return requireField(source, text.startsWith('nba_raw.') ? text.slice('nba_raw.'.length) : text, '--source');
}

/** A table, with or without its dataset. */
const table = nameOf('unknown_table', Object.keys(tables));
const analyticsTable = nameOf('unknown_table', Object.keys(analyticsTables));

function nameOf<const N extends string>(code: 'unknown_table', names: readonly N[]) {
  return v.pipe(v.picklist(names), v.metadata({ code }), v.description(`one of ${names.join(', ')}`));
}

export function requireTable(text: string, field = 'TABLE'): TableName {
  return requireField(table, bareTableName(text.trim()), field);
}

export function requireAnalyticsTable(text: string, field = 'TABLE'): TableName {
  return requireField(analyticsTable, bareTableName(text.trim()), field);
}

/** One of the schedules that a deployment has. */
export function requireSchedule(text: string, names: readonly string[], field = 'NAME'): string {
  const schema = v.pipe(v.picklist(names), v.description(`one of the schedules ${names.join(', ')}`));
  return requireField(schema, text, field);
}

/** How rows are written. */
const formats = ['ndjson', 'csv'] as const;
export type Format = (typeof formats)[number];
const format = v.pipe(v.picklist(formats), v.description(formats.join(' or ')));

export function requireFormat(text: string, field = '--format'): Format {
  return requireField(format, text, field);
}

/** Dates of a backfill that run at the same time. */
const concurrency = v.pipe(
  v.string(),
  v.check((text) => /^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= fields.mostConcurrency),
  v.description(`a whole number from 1 to ${fields.mostConcurrency}`),
);

export function requireConcurrency(text: string, field = '--concurrency'): number {
  return Number(requireField(concurrency, text, field));
}

/** A processor's name; throws {@link InvalidRequestError} naming `field`. */
export function requireProcessor(text: string, field = '--processors'): ProcessorName {
  return requireField(named.processor, text.trim(), field);
}

/** A run request whose parts are all known. */
export interface ValidRun {
  readonly gameDate: string;
  readonly source: string;
  readonly processors: ProcessorName[] | undefined;
}

/** Validates what `run` was given; throws {@link InvalidRequestError} for the first fault. */
export function validateRun(
  request: { readonly gameDate: string; readonly source?: string; readonly processors?: readonly string[] },
  today: string,
): ValidRun {
  return {
    gameDate: requireGameDate('DATE', request.gameDate, today),
    source: requireSource(request.source ?? defaultSource),
    processors: request.processors?.map((name) => requireProcessor(name)),
  };
}

/** Who decides: a name; throws {@link InvalidRequestError} naming `field`. */
export function requireWho(text: string, field = '--by'): string {
  return requireField(fields.who, text, field).trim();
}

/** Why, of what is no decision about a date; throws {@link InvalidRequestError} naming `field`. */
export function requireNote(text: string, field = '--reason'): string {
  return requireField(fields.note, text, field).trim();
}

/** A reason that says something; throws {@link InvalidRequestError} naming `field`. */
export function requireReason(text: string, field = '--reason'): string {
  return requireField(fields.reason, text, field).trim();
}

/** The number of a version, from 1; throws {@link InvalidRequestError} naming `field`. */
export function requireVersion(given: number | string, field = '--to'): number {
  // What a person has typed and is no number stays what it is, so that the fault shows it.
  const isNumber = typeof given === 'string' && /^[1-9]\d{0,8}$/.test(given);
  return requireField(fields.version, isNumber ? Number(given) : given, field);
}

/** An instant of the past or now, with its zone: a time of day without one is another instant on every machine. */
const instant = v.pipe(
  v.string(),
  v.check(
    (text) =>
      /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(text) &&
      isGameDate(text.slice(0, 10)) &&
      !Number.isNaN(Date.parse(text)),
  ),
  v.description('an instant with its time zone, such as 2025-01-16T08:00:00Z'),
);

/** An instant up to `now`, as ISO 8601 in UTC; throws {@link InvalidRequestError} naming `field`. */
export function requireInstant(text: string, field: string, now: Date): string {
  const at = new Date(requireField(instant, text.trim(), field));
  if (at > now) {
    const problem = `is ${text}, which is in the future: it is ${now.toISOString()}`;
    throw new InvalidRequestError([{ code: 'in_future', field, problem }]);
  }
  return at.toISOString();
}

/** An instant after `now`, as ISO 8601 in UTC; throws {@link InvalidRequestError} naming `field`. */
export function requireUntil(text: string, field: string, now: Date): string {
  const at = new Date(requireField(instant, text.trim(), field));
  if (at <= now) {
    const problem = `is ${text}, which is over: it is ${now.toISOString()}. A decision holds until an instant that is to come`;
    throw new InvalidRequestError([{ code: 'wrong_value', field, problem }]);
  }
  return at.toISOString();
}

/** What is wrong with a version that the date's manifests do not have; null when they have it. */
export function faultOfKept(
  manifests: readonly Pick<ManifestRow, 'table_name' | 'version'>[],
  wanted: { readonly gameDate: string; readonly processor: ProcessorName; readonly version: number },
  field: string,
): Fault | null {
  const { gameDate, processor, version } = wanted;
  const table = processorOf(processor).table.name;
  const kept = manifests.filter((row) => row.table_name === table).map((row) => row.version);
  if (kept.includes(version)) return null;
  const known = kept.length > 0 ? `versions: ${kept.sort((a, b) => a - b).join(', ')}` : 'none was published';
  return {
    code: 'unknown_version',
    field,
    problem: `is ${version}, but ${table} has no such version for ${gameDate}: ${known}`,
  };
}

/** Refuses a version that the date's manifests do not have; throws {@link InvalidRequestError} naming `field`. */
export function requireKept(
  manifests: Parameters<typeof faultOfKept>[0],
  wanted: Parameters<typeof faultOfKept>[1],
  field = '--to',
): void {
  required(faultOfKept(manifests, wanted, field));
}

/** A table that gates judge, with or without its dataset; throws {@link InvalidRequestError} naming `field`. */
export function requireInputTable(text: string, field = '--missing'): InputTableName {
  return requireField(named.inputTable, bareTableName(text.trim()), field);
}

/** By how much a deadline moves, in ms, from a duration such as `30m`; throws {@link InvalidRequestError} naming `field`. */
export function requireExtensionMs(text: string, field = '--for'): number {
  return fields.durationMs(requireField(fields.extension, text, field));
}

/** How long to wait at most, in ms; throws {@link InvalidRequestError} naming `field`. */
export function requireTimeoutMs(text: string, field = '--timeout'): number {
  return fields.durationMs(requireField(fields.timeout, text, field));
}

/** How long a decision holds, in ms, from a duration such as `7d`; throws {@link InvalidRequestError} naming `field`. */
export function requireHoldMs(text: string, field = '--for'): number {
  return fields.durationMs(requireField(fields.hold, text, field));
}

/** A backfill keeps the answers of all its dates in one payload; this many stay far below the server's limit. */
const mostDates = 4_000;

interface Ends {
  readonly from: string;
  readonly to: string;
}

function faultOfOrder({ from, to }: Ends, names: Ends): Fault | null {
  return from > to
    ? {
        code: 'wrong_order',
        field: names.from,
        problem: `is ${from}, after ${names.to}, ${to}. The earlier date comes first`,
      }
    : null;
}

/** Refuses a range that ends before it begins; throws {@link InvalidRequestError}. */
export function requireOrder(range: Ends, names: Ends): void {
  required(faultOfOrder(range, names));
}

/** One date, or `FROM..TO`, both ends included; throws {@link InvalidRequestError} naming `field`. */
export function requireRange(field: string, text: string, today: string): { from: string; to: string } {
  const [from = '', to = from, ...more] = text.split('..');
  for (const date of more.length > 0 ? [text] : [from, to]) requireGameDate(field, date, today);
  required(faultOfRange({ from, to }, { from: 'FROM', to: 'TO' }));
  return { from, to };
}

/** What is wrong with the order or the length of a range whose dates are valid; null when nothing is. */
export function faultOfRange({ from, to }: Ends, names: Ends): Fault | null {
  const fault = faultOfOrder({ from, to }, names);
  if (fault) return fault;
  const dates = daysBetween(from, to) + 1;
  return dates > mostDates
    ? {
        code: 'too_many',
        field: names.to,
        problem: `is ${to}: ${from} to ${to} are ${dates} dates, expected at most ${mostDates} in one request`,
      }
    : null;
}

/** Validates a range of dates, both ends included; throws {@link InvalidRequestError}. */
export function validateRange(
  request: { readonly from: string; readonly to: string },
  today: string,
): { from: string; to: string } {
  const from = requireGameDate('FROM', request.from, today);
  const to = requireGameDate('TO', request.to, today);
  required(faultOfRange({ from, to }, { from: 'FROM', to: 'TO' }));
  return { from, to };
}
