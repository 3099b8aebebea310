/**
 * Drift: how a schedule on the server differs from the one in code, field by field. Pure.
 *
 * The server keeps a schedule in other terms than it was given (calendars as ranges, defaults filled in), so both sides are
 * put into the same words, and the words are compared.
 */
import {
  DAYS_OF_WEEK,
  MONTHS,
  type CalendarSpecDescription,
  type ScheduleDescription,
} from '@temporalio/client';
import type { WantedSchedule, When } from './wanted-schedules';

/** What is compared, under the names that `--json` has. */
type Settings = Readonly<Record<string, string>>;

/** A field that is not as it should be, both sides in words. */
export interface FieldDrift {
  readonly field: string;
  readonly wanted: string;
  readonly found: string;
}

/** What of a description is looked at. Of its state a pause and the note are somebody's decision, and no drift. */
export type FoundSchedule = Pick<ScheduleDescription, 'spec' | 'policies' | 'action' | 'state'>;

/** The fields in which the server's schedule differs from the wanted one; empty when there is no drift. */
export function driftOf(wanted: WantedSchedule, found: FoundSchedule): FieldDrift[] {
  const [ours, theirs] = [wantedSettings(wanted), foundSettings(found)];
  return Object.keys(theirs).flatMap((field) => {
    // What the code does not name is not wanted.
    const [want, have] = [ours[field] ?? none, theirs[field] ?? none];
    return want === have ? [] : [{ field, wanted: want, found: have }];
  });
}

const none = 'none';

function wantedSettings(wanted: WantedSchedule): Settings {
  return {
    ...timesInWords(wanted.when),
    jitter: duration(wanted.jitterMs),
    overlap: wanted.overlap,
    catchup_window: duration(wanted.catchupWindowMs),
    pause_on_failure: String(wanted.pauseOnFailure),
    workflow_type: wanted.workflowType,
    workflow_id: wanted.workflowId,
    task_queue: wanted.taskQueue,
    input: canonical(wanted.input),
    workflow_task_timeout: duration(wanted.workflowTaskTimeoutMs),
    summary: wanted.summary,
  };
}

function foundSettings({ spec, policies, action, state }: FoundSchedule): Settings {
  return {
    times: inWords(spec.calendars ?? []),
    intervals: listed((spec.intervals ?? []).map(({ every, offset }) => intervalInWords(every, offset))),
    skipped_times: inWords(spec.skip ?? []),
    start_at: spec.startAt?.toISOString() ?? none,
    end_at: spec.endAt?.toISOString() ?? none,
    timezone: spec.timezone || noTimezone,
    jitter: duration(spec.jitter),
    overlap: String(policies.overlap),
    catchup_window: duration(policies.catchupWindow),
    pause_on_failure: String(policies.pauseOnFailure),
    // A schedule that counts down to nothing ends without a word.
    remaining_actions: state.remainingActions === undefined ? none : String(state.remainingActions),
    workflow_type: action.workflowType,
    workflow_id: action.workflowId,
    task_queue: action.taskQueue,
    input: canonical(action.args ?? []),
    workflow_execution_timeout: duration(action.workflowExecutionTimeout),
    workflow_run_timeout: duration(action.workflowRunTimeout),
    workflow_task_timeout: duration(action.workflowTaskTimeout),
    retry: action.retry === undefined ? none : canonical(action.retry),
    memo: unlessEmpty(canonical(action.memo ?? {})),
    search_attributes: unlessEmpty(canonical(action.typedSearchAttributes ?? [])),
    // The server answers with zeros and empty texts where none was given.
    priority: Object.values(action.priority ?? {}).some(Boolean) ? canonical(action.priority) : none,
    summary: action.staticSummary ?? none,
    details: action.staticDetails ?? none,
  };
}

/** What the server has where no zone was given. */
const noTimezone = 'UTC';

function timesInWords(when: When): Settings {
  if (when.kind === 'every') return { intervals: intervalInWords(when.ms), timezone: noTimezone };
  const { hour, minute, timezone } = when;
  return {
    times: inWords([{ ...everyDay, hour: [single(hour)], minute: [single(minute)], second: [single(0)] }]),
    timezone,
  };
}

