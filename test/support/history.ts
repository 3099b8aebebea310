/** Reads of a run's durable history, as tests ask them. */
import { defaultPayloadConverter } from '@temporalio/common';
import type { Client } from '@temporalio/client';

export interface ActivityRecord {
  readonly type: string;
  readonly scheduledEventId: number;
  readonly input: unknown;
  /** Null while it has not completed. */
  readonly result: unknown;
}

/** The activities of a run, in the order of scheduling. */
export async function activitiesOf(
  client: Client,
  workflowId: string,
  runId?: string,
): Promise<ActivityRecord[]> {
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const records = new Map<number, ActivityRecord>();
  for (const event of history.events ?? []) {
    const id = Number(event.eventId);
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled)
      records.set(id, {
        type: scheduled.activityType?.name ?? '',
        scheduledEventId: id,
        input: decode(scheduled.input?.payloads),
        result: null,
      });
    const completed = event.activityTaskCompletedEventAttributes;
    const record = completed ? records.get(Number(completed.scheduledEventId)) : undefined;
    if (completed && record)
      records.set(record.scheduledEventId, { ...record, result: decode(completed.result?.payloads) });
  }
  return [...records.values()];
}

function decode(payloads: readonly object[] | null | undefined): unknown {
  const [payload] = payloads ?? [];
  return payload ? defaultPayloadConverter.fromPayload(payload) : null;
}
