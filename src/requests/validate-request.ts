/** What people and messages may ask for: each fault a sentence that names the argument and what would be right. Pure. */
import { daysBetween, isGameDate } from '../contracts/game-date';
import { faultOfReason, faultOfWho } from '../contracts/decisions';
import type { InputTableName, ProcessorName } from '../contracts/phase3';
import { defaultSource, processorNames, processorOf, triggerNames } from '../plan/registry';
import { analyticsTables, bareTableName, isInputTableName, rawTables } from '../tables/catalogue';
import type { ManifestRow } from '../tables/orchestration';
import { nearest } from './nearest';

/** Thrown when a request names something that cannot be. `field` is the argument at fault. */
export class InvalidRequestError extends Error {
  override readonly name = 'InvalidRequestError';
  constructor(
    readonly field: string,
    message: string,
  ) {
    super(message);
  }
}

/** First NBA game: no date before it can have a box score. */
const firstGameDate = '1946-11-01';

/** A well-formed game date from the league's first to `today`; throws {@link InvalidRequestError}. */
export function requireGameDate(field: string, text: string, today: string): string {
  if (!isGameDate(text))
    throw new InvalidRequestError(
      field,
      `${field} is "${text}", expected a calendar date written YYYY-MM-DD, such as 2025-01-15.`,
    );
  if (text > today)
    throw new InvalidRequestError(
      field,
      `${field} is ${text}, which is in the future: it is ${today} in New York. The newest date that can run is today's.`,
    );
  if (text < firstGameDate)
    throw new InvalidRequestError(
      field,
      `${field} is ${text}, before the league's first game (${firstGameDate}).`,
    );
  return text;
}

/** A source table of the registry, written with or without its dataset. */
export function requireSource(text: string): string {
  const source = text.startsWith('nba_raw.') ? text.slice('nba_raw.'.length) : text;
  if (triggerNames.includes(source)) return source;
  throw new InvalidRequestError(
    '--source',
    `--source is "${text}", which sets off nothing.${nearest(source, triggerNames)} Known sources: ${triggerNames.join(', ')}.`,
  );
}

/** A processor's name; throws {@link InvalidRequestError} naming `field`. */
export function requireProcessor(text: string, field = '--processors'): ProcessorName {
  const name = processorNames.find((candidate) => candidate === text.trim());
  if (name) return name;
  throw new InvalidRequestError(
    field,
    `There is no processor "${text.trim()}".${nearest(text, processorNames)} Processors: ${processorNames.join(', ')}.`,
  );
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
  const fault = faultOfWho(text);
  if (fault === null) return text.trim();
  throw new InvalidRequestError(field, `${field} ${fault}.`);
}

/** A reason that says something; throws {@link InvalidRequestError} naming `field`. */
export function requireReason(text: string, field = '--reason'): string {
  const fault = faultOfReason(text);
  if (fault === null) return text.trim();
  throw new InvalidRequestError(field, `${field} ${fault}.`);
}

/** The number of a version, from 1; throws {@link InvalidRequestError} naming `field`. */
export function requireVersion(given: number | string, field = '--to'): number {
  const version = typeof given === 'number' ? given : /^\d+$/.test(given) ? Number(given) : NaN;
  if (Number.isSafeInteger(version) && version >= 1) return version;
  throw new InvalidRequestError(
    field,
    `${field} is "${given}", expected the number of a kept version, such as 1.`,
  );
}

/** Refuses a version that the date's manifests do not have; throws {@link InvalidRequestError} naming `field`. */
export function requireKept(
  manifests: readonly Pick<ManifestRow, 'table_name' | 'version'>[],
  wanted: { readonly gameDate: string; readonly processor: ProcessorName; readonly version: number },
  field = '--to',
): void {
  const { gameDate, processor, version } = wanted;
  const table = processorOf(processor).table.name;
  const kept = manifests.filter((row) => row.table_name === table).map((row) => row.version);
  if (kept.includes(version)) return;
  const known = kept.length > 0 ? `kept are ${kept.sort((a, b) => a - b).join(', ')}` : 'none was published';
  throw new InvalidRequestError(
    field,
    `${field} is ${version}, but there is no such version of ${table} for ${gameDate}: ${known}.`,
  );
}

/** A table that gates judge, with or without its dataset; throws {@link InvalidRequestError} naming `field`. */
export function requireInputTable(text: string, field = '--missing'): InputTableName {
  const name = bareTableName(text.trim());
  if (isInputTableName(name)) return name;
  const known = [...Object.keys(rawTables), ...Object.keys(analyticsTables)];
  throw new InvalidRequestError(
    field,
    `${field} names "${text.trim()}", which no processor reads.${nearest(name, known)} Tables: ${known.join(', ')}.`,
  );
}

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration such as `30m` or `2h` in ms; throws {@link InvalidRequestError} naming `field`. */
export function requireDuration(text: string, field: string, lowMs: number, highMs: number): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([smhd])$/.exec(text.trim()) ?? [];
  const ms = Math.round(Number(digits) * (units[unit] ?? NaN));
  if (digits !== '' && ms >= lowMs && ms <= highMs) return ms;
  throw new InvalidRequestError(
    field,
    `${field} is "${text}", expected a duration from ${lowMs / 60_000}m to ${highMs / 3_600_000}h, such as 30m or 2h.`,
  );
}

/** A backfill keeps the answers of all its dates in one payload; this many stay far below the server's limit. */
const mostDates = 4_000;

/** Validates a range of dates, both ends included; throws {@link InvalidRequestError}. */
export function validateRange(
  request: { readonly from: string; readonly to: string },
  today: string,
): { from: string; to: string } {
  const from = requireGameDate('FROM', request.from, today);
  const to = requireGameDate('TO', request.to, today);
  if (from > to)
    throw new InvalidRequestError('FROM', `FROM is ${from}, after TO, ${to}. The earlier date comes first.`);
  const dates = daysBetween(from, to) + 1;
  if (dates > mostDates)
    throw new InvalidRequestError(
      'TO',
      `${from} to ${to} are ${dates} dates; one backfill takes ${mostDates} at the most.`,
    );
  return { from, to };
}
