/** The schedules that a deployment should have: the state in code to which `schedules apply` brings the server. Pure. */
import type { ScheduleOptions, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Identity } from '../contracts/identity';
import { nightlyScheduleId, nightlyWorkflowType, type NightlyInput } from '../contracts/schedules';

/** One schedule, in the terms in which it is decided on. */
export interface WantedSchedule {
  readonly scheduleId: string;
  /** The time of every day, by the clocks of `timezone`. */
  readonly hour: number;
  readonly minute: number;
  readonly timezone: string;
  readonly jitterMs: number;
  readonly overlap: NonNullable<ScheduleOverlapPolicy>;
  readonly catchupWindowMs: number;
  readonly pauseOnFailure: boolean;
  readonly workflowType: string;
  /** Of the launch; the server puts the instant it is for behind it. */
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly input: NightlyInput;
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

const shared = {
  // Game dates are dates in New York, so the clock is New York's too, and summer time moves both alike. None of the times
  // lies between one and three in the morning, where a change of the clocks leaves an hour out or has it twice.
  timezone: 'America/New_York',
  // Every launch is for a date of its own, and those of one date join in its workflow. So one that is still under way (no
  // worker was up) is no reason to leave the next out, which would lose a date, nor to keep it waiting.
  overlap: 'ALLOW_ALL',
  // Temporal was down: an outage over a long weekend is made up for, each launch for the date it was meant for. A stack
  // that was off for a season is not flooded with nights that nobody waits for; those are a backfill's work.
  catchupWindowMs: 3 * 86_400_000,
  // Jitter keeps many schedules from starting at one instant. A deployment has one launch at a time, which asks for one
  // date, so it would only make the times less certain.
  jitterMs: 0,
  // A launch that failed says nothing of the next night, and a schedule that pauses itself would lose every one of them.
  pauseOnFailure: false,
  workflowType: nightlyWorkflowType,
  // A worker that dies in mid-task gives its launches back this soon.
  workflowTaskTimeoutMs: 5_000,
} as const satisfies Partial<WantedSchedule>;

/** The schedules of the deployment with these names, in the order of the day. */
export function wantedSchedules(identity: Identity): WantedSchedule[] {
  return launches.map(({ hour, minute, ask }) => {
    const time = [hour, minute].map((part) => String(part).padStart(2, '0'));
    const scheduleId = nightlyScheduleId(identity, time.join(''));
    return {
      ...shared,
      scheduleId,
      hour,
      minute,
      workflowId: scheduleId,
      taskQueue: identity.taskQueue,
      input: { schedule: scheduleId, ask },
      summary: `Phase 3 of the day before, at ${time.join(':')} New York${ask === 'all' ? '' : ', if it is not complete'}`,
    };
  });
}

/** The same, as Temporal takes it. */
export function optionsOf(wanted: WantedSchedule): ScheduleOptions {
  return {
    scheduleId: wanted.scheduleId,
    spec: {
      calendars: [{ hour: wanted.hour, minute: wanted.minute }],
      timezone: wanted.timezone,
      jitter: wanted.jitterMs,
    },
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
      args: [wanted.input],
      workflowTaskTimeout: wanted.workflowTaskTimeoutMs,
      staticSummary: wanted.summary,
    },
  };
}
