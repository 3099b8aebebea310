/** Signals come from anywhere: what is no trigger is refused with a sentence instead of failing the workflow task. Pure. */
import { faultOfReason, faultOfWho } from '../contracts/decisions';
import { askedKinds, type TriggerMessage } from '../contracts/messages';
import { processorNames, processorsOf } from '../plan/registry';
import { faultOfFields, faultOfId, shown } from './override-rules';

export type DecodedTrigger =
  | { readonly message: TriggerMessage; readonly fault: null }
  | { readonly message: null; readonly fault: { readonly requestId: string | null; readonly why: string } };

const fields = [
  'requestId',
  'kind',
  'source',
  'processors',
  'replyTo',
  'overrides',
  'by',
  'reason',
  'version',
  'correlationId',
  'force',
] as const satisfies readonly (keyof TriggerMessage)[];

/** The message, or what is wrong with it. A fault names the request if it said which it is. */
export function decodeTrigger(given: unknown): DecodedTrigger {
  const why = faultOfTrigger(given);
  if (why === null) return { message: given as TriggerMessage, fault: null };
  const { requestId } = (given !== null && typeof given === 'object' ? given : {}) as Record<string, unknown>;
  const named = typeof requestId === 'string' && faultOfId('requestId', requestId) === null;
  return { message: null, fault: { requestId: named ? requestId : null, why } };
}

function faultOfTrigger(given: unknown): string | null {
  const fault = faultOfFields(given, fields);
  if (fault) return fault;
  const message = given as Partial<Record<(typeof fields)[number], unknown>>;
  const { kind, source, processors, replyTo, overrides, by, reason } = message;
  const idFault = faultOfId('requestId', message.requestId);
  if (idFault) return `a trigger needs a requestId, a text: ${idFault}`;
  if (!askedKinds.some((known) => known === kind))
    return `kind is ${cut(kind)}, expected ${askedKinds.join(', ')}`;
  if (typeof source !== 'string' || processorsOf(source).length === 0)
    return `source is ${cut(source)}, which sets off nothing`;
  if (processors !== undefined && !isListOf(processors, processorNames))
    return 'processors names something that is no processor';
  if (replyTo !== undefined && faultOfId('replyTo', replyTo) !== null) return 'replyTo is no workflow id';
  if (overrides !== undefined) {
    const unknown = faultOfFields(overrides, ['now']);
    if (unknown) return `overrides is no object of policy: ${unknown}`;
    const { now } = overrides as { now?: unknown };
    if (now !== undefined && !isInstant(now))
      return `overrides.now is ${cut(now)}, expected an instant such as 2025-01-16T08:00:00Z`;
  }
  const { version } = message;
  if (kind === 'restore') {
    if (!Array.isArray(processors) || processors.length !== 1)
      return 'processors does not name the one processor whose table is restored';
    if (!isVersion(version)) return `version is ${cut(version)}, expected a number from 1`;
  } else if (version !== undefined) return `version is of restores only, and kind is ${cut(kind)}`;
  const { correlationId } = message;
  const idOfWork = correlationId === undefined ? null : faultOfId('correlationId', correlationId);
  if (idOfWork) return idOfWork;
  if (message.force !== undefined && (message.force !== true || kind !== 'rerun'))
    return `force is ${cut(message.force)}, expected true, and of reruns only`;
  const isDecision = kind === 'rerun' || kind === 'restore';
  const who = isDecision || by !== undefined ? faultOfWho(by) : null;
  if (who) return `by ${who}`;
  if (!isDecision)
    return reason === undefined ? null : `reason is of reruns and restores only, and kind is ${cut(kind)}`;
  const what = faultOfReason(reason);
  return what ? `reason ${what}` : null;
}

/** A text as it is, anything else as JSON. */
function cut(value: unknown): string {
  const text = shown(value);
  return typeof value === 'string' ? text.replace(/^"|"$/g, '') : text;
}

function isVersion(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 1;
}

function isInstant(value: unknown): boolean {
  return typeof value === 'string' && value.length <= 40 && !Number.isNaN(Date.parse(value));
}

function isListOf(value: unknown, names: readonly unknown[]): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= names.length &&
    value.every((one) => names.includes(one))
  );
}
