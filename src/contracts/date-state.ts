/** What a run remembers of its game date, and what it shows of it. Plain JSON, bounded. */
import { defineQuery } from '@temporalio/workflow';
import type { Settled, Want } from './activities';
import type { AuditEntry, AuditHead, Bypass, Decided } from './decisions';
import type { DateReply, TriggerMessage } from './messages';
import type { News } from './news';
import type { LookVerdict, Policy, ProcessorName, ProcessorResult, RunState } from './phase3';
import type { Plan, PlannedLevel } from './plan';

export type JournalLevel = 'INFO' | 'WARNING' | 'ERROR';

/** A line of the level log, in the plan's words. */
export interface JournalLine {
  /** ISO 8601, UTC. */
  at: string;
  level: JournalLevel;
  message: string;
}

/** The dependency check of the level that the pass is at. */
export interface GateState {
  level: number;
  probes: number;
  /** When the level began to wait; null while it has not. */
  waitingSince: string | null;
  nextProbeAt: string | null;
  /** What the newest look found of the level's open processors. */
  verdicts: LookVerdict[];
  /** When the newest look was begun. */
  askedAt: string;
  /** Why the pass could not be opened so far: then nothing is known of any processor. */
  checkFailed?: string;
}

/** What is the same of a date for whoever looks and for the run itself. */
export interface DateStanding {
  gameDate: string;
  runState: RunState;
  /** Passes begun, over continue-as-new. A pass lasts until everything that is wanted has come to something. */
  pass: number;
  /** The plan that the newest pass was opened with; null before the first. */
  plan: Plan | null;
  /** What the present pass is about. */
  levels: PlannedLevel[];
  /** The newest result of every processor that was asked for. */
  results: Record<ProcessorName, ProcessorResult>;
  /** Of the present pass, what is not settled. */
  open: ProcessorName[];
  /** Those of them that run. */
  running: ProcessorName[];
  gate: GateState | null;
  /** By whom the run was cancelled and why, or how long it was left: once it ends so. */
  endedBecause: string | null;
  /** The instant at which waiting ends; fixed when the date starts to wait. */
  deadline: string | null;
  /** Whether anyone but a backfill asked: then a blocked date stays open. */
  askedLive: boolean;
  /** Processors that somebody wants rebuilt even if nothing has changed, each with who and why; until they are. */
  forced: Record<ProcessorName, string>;
  /** Persons' bypasses that are open, or that live versions stand on. */
  bypasses: Bypass[];
  /** Where the date's audit ends, as far as this run knows. */
  auditHead: AuditHead | null;
  /** Entries that are still to be written. */
  auditDue: AuditEntry[];
  /** The newest decisions, oldest first: one that is sent again gets the outcome. */
  decisions: { id: string; about: string; decided: Decided }[];
  /** Ids of the newest decisions that were not taken, though they may be on record. */
  notTaken: string[];
  /** What somebody was told of and has not been told the end of. */
  trouble: Trouble | null;
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

/** A request of the present pass, or one that has come since. */
export interface PendingRequest {
  message: TriggerMessage;
  /** The date's clock when it last came: a look that began then or later has seen what it is about. */
  at: number;
  isAnswered: boolean;
  /** Of restores: what is wanted of it now is a look at what was restored, and at what stands on that. */
  isRestored?: true;
}

/** What a run remembers, and hands to the next one. */
export interface DateMemory extends DateStanding {
  /** When something last happened to the date, ISO 8601. */
  at: string;
  /** Counts what comes: whether a look knows of something follows from it. */
  clock: number;
  /** The clock when the newest look began. */
  lookedAt: number;
  /** By which look each processor that runs was let in: what came since, it has not seen. */
  startedAt: Record<ProcessorName, number>;
  /** What the present pass is to bring about, however many requests ask for it. */
  wants: Want[];
  /** The processors of each want, as the newest look has it. */
  names: Record<string, ProcessorName[]>;
  /** What has come to something in the present pass. */
  settled: Record<ProcessorName, Settled>;
  /** How often each processor was started since something last came. */
  starts: Record<ProcessorName, number>;
  /** Processors that an earlier run was asked for and did not satisfy. */
  owed: ProcessorName[];
  /** Which sources have news of the date, by the messages of this run. */
  heard: News;
  policy: Policy | null;
  /** When the present pass began, ISO 8601; null while there is none. */
  passStartedAt: string | null;
  probes: number;
  waitedMs: number;
  /** Levels whose end is in the level log. */
  levelsDone: number[];
  pending: PendingRequest[];
  /** The newest answers, oldest first, each with the requests that got it. */
  answered: { requestIds: string[]; reply: Omit<DateReply, 'requestId'> }[];
}

/** What the `state` query shows. */
export interface DateState extends DateStanding {
  /** Requests taken in and not answered: those that were asked about, else the newest hundred. */
  pending: TriggerMessage[];
  pendingCount: number;
  /** Answers: those that were asked about, else the newest hundred, oldest first. */
  answers: DateReply[];
}

/** Input of `phase3Workflow`. */
export interface Phase3Input {
  gameDate: string;
  /** What continue-as-new carries; absent on a first start. */
  carried?: DateMemory;
  /** Whether it is carried from a run that several dates share: the server does not know its search attributes yet. */
  wasShared?: boolean;
}

/** Result of `phase3Workflow`. */
export interface Phase3Result {
  gameDate: string;
  state: RunState;
  passes: number;
  results: ProcessorResult[];
  answered: DateMemory['answered'];
}

/** Serves the state of a date's run, open or closed, with the requests of these ids. */
export const stateQuery = defineQuery<DateState, [requestIds?: string[]]>('state');

/** What somebody who waits for answers looks at: the state without its logs, and only their own requests. */
export interface DateOutlook extends Pick<
  DateStanding,
  'gameDate' | 'runState' | 'levels' | 'results' | 'open' | 'running' | 'gate' | 'deadline'
> {
  /** Of the requests that were asked about, those that are taken in and not answered. */
  pending: PendingOutlook[];
  /** Of the requests that were asked about, the answers. */
  answers: DateReply[];
}

export interface PendingOutlook {
  requestId: string;
  /** Whether the newest look began after the request last came. */
  isSeen: boolean;
}

/** Serves the outlook of the requests with these ids. */
export const outlookQuery = defineQuery<DateOutlook, [requestIds: string[]]>('outlook');

/** How many requests the `state` query shows when nobody asks about any. */
const mostShown = 100;

export function stateOf(memory: DateMemory, requestIds: readonly string[] = []): DateState {
  const asked = requestIds.length > 0 ? new Set(requestIds) : null;
  const pending = memory.pending.filter(({ isAnswered }) => !isAnswered).map(({ message }) => message);
  return {
    ...standingOf(memory),
    pending: asked ? pending.filter(({ requestId }) => asked.has(requestId)) : pending.slice(-mostShown),
    pendingCount: pending.length,
    answers: answersOf(memory.answered, asked).slice(asked ? 0 : -mostShown),
  };
}

function standingOf(memory: DateMemory): DateStanding {
  const { gameDate, runState, pass, plan, levels, results, open, running, gate, endedBecause } = memory;
  const { deadline, askedLive, forced, bypasses, auditHead, auditDue, decisions, notTaken } = memory;
  const { trouble, journal, passStartsAtLine, journalDropped } = memory;
  return {
    ...{ gameDate, runState, pass, plan, levels, results, open, running, gate, endedBecause },
    ...{ deadline, askedLive, forced, bypasses, auditHead, auditDue, decisions, notTaken },
    ...{ trouble, journal, passStartsAtLine, journalDropped },
  };
}

/** The answers to these requests, or to all. */
export function answersOf(
  answered: DateMemory['answered'],
  requestIds: ReadonlySet<string> | null,
): DateReply[] {
  return answered.flatMap(({ requestIds: ids, reply }) =>
    ids.flatMap((requestId) =>
      requestIds === null || requestIds.has(requestId) ? [{ requestId, ...reply }] : [],
    ),
  );
}

/** `waiting` are ids of requests that have come and are not taken in yet. */
export function outlookOf(
  memory: DateMemory,
  requestIds: readonly string[],
  waiting: ReadonlySet<unknown>,
): DateOutlook {
  const { gameDate, runState, levels, results, open, running, gate, deadline, lookedAt } = memory;
  const asked = new Set(requestIds);
  return {
    ...{ gameDate, runState, levels, results, open, running, gate, deadline },
    pending: [
      ...memory.pending.flatMap(({ message: { requestId }, at, isAnswered }) =>
        asked.has(requestId) && !isAnswered && !waiting.has(requestId)
          ? [{ requestId, isSeen: at <= lookedAt }]
          : [],
      ),
      ...[...asked].flatMap((requestId) => (waiting.has(requestId) ? [{ requestId, isSeen: false }] : [])),
    ],
    answers: answersOf(memory.answered, asked),
  };
}

/** The outlook of a run that has completed, from its result. */
export function outlookOfResult(
  { gameDate, state, results, answered }: Phase3Result,
  requestIds: readonly string[],
): DateOutlook {
  return {
    ...{
      gameDate,
      runState: state,
      levels: [],
      open: [],
      running: [],
      gate: null,
      deadline: null,
      pending: [],
    },
    results: Object.fromEntries(results.map((result) => [result.processor, result])),
    answers: answersOf(answered, new Set(requestIds)),
  };
}

/** The results so far. */
export function resultsOf(state: Pick<DateStanding, 'results'>): ProcessorResult[] {
  return Object.values(state.results);
}
