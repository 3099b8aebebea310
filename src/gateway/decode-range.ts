/** What was sent to `/process-date-range`, decoded. Pure. */
import { addDays, isGameDate } from '../contracts/game-date';
import type { ProcessorName } from '../contracts/phase3';
import { processorNames } from '../plan/registry';
import { nearest } from '../requests/nearest';
import { requireGameDate, validateRange } from '../requests/validate-request';
import { faultOf } from './decode-message';
import { faultsOf, rangeSchema } from './schemas';

export interface RangeRequest {
  readonly from: string;
  readonly to: string;
  /** Those of the range that lie before them: nothing was played yet. Ascending. */
  readonly future: readonly string[];
  /** Null for all. */
  readonly processors: readonly ProcessorName[] | null;
  readonly isBackfill: boolean;
  readonly correlationId: string | null;
}

/** The days that may be named by a word, from today's. */
const words: Readonly<Record<string, number>> = { TODAY: 0, YESTERDAY: -1, TOMORROW: 1 };

/** Decodes a body, or says everything that is wrong with it; `today` is the date in New York. */
export function decodeRange(body: unknown, today: string): { request: RangeRequest } | { faults: string[] } {
  const faults = faultsOf(rangeSchema, body);
  const given = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const tomorrow = addDays(today, 1);
  const [from, to] = (['start_date', 'end_date'] as const).map((field) => {
    const text = given[field];
    if (typeof text !== 'string' || faults.some((fault) => fault.startsWith(`${field} `))) return null;
    const day = Object.hasOwn(words, text) ? addDays(today, words[text] ?? 0) : text;
    // Tomorrow can be named, as schedules do that look ahead. It is skipped.
    const fault = day === tomorrow ? null : faultOf(() => requireGameDate(field, day, today));
    if (fault === null) return day;
    faults.push(
      isGameDate(day)
        ? fault
        : fault.replace(/ such as 2025-01-15\.$/, ' such as 2025-01-15, or TODAY, YESTERDAY or TOMORROW.'),
    );
    return null;
  });
  if (from && to) {
    if (from > to) faults.push(`start_date is ${from}, after end_date, ${to}. The earlier date comes first.`);
    else if (from <= today) {
      const fault = faultOf(() => validateRange({ from, to: to > today ? today : to }, today));
      if (fault) faults.push(fault.replace(/\bone backfill takes\b/, 'one request takes'));
    }
  }
  const named = Array.isArray(given['processors']) ? given['processors'] : [];
  const texts = named.filter((name): name is string => typeof name === 'string');
  faults.push(...texts.flatMap((text) => faultOfProcessor(text) ?? []));
  if (faults.length > 0 || !from || !to) return { faults: [...new Set(faults)] };
  const isNamed = (name: ProcessorName): boolean => texts.includes(name);
  return {
    request: {
      from,
      to,
      future: [from, to].filter((day, index) => day > today && (index === 0 || day !== from)),
      processors: named.length > 0 ? processorNames.filter(isNamed) : null,
      isBackfill: given['backfill_mode'] === true,
      correlationId: typeof given['correlation_id'] === 'string' ? given['correlation_id'] : null,
    },
  };
}

function faultOfProcessor(text: string): string | null {
  if (processorNames.some((name) => name === text)) return null;
  const shown = text.length > 120 ? `${text.slice(0, 120)}…` : text;
  return `processors names "${shown}", which there is not.${nearest(shown, processorNames)} Processors: ${processorNames.join(', ')}.`;
}
