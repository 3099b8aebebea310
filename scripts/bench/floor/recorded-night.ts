/** The activities of a night that was run, from its history: what each was given, and what it answered. Pure. */
import { defaultPayloadConverter } from '@temporalio/common';
import { BenchFailure, type History } from '../system';

export interface RecordedActivity {
  readonly name: string;
  readonly argument: unknown;
  readonly result: unknown;
}

export interface RecordedNight {
  readonly runId: string;
  /** In the order in which they were scheduled. */
  readonly activities: readonly RecordedActivity[];
}

type Event = NonNullable<History['events']>[number];

/** Throws where an activity failed, or was run within a workflow task: then the night cannot be played again. */
export function recordedNight({ events }: History, runId: string): RecordedNight {
  const all = events ?? [];
  const answers = new Map(
    all.flatMap(({ activityTaskCompletedEventAttributes: done }) =>
      done ? [[String(done.scheduledEventId), done.result] as const] : [],
    ),
  );
  if (all.some(({ markerRecordedEventAttributes: marker }) => marker?.markerName === 'core_local_activity'))
    throw new BenchFailure('A night has local activities, which cannot be answered from its history.');
  const activities = all.flatMap((event): RecordedActivity[] => {
    const { activityTaskScheduledEventAttributes: asked, eventId } = event;
    if (!asked) return [];
    const name = asked.activityType?.name ?? '';
    const id = String(eventId);
    if (!answers.has(id)) throw new BenchFailure(`${name} of a night has no answer.`);
    return [{ name, argument: first(asked.input), result: first(answers.get(id)) }];
  });
  return { runId, activities };
}

/** The answers of each activity, in the order in which they were asked for. */
export function answersOf({ activities }: RecordedNight): Record<string, unknown[]> {
  const answers: Record<string, unknown[]> = {};
  for (const { name, result } of activities) (answers[name] ??= []).push(result);
  return answers;
}

/** Arguments and results are one value or none. */
function first(payloads: NonNullable<Event['activityTaskScheduledEventAttributes']>['input']): unknown {
  const [payload] = payloads?.payloads ?? [];
  return payload ? defaultPayloadConverter.fromPayload(payload) : undefined;
}
