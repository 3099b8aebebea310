/** What people decide about a date, carried out: on record first, then in force. */
import { ApplicationFailure, condition, log } from '@temporalio/workflow';
import { failureTypes } from '../contracts/failures';
import type {
  AuditEntry,
  BypassRequest,
  CancelRequest,
  Decided,
  ExtendRequest,
} from '../contracts/decisions';
import { now, orFailure, sentenceOf, type DateRun } from './date-run';
import {
  aboutBypass,
  missingOf,
  passedBy,
  refuseBypass,
  refuseCancel,
  refuseExtension,
} from '../explain/decision-rules';

/** Throws what an update is refused with. Nothing of it is kept but a line of the log. */
function refuse(date: DateRun, what: string, whyNot: string | null): void {
  // A run that ends takes no decision any more: nobody would carry it out.
  const why = date.isEnding ? 'its run is ending' : whyNot;
  if (why === null) return;
  log.warn(`${what} was refused`, { gameDate: date.memory.gameDate, why });
  throw ApplicationFailure.create({
    type: failureTypes.overrideRefused,
    message: `${date.memory.gameDate}: ${what} is refused: ${why}.`,
    nonRetryable: true,
  });
}

export function validateBypass(date: DateRun, request: unknown): void {
  refuse(date, 'the bypass', refuseBypass(date.memory, request, date.policy));
}

export function validateExtension(date: DateRun, request: unknown): void {
  // Both would move the deadline that they have seen, and one of them would be forgotten.
  const another = date.extending === null ? null : `another (${date.extending}) is being recorded`;
  refuse(date, 'the longer deadline', refuseExtension(date.memory, request) ?? another);
}

export function validateCancel(date: DateRun, request: unknown): void {
  refuse(date, 'the cancellation', refuseCancel(date.memory, request));
}

/** What a person decides: what is written of it, and what it does once that is written. */
interface Decision {
  /** One, or one for each processor that it is about. */
  readonly entries: readonly (Pick<AuditEntry, 'kind' | 'evidence'> & Partial<AuditEntry>)[];
  readonly takesEffect: () => { summary: string; line?: string; deadline?: string };
}

/**
 * Writes a decision, and lets it take effect; one that is sent again is answered again. One that cannot be written is refused:
 * nothing happens off the record. `about`: under one id there is one decision. Nothing is awaited before `decision` is asked.
 */
async function decide(
  date: DateRun,
  { id, about, ...given }: { id: string; about: string; by: string; reason: string },
  decision: (by: string, reason: string) => Decision,
): Promise<Decided> {
  const known = decisionOf(date, id);
  if (known) return known;
  const [by, reason] = [given.by.trim(), given.reason.trim()];
  const { entries, takesEffect } = decision(by, reason);
  const at = now();
  const whole = entries.map((entry): AuditEntry => ({
    entryId: id,
    processor: null,
    tables: [],
    at,
    by,
    reason,
    ...entry,
  }));
  const written = await orFailure(
    date.audit(() => whole),
    sentenceOf,
  );
  date.news += 1;
  // An attempt may have written it and not come to say so; what is refused is on record as something else.
  const isLost = typeof written === 'string';
  const [head] = isLost || written.refused.length > 0 ? [] : written.heads;
  if (!head) {
    const why = isLost ? written : (written.refused[0]?.why ?? '');
    date.apply('notDecided', { id, why, isLost });
    throw notRecorded(date, ` (${why})`);
  }
  const { summary, line = summary, ...effect } = takesEffect();
  const decided = { entry: head, summary };
  date.apply('decided', { id, about, decided, line, ...effect });
  date.tell('decided', line);
  // A person's decision is carried out at once.
  date.isRested = true;
  return decided;
}

