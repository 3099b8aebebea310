/** What people decide about a date, carried out: on record first, then in force. */
import { ApplicationFailure, condition, log } from '@temporalio/workflow';
import { failureTypes } from '../contracts/failures';
import type {
  AuditEntry,
  Bypass,
  BypassRequest,
  CancelRequest,
  Decided,
  ExtendRequest,
} from '../contracts/decisions';
import type { TriggerMessage } from '../contracts/messages';
import { bypassOf } from './bypasses';
import { now, orFailure, sentenceOf, type DateRun } from './date-run';
import {
  aboutBypass,
  missingOf,
  refuseBypass,
  refuseCancel,
  refuseExtension,
} from '../explain/decision-rules';

/** Throws what an update is refused with. Nothing of it is kept but a line of the log. */
function refuse(date: DateRun, what: string, why: string | null): void {
  if (why === null) return;
  log.warn(`${what} was refused`, { gameDate: date.memory.gameDate, why });
  throw ApplicationFailure.create({
    type: failureTypes.overrideRefused,
    message: `${date.memory.gameDate}: ${what} is refused: ${why}.`,
    nonRetryable: true,
  });
}

/** A run that ends takes no decision any more: nobody would carry it out. */
function whyTooLate(date: DateRun): string | null {
  return date.isEnding ? 'its run is ending' : null;
}

export function validateBypass(date: DateRun, request: unknown): void {
  refuse(date, 'the bypass', whyTooLate(date) ?? refuseBypass(date.memory, request, date.policy));
}

export function validateExtension(date: DateRun, request: unknown): void {
  const why = refuseExtension(date.memory, request);
  // Both would move the deadline that they have seen, and one of them would be forgotten.
  const another = date.extending === null ? null : `another (${date.extending}) is being recorded`;
  refuse(date, 'the longer deadline', whyTooLate(date) ?? why ?? another);
}

export function validateCancel(date: DateRun, request: unknown): void {
  refuse(date, 'the cancellation', whyTooLate(date) ?? refuseCancel(date.memory, request));
}

/** Opens the gate, once, for the missing inputs of one processor. */
export async function bypass(date: DateRun, request: BypassRequest): Promise<Decided> {
  const { bypassId, processor, by, reason } = request;
  const known = decisionOf(date, bypassId);
  if (known) return known;
  if (bypassOf(date.memory, processor, 'granting')?.bypassId === bypassId)
    return sameDecision(date, bypassId);
  // Nothing is awaited before this line: of two bypasses at once the second finds the first.
  const missing = missingOf(date.memory, processor);
  const granted: Bypass = {
    ...{ bypassId, processor, by: by.trim(), reason: reason.trim(), at: now() },
    ...{ tables: request.missing ?? missing, status: 'granting', version: null },
  };
  const evidence = {
    runState: date.memory.runState,
    missing,
    verdict: date.memory.gate?.verdicts.find((verdict) => verdict.processor === processor) ?? null,
    result: date.memory.results[processor] ?? null,
  };
  date.apply({ type: 'bypassAsked', bypass: granted });
  const summary = `${processor} of ${date.memory.gameDate} may run without ${granted.tables.join(', ')} (bypass ${bypassId})`;
  const decided = await onRecord(
    date,
    {
      ...{ entryId: bypassId, kind: 'bypass', by: granted.by, reason: granted.reason, processor },
      ...{ tables: granted.tables, evidence, at: granted.at },
    },
    summary,
    (why) => date.apply({ type: 'bypassDropped', bypassId, why, at: now() }),
  );
  const line = `${processor} may run without ${granted.tables.join(', ')}, by ${granted.by}: ${granted.reason} (bypass ${bypassId})`;
  date.apply({ type: 'decided', id: bypassId, about: aboutBypass(processor), decided, line, at: now() });
  const message: TriggerMessage = {
    ...{ requestId: bypassId, kind: 'bypass', source: 'bypass', processors: [processor] },
    ...{ by: granted.by, reason: granted.reason },
  };
  // A person's decision is carried out at once.
  date.isRested = true;
  date.receive([{ kind: 'own', message }]);
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
  const from = date.memory.deadline ?? now();
  const deadline = new Date(Date.parse(from) + byMs).toISOString();
  const [by, reason] = [request.by.trim(), request.reason.trim()];
  const decided = await onRecord(
    date,
    {
      ...{ entryId: extendId, kind: 'deadline_extended', by, reason, processor: null },
      ...{ tables: [], evidence: { from, to: deadline }, at: now() },
    },
    `The deadline of ${date.memory.gameDate} moves from ${from} to ${deadline}, by ${by}: ${reason}`,
  );
  // A pass that begins keeps the deadline; one that is over has none.
  if (date.memory.deadline === null) {
    const late = {
      ...decided,
      summary: `${decided.summary}; too late: the date is already ${date.memory.runState}`,
    };
    const line = late.summary;
    date.apply({ type: 'decided', id: extendId, about: 'extension', decided: late, line, at: now() });
    date.apply({ type: 'notTaken', id: extendId, why: `the date is ${date.memory.runState}`, at: now() });
    return late;
  }
  const line = decided.summary;
  date.apply({ type: 'decided', id: extendId, about: 'extension', decided, line, deadline, at: now() });
  date.news += 1;
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
      ...{ evidence: { runState: date.memory.runState, plan: date.memory.plan }, at: now() },
    },
    `${date.memory.gameDate} is cancelled, by ${by}: ${reason}`,
  );
  const line = `${date.memory.gameDate} was cancelled by ${by}: ${reason}`;
  date.apply({ type: 'decided', id: cancelId, about: 'cancellation', decided, line, at: now() });
  date.cancelled = request;
  end();
  return decided;
}

/** Writes the entry; when that fails, undoes what was begun and refuses, so that nothing happens off the record. */
async function onRecord(
  date: DateRun,
  entry: AuditEntry,
  summary: string,
  undo: (why: string) => void = () => undefined,
): Promise<Decided> {
  const written = await orFailure(
    date.audit(() => [entry]),
    sentenceOf,
  );
  const why = typeof written === 'string' ? written : written.refused[0]?.why;
  if (typeof written === 'string' || why !== undefined) {
    undo(why ?? '');
    // An attempt may have written it and not come to say so; what is refused is on record as something else.
    if (typeof written === 'string')
      date.apply({ type: 'notTaken', id: entry.entryId, why: written, at: now() });
    date.news += 1;
    throw notRecorded(date, ` (${why ?? ''})`);
  }
  const [head] = written.heads;
  if (!head) throw new Error('an entry has a place in its chain');
  return { entry: head, summary };
}

function notRecorded({ memory }: DateRun, why: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: failureTypes.auditUnavailable,
    message: `${memory.gameDate}: nothing was done, because the audit could not be written${why}. Send the decision again.`,
    nonRetryable: true,
  });
}

function decisionOf(date: DateRun, id: string): Decided | undefined {
  return date.memory.decisions.find((decision) => decision.id === id)?.decided;
}

/** The same decision is being taken: this asker hears the same answer. */
async function sameDecision(date: DateRun, bypassId: string): Promise<Decided> {
  await condition(
    () =>
      decisionOf(date, bypassId) !== undefined ||
      !date.memory.bypasses.some((other) => other.bypassId === bypassId),
  );
  const decided = decisionOf(date, bypassId);
  if (decided) return decided;
  throw notRecorded(date, '');
}
