/** What people decide about a date, carried out: on record first, then in force. */
import { ActivityFailure, ApplicationFailure, condition, log } from '@temporalio/workflow';
import { failureTypes } from '../contracts/failures';
import type {
  AuditEntry,
  Bypass,
  BypassRequest,
  CancelRequest,
  Decided,
  ExtendRequest,
  RecheckMessage,
} from '../contracts/decisions';
import { bypassOf } from './bypasses';
import { now, type DateRun } from './date-run';
import { requestIdOf } from './decode-signal';
import { missingOf, refuseBypass, refuseCancel, refuseExtension, refuseRecheck } from './decision-rules';
import { recheckIdle } from './recheck-idle';
import { sentenceOf } from './settle';

/** Throws what an update is refused with. Nothing of it is kept but a line of the log. */
function refuse(date: DateRun, what: string, why: string | null): void {
  if (why === null) return;
  log.warn(`${what} was refused`, { gameDate: date.state.gameDate, why });
  throw ApplicationFailure.create({
    type: failureTypes.overrideRefused,
    message: `${date.state.gameDate}: ${what} is refused: ${why}.`,
    nonRetryable: true,
  });
}

/** A run that ends takes no decision any more: nobody would carry it out. */
function whyTooLate(date: DateRun): string | null {
  return date.isEnding ? 'its run is ending' : null;
}

export function validateBypass(date: DateRun, request: unknown): void {
  refuse(date, 'the bypass', whyTooLate(date) ?? refuseBypass(date.state, request, date.policy));
}

export function validateExtension(date: DateRun, request: unknown): void {
  const why = refuseExtension(date.state, request);
  // Both would move the deadline that they have seen, and one of them would be forgotten.
  const another = date.extending === null ? null : `another (${date.extending}) is being recorded`;
  refuse(date, 'the longer deadline', whyTooLate(date) ?? why ?? another);
}

export function validateCancel(date: DateRun, request: unknown): void {
  refuse(date, 'the cancellation', whyTooLate(date) ?? refuseCancel(request));
}

/** Opens the gate, once, for the missing inputs of one processor. */
export async function bypass(date: DateRun, request: BypassRequest): Promise<Decided> {
  const { bypassId, processor, by, reason } = request;
  const known = decisionOf(date, bypassId);
  if (known) return known;
  if (bypassOf(date.state, processor, 'granting')?.bypassId === bypassId) return sameDecision(date, bypassId);
  // Nothing is awaited before this line: of two bypasses at once the second finds the first.
  const missing = missingOf(date.state, processor);
  const granted: Bypass = {
    ...{ bypassId, processor, by: by.trim(), reason: reason.trim(), at: now() },
    ...{ tables: request.missing ?? missing, status: 'granting', version: null },
  };
  const evidence = {
    runState: date.state.runState,
    missing,
    verdict: date.state.gate?.verdicts.find((verdict) => verdict.processor === processor) ?? null,
    result: date.state.results[processor] ?? null,
  };
  date.apply({ type: 'bypassAsked', bypass: granted });
  const summary = `${processor} of ${date.state.gameDate} may run without ${granted.tables.join(', ')} (bypass ${bypassId})`;
  const decided = await onRecord(
    date,
    {
      ...{ entryId: bypassId, kind: 'bypass', by: granted.by, reason: granted.reason, processor },
      ...{ tables: granted.tables, evidence, at: granted.at },
    },
    summary,
    (why) => date.apply({ type: 'bypassDropped', bypassId, why, at: now() }),
  );
  date.apply({ type: 'bypassGranted', bypassId, decided, at: now() });
  date.inbox.push({
    ...{ requestId: bypassId, kind: 'bypass', source: 'bypass', processors: [processor] },
    ...{ by: granted.by, reason: granted.reason },
  });
  return decided;
}

/** Moves the deadline of a date that waits. */
export async function extendDeadline(date: DateRun, request: ExtendRequest): Promise<Decided> {
  const { extendId } = request;
  const known = decisionOf(date, extendId);
  if (known) return known;
  date.extending = extendId;
  try {
    return await extend(date, request);
  } finally {
    date.extending = null;
  }
}