/** Opens the gate, once, for the missing inputs of one processor, or of all that lack a table. */
export async function bypass(date: DateRun, request: BypassRequest): Promise<Decided> {
  const { bypassId, forMs = date.policy.bypassForMs } = request;
  const { runState, gate, results, gameDate, bypasses } = date.memory;
  if (bypasses.some((one) => one.bypassId === bypassId && one.status === 'granting'))
    return sameDecision(date, bypassId);
  return decide(date, { ...request, id: bypassId, about: aboutBypass(request) }, (by, reason) => {
    const at = now();
    const until = new Date(Date.parse(at) + forMs).toISOString();
    const passed = passedBy(date.memory, request, date.policy.readyShare);
    const entries = passed.map(({ processor, tables }) => {
      const verdict = gate?.verdicts.find((one) => one.processor === processor) ?? null;
      const missing = missingOf(date.memory, processor);
      return {
        ...(passed.length > 1 ? { entryId: `${bypassId}/${processor}` } : {}),
        ...{ kind: 'bypass' as const, processor, tables, at },
        evidence: { bypassId, runState, missing, verdict, result: results[processor] ?? null, until },
      };
    });
    // Of two bypasses at once the second finds the first.
    for (const { processor, tables } of passed) {
      const granted = { bypassId, processor, by, reason, at, tables, until };
      date.apply('bypassAsked', { bypass: { ...granted, status: 'granting', version: null } });
    }
    return {
      entries,
      takesEffect: () => {
        const processors = passed.map(({ processor }) => processor);
        const message = { requestId: bypassId, source: 'bypass', processors, by, reason };
        date.receive([{ kind: 'own', message: { ...message, kind: 'bypass' } }]);
        const without = passed
          .map(({ processor, tables }) => `${processor} may run without ${tables.join(', ')}`)
          .join('; ');
        return {
          summary: `${gameDate}: ${without} (bypass ${bypassId}, until ${until})`,
          line: `${without}, by ${by}: ${reason} (bypass ${bypassId}, until ${until})`,
        };
      },
    };
  });
}

/** Moves the deadline of a date that waits. */
export async function extendDeadline(date: DateRun, request: ExtendRequest): Promise<Decided> {
  const { extendId, byMs } = request;
  const late = { why: '' };
  const moved = (by: string, reason: string): Decision => {
    const from = date.memory.deadline ?? now();
    const to = new Date(Date.parse(from) + byMs).toISOString();
    const moves = `The deadline of ${date.memory.gameDate} moves from ${from} to ${to}, by ${by}: ${reason}`;
    date.extending = extendId;
    return {
      entries: [{ kind: 'deadline_extended', evidence: { from, to } }],
      takesEffect: () => {
        // A pass that begins keeps the deadline; one that is over has none.
        if (date.memory.deadline !== null) return { summary: moves, deadline: to };
        late.why = `the date is ${date.memory.runState}`;
        return { summary: `${moves}; too late: the date is already ${date.memory.runState}` };
      },
    };
  };
  try {
    return await decide(date, { ...request, id: extendId, about: 'extension' }, moved);
  } finally {
    if (date.extending === extendId) date.extending = null;
    if (late.why !== '') date.apply('notDecided', { id: extendId, why: late.why, isLost: true });
  }
}

/** Ends the run. `end` is called once the decision is on record. */
export async function cancel(date: DateRun, request: CancelRequest, end: () => void): Promise<Decided> {
  const { runState, plan, gameDate } = date.memory;
  const about = { ...request, id: request.cancelId, about: 'cancellation' };
  return decide(date, about, (by, reason) => ({
    entries: [{ kind: 'cancelled', evidence: { runState, plan } }],
    takesEffect: () => {
      date.cancelled = request;
      end();
      return {
        summary: `${gameDate} is cancelled, by ${by}: ${reason}`,
        line: `${gameDate} was cancelled by ${by}: ${reason}`,
      };
    },
  }));
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
  const isGranting = (): boolean => date.memory.bypasses.some((other) => other.bypassId === bypassId);
  await condition(() => decisionOf(date, bypassId) !== undefined || !isGranting());
  const decided = decisionOf(date, bypassId);
  if (decided) return decided;
  throw notRecorded(date, '');
}
