/** Drift, against a schedule as a server of version 1.32 describes it. */
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { identityOf } from '../../src/contracts/identity';
import { driftOf, type FoundSchedule } from '../../src/schedules/compare-schedules';
import { wantedSchedules } from '../../src/schedules/wanted-schedules';

const [wanted, , , sentinel] = wantedSchedules(identityOf(null), { everyMs: 300_000 });

const calendar = {
  second: [{ start: 0, end: 0, step: 1 }],
  minute: [{ start: 30, end: 30, step: 1 }],
  hour: [{ start: 6, end: 6, step: 1 }],
  dayOfMonth: [{ start: 1, end: 31, step: 1 }],
  month: [{ start: 'JANUARY', end: 'DECEMBER', step: 1 }],
  year: [],
  dayOfWeek: [{ start: 'SUNDAY', end: 'SATURDAY', step: 1 }],
  comment: '',
} satisfies NonNullable<FoundSchedule['spec']['calendars']>[number];

/** What the server answers right after it was given the wanted schedule. */
const found: FoundSchedule = {
  spec: { calendars: [calendar], intervals: [], skip: [], timezone: 'America/New_York' },
  policies: { overlap: 'ALLOW_ALL', catchupWindow: 259_200_000, pauseOnFailure: false },
  action: {
    type: 'startWorkflow',
    workflowId: 'phase3-nightly-0630',
    workflowType: 'nightlyWorkflow',
    taskQueue: 'phase3',
    args: [{ ask: 'all', schedule: 'phase3-nightly-0630' }],
    typedSearchAttributes: new TypedSearchAttributes([]),
    workflowTaskTimeout: 5000,
    staticSummary: 'Phase 3 of the day before, at 06:30 New York',
    priority: { priorityKey: 0, fairnessKey: '', fairnessWeight: 0 },
  },
  state: { paused: false, note: '' },
};

function drift(change: Partial<FoundSchedule>): object[] {
  return driftOf(wanted!, { ...found, ...change });
}
const spec = (change: Partial<FoundSchedule['spec']>): object[] =>
  drift({ spec: { ...found.spec, ...change } });
const action = (change: object): object[] => drift({ action: { ...found.action, ...change } });
const policies = (change: Partial<FoundSchedule['policies']>): object[] =>
  drift({ policies: { ...found.policies, ...change } });

it('is none right after the schedule was applied', () => {
  expect(drift({})).toEqual([]);
});

describe('times', () => {
  it('are the same however they are written', () => {
    const halves = [
      {
        ...calendar,
        dayOfMonth: [
          { start: 1, end: 15, step: 1 },
          { start: 16, end: 31, step: 1 },
        ],
      },
      { ...calendar, comment: 'said otherwise' },
    ];
    expect(spec({ calendars: halves })).toEqual([]);
  });

  it.each([
    ['07:30 every day', [{ ...calendar, hour: [{ start: 7, end: 7, step: 1 }] }]],
    ['06:30:15 every day', [{ ...calendar, second: [{ start: 15, end: 15, step: 1 }] }]],
    ['06:30 every day; 18:30 every day', [{ ...calendar, hour: [{ start: 6, end: 18, step: 12 }] }]],
    [
      '06:30 on MONDAY,TUESDAY,WEDNESDAY,THURSDAY,FRIDAY',
      [{ ...calendar, dayOfWeek: [{ start: 'MONDAY', end: 'FRIDAY', step: 1 }] }],
    ],
    [
      '06:30 on days 1 of JANUARY of years 2027',
      [
        {
          ...calendar,
          dayOfMonth: [{ start: 1, end: 1, step: 1 }],
          month: [{ start: 'JANUARY', end: 'JANUARY', step: 1 }],
          year: [{ start: 2027, end: 2027, step: 1 }],
        },
      ],
    ],
    ['none', []],
  ] as const)('%s are not the wanted ones', (words, calendars) => {
    expect(spec({ calendars: calendars as never })).toEqual([
      { field: 'times', wanted: '06:30 every day', found: words },
    ]);
  });

  it('of every minute are not named one by one', () => {
    const calendars = [{ ...calendar, minute: [{ start: 0, end: 59, step: 1 }] }];
    expect(JSON.stringify(spec({ calendars }))).toContain('hours 06 minutes 00,01,02');
  });
});

