/** Signals come from anywhere: what is no trigger is refused with a sentence instead of failing the workflow task. Pure. */
import type { TriggerMessage } from '../contracts/messages';
import { processorNames } from '../contracts/phase3';
import { processorsOf } from '../plan/plan-pass';

export type DecodedTrigger =
  | { readonly message: TriggerMessage; readonly fault: null }
  | { readonly message: null; readonly fault: { readonly requestId: string | null; readonly why: string } };

const kinds: readonly unknown[] = ['trigger', 'run', 'backfill'] satisfies TriggerMessage['kind'][];

/** The message, or what is wrong with it. A fault names the request if it said which it is. */
export function decodeTrigger(given: unknown): DecodedTrigger {
  const fields = (given !== null && typeof given === 'object' ? given : {}) as Partial<
    Record<string, unknown>
  >;
  const { requestId, kind, source, processors, replyTo, overrides } = fields;
  const refuse = (why: string): DecodedTrigger => ({
    message: null,
    fault: { requestId: typeof requestId === 'string' && requestId !== '' ? requestId : null, why },
  });
  if (typeof requestId !== 'string' || requestId === '') return refuse('a trigger needs a requestId, a text');
  if (!kinds.includes(kind)) return refuse(`kind is ${String(kind)}, expected trigger, run or backfill`);
  if (typeof source !== 'string' || processorsOf(source).length === 0)
    return refuse(`source is ${String(source)}, which sets off nothing`);
  if (processors !== undefined && !isListOf(processors, processorNames))
    return refuse('processors names something that is no processor');
  if (replyTo !== undefined && typeof replyTo !== 'string') return refuse('replyTo is no workflow id');
  if (overrides !== undefined && (overrides === null || typeof overrides !== 'object'))
    return refuse('overrides is no object');
  return { message: given as TriggerMessage, fault: null };
}

function isListOf(value: unknown, names: readonly unknown[]): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((one) => names.includes(one));
}
