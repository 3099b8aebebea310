/** The schedules that a deployment should have: the state in code to which `schedules apply` brings the server. Pure. */
import type { ScheduleOptions, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Identity } from '../contracts/identity';
import { nightlyScheduleId, nightlyWorkflowType, type NightlyInput } from '../contracts/schedules';
import { sentinelScheduleId, sentinelWorkflowType, type SentinelSettings } from '../contracts/sentinel';

/** When a schedule launches: at a time of every day, by the clocks of a zone, or each time that so much time has passed. */
export type When =
  | { readonly kind: 'daily'; readonly hour: number; readonly minute: number; readonly timezone: string }
  | { readonly kind: 'every'; readonly ms: number };

/** One schedule, in the terms in which it is decided on. */
export interface WantedSchedule {
  readonly scheduleId: string;
  readonly when: When;
  readonly jitterMs: number;
  readonly overlap: NonNullable<ScheduleOverlapPolicy>;
  readonly catchupWindowMs: number;
  readonly pauseOnFailure: boolean;
  readonly workflowType: string;
  /** Of the launch; the server puts the instant it is for behind it. */
  readonly workflowId: string;
  readonly taskQueue: string;
  /** Arguments of the workflow. */
  readonly input: readonly NightlyInput[];
  readonly workflowTaskTimeoutMs: number;
  /** What the Temporal UI shows of a launch. */
  readonly summary: string;
}

/**
 * The last game of a night in the west ends at about two in the morning, New York, and its box scores follow within hours: at
 * 06:30 most nights are whole. What is not gets its later looks while the morning's corrections come in.
 */
const launches: readonly { hour: number; minute: number; ask: NightlyInput['ask'] }[] = [
  { hour: 6, minute: 30, ask: 'all' },
  { hour: 10, minute: 30, ask: 'incomplete' },
  { hour: 14, minute: 0, ask: 'incomplete' },
];

// Game dates are dates in New York, so the clock is New York's too, and summer time moves both alike. None of the times lies
// between one and three in the morning, where a change of the clocks leaves an hour out or has it twice.
const timezone = 'America/New_York';

const shared = {
  // Jitter keeps many schedules from starting at one instant. A deployment has one launch at a time, so it would only make the
  // times less certain.
  jitterMs: 0,
  // A launch that failed says nothing of the next one, and a schedule that pauses itself would lose all of them.
  pauseOnFailure: false,
  // A worker that dies in mid-task gives its launches back this soon.
  workflowTaskTimeoutMs: 5_000,
} as const satisfies Partial<WantedSchedule>;

const nightly = {
  ...shared,
  // Every launch is for a date of its own, and those of one date join in its workflow. So one that is still under way (no
  // worker was up) is no reason to leave the next out, which would lose a date, nor to keep it waiting.
  overlap: 'ALLOW_ALL',
  // Temporal was down: an outage over a long weekend is made up for, each launch for the date it was meant for. A stack
  // that was off for a season is not flooded with nights that nobody waits for; those are a backfill's work.
  catchupWindowMs: 3 * 86_400_000,
  workflowType: nightlyWorkflowType,
} as const satisfies Partial<WantedSchedule>;

const sentinel = {
  ...shared,
  // One at a time, so that each is handed what the one before it found.
  overlap: 'BUFFER_ONE',
  // The next sweep makes up for one that was missed. The server takes nothing shorter than ten seconds.
  catchupWindowMs: 10_000,
  workflowType: sentinelWorkflowType,
  input: [],
  summary: 'Verifies that what is live is what was published',
} as const satisfies Partial<WantedSchedule>;

/** The schedules of the deployment with these names: those of the nights in the order of the day, then the sentinel's. */
export function wantedSchedules(
  identity: Identity,
  { everyMs }: Pick<SentinelSettings, 'everyMs'>,
): WantedSchedule[] {
  return [...nightlySchedules(identity), ...(everyMs === 0 ? [] : [sentinelSchedule(identity, everyMs)])];
}

function sentinelSchedule(identity: Identity, everyMs: number): WantedSchedule {
  const scheduleId = sentinelScheduleId(identity);
  const when = { kind: 'every', ms: everyMs } as const;
  return { ...sentinel, scheduleId, when, workflowId: scheduleId, taskQueue: identity.taskQueue };
}

function nightlySchedules(identity: Identity): WantedSchedule[] {
  return launches.map(({ hour, minute, ask }) => {
    const time = [hour, minute].map((part) => String(part).padStart(2, '0'));
    const scheduleId = nightlyScheduleId(identity, time.join(''));
    return {
      ...nightly,
      scheduleId,
      when: { kind: 'daily', hour, minute, timezone },
      workflowId: scheduleId,
      taskQueue: identity.taskQueue,
      input: [{ schedule: scheduleId, ask }],
      summary: `Phase 3 of the day before, at ${time.join(':')} New York${ask === 'all' ? '' : ', if it is not complete'}`,
    };
  });
}

/** The same, as Temporal takes it. */
export function optionsOf(wanted: WantedSchedule): ScheduleOptions {
  return {
    scheduleId: wanted.scheduleId,
    spec: { ...specOf(wanted.when), jitter: wanted.jitterMs },
    policies: {
      overlap: wanted.overlap,
      catchupWindow: wanted.catchupWindowMs,
      pauseOnFailure: wanted.pauseOnFailure,
    },
    action: {
      type: 'startWorkflow',
      workflowType: wanted.workflowType,
      workflowId: wanted.workflowId,
      taskQueue: wanted.taskQueue,
      args: [...wanted.input],
      workflowTaskTimeout: wanted.workflowTaskTimeoutMs,
      staticSummary: wanted.summary,
    },
  };
}

function specOf(when: When): ScheduleOptions['spec'] {
  if (when.kind === 'every') return { intervals: [{ every: when.ms }] };
  const { hour, minute, timezone: zone } = when;
  return { calendars: [{ hour, minute }], timezone: zone };
}
