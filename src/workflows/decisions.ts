/** What people decide about a date by an update, carried out: judged, on record, then in force; one after another. */
import { ApplicationFailure, log, setHandler } from '@temporalio/workflow';
import type { UpdateDefinition } from '@temporalio/common';
import { failureTypes } from '../contracts/failures';
import {
  bypassUpdate,
  cancelUpdate,
  extendUpdate,
  type AuditEntry,
  type Bypass,
  type BypassRequest,
  type CancelRequest,
  type Decided,
  type ExtendRequest,
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

/** What there is to know of a kind of decision. */
interface Kind<R> {
  readonly update: UpdateDefinition<Decided, [R]>;
  readonly what: string;
  /** Under one id there is one decision, and `about` says which. */
  readonly named: (request: R) => { id: string; about: string };
  /** Why it is refused, as a clause; null when it is taken. */
  readonly refuse: (date: DateRun, given: unknown) => string | null;
  readonly decide: (date: DateRun, request: R) => Decision;
}

/** What is written of a decision, and what it does once that is written. */
interface Decision {
  /** One, or one for each processor that it is about. */
  readonly entries: readonly (Pick<AuditEntry, 'kind' | 'evidence'> & Partial<AuditEntry>)[];
  /** `late`: why it came to nothing after all, as a clause. */
  readonly takesEffect: () => {
    summary: string;
    line?: string;
    deadline?: string;
    bypasses?: Bypass[];
    late?: string;
  };
}

/** Takes the decisions of a kind. What is refused at once leaves nothing but a line of the log. */
export function listenFor<R extends { by: string; reason: string }>(date: DateRun, kind: Kind<R>): void {
  setHandler(kind.update, (request) => date.inTurn(() => decide(date, kind, request)), {
    validator: (request) => judge(date, kind, request),
  });
}

/** Throws what a decision is refused with. A run that ends takes none any more: nobody would carry it out. */
function judge<R>(date: DateRun, { what, refuse }: Kind<R>, request: unknown): void {
  const why = date.isEnding ? 'its run is ending' : refuse(date, request);
  if (why === null) return;
  const { gameDate } = date.memory;
  log.warn(`${what} was refused`, { gameDate, why });
  throw failed(failureTypes.overrideRefused, `${gameDate}: ${what} is refused: ${why}.`);
}

/**
 * Writes a decision, and lets it take effect; one that is sent again is answered again. One that cannot be written is refused:
 * nothing happens off the record.
 */
export async function decide<R extends { by: string; reason: string }>(
  date: DateRun,
  kind: Kind<R>,
  given: R,
): Promise<Decided> {
  const { id, about } = kind.named(given);
  const known = date.memory.decisions.find((decision) => decision.id === id);
  if (known?.about === about) return known.decided;
  // What was decided before it had its turn may speak against it.
  judge(date, kind, given);
  const [by, reason, at] = [given.by.trim(), given.reason.trim(), now()];
  const { entries, takesEffect } = kind.decide(date, { ...given, by, reason });
  const whole = entries.map((entry): AuditEntry => ({
    ...{ entryId: id, processor: null, tables: [], at, by, reason },
    ...entry,
  }));
  const written = await orFailure(date.write(whole), sentenceOf);
  date.news += 1;
  // An attempt may have written it and not come to say so; what is refused is on record as something else.
  const isLost = typeof written === 'string';
  const [head] = isLost || written.refused.length > 0 ? [] : written.heads;
  if (!head) {
    const why = isLost ? written : (written.refused[0]?.why ?? '');
    date.apply('notDecided', { id, why, isLost });
    const message = `nothing was done, because the audit could not be written (${why}). Send the decision again.`;
    throw failed(failureTypes.auditUnavailable, `${date.memory.gameDate}: ${message}`);
  }
  const { summary, line = summary, ...effect } = takesEffect();
  const decided = { entry: head, summary };
  date.apply('decided', { id, about, decided, line, ...effect });
  date.tell('decided', line);
  // A person's decision is carried out at once.
  date.isRested = true;
  return decided;
}

function failed(type: string, message: string): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nonRetryable: true });
}

/** Opens the gate, once, for the missing inputs of one processor, or of all that lack a table. */
export const bypass: Kind<BypassRequest> = {
  update: bypassUpdate,
  what: 'the bypass',
  named: (request) => ({ id: request.bypassId, about: aboutBypass(request) }),
  refuse: ({ memory, policy }, given) => refuseBypass(memory, given, policy),
  decide(date, request) {
    const { bypassId, by, reason, forMs = date.policy.bypassForMs } = request;
    const { runState, gate, results, gameDate } = date.memory;
    const at = now();
    const until = new Date(Date.parse(at) + forMs).toISOString();
    const passed = passedBy(date.memory, request, date.policy.readyShare);
    const entries = passed.map(({ processor, tables }) => {
      const verdict = gate?.verdicts.find((one) => one.processor === processor) ?? null;
      const missing = missingOf(date.memory, processor);
      return {
        ...(passed.length > 1 ? { entryId: `${bypassId}/${processor}` } : {}),
        ...{ kind: 'bypass' as const, processor, tables },
        evidence: { bypassId, runState, missing, verdict, result: results[processor] ?? null, until },
      };
    });
    const takesEffect: Decision['takesEffect'] = () => {
      const without = passed
        .map(({ processor, tables }) => `${processor} may run without ${tables.join(', ')}`)
        .join('; ');
      const granted = { bypassId, by, reason, at, until, version: null };
      return {
        summary: `${gameDate}: ${without} (bypass ${bypassId}, until ${until})`,
        line: `${without}, by ${by}: ${reason} (bypass ${bypassId}, until ${until})`,
        bypasses: passed.map((one): Bypass => ({ ...granted, ...one, status: 'open' })),
      };
    };
    return { entries, takesEffect };
  },
};

/** Moves the deadline of a date that waits. */
export const extension: Kind<ExtendRequest> = {
  update: extendUpdate,
  what: 'the longer deadline',
  named: ({ extendId: id }) => ({ id, about: 'extension' }),
  refuse: ({ memory }, given) => refuseExtension(memory, given),
  decide(date, { by, reason, byMs }) {
    const from = date.memory.deadline ?? now();
    const to = new Date(Date.parse(from) + byMs).toISOString();
    const moves = `The deadline of ${date.memory.gameDate} moves from ${from} to ${to}, by ${by}: ${reason}`;
    return {
      entries: [{ kind: 'deadline_extended', evidence: { from, to } }],
      takesEffect: () => {
        const { deadline, runState } = date.memory;
        // A pass that begins keeps the deadline; one that is over has none.
        if (deadline !== null) return { summary: moves, deadline: to };
        const late = `the date is ${runState}`;
        return { summary: `${moves}; too late: the date is already ${runState}`, late };
      },
    };
  },
};

/** Ends the run. */
export const cancellation: Kind<CancelRequest> = {
  update: cancelUpdate,
  what: 'the cancellation',
  named: ({ cancelId: id }) => ({ id, about: 'cancellation' }),
  refuse: ({ memory }, given) => refuseCancel(memory, given),
  decide(date, request) {
    const { runState, plan, gameDate } = date.memory;
    const why = `by ${request.by}: ${request.reason}`;
    return {
      entries: [{ kind: 'cancelled', evidence: { runState, plan } }],
      takesEffect: () => {
        date.cancelled = why;
        date.end();
        return { summary: `${gameDate} is cancelled, ${why}`, line: `${gameDate} was cancelled ${why}` };
      },
    };
  },
};
