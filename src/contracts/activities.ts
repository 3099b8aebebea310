/** What the workflows ask of the activities. The names of {@link Activities} are wire names. */
import type { JournalLine } from './date-state';
import type { TriggerMessage } from './messages';
import type { Notification } from './notifications';
import type { AuditEntry, AuditHead, Bypass, Waiver } from './decisions';
import type {
  GateVerdict,
  Policy,
  PolicyOverrides,
  ProcessorName,
  ProcessorResult,
  RunState,
} from './phase3';

/** Identifies the pass that may publish a date: the fence refuses every other. */
export interface PassToken {
  gameDate: string;
  runId: string;
  pass: number;
}

export interface OpenPassRequest extends PassToken {
  overrides: PolicyOverrides;
}

export interface OpenPassResult {
  policy: Policy;
  /** Processors whose table has a published partition for the date, with its version. */
  published: Record<ProcessorName, number>;
  /** Processors that an earlier run was asked for and did not satisfy. */
  unsatisfied: ProcessorName[];
  /** Bypasses that live versions stand on. */
  standing: Bypass[];
  /** Where the date's audit ends. */
  auditHead: AuditHead | null;
  /** When an earlier run told somebody of trouble that nobody has been told the end of; null when there is none. */
  troubleSince: string | null;
}

export interface CheckDependenciesRequest {
  gameDate: string;
  processors: ProcessorName[];
  policy: Policy;
  /** Bypasses that are open, by processor. */
  waivers?: Record<ProcessorName, Waiver>;
  /** Those that somebody wants built even if nothing has changed. */
  forced?: ProcessorName[];
  /** The pass that asks, which learns what it need not start; left out where somebody only asks. */
  pass?: PassToken;
}

export interface RunProcessorRequest extends PassToken {
  processor: ProcessorName;
  policy: Policy;
  /** The bypass that is open for it. */
  waiver?: Waiver;
  /** Set where somebody wants it built even if nothing has changed: who and why, as a sentence for the record. */
  forced?: string;
  /** Where the date's audit ends, to be kept with what is published. */
  auditHead?: AuditHead | null;
}

/**
 * What a processor activity returns. `upstream_moved` and `not_ready`: what the gate had seen was no longer so when the
 * processor read or published; nothing was written and the pass is planned anew.
 */
export type RunProcessorResult =
  { kind: 'settled'; result: ProcessorResult } | { kind: 'upstream_moved' | 'not_ready'; detail: string };

export interface RestoreVersionRequest extends PassToken {
  requestId: string;
  processor: ProcessorName;
  /** The kept version to publish again. */
  version: number;
  by: string;
  reason: string;
  auditHead: AuditHead | null;
}

/** `refused`: nothing was written, and `why` is a clause that says what is wrong. */
export type RestoreVersionResult =
  { kind: 'restored'; result: ProcessorResult } | { kind: 'refused'; why: string };

export interface RecordPassRequest extends PassToken {
  workflowId: string;
  state: RunState;
  requests: TriggerMessage[];
  results: ProcessorResult[];
  probes: number;
  waitedMs: number;
  journal: JournalLine[];
  startedAt: string;
  endedAt: string;
  /** Where the date's audit ends, to be kept with the pass. */
  auditHead?: AuditHead | null;
}

export interface AppendAuditRequest extends PassToken {
  entries: AuditEntry[];
  /** The head that the run remembers. */
  known: AuditHead | null;
}

export interface AppendAuditResult {
  /** Where each entry stands, in their order. */
  heads: AuditHead[];
}

export interface AskDateRequest {
  gameDate: string;
  message: TriggerMessage;
  /** What goes with it, in the same signal. */
  more?: readonly TriggerMessage[];
}

export interface PlanNightlyRequest {
  /** The instant the schedule meant, ISO 8601, UTC. */
  scheduledAt: string;
  /** `all`: the date is asked whatever is known of it · `incomplete`: only when the record does not say that it is done. */
  ask: 'all' | 'incomplete';
}

export interface PlanNightlyResult {
  /** The game date that the schedule is for: the day before, in New York. */
  gameDate: string;
  isDue: boolean;
  /** One sentence: why it is asked, or why not. */
  reason: string;
}

export interface Activities {
  openPass(request: OpenPassRequest): Promise<OpenPassResult>;
  checkDependencies(request: CheckDependenciesRequest): Promise<GateVerdict[]>;
  /** One a processor, so that the Temporal UI shows which table is built; `build-activity.ts` makes the names. */
  [build: `build${string}`]: (request: RunProcessorRequest) => Promise<RunProcessorResult>;
  restoreVersion(request: RestoreVersionRequest): Promise<RestoreVersionResult>;
  recordPass(request: RecordPassRequest): Promise<void>;
  askDate(request: AskDateRequest): Promise<void>;
  appendAudit(request: AppendAuditRequest): Promise<AppendAuditResult>;
  notify(request: Notification): Promise<void>;
  planNightly(request: PlanNightlyRequest): Promise<PlanNightlyResult>;
}
