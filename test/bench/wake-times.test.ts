/** A date's history, written by hand: which check a message caused, how long that took, and whether it waits again. */
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import {
  beyondCheckMs,
  checksOf,
  spentOf,
  waitsAgain,
  wakeGroups,
  wakeIn,
  type TimedWake,
} from '../../scripts/bench/wake-times';

const begun = Date.UTC(2025, 0, 16, 8);
const event = (eventId: number, ms: number, eventType: string, attributes: object): object => ({
  eventId: String(eventId),
  eventTime: new Date(begun + ms).toISOString(),
  eventType: `EVENT_TYPE_${eventType}`,
  ...attributes,
});
const signaled = (eventId: number, ms: number): object =>
  event(eventId, ms, 'WORKFLOW_EXECUTION_SIGNALED', {
    workflowExecutionSignaledEventAttributes: { signalName: 'recheck' },
  });
const timer = (eventId: number, ms: number): object =>
  event(eventId, ms, 'TIMER_STARTED', { timerStartedEventAttributes: { timerId: String(eventId) } });
/** An activity that is scheduled, picked up 3 ms later and completed 20 ms after that: three events. */
const activity = (eventId: number, ms: number, name: string): object[] => [
  event(eventId, ms, 'ACTIVITY_TASK_SCHEDULED', {
    activityTaskScheduledEventAttributes: { activityType: { name } },
  }),
  event(eventId + 1, ms + 3, 'ACTIVITY_TASK_STARTED', {
    activityTaskStartedEventAttributes: { scheduledEventId: String(eventId) },
  }),
  event(eventId + 2, ms + 23, 'ACTIVITY_TASK_COMPLETED', {
    activityTaskCompletedEventAttributes: {
      scheduledEventId: String(eventId),
      startedEventId: String(eventId + 1),
    },
  }),
];

/** Triggered at 0, probed, and waiting from 60 on; woken at 5,000. */
const waiting = [signaled(1, 0), ...activity(2, 30, 'checkDependencies'), timer(5, 60)];
const woken = [...waiting, signaled(6, 5_000), ...activity(7, 5_010, 'openPass')];
const probed = [...woken, ...activity(10, 5_040, 'checkDependencies')];

test('the check before the message is not its answer', () => {
  expect(wakeIn(historyFromJSON({ events: woken }))).toBeNull();
  expect(wakeIn(historyFromJSON({ events: [] }))).toBeNull();
});

test('the first check after the message is its answer', () => {
  const history = historyFromJSON({ events: [...probed, ...activity(13, 9_000, 'checkDependencies')] });
  expect(checksOf(history)).toHaveLength(3);
  expect(wakeIn(history)).toEqual({
    takenAt: begun + 5_000,
    check: {
      name: 'checkDependencies',
      scheduledAt: begun + 5_040,
      startedAt: begun + 5_043,
      completedAt: begun + 5_063,
    },
  });
});

test('a gate waits again once a timer follows its newest check', () => {
  expect(waitsAgain(historyFromJSON({ events: waiting }))).toBe(true);
  expect(waitsAgain(historyFromJSON({ events: probed }))).toBe(false);
  expect(waitsAgain(historyFromJSON({ events: [...probed, timer(13, 5_070)] }))).toBe(true);
  expect(waitsAgain(historyFromJSON({ events: [signaled(1, 0), timer(2, 10)] }))).toBe(false);
});

test('the check itself is taken off, and the stretches add up to the whole', () => {
  const found = wakeIn(historyFromJSON({ events: probed }));
  const wake = { ...found, askedAt: begun + 4_998, heardAt: begun + 5_067 } as TimedWake;
  expect(beyondCheckMs(wake)).toBe(49);
  expect(spentOf(wake)).toEqual({
    'the client sends, the server takes it': 2,
    'the workflow is told and decides': 40,
    'the check waits to be picked up': 3,
    'the check runs': 20,
    'the client hears of it': 4,
  });
});

test('each date is woken in one way at most, and ten are enough for all ways', () => {
  const dates = Array.from({ length: 1_000 }, (_, index) => index);
  const groups = wakeGroups(dates);
  expect(Object.values(groups).map((group) => group.length)).toEqual([200, 200, 100, 100]);
  expect(new Set(Object.values(groups).flat()).size).toBe(600);
  expect(Object.values(wakeGroups(dates.slice(0, 10))).every((group) => group.length > 0)).toBe(true);
});
