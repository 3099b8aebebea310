/** What the workflows ask of the activities. The names of {@link Activities} are wire names. */
import type { DateMemory, JournalLine } from './date-state';
import type { RestoreWanted, TriggerMessage } from './messages';
import type { News } from './news';
import type { Notification } from './notifications';
import type { SweepRequest, SweepResult } from './sentinel';
import type { AuditEntry, AuditHead, Bypass, Waiver } from './decisions';
import type { Plan, PlannedLevel } from './plan';
import type {
  InputTableName,
  LookVerdict,
  Outcome,
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
  /** The trace of the newest request that has one, where spans are collected. */
  traceparent?: string;
}

/** Something that is wanted of a date, however many requests want it. */
export interface Want {
  /** The source, or the processors, that were named: what tells it from other wants. */
  key: string;
  /** The source that has news; what it sets off is wanted. */
  source: string;
  /** Only these; null for all that the source sets off. */
  processors: ProcessorName[] | null;
  /** Whether all of their downstream is wanted too, published or not: a rerun's is. */
  withDownstream: boolean;
  /** Of the processors, those that nobody asks for: they are looked at only to be rid of a bypass. */
  onlyToClear: ProcessorName[];
  /** The date's clock when it was last wanted. What a later look has settled answers it. */
  at: number;
}

/** What came of a processor in this pass, and by which look. */
export interface Settled {
  outcome: Outcome;
  /** The date's clock at that look. */
  at: number;
  /** Why, and which tables are missing; kept for what reads it. */
  reason?: string;
  missing?: InputTableName[];
}

/** The level that a pass was last looked at, so that it can be counted how long it waits. */
export interface WaitOfLevel {
  level: number;
  /** When it began to wait, ISO 8601; null when it does not. */
  since: string | null;
  /** Whether something of it was held up. */
  isHeld: boolean;
}

/** One look at a date: everything that is wanted, and what the pass has made of it so far. */
export interface CheckDependenciesRequest extends PassToken {
  /** Whether the pass begins with this look: it claims the date and reads its record. */
  opens: boolean;
  /** Set where a date that has a run of its own, or that another has claimed, is left to that: `PassFenced` then. */
  unlessHeld?: true;
  overrides: PolicyOverrides;
  /** Whether the date has waited until its deadline. */
  isPastDeadline?: boolean;
  wants: Want[];
  settled: Record<ProcessorName, Settled>;
  /** Processors that earlier passes were asked for and did not satisfy. */
  owed: ProcessorName[];
  /** Under way: not judged, and what reads them has to wait. */
  running: ProcessorName[];
  /** Bypasses that are open, by processor. */
  waivers?: Record<ProcessorName, Waiver>;
  /** Those that somebody wants built even if nothing has changed. */
  forced?: ProcessorName[];
  /** Those whose live version stands on a person's bypass. */
  standing?: ProcessorName[];
  /** How often each was started since something new has come: its inputs moved while it ran. */
  starts?: Record<ProcessorName, number>;
  /** Sources that messages say have come, each with who says so. */
  heard?: News;
  /** Set where nobody waits for what is missing: why, as a clause. Then what the lowest open level lacks blocks it. */
  lastChance?: string;
  gate?: WaitOfLevel;
}

/** What the look that opens a pass finds on record. */
export interface OpenedPass {
  plan: Plan;
  /** Processors that an earlier run was asked for and did not satisfy. */
  owed: ProcessorName[];
  /** Bypasses that live versions stand on. */
  standing: Bypass[];
  /** Where the date's audit ends. */
  auditHead: AuditHead | null;
  /** When an earlier run told somebody of trouble that nobody has been told the end of; null when there is none. */
  troubleSince: string | null;
}

/** What a look finds. */
export interface Look {
  policy: Policy;
  opened: OpenedPass | null;
  /** The processors that each want comes to, by its key. */
  names: Record<string, ProcessorName[]>;
  /** Why a want cannot be met, as a clause, by its key: it names what there is not. */
  refused: Record<string, string>;
  /** Everything that the pass is about, by level. */
  levels: PlannedLevel[];
  /** Verdicts on what was open and not under way, as far as no open upstream has to go before. */
  verdicts: LookVerdict[];
  /** What comes of what need not be started or cannot be, in the order in which it follows. */
  settled: ProcessorResult[];
  /** What was looked at only to be rid of its bypass and stays on it, with what is still missing. */
  kept: Record<ProcessorName, string>;
  /** What is left to be settled: it is ready, or waits, or is under way, or an upstream goes before. */
  open: ProcessorName[];
  /** Upstreams that nobody asked for and that are not current: they are built before what reads them. */
  rebuilds: { processor: ProcessorName; reason: string; before: ProcessorName }[];
}

