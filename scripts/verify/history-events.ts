/** From a workflow's durable history to the few events that say in what order activities ran. */
import type { WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { ofDates } from '../../src/contracts/build-activity';

/** A history as `fetchHistory` returns it. */
export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type HistoryEvent = NonNullable<History['events']>[number];
type Payloads = NonNullable<NonNullable<HistoryEvent['activityTaskScheduledEventAttributes']>['input']>;

/**
 * An event of an activity's life, decoded. `eventId` orders the events of a run; what cannot be decoded is `undefined`,
 * which no rule takes for good news.
 */
export type OrderEvent =
  | {
      readonly kind: 'scheduled';
      readonly eventId: number;
      readonly activity: string;
      readonly input: unknown;
    }
  | {
      readonly kind: 'completed';
      readonly eventId: number;
      readonly scheduledEventId: number;
      readonly result: unknown;
    }
  | {
      readonly kind: 'ended';
      readonly eventId: number;
      readonly scheduledEventId: number;
      readonly how: 'failed' | 'timed out' | 'was cancelled';
    };

/** Ids of the decisions that a run was given by the one before it: what that one has put on record. Pure. */
export function carriedDecisions(history: History): Set<string> {
  const started = history.events?.[0]?.workflowExecutionStartedEventAttributes;
  const input = firstOf(started?.input) as
    { carried?: { decisions?: readonly { id?: unknown }[] } } | undefined;
  const ids = (input?.carried?.decisions ?? []).map(({ id }) => id);
  return new Set(ids.filter((id) => typeof id === 'string'));
}

/** The activity events of a history, in its order. Everything else is left out. Pure. */
export function orderEvents(history: History): OrderEvent[] {
  return (history.events ?? []).flatMap((event): OrderEvent[] => {
    const eventId = idOf(event.eventId);
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled)
      return [
        {
          kind: 'scheduled',
          eventId,
          activity: scheduled.activityType?.name ?? '',
          input: firstOf(scheduled.input),
        },
      ];
    const completed = event.activityTaskCompletedEventAttributes;
    if (completed)
      return [
        {
          kind: 'completed',
          eventId,
          scheduledEventId: idOf(completed.scheduledEventId),
          result: firstOf(completed.result),
        },
      ];
    const endings = [
      [event.activityTaskFailedEventAttributes, 'failed'],
      [event.activityTaskTimedOutEventAttributes, 'timed out'],
      [event.activityTaskCanceledEventAttributes, 'was cancelled'],
    ] as const;
    return endings.flatMap(([attributes, how]) =>
      attributes
        ? [{ kind: 'ended', eventId, scheduledEventId: idOf(attributes.scheduledEventId), how }]
        : [],
    );
  });
}

/**
 * The same by game date, of a run that several dates share: what they were asked together is an event of each. A part that failed
 * was asked alone afterwards. Pure.
 */
export function orderEventsByDate(history: History): Map<string, OrderEvent[]> {
  const byDate = new Map<string, OrderEvent[]>();
  const datesOf = new Map<number, readonly string[]>();
  const add = (date: string, event: OrderEvent): void => {
    byDate.set(date, [...(byDate.get(date) ?? []), event]);
  };
  for (const event of orderEvents(history)) {
    if (event.kind === 'scheduled') {
      const requests: unknown[] = Array.isArray(event.input) ? event.input : [event.input];
      datesOf.set(event.eventId, requests.map(dateIn));
      const activity = event.activity.replace(ofSeveral, '');
      for (const input of requests) add(dateIn(input), { ...event, activity, input });
      continue;
    }
    for (const [at, date] of (datesOf.get(event.scheduledEventId) ?? ['']).entries())
      add(date, partOf(event, at));
  }
  return byDate;
}

const ofSeveral = new RegExp(`${ofDates('')}$`);

function dateIn(request: unknown): string {
  const { gameDate } = (request ?? {}) as { gameDate?: unknown };
  return typeof gameDate === 'string' ? gameDate : '';
}

/** What an end of several dates' activity is to the one that was asked at this place. */
function partOf(event: Exclude<OrderEvent, { kind: 'scheduled' }>, at: number): OrderEvent {
  if (event.kind !== 'completed' || !Array.isArray(event.result)) return event;
  const own = (event.result as ({ answer?: unknown } | undefined)[])[at];
  const { eventId, scheduledEventId } = event;
  if (own && 'answer' in own) return { ...event, result: own.answer };
  return { kind: 'ended', eventId, scheduledEventId, how: 'failed' };
}

/** Ids are 64 bits wide on the wire; no history comes near what a number holds exactly. */
function idOf(id: HistoryEvent['eventId']): number {
  return Number(String(id ?? 0));
}

/** The one argument or result that our activities have. */
function firstOf(payloads: Payloads | null | undefined): unknown {
  const payload = payloads?.payloads?.[0];
  if (!payload) return undefined;
  try {
    return defaultPayloadConverter.fromPayload<unknown>(payload);
  } catch {
    return undefined;
  }
}
