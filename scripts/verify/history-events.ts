/** From a workflow's durable history to the few events that say in what order activities ran. */
import type { WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';

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
