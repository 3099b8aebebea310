/** A night's history, written by hand: what ran when, what was waited for, what the critical path is. */
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { criticalPathMs, lastCompletion, nightTimes } from '../../scripts/bench/night-times';

/** An instant of the night, `ms` after its start. */
const at = (ms: number): string => new Date(Date.UTC(2025, 0, 16, 8) + ms).toISOString();
const begun = Date.UTC(2025, 0, 16, 8);

const event = (eventId: number, ms: number, eventType: string, attributes: object): object => ({
  eventId: String(eventId),
  eventTime: at(ms),
  eventType: `EVENT_TYPE_${eventType}`,
  ...attributes,
});
const scheduled = (eventId: number, ms: number, name: string): object =>
  event(eventId, ms, 'ACTIVITY_TASK_SCHEDULED', {
    activityTaskScheduledEventAttributes: { activityType: { name } },
  });
const started = (eventId: number, ms: number, scheduledEventId: number): object =>
  event(eventId, ms, 'ACTIVITY_TASK_STARTED', {
    activityTaskStartedEventAttributes: { scheduledEventId: String(scheduledEventId) },
  });
const completed = (eventId: number, ms: number, scheduledEventId: number, startedEventId: number): object =>
  event(eventId, ms, 'ACTIVITY_TASK_COMPLETED', {
    activityTaskCompletedEventAttributes: {
      scheduledEventId: String(scheduledEventId),
      startedEventId: String(startedEventId),
    },
  });

/** Two activities side by side, 30 and 50 ms long, then one of 20 ms. */
const night = nightTimes(
  historyFromJSON({
    events: [
      event(1, 0, 'WORKFLOW_EXECUTION_STARTED', { workflowExecutionStartedEventAttributes: {} }),
      event(2, 0, 'WORKFLOW_TASK_SCHEDULED', { workflowTaskScheduledEventAttributes: {} }),
      event(3, 4, 'WORKFLOW_TASK_STARTED', { workflowTaskStartedEventAttributes: {} }),
      event(4, 10, 'WORKFLOW_TASK_COMPLETED', { workflowTaskCompletedEventAttributes: {} }),
      scheduled(5, 10, 'offence'),
      scheduled(6, 10, 'defence'),
      // The defence is written down first, since it ends first; it began last.
      started(7, 12, 6),
      completed(8, 42, 6, 7),
      started(9, 11, 5),
      completed(10, 61, 5, 9),
      event(11, 66, 'WORKFLOW_TASK_STARTED', { workflowTaskStartedEventAttributes: {} }),
      event(12, 72, 'WORKFLOW_TASK_COMPLETED', { workflowTaskCompletedEventAttributes: {} }),
      scheduled(13, 72, 'players'),
      started(14, 75, 13),
      completed(15, 95, 13, 14),
    ],
  }),
);

test('every activity has its times', () => {
  expect(night.events).toBe(15);
  expect(night.activities).toEqual([
    { name: 'defence', scheduledAt: begun + 10, startedAt: begun + 12, completedAt: begun + 42 },
    { name: 'offence', scheduledAt: begun + 10, startedAt: begun + 11, completedAt: begun + 61 },
    { name: 'players', scheduledAt: begun + 72, startedAt: begun + 75, completedAt: begun + 95 },
  ]);
});

test('the stretches add up to the whole night', () => {
  expect(night.spent).toEqual({
    // From 12, when both run, to 61, and from 75 to 95.
    'an activity runs': 69,
    'an activity waits to be picked up': 5,
    'the workflow decides': 12,
    'a decision waits to be picked up': 9,
    'the rest': 0,
  });
  expect(night.endedAt - night.startedAt).toBe(95);
});

test('the critical path takes of each level the longest', () => {
  expect(criticalPathMs(night.activities, [['offence', 'defence'], ['players']])).toBe(70);
  expect(criticalPathMs(night.activities, [['offence', 'defence', 'players']])).toBe(50);
});

test('what never completed was not published', () => {
  expect(lastCompletion(night.activities, ['offence', 'defence'])).toBe(begun + 61);
  expect(() => lastCompletion(night.activities, ['record'])).toThrow('no completed record');
});
