/** Signals come from anywhere: what is no trigger is refused with a sentence instead of failing the workflow task. Pure. */
import { id } from '../contracts/fields';
import { triggerSchema, type AskedTrigger, type TriggerMessage } from '../contracts/messages';
import { read, sentenceOf, shown, type Fault } from '../contracts/schema';
import { processorsOf } from '../plan/registry';
import { readMessage } from './decision-rules';

export type DecodedTrigger =
  | { readonly message: TriggerMessage; readonly fault: null }
  | {
      readonly message: null;
      readonly fault: {
        /** The request that it names, if it does. */
        readonly requestId: string | null;
        readonly faults: readonly Fault[];
        readonly why: string;
      };
    };

/** The message, or what is wrong with it. */
export function decodeTrigger(given: unknown): DecodedTrigger {
  const found = readMessage(triggerSchema, given);
  const faults = found.ok ? faultsOf(found.value) : found.faults;
  if (found.ok && faults.length === 0) return { message: found.value, fault: null };
  const why = faults.map(sentenceOf).join(' ');
  return { message: null, fault: { requestId: requestIdOf(given), faults, why } };
}

/** The id of a request or a recheck that is refused; null where it names none that can be kept. */
export function requestIdOf(given: unknown): string | null {
  const { requestId } = (given !== null && typeof given === 'object' ? given : {}) as Record<string, unknown>;
  const named = read(id, requestId);
  return named.ok ? named.value : null;
}

/** What the registry and the kind of a request say of its fields. */
function faultsOf({ kind, source, processors, version, by, reason, force }: AskedTrigger): Fault[] {
  const faults: Fault[] = [];
  if (processorsOf(source).length === 0)
    faults.push({
      code: 'unknown_source',
      field: 'source',
      problem: `is ${shown(source)}, which triggers no processor`,
    });
  if (kind === 'restore' && processors?.length !== 1)
    faults.push({
      code: processors ? 'wrong_value' : 'missing',
      field: 'processors',
      problem: 'is not a list of one processor, the one whose table is restored',
    });
  const rules = [
    { field: 'version', value: version, isWanted: kind === 'restore', isAllowed: kind === 'restore' },
    { field: 'force', value: force, isWanted: false, isAllowed: kind === 'rerun' },
    { field: 'by', value: by, isWanted: isDecision(kind), isAllowed: true },
    { field: 'reason', value: reason, isWanted: isDecision(kind), isAllowed: isDecision(kind) },
  ];
  for (const { field, value, isWanted, isAllowed } of rules) {
    if (isWanted && value === undefined)
      faults.push({ code: 'missing', field, problem: `is missing; a ${kind} needs one` });
    if (!isAllowed && value !== undefined)
      faults.push({ code: 'not_allowed', field, problem: `is not a field of a ${kind}` });
  }
  return faults;
}

function isDecision(kind: AskedTrigger['kind']): boolean {
  return kind === 'rerun' || kind === 'restore';
}
