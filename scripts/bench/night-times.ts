/** Where the time of one night went, read from its durable history. Pure; every duration is in ms. */
import type { History } from '../verify/history-events';

type HistoryEvent = NonNullable<History['events']>[number];

/** An activity that completed. Instants are ms since the epoch, by the server's clock. */
export interface ActivitySpan {
  readonly name: string;
  readonly scheduledAt: number;
  readonly startedAt: number;
  readonly completedAt: number;
}

/**
 * The stretches of a night. The time between two neighbouring events goes to what the later one ended, so that the sum is
 * the whole night even where activities run side by side.
 */
export const stretches = [
  'an activity runs',
  'an activity waits to be picked up',
  'the workflow decides',
  'a decision waits to be picked up',
  'the rest',
] as const;
export type Stretch = (typeof stretches)[number];

export interface NightTimes {
  readonly events: number;
  readonly activities: readonly ActivitySpan[];
  /** The run's first event: the server has taken the trigger. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly spent: Readonly<Record<Stretch, number>>;
}

export function nightTimes(history: History): NightTimes {
  const events = history.events ?? [];
  const instants = events.map(instantOf);
  return {
    events: events.length,
    activities: spansOf(events),
    startedAt: Math.min(...instants),
    endedAt: Math.max(...instants),
    spent: spentOn(events),
  };
}

/**
 * The critical path of a night whose activities run level by level: of each level the one that took longest. What stands
 * between it and the whole is the orchestration's overhead. `levels` holds activity names.
 */
export function criticalPathMs(
  spans: readonly ActivitySpan[],
  levels: readonly (readonly string[])[],
): number {
  return levels.reduce((sum, names) => {
    const level = spans.filter(({ name }) => names.includes(name));
    return sum + Math.max(0, ...level.map(({ startedAt, completedAt }) => completedAt - startedAt));
  }, 0);
}

/** When the last of the named activities completed. Throws when there is none: then nothing was published. */
export function lastCompletion(spans: readonly ActivitySpan[], names: readonly string[]): number {
  const ends = spans.filter(({ name }) => names.includes(name)).map(({ completedAt }) => completedAt);
  if (ends.length === 0) throw new Error(`the history has no completed ${names.join(' or ')}`);
  return Math.max(...ends);
}

function spansOf(events: readonly HistoryEvent[]): ActivitySpan[] {
  const byId = new Map(events.map((event) => [String(event.eventId), event]));
  return events.flatMap((event) => {
    const completed = event.activityTaskCompletedEventAttributes;
    if (!completed) return [];
    const scheduled = byId.get(String(completed.scheduledEventId));
    const started = byId.get(String(completed.startedEventId));
    if (!scheduled || !started) return [];
    return [
      {
        name: scheduled.activityTaskScheduledEventAttributes?.activityType?.name ?? '',
        scheduledAt: instantOf(scheduled),
        startedAt: instantOf(started),
        completedAt: instantOf(event),
      },
    ];
  });
}

function spentOn(events: readonly HistoryEvent[]): Record<Stretch, number> {
  const spent: Record<Stretch, number> = {
    'an activity runs': 0,
    'an activity waits to be picked up': 0,
    'the workflow decides': 0,
    'a decision waits to be picked up': 0,
    'the rest': 0,
  };
  // The start of an activity is written down with its end, so the order of ids is not that of time.
  const inTime = [...events].sort((a, b) => instantOf(a) - instantOf(b));
  let before: number | null = null;
  for (const event of inTime) {
    const at = instantOf(event);
    if (before !== null) spent[stretchEndedBy(event)] += at - before;
    before = at;
  }
  return spent;
}

function stretchEndedBy(event: HistoryEvent): Stretch {
  if (event.activityTaskCompletedEventAttributes) return 'an activity runs';
  if (event.activityTaskStartedEventAttributes) return 'an activity waits to be picked up';
  if (event.workflowTaskCompletedEventAttributes) return 'the workflow decides';
  if (event.workflowTaskStartedEventAttributes) return 'a decision waits to be picked up';
  return 'the rest';
}

/** When an event was, in ms since the epoch. Seconds are 64 bits wide on the wire; as ms they fit a number until the year 287396. */
export function instantOf({ eventTime }: HistoryEvent): number {
  return Number(String(eventTime?.seconds ?? 0)) * 1000 + (eventTime?.nanos ?? 0) / 1_000_000;
}
