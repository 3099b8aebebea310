/** What was sent to `/process-date-range`, decoded. Pure. */
import * as v from 'valibot';
import { addDays } from '../contracts/game-date';
import type { ProcessorName } from '../contracts/phase3';
import type { Fault } from '../contracts/schema';
import { processorNames } from '../plan/registry';
import { faultOfGameDate, faultOfRange, readRequest } from '../requests/validate-request';
import { day, dayWords, rangeSchema } from './schemas';

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

export type DecodedRange =
  | { readonly request: RangeRequest; readonly faults: null }
  | { readonly request: null; readonly faults: readonly Fault[] };

/** Decodes a body, or says everything that is wrong with it; `today` is the date in New York. */
export function decodeRange(body: unknown, today: string): DecodedRange {
  const found = readRequest(rangeSchema, body);
  const faults = found.ok ? [] : [...found.faults];
  const given = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const tomorrow = addDays(today, 1);
  const [from, to] = (['start_date', 'end_date'] as const).map((field) => {
    const text = given[field];
    // An invalid day is among the faults already.
    if (!v.is(day, text)) return null;
    const date = Object.hasOwn(dayWords, text) ? addDays(today, dayWords[text] ?? 0) : text;
    // Tomorrow can be named, as schedules do that look ahead. It is skipped.
    const fault = date === tomorrow ? null : faultOfGameDate(field, date, today);
    if (fault) faults.push(fault);
    return fault ? null : date;
  });
  if (from && to) {
    // Tomorrow is not run, so it does not count; a range of tomorrow alone is valid.
    const last = from <= today && to > today ? today : to;
    const fault = faultOfRange({ from, to: last }, { from: 'start_date', to: 'end_date' });
    if (fault) faults.push(fault);
  }
  if (!found.ok || faults.length > 0 || !from || !to) return { request: null, faults };
  const { processors = [], backfill_mode: backfillMode = false, correlation_id: correlationId } = found.value;
  return {
    faults: null,
    request: {
      from,
      to,
      future: [from, to].filter((date, index) => date > today && (index === 0 || date !== from)),
      processors: processors.length > 0 ? processorNames.filter((name) => processors.includes(name)) : null,
      isBackfill: backfillMode,
      correlationId: correlationId ?? null,
    },
  };
}
