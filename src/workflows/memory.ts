/** What a run remembers of its date: how that begins, and what is asked of it. Pure. */
import { resultsOf, type DateMemory } from '../contracts/date-state';
import type { AuditEntry } from '../contracts/decisions';
import { isPatient, isRerun, type TriggerMessage } from '../contracts/messages';
import type { NotificationKind } from '../contracts/notifications';
import {
  bypassesOf,
  isLacking,
  isSatisfied,
  isTrouble,
  isUnsettled,
  type PolicyOverrides,
  type ProcessorName,
} from '../contracts/phase3';
import type { PlannedLevel } from '../contracts/plan';
import { dateMarks, type DateMark } from '../contracts/search-attributes';
import { heldNow } from '../explain/held';

export function newMemory(gameDate: string): DateMemory {
  return {
    ...{ gameDate, runState: 'running', pass: 0, plan: null, levels: [], results: {}, open: [] },
    ...{ running: [], gate: null, endedBecause: null, deadline: null, askedLive: false, forced: {} },
    ...{ bypasses: [], auditHead: null, auditDue: [], decisions: [], notTaken: [], trouble: null },
    ...{ journal: [], passStartsAtLine: 0, journalDropped: 0 },
    ...{
      at: '',
      clock: 0,
      lookedAt: 0,
      startedAt: {},
      wants: [],
      names: {},
      settled: {},
      starts: {},
      owed: [],
      heard: {},
    },
    ...{ policy: null, passStartedAt: null, probes: 0, waitedMs: 0, levelsDone: [] },
    ...{ pending: [], answered: [] },
  };
}

/** Restores that are asked for and not carried out. */
export function restoresOf(memory: DateMemory): TriggerMessage[] {
  return memory.pending.flatMap(({ message, isAnswered, isRestored }) =>
    message.kind === 'restore' && !isAnswered && !isRestored ? [message] : [],
  );
}

/** Requests that had been taken in when the date's clock was at `seen`, and are not answered. */
export function unanswered({ pending }: DateMemory, seen = Infinity): TriggerMessage[] {
  return pending.flatMap(({ message, at, isAnswered }) => (isAnswered || at > seen ? [] : [message]));
}

/** What is owed to the audit. */
export function dueIn({ auditDue }: DateMemory): AuditEntry[] {
  return auditDue;
}

/** The same, without what somebody asks for: the look that carries it out writes that. */
export function unaskedDue(memory: DateMemory): AuditEntry[] {
  const asked = new Set(unanswered(memory).map(({ requestId }) => requestId));
  return memory.auditDue.filter(({ entryId }) => !asked.has(entryId));
}

/** The trace of the newest request that has one. */
export function traceOf({ pending }: DateMemory): { traceparent?: string } {
  const traceparent = pending.findLast(({ message }) => message.traceparent)?.message.traceparent;
  return traceparent === undefined ? {} : { traceparent };
}

/** Whether a look could find something to do: news that none has seen, or something whose turn it is. */
export function isWanted(memory: DateMemory): boolean {
  const { wants, lookedAt, passStartedAt } = memory;
  if (wants.some(({ at }) => at > lookedAt)) return true;
  if (restoresOf(memory).length > 0) return true;
  return passStartedAt !== null && turnOf(memory).length > 0;
}

/** Whether the pass has brought about all that it can. */
export function isSettled(memory: DateMemory): boolean {
  return memory.passStartedAt !== null && memory.open.length === 0 && !isWanted(memory);
}

/** The lowest level with something that is not settled; null when there is none. */
export function openLevel({ levels, open }: Pick<DateMemory, 'levels' | 'open'>): PlannedLevel | null {
  return levels.find(({ processors }) => processors.some((name) => open.includes(name))) ?? null;
}

/** What of that level is not settled and does not run. */
export function turnOf(memory: DateMemory): ProcessorName[] {
  const { open, running } = memory;
  return (openLevel(memory)?.processors ?? []).filter(
    (name) => open.includes(name) && !running.includes(name),
  );
}

/** Whether somebody who asked lets the date wait for what is missing. */
export function isPatientPass({ pending }: DateMemory): boolean {
  return pending.some(({ message, isAnswered }) => !isAnswered && isPatient(message.kind));
}

