/** The launches that Temporal starts by the clock: their workflow, what it is given, and the ids of their schedules. */
import type { PlanNightlyRequest } from './activities';
import type { Identity } from './identity';

export const nightlyWorkflowType = 'nightlyWorkflow';

/** Input of `nightlyWorkflow`. */
export interface NightlyInput {
  /** Id of the schedule that launches it: part of the request id. */
  schedule: string;
  ask: PlanNightlyRequest['ask'];
}

/** What came of a launch. */
export interface NightlyResult {
  gameDate: string;
  /** Whether the date was handed over to its own workflow. */
  asked: boolean;
  /** One sentence: why it was asked, or why not. */
  reason: string;
}

/** What the ids of a deployment's schedules begin with. */
export function scheduleIdPrefix(identity: Identity): string {
  return `${identity.taskQueue}-`;
}

/** Id of the schedule that launches at this time of the day, `HHMM` in New York. */
export function nightlyScheduleId(identity: Identity, time: string): string {
  return `${scheduleIdPrefix(identity)}nightly-${time}`;
}

/** The request id under which a launch asks its date: the same on every retry, another for every launch. */
export function nightlyRequestId(schedule: string, scheduledAt: string): string {
  return `nightly/${schedule}/${scheduledAt}`;
}