function intervalInWords(every: Length, offset?: Length): string {
  return `every ${duration(every)} from ${duration(offset)}`;
}

type CalendarRanges = Omit<CalendarSpecDescription, 'comment'>;

/** A number that a field of a calendar matches. */
function single(value: number): { start: number; end: number; step: number } {
  return { start: value, end: value, step: 1 };
}

const everyDay: Omit<CalendarRanges, 'hour' | 'minute' | 'second'> = {
  dayOfMonth: [{ start: 1, end: 31, step: 1 }],
  month: [{ start: 'JANUARY', end: 'DECEMBER', step: 1 }],
  year: [],
  dayOfWeek: [{ start: 'SUNDAY', end: 'SATURDAY', step: 1 }],
};

/** Calendars by the times that they match, however they are written: `06:30 every day`. */
function inWords(calendars: readonly CalendarRanges[]): string {
  return listed(
    calendars.flatMap((calendar) => {
      const days = daysOf(calendar);
      return timesOf(calendar).map((time) => `${time} ${days}`);
    }),
  );
}

/** So many times of a day are still named one by one. */
const mostTimes = 24;

function timesOf({ hour, minute, second }: CalendarRanges): string[] {
  const [hours, minutes, seconds] = [padded(hour), padded(minute), padded(second)];
  if (hours.length * minutes.length * seconds.length > mostTimes)
    return [`hours ${hours.join()} minutes ${minutes.join()} seconds ${seconds.join()}`];
  return hours.flatMap((h) =>
    minutes.flatMap((m) => seconds.map((s) => `${h}:${m}${s === '00' ? '' : `:${s}`}`)),
  );
}

function padded(ranges: readonly NumberRange[]): string[] {
  return expand(ranges).map((value) => String(value).padStart(2, '0'));
}

function daysOf({ dayOfMonth, month, year, dayOfWeek }: CalendarRanges): string {
  const days = expand(dayOfMonth);
  const months = expand(month.map((range) => numbered(range, MONTHS))).map((index) => MONTHS[index]);
  const weekdays = expand(dayOfWeek.map((range) => numbered(range, DAYS_OF_WEEK))).map(
    (index) => DAYS_OF_WEEK[index],
  );
  const limits = [
    ...(weekdays.length < DAYS_OF_WEEK.length ? [weekdays.join()] : []),
    ...(days.length < 31 ? [`days ${days.join()}`] : []),
    ...(months.length < MONTHS.length ? [months.join()] : []),
    // Without a range every year is meant.
    ...(year.length > 0 ? [`years ${expand(year).join()}`] : []),
  ];
  return limits.length === 0 ? 'every day' : `on ${limits.join(' of ')}`;
}

interface NumberRange {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

function numbered<Name>(
  range: { start: Name; end: Name; step: number },
  names: readonly Name[],
): NumberRange {
  return { start: names.indexOf(range.start), end: names.indexOf(range.end), step: range.step };
}

/** The values that ranges match, ascending, each once. The client has put ends and steps right already. */
function expand(ranges: readonly NumberRange[]): number[] {
  const values = new Set<number>();
  for (const { start, end, step } of ranges)
    for (let value = start; value <= end; value += step) values.add(value);
  return [...values].sort((a, b) => a - b);
}

function listed(parts: readonly string[]): string {
  return parts.length === 0 ? none : [...new Set(parts)].sort().join('; ');
}

type Length = ScheduleDescription['action']['workflowRunTimeout'];

/** A length of time in its largest whole unit: `3 d`; none for no time at all. */
function duration(given: Length): string {
  if (given === undefined || given === 0) return none;
  if (typeof given === 'string') return given;
  const [unitMs, unit] = units.find(([ms]) => given % ms === 0) ?? [1, 'ms'];
  return `${given / unitMs} ${unit}`;
}

const units = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
] as const;

function unlessEmpty(json: string): string {
  return json === '{}' || json === '[]' ? none : json;
}

/** JSON with the keys of objects in order: what is equal reads equal. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