/** The newest explicit override wins; what nobody overrides is left to the configuration. */
export function overridesOf({ pending }: DateMemory): PolicyOverrides {
  return pending.reduce<PolicyOverrides>((all, { message }) => ({ ...all, ...message.overrides }), {});
}

/** The processors that a request is about, once a look has said so. */
export function namesOf(
  { names, plan }: Pick<DateMemory, 'names' | 'plan'>,
  message: TriggerMessage,
): ProcessorName[] {
  const own = names[wantKey(message)] ?? message.processors;
  if (own) return own;
  return (plan?.processors ?? []).flatMap(({ name, triggers }) =>
    triggers.includes(message.source) ? [name] : [],
  );
}

/** What tells what a request wants from what others want. */
export function wantKey({ kind, source, processors, requestId }: TriggerMessage): string {
  if (kind === 'restore') return `restore:${requestId}`;
  const named = processors ? [...new Set(processors)].sort().join(',') : source;
  return isRerun(kind) ? `rerun:${named}` : kind === 'recheck' ? `recheck:${named}` : named;
}

/** Processors that this run owes: blocked or quarantined, and not being tried. */
export function unfinished(memory: Pick<DateMemory, 'results' | 'open'>): ProcessorName[] {
  return resultsOf(memory).flatMap(({ processor, outcome }) =>
    isUnsettled(outcome) && !memory.open.includes(processor) ? [processor] : [],
  );
}

/**
 * Whether the run may end: nothing is wanted, and nothing needs attention. A blocked date that only a backfill asked for
 * needs none: the backfill was told. What was abandoned waits for nobody any more.
 */
export function mayEnd(memory: DateMemory): boolean {
  const { clock, passStartedAt, bypasses, auditDue, askedLive } = memory;
  if (memory.runState === 'abandoned' && passStartedAt === null) return true;
  if (clock === 0 || passStartedAt !== null || bypasses.length > 0 || auditDue.length > 0) return false;
  const outcomes = resultsOf(memory).map(({ outcome }) => outcome);
  return !outcomes.some((outcome) => isUnsettled(outcome) && (outcome !== 'blocked' || askedLive));
}

/** Tables that hold the date up now, for the search attribute. */
export function blockedOn(memory: DateMemory): string[] {
  const settled = resultsOf(memory).filter(({ outcome }) => isUnsettled(outcome));
  const held = memory.gate?.waitingSince ? heldNow(memory) : [];
  return [...new Set([...settled, ...held].flatMap(({ missing }) => missing))].sort();
}

/** What is remarkable about the date, for the search attribute. */
export function marksOf(memory: DateMemory): DateMark[] {
  const results = resultsOf(memory);
  const games = [...results, ...heldNow(memory)].flatMap(({ missingGames }) => missingGames);
  const marks = new Set<string>(games.map(({ status }) => status));
  // Of a game it means something else than of a date.
  marks.delete('partial');
  if (results.some(({ outcome, missingGames }) => isSatisfied(outcome) && missingGames.some(isLacking)))
    marks.add('partial');
  if (memory.bypasses.length > 0 || results.some((result) => bypassesOf(result).length > 0))
    marks.add('bypassed');
  if (results.some(({ decisions = {} }) => Object.values(decisions).includes('estimate')))
    marks.add('estimated');
  if (results.some(({ pin }) => pin)) marks.add('pinned');
  if (results.some(({ pin }) => pin?.questioned)) marks.add('questioned');
  return dateMarks.filter((mark) => marks.has(mark));
}

/** What somebody should be told now; null when they know. Dates that only backfills asked for tell nobody. */
export function newsOf(memory: DateMemory): NotificationKind | null {
  const { runState, askedLive, trouble, bypasses } = memory;
  if (isTrouble(runState)) return askedLive && !trouble ? 'trouble' : null;
  // Cancelled by somebody, it is over for whoever was told.
  const isOver = ['published', 'unchanged', 'partial', 'skipped', 'cancelled'].includes(runState);
  const isExpired = bypasses.some((bypass) => bypass.isExpired);
  return isOver && trouble && !isExpired ? 'recovered' : null;
}
