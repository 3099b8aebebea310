/** The runs of one date's workflow, each continued as the next: how long their histories and what they carry are. */
import type { Client } from '@temporalio/client';
import type { History } from '../bench/system';
import { atMost, figure, type Row } from './rows';

type HistoryEvent = NonNullable<History['events']>[number];

/** A run continues as new from 1,000 events on; the server takes 10,000 signals while no worker is there, and ends it at 51,200 events. */
const mostEvents = { up: 5_000, down: 25_000 };
/** The server ends a run at 50 MB. */
const mostBytes = 20e6;
/** The server takes no payload over 2 MB. */
export const mostPayloadBytes = 1e6;
/** A task has five seconds, then it is lost and begun again. */
const longestTaskMs = 2_500;

/** `worker`: whether it was there all the time. */
export async function chainRows(
  temporal: Client,
  workflowId: string,
  worker: keyof typeof mostEvents,
): Promise<Row[]> {
  const runs: { events: readonly HistoryEvent[]; bytes: number }[] = [];
  for await (const { runId } of temporal.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
    const handle = temporal.workflow.getHandle(workflowId, runId);
    const [history, { historySize = 0 }] = await Promise.all([handle.fetchHistory(), handle.describe()]);
    runs.push({ events: history.events ?? [], bytes: historySize });
  }
  const all = runs.flatMap(({ events }) => events);
  const failed = all.filter((event) => event.workflowTaskFailedEventAttributes).length;
  const timedOut = all.filter((event) => event.workflowTaskTimedOutEventAttributes).length;
  return [
    figure('runs of the date', 'count', runs.length),
    atMost(
      mostEvents[worker],
      figure('the longest history', 'events', most(runs.map(({ events }) => events.length))),
    ),
    atMost(mostBytes / 1e6, figure('the largest history', 'MB', most(runs.map(({ bytes }) => bytes)) / 1e6)),
    atMost(
      mostPayloadBytes / 1e3,
      figure('the largest input of a continued run', 'kB', most(all.map(continuedBytes)) / 1e3),
    ),
    atMost(
      longestTaskMs,
      figure('the longest workflow task', 'ms', most(runs.flatMap(({ events }) => taskTimes(events)))),
    ),
    figure('workflow tasks that failed or were cut off', 'count', failed),
    figure('workflow tasks that timed out', 'count', timedOut),
  ];
}

/** Ms since the epoch at which something happened; seconds are 64 bits wide on the wire. */
export function instantOf({ eventTime }: HistoryEvent): number {
  return Number(String(eventTime?.seconds ?? 0)) * 1000 + (eventTime?.nanos ?? 0) / 1_000_000;
}

function continuedBytes({ workflowExecutionContinuedAsNewEventAttributes: continued }: HistoryEvent): number {
  return (continued?.input?.payloads ?? []).reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
}

/** From the start of each workflow task to its end, whatever that was. */
function taskTimes(events: readonly HistoryEvent[]): number[] {
  return events.flatMap((event, index) => {
    const end =
      event.workflowTaskCompletedEventAttributes ??
      event.workflowTaskFailedEventAttributes ??
      event.workflowTaskTimedOutEventAttributes;
    const startId = String(end?.startedEventId ?? '');
    const start = end
      ? events.slice(Math.max(0, index - 200), index).findLast(({ eventId }) => String(eventId) === startId)
      : undefined;
    return start ? [instantOf(event) - instantOf(start)] : [];
  });
}

function most(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), 0);
}
