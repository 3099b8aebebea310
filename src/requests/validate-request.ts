/** What people and messages may ask for: each fault a sentence that names the argument and what would be right. Pure. */
import { daysBetween, isGameDate } from '../contracts/game-date';
import * as fields from '../contracts/fields';
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
import { bareTableName } from '../tables/catalogue';
import type { ManifestRow } from '../tables/orchestration';
import { nearest } from './nearest';

/** Thrown when a request names something that cannot be. */
export class InvalidRequestError extends Error {
  override readonly name = 'InvalidRequestError';
  constructor(readonly faults: readonly Fault[]) {
    super(faults.map(sentenceOf).join(' '));
  }
}

/** Judges what people and programs have sent; near names are proposed for wrong ones. */
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
const firstGameDate = '1946-11-01';

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
  v.description(`a table that sets something off: one of ${triggerNames.join(', ')}`),
);

/** A source table of the registry, written with or without its dataset. */
export function requireSource(text: string): string {
  return requireField(source, text.startsWith('nba_raw.') ? text.slice('nba_raw.'.length) : text, '--source');
}

/** A processor's name; throws {@link InvalidRequestError} naming `field`. */
export function requireProcessor(text: string, field = '--processors'): ProcessorName {
  return requireField(fields.processor, text.trim(), field);
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
  const known = kept.length > 0 ? `kept are ${kept.sort((a, b) => a - b).join(', ')}` : 'none was published';
  return {
    code: 'unknown_version',
    field,
    problem: `is ${version}, but there is no such version of ${table} for ${gameDate}: ${known}`,
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
  return requireField(fields.inputTable, bareTableName(text.trim()), field);
}

/** By how much a deadline moves, in ms, from a duration such as `30m`; throws {@link InvalidRequestError} naming `field`. */
export function requireExtensionMs(text: string, field = '--for'): number {
  return fields.durationMs(requireField(fields.extension, text, field));
}

/** A backfill keeps the answers of all its dates in one payload; this many stay far below the server's limit. */
const mostDates = 4_000;

/** What is wrong with the order or the length of a range whose dates are good by themselves; null when nothing is. */
export function faultOfRange(
  { from, to }: { readonly from: string; readonly to: string },
  names: { readonly from: string; readonly to: string },
): Fault | null {
  if (from > to)
    return {
      code: 'wrong_order',
      field: names.from,
      problem: `is ${from}, after ${names.to}, ${to}. The earlier date comes first`,
    };
  const dates = daysBetween(from, to) + 1;
  return dates > mostDates
    ? {
        code: 'too_many',
        field: names.to,
        problem: `is ${to}: ${from} to ${to} are ${dates} dates, and one request takes ${mostDates} at the most`,
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
