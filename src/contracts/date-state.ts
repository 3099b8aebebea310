/** The state of a game date, as the `state` query serves it and continue-as-new carries it. Plain JSON, bounded. */
import { defineQuery } from '@temporalio/workflow';
import type { DateReply, TriggerMessage } from './messages';
import type { AuditEntry, AuditHead, Bypass, Decided } from './decisions';
import type { GateVerdict, ProcessorName, ProcessorResult, RunState } from './phase3';

export type JournalLevel = 'INFO' | 'WARNING' | 'ERROR';

/** A line of the level log, in the plan's words. */
export interface JournalLine {
  /** ISO 8601, UTC. */
  at: string;
  level: JournalLevel;
  message: string;
}

/** A gate that has judged at least once in the present pass. */
export interface GateState {
  level: number;
  probes: number;
  /** When the date began to wait; null while it has not. */
  waitingSince: string | null;
  nextProbeAt: string | null;
  /** The newest verdict of each processor at this gate. */
  verdicts: GateVerdict[];
  /** When the newest probe was begun. */
  askedAt: string | null;
  /** When somebody last had news for this gate, which a probe that was begun before does not answer. */
  wokenAt: string | null;
}

/** Whether the gate's newest verdict answers everybody who has come so far. */
export function isAnswered({ askedAt, wokenAt }: GateState): boolean {
  return (askedAt ?? '') >= (wokenAt ?? '');
}

export interface DateState {
  gameDate: string;
  runState: RunState;
  /** Passes begun, over continue-as-new. */
  pass: number;
  /** Why the present pass was planned. */
  plan: { level: number; processors: ProcessorName[] }[];
  /** The newest result of every processor that was asked for. */
  results: Record<ProcessorName, ProcessorResult>;
  gate: GateState | null;
  /** When somebody last came again with a request that is known. */
  wokenAt: string | null;
  /** The gate as it last waited, kept while a request interrupts it. */
  held: GateState | null;
  /** When each request that is pending last came. */
  cameAt: Record<string, string>;
  /** By whom the run was cancelled and why, or how long it was left: once it ends so. */
  endedBecause: string | null;
  /** The instant at which waiting ends; fixed when the date starts to wait. */
  deadline: string | null;
  /** Whether anyone but a backfill asked: then a blocked date stays open. */
  askedLive: boolean;
  /** Processors settled since the oldest request that is pending: what its answer tells of. */
  touched: ProcessorName[];
  /** Those of the present pass that have come to something in it. */
  settledInPass: ProcessorName[];
  /** Processors that somebody wants rebuilt even if nothing has changed, each with who and why; until they are. */
  forced: Record<ProcessorName, string>;
  /** Persons' bypasses that are open, or that live versions stand on. */
  bypasses: Bypass[];
  /** Where the date's audit ends, as far as this run knows. */
  auditHead: AuditHead | null;
  /** Entries that are to be written before the pass is recorded. */
  auditDue: AuditEntry[];
  /** The newest decisions, oldest first: one that is sent again gets the outcome. */
  decisions: { id: string; decided: Decided }[];
  /** Ids of the newest decisions that were not taken, though they may be on record. */
  notTaken: string[];
  /** What somebody was told of and has not been told the end of. */
  trouble: Trouble | null;
  /** Requests taken in and not answered yet. */
  pending: TriggerMessage[];
  /** The newest answers, oldest first. */
  answers: DateReply[];
  /** The newest lines of the level log, oldest first. */
  journal: JournalLine[];
  /** Number of the line at which the present pass began, counted from the run's first line, 0. */
  passStartsAtLine: number;
  /** How many lines came before the first one in `journal`. */
  journalDropped: number;
}

/** Trouble that a person has been notified of. */
export interface Trouble {
  /** ISO 8601, UTC. */
  since: string;
  /** The reminder, of which there is one. */
  remindedAt: string | null;
}

/** Input of `phase3Workflow`. */
export interface Phase3Input {
  gameDate: string;
  /** What continue-as-new carries; absent on a first start. */
  carried?: { state: DateState; inbox: TriggerMessage[] };
}

/** Result of `phase3Workflow`. */
export interface Phase3Result {
  gameDate: string;
  state: RunState;
  passes: number;
  results: ProcessorResult[];
  answers: DateReply[];
}

/** Serves the state of a date's run, open or closed. */
export const stateQuery = defineQuery<DateState>('state');

/** What somebody who waits for answers looks at: the state without its logs, and only their own answers. */
export interface DateOutlook extends Pick<
  DateState,
  'gameDate' | 'runState' | 'plan' | 'results' | 'gate' | 'deadline'
> {
  settledInPass: ProcessorName[];
  /** The gate as it last waited. */
  held: GateState | null;
  /** Of the requests that were asked about, when they last came. */
  cameAt: Record<string, string>;
  /** Of the requests that were asked about, those that are taken in and not answered. */
  pending: string[];
  /** Of the requests that were asked about, the answers. */
  answers: DateReply[];
}

/** Serves the outlook of the requests with these ids. */
export const outlookQuery = defineQuery<DateOutlook, [requestIds: string[]]>('outlook');

export function outlookOf(state: DateState, requestIds: readonly string[]): DateOutlook {
  const { gameDate, runState, plan, results, gate, deadline, settledInPass, held } = state;
  const asked = new Set(requestIds);
  return {
    ...{ gameDate, runState, plan, results, gate, deadline, settledInPass, held },
    cameAt: Object.fromEntries(Object.entries(state.cameAt).filter(([id]) => asked.has(id))),
    pending: state.pending.map(({ requestId }) => requestId).filter((id) => asked.has(id)),
    answers: state.answers.filter(({ requestId }) => asked.has(requestId)),
  };
}

/** The outlook of a run that has completed, from its result. */
export function outlookOfResult(
  { gameDate, state, results, answers }: Phase3Result,
  requestIds: readonly string[],
): DateOutlook {
  return {
    ...{ gameDate, runState: state, plan: [], gate: null, deadline: null, settledInPass: [], pending: [] },
    ...{ held: null, cameAt: {} },
    results: Object.fromEntries(results.map((result) => [result.processor, result])),
    answers: answers.filter(({ requestId }) => requestIds.includes(requestId)),
  };
}

/** The results so far. */
export function resultsOf(state: DateState): ProcessorResult[] {
  return Object.values(state.results);
}