it.each<[string, () => object[], string, string]>([
  ['timezone', () => spec({ timezone: 'UTC' }), 'America/New_York', 'UTC'],
  ['timezone', () => spec({ timezone: '' }), 'America/New_York', 'UTC'],
  ['jitter', () => spec({ jitter: 90_000 }), 'none', '90 s'],
  ['intervals', () => spec({ intervals: [{ every: 3_600_000, offset: 0 }] }), 'none', 'every 1 h from none'],
  ['skipped_times', () => spec({ skip: [calendar] }), 'none', '06:30 every day'],
  ['start_at', () => spec({ startAt: new Date('2027-01-01Z') }), 'none', '2027-01-01T00:00:00.000Z'],
  ['end_at', () => spec({ endAt: new Date('2027-01-01Z') }), 'none', '2027-01-01T00:00:00.000Z'],
  ['overlap', () => policies({ overlap: 'SKIP' }), 'ALLOW_ALL', 'SKIP'],
  ['catchup_window', () => policies({ catchupWindow: 60_000 }), '3 d', '1 min'],
  ['pause_on_failure', () => policies({ pauseOnFailure: true }), 'false', 'true'],
  ['remaining_actions', () => drift({ state: { paused: false, remainingActions: 0 } }), 'none', '0'],
  ['workflow_type', () => action({ workflowType: 'other' }), 'nightlyWorkflow', 'other'],
  ['workflow_id', () => action({ workflowId: 'other' }), 'phase3-nightly-0630', 'other'],
  ['task_queue', () => action({ taskQueue: 'other' }), 'phase3', 'other'],
  [
    'input',
    () => action({ args: [{ schedule: 'phase3-nightly-0630', ask: 'incomplete' }] }),
    '[{"ask":"all","schedule":"phase3-nightly-0630"}]',
    '[{"ask":"incomplete","schedule":"phase3-nightly-0630"}]',
  ],
  ['workflow_execution_timeout', () => action({ workflowExecutionTimeout: 1_500 }), 'none', '1500 ms'],
  ['workflow_run_timeout', () => action({ workflowRunTimeout: 60_000 }), 'none', '1 min'],
  ['workflow_task_timeout', () => action({ workflowTaskTimeout: 10_000 }), '5 s', '10 s'],
  ['retry', () => action({ retry: { maximumAttempts: 3 } }), 'none', '{"maximumAttempts":3}'],
  ['memo', () => action({ memo: { a: 1 } }), 'none', '{"a":1}'],
  ['priority', () => action({ priority: { priorityKey: 1 } }), 'none', '{"priorityKey":1}'],
  [
    'summary',
    () => action({ staticSummary: undefined }),
    'Phase 3 of the day before, at 06:30 New York',
    'none',
  ],
  ['details', () => action({ staticDetails: 'more' }), 'none', 'more'],
])('%s that differs is named, with both sides', (field, differences, ours, theirs) => {
  expect(differences()).toEqual([{ field, wanted: ours, found: theirs }]);
});

it('search attributes of launches that nobody wants are named', () => {
  const key = defineSearchAttributeKey('RunState', 'KEYWORD');
  const typedSearchAttributes = new TypedSearchAttributes([{ key, value: 'x' }]);
  expect(action({ typedSearchAttributes })).toEqual([
    expect.objectContaining({ field: 'search_attributes', wanted: 'none' }),
  ]);
});

it('names every field that differs, and what somebody decided is none: a pause and its note', () => {
  const state = { paused: true, note: 'paused by ann: holidays' };
  expect(
    drift({ state, spec: { ...found.spec, jitter: 1_000, timezone: 'UTC' } }).map(
      (one) => Object.values(one)[0],
    ),
  ).toEqual(['timezone', 'jitter']);
  expect(drift({ state })).toEqual([]);
});

describe('an interval', () => {
  const every = (ms: number, more: Partial<FoundSchedule['spec']> = {}): object[] =>
    driftOf(sentinel!, {
      // As the server describes it.
      spec: { calendars: [], intervals: [{ every: ms, offset: 0 }], skip: [], timezone: undefined, ...more },
      policies: { overlap: 'BUFFER_ONE', catchupWindow: 10_000, pauseOnFailure: false },
      action: {
        ...{ type: 'startWorkflow', workflowId: 'phase3-sentinel', workflowType: 'sentinelWorkflow' },
        ...{ taskQueue: 'phase3', args: [], typedSearchAttributes: new TypedSearchAttributes([]) },
        ...{ workflowTaskTimeout: 5000, staticSummary: sentinel!.summary },
      },
      state: { paused: false, note: '' },
    } as FoundSchedule);

  it('is its own kind: another length and a time of the day beside it are drift', () => {
    expect(every(300_000)).toEqual([]);
    expect(every(600_000)).toEqual([
      { field: 'intervals', wanted: 'every 5 min from none', found: 'every 10 min from none' },
    ]);
    expect(every(300_000, { calendars: [calendar] })).toEqual([
      { field: 'times', wanted: 'none', found: '06:30 every day' },
    ]);
  });

  it('is drift of a schedule that wants a time of the day', () => {
    expect(spec({ calendars: [], intervals: [{ every: 300_000, offset: 0 }] })).toEqual([
      { field: 'times', wanted: '06:30 every day', found: 'none' },
      { field: 'intervals', wanted: 'none', found: 'every 5 min from none' },
    ]);
  });
});
