/** The sentinel: a launch by the clock that verifies the newest dates, tells people what is not as published, and by policy mends it. */
import type { AuditEntry } from './decisions';
import type { DueSummary } from './due';
import type { Identity } from './identity';
import type { TriggerMessage } from './messages';
import type { Notification } from './notifications';

export const sentinelWorkflowType = 'sentinelWorkflow';

/** The name under which the sentinel asks. */
export const sentinelName = 'sentinel';

/** What is done about what is found: `report` says it, `repair` says it and has the date run again. */
export const sentinelPolicies = ['report', 'repair'] as const;
export type SentinelPolicy = (typeof sentinelPolicies)[number];

export interface SentinelSettings {
  /** Time between two sweeps, ms; 0 when there are none. */
  readonly everyMs: number;
  /** So many of the newest dates are verified. */
  readonly newest: number;
  readonly policy: SentinelPolicy;
}

export const defaultSentinelSettings: SentinelSettings = {
  everyMs: 5 * 60_000,
  newest: 14,
  policy: 'report',
};

/** Id of the schedule that launches sweeps. */
export function sentinelScheduleId(identity: Identity): string {
  return `${identity.taskQueue}-sentinel`;
}

export interface SweepRequest {
  /** What the sweep before found and did not tell, by date: hashes of the findings. */
  suspected: Readonly<Record<string, string>>;
}

/** What a sweep has to say of one date; put on record before anything is done about it. */
export interface SentinelNews {
  gameDate: string;
  entry: AuditEntry;
  /** Null where a person knows of the trouble already. */
  notification: Notification | null;
  /** What has the date built again; null where nothing is to be done, or by a person only. */
  repair: TriggerMessage | null;
}

/** What a sweep found: dates, ascending. A date can be altered and stale at once. */
export interface SweepFindings {
  /** How many dates were verified. */
  verified: number;
  altered: string[];
  stale: string[];
  questioned: string[];
  unrecorded: string[];
  /** Dates that could not be judged, because our code failed. The worker's log says how. */
  unverified: string[];
  /** What the next sweep has to find again before it is reported. */
  suspected: Readonly<Record<string, string>>;
  /** How the dates stand whose day is over; null when that could not be judged. */
  due?: DueSummary | null;
}

export interface SweepResult extends SweepFindings {
  news: SentinelNews[];
}

/** What came of a launch. */
export interface SentinelResult extends SweepFindings {
  /** Dates that something new was put on record of. */
  told: string[];
}
