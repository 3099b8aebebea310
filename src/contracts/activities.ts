/** What the workflows ask of the activities. The names of {@link Activities} are wire names. */
import type { JournalLine } from './date-state';
import type { TriggerMessage } from './messages';
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
  published: Partial<Record<ProcessorName, number>>;
  /** Processors that an earlier run was asked for and did not satisfy. */
  unsatisfied: ProcessorName[];
}

export interface CheckDependenciesRequest {
  gameDate: string;
  processors: ProcessorName[];
  policy: Policy;
}

export interface RunProcessorRequest extends PassToken {
  processor: ProcessorName;
  policy: Policy;
}

/**
 * What a processor activity returns. `upstream_moved` and `not_ready`: what the gate had seen was no longer so when the
 * processor read or published; nothing was written and the pass is planned anew.
 */
export type RunProcessorResult =
  { kind: 'settled'; result: ProcessorResult } | { kind: 'upstream_moved' | 'not_ready'; detail: string };

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
}

export interface AskDateRequest {
  gameDate: string;
  message: TriggerMessage;
}

export interface Activities {
  openPass(request: OpenPassRequest): Promise<OpenPassResult>;
  checkDependencies(request: CheckDependenciesRequest): Promise<GateVerdict[]>;
  buildTeamOffenseGameSummary(request: RunProcessorRequest): Promise<RunProcessorResult>;
  buildTeamDefenseGameSummary(request: RunProcessorRequest): Promise<RunProcessorResult>;
  buildPlayerGameSummary(request: RunProcessorRequest): Promise<RunProcessorResult>;
  recordPass(request: RecordPassRequest): Promise<void>;
  askDate(request: AskDateRequest): Promise<void>;
}
