/** The state in which a date begins, and what is asked of a state. Pure. */
import { resultsOf, type DateState } from '../contracts/date-state';
import type { DateReply } from '../contracts/messages';
import type { NotificationKind } from '../contracts/notifications';
import {
  isTrouble,
  isUnsettled,
  runStateOf,
  type Outcome,
  type ProcessorName,
  type ProcessorResult,
  type RunState,
} from '../contracts/phase3';

/** Answers kept: enough to recognise a redelivery, little enough to carry over. */
const mostAnswers = 500;

export function initialState(gameDate: string): DateState {
  return {
    gameDate,
    runState: 'running',
    pass: 0,
    plan: [],
    results: {},
    gate: null,
    wokenAt: null,
    held: null,
    cameAt: {},
    endedBecause: null,
    deadline: null,
    askedLive: false,
    touched: [],
    forced: {},
    settledInPass: [],
    bypasses: [],
    auditHead: null,
    auditDue: [],
    decisions: [],
    notTaken: [],
    trouble: null,
    pending: [],
    answers: [],
    journal: [],
    passStartsAtLine: 0,
    journalDropped: 0,
  };
}

/** Adds answers; the oldest ones go where there are too many. */
export function withAnswers(state: DateState, answers: readonly DateReply[]): DateState {
  return { ...state, answers: [...state.answers, ...answers].slice(-mostAnswers) };
}

/** What somebody should be told now; null when they know. Dates that only backfills asked for tell nobody. */
export function newsOf(state: DateState): NotificationKind | null {
  if (isTrouble(state.runState)) return state.askedLive && !state.trouble ? 'trouble' : null;
  // Cancelled by somebody, it is over for whoever was told.
  const isOver = ['skipped', 'cancelled'].includes(state.runState) || isSatisfiedState(state.runState);
  return isOver && state.trouble ? 'recovered' : null;
}

function isSatisfiedState(state: RunState): boolean {
  return state === 'published' || state === 'unchanged';
}

/**
 * What a run that follows a cancelled one knows of it: how to recognise what is sent again, what could not be written to the
 * audit, and why it begins. What was cancelled is over.
 */
export function afterCancellation(state: DateState): DateState {
  const { gameDate, runState, pass, answers, decisions, notTaken, auditHead, auditDue, journal } = state;
  return {
    ...initialState(gameDate),
    ...{ runState, pass, answers, decisions, notTaken, auditHead, auditDue, journal: journal.slice(-1) },
  };
}

/** State of the date from all results of this run. */
export function stateOfDate(state: DateState): Outcome {
  return runStateOf(resultsOf(state).map((result) => result.outcome));
}

/** Processors that this run owes: waiting, blocked or quarantined. */
export function unfinished(state: DateState): ProcessorName[] {
  return resultsOf(state)
    .filter((result) => isUnsettled(result.outcome))
    .map((result) => result.processor);
}

/**
 * Whether the workflow may end: at least one pass ran and nothing needs attention. A blocked date that only a backfill
 * asked for needs none: the backfill was told.
 */
export function mayEnd(state: DateState): boolean {
  if (state.pending.length > 0 || state.bypasses.length > 0) return false;
  // A run that has done nothing yet waits for its first request, unless that was refused.
  if (state.pass === 0) return state.answers.length > 0;
  const outcomes = resultsOf(state).map((result) => result.outcome);
  return !outcomes.some((outcome) => isUnsettled(outcome) && (outcome !== 'blocked' || state.askedLive));
}

/** Whether all that has come was refused, so that nothing keeps the run open. */
export function hasOnlyRefused({ pass, journal, pending }: DateState): boolean {
  return pass === 0 && journal.length > 0 && pending.length === 0;
}

/** Tables that hold the date up now, for the search attribute. */
export function blockedOn(state: DateState): string[] {
  const tables = [
    ...resultsOf(state)
      .filter((result) => isUnsettled(result.outcome))
      .flatMap((result) => result.missing),
    ...(state.gate?.waitingSince ? state.gate.verdicts.flatMap((verdict) => verdict.missing) : []),
  ];
  return [...new Set(tables)].sort();
}

/** One sentence that answers a request: what came of the processors of its pass. */
export function summaryOf(gameDate: string, state: RunState, results: readonly ProcessorResult[]): string {
  const parts = results.map((result) => `${result.processor} ${result.outcome}`);
  return `${gameDate} ${state}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`;
}