export interface RunProcessorRequest extends PassToken {
  processor: ProcessorName;
  policy: Policy;
  /** The version that was live when it was let in; 0 when none was. */
  liveVersion: number;
  /** The bypass that is open for it. */
  waiver?: Waiver;
  /** Set where somebody wants it built even if nothing has changed: who and why, as a sentence for the record. */
  forced?: string;
  /** Where the date's audit ends, to be kept with what is published. */
  auditHead?: AuditHead | null;
}

/**
 * What a processor activity returns. `due`: what of it is owed to the audit. `warned`: rules that what was published breaks,
 * to be counted. `upstream_moved` and `not_ready`: what the check had seen was no longer so when the
 * processor read or published; nothing was written, and the date is looked at again.
 */
export type RunProcessorResult =
  | { kind: 'settled'; result: ProcessorResult; due?: AuditEntry[]; warned?: string[] }
  | { kind: 'upstream_moved' | 'not_ready'; detail: string };

export interface RestoreVersionRequest extends PassToken {
  requestId: string;
  wanted: RestoreWanted;
  by: string;
  reason: string;
  auditHead: AuditHead | null;
  /** By which the pass judges. */
  policy: Policy;
}

/**
 * `looksAt`: what was restored, and what stands on it, to be looked at. `due`: what of it is owed to the audit. `refused`:
 * nothing was written, and `why` is a clause that says what is wrong.
 */
export type RestoreVersionResult =
  | { kind: 'restored'; results: ProcessorResult[]; looksAt: ProcessorName[]; due?: AuditEntry[] }
  | { kind: 'refused'; why: string };

export interface RecordPassRequest extends PassToken {
  workflowId: string;
  state: RunState;
  requests: TriggerMessage[];
  results: ProcessorResult[];
  probes: number;
  waitedMs: number;
  /** The level that the run was waiting at when it was given up. */
  gate?: WaitOfLevel;
  journal: JournalLine[];
  startedAt: string;
  endedAt: string;
  /** Where the date's audit ends, to be kept with the pass. */
  auditHead?: AuditHead | null;
}

export interface RecordPassResult {
  /** Processors of which another version is live than the pass has come to: an attempt that was given up on has published. */
  overtaken: ProcessorName[];
  /** Set where the pass has replaced published figures by others: what to tell people, and the command that shows them. */
  recalled?: Recall | null;
}

export interface Recall {
  /** One sentence. */
  summary: string;
  next: string;
}

export interface AppendAuditRequest extends PassToken {
  entries: AuditEntry[];
  /** The head that the run remembers. */
  known: AuditHead | null;
}

export interface AppendAuditResult {
  /** Where each entry stands, in their order, without those that are refused. */
  heads: AuditHead[];
  /** Entries whose id another decision has, each with a sentence. */
  refused: { entryId: string; why: string }[];
}

export interface AskDateRequest {
  gameDate: string;
  message: TriggerMessage;
  /** What goes with it, in the same signal. */
  more?: readonly TriggerMessage[];
  /** What a run that it shared remembers of the date, for the one that begins here. */
  carried?: DateMemory;
}

export interface AskDatesRequest {
  dates: AskDateRequest[];
  /** Set where they are to share a run: the workflow that asks for them. */
  shareFor?: string;
}

/** What several dates that share a run are asked. */
export interface DatesInput {
  dates: AskDateRequest[];
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
  /** The source that it is asked for. */
  source: string;
  /** One sentence: why it is asked, or why not. */
  reason: string;
}

/** What came of one date of several. Where it failed, the sentence says why, and it is asked alone. */
export type OfDate<A> = { answer: A } | { failed: string };

/**
 * Beside these there are `checkDependencies`, `appendAudit`, `recordPass` and each `build…` of several dates at once, by the
 * names of `ofDates`.
 */
export interface Activities {
  checkDependencies(request: CheckDependenciesRequest): Promise<Look>;
  /** One a processor, so that the Temporal UI shows which table is built; `build-activity.ts` makes the names. */
  [build: `build${string}`]: (request: RunProcessorRequest) => Promise<RunProcessorResult>;
  restoreVersion(request: RestoreVersionRequest): Promise<RestoreVersionResult>;
  recordPass(request: RecordPassRequest): Promise<RecordPassResult>;
  askDates(request: AskDatesRequest): Promise<void>;
  appendAudit(request: AppendAuditRequest): Promise<AppendAuditResult>;
  notify(request: Notification): Promise<void>;
  planNightly(request: PlanNightlyRequest): Promise<PlanNightlyResult>;
  sweepDates(request: SweepRequest): Promise<SweepResult>;
}