async function extend(date: DateRun, { extendId, byMs, ...request }: ExtendRequest): Promise<Decided> {
  const from = date.state.deadline ?? now();
  const deadline = new Date(Date.parse(from) + byMs).toISOString();
  const [by, reason] = [request.by.trim(), request.reason.trim()];
  const decided = await onRecord(
    date,
    {
      ...{ entryId: extendId, kind: 'deadline_extended', by, reason, processor: null },
      ...{ tables: [], evidence: { from, to: deadline }, at: now() },
    },
    `The deadline of ${date.state.gameDate} moves from ${from} to ${deadline}, by ${by}: ${reason}`,
  );
  // A pass that begins keeps the deadline; one that is over has none.
  if (date.state.deadline === null) {
    const late = {
      ...decided,
      summary: `${decided.summary}; too late: the date is already ${date.state.runState}`,
    };
    date.apply({ type: 'decided', id: extendId, decided: late, at: now() });
    date.apply({ type: 'notTaken', id: extendId, why: `the date is ${date.state.runState}`, at: now() });
    return late;
  }
  date.apply({ type: 'extended', extendId, deadline, decided, at: now() });
  date.wakes += 1;
  return decided;
}

/** Ends the run. `end` is called once the decision is on record. */
export async function cancel(date: DateRun, request: CancelRequest, end: () => void): Promise<Decided> {
  const { cancelId } = request;
  const known = decisionOf(date, cancelId);
  if (known) return known;
  const [by, reason] = [request.by.trim(), request.reason.trim()];
  const decided = await onRecord(
    date,
    {
      ...{ entryId: cancelId, kind: 'cancelled', by, reason, processor: null, tables: [] },
      ...{ evidence: { runState: date.state.runState, plan: date.state.plan }, at: now() },
    },
    `${date.state.gameDate} is cancelled, by ${by}: ${reason}`,
  );
  date.apply({ type: 'cancelDecided', cancelId, by, reason, decided, at: now() });
  date.cancelled = request;
  end();
  return decided;
}

/** Looks again: a gate that waits is asked at once; an idle date is asked once for what it owes. */
export function recheck(date: DateRun, given: unknown): void {
  const fault = refuseRecheck(given);
  if (fault !== null) {
    date.apply({ type: 'refused', why: fault, at: now(), requestId: requestIdOf(given) });
    return;
  }
  const message = given as RecheckMessage;
  const { requestId, by } = message;
  // What is asked of an ended run a moment later is refused as well: a recheck begins nothing.
  if (date.isEnding) {
    date.apply({ type: 'rechecked', by, effect: 'the run is ending, so nothing is checked', at: now() });
    return;
  }
  const isKnown = [...date.inbox, ...date.state.pending].some((other) => other.requestId === requestId);
  if (!date.openPass && !isKnown) {
    recheckIdle(date, message);
    return;
  }
  date.wakes += 1;
  // Asked when the pass is over, if none of its probes comes after this.
  date.recheck = message;
  const effect =
    date.state.runState === 'waiting' ? 'the dependencies are checked again' : 'the date is running';
  date.apply({ type: 'rechecked', by, effect, at: now() });
}

/** Writes the entry; when that fails, undoes what was begun and refuses, so that nothing happens off the record. */
async function onRecord(
  date: DateRun,
  entry: AuditEntry,
  summary: string,
  undo: (why: string) => void = () => undefined,
): Promise<Decided> {
  try {
    const [head] = await date.audit([entry]);
    if (!head) throw new Error('an entry has a place in its chain');
    return { entry: head, summary };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const why = sentenceOf(error);
    undo(why);
    // An attempt may have written it and not come to say so.
    date.apply({ type: 'notTaken', id: entry.entryId, why, at: now() });
    throw ApplicationFailure.create({
      type: failureTypes.auditUnavailable,
      message: `${date.state.gameDate}: nothing was done, because the audit could not be written (${why}). Send the decision again.`,
      nonRetryable: true,
    });
  }
}

function decisionOf(date: DateRun, id: string): Decided | undefined {
  return date.state.decisions.find((decision) => decision.id === id)?.decided;
}

/** The same decision is being taken: this asker hears the same answer. */
async function sameDecision(date: DateRun, bypassId: string): Promise<Decided> {
  await condition(
    () =>
      decisionOf(date, bypassId) !== undefined ||
      !date.state.bypasses.some((other) => other.bypassId === bypassId),
  );
  const decided = decisionOf(date, bypassId);
  if (decided) return decided;
  throw ApplicationFailure.create({
    type: failureTypes.auditUnavailable,
    message: `${date.state.gameDate}: nothing was done, because the audit could not be written. Send the decision again.`,
    nonRetryable: true,
  });
}
