/** What came to a date is taken in as one batch: sorted into what is new, known and no message at all. Pure. */
import { decisionEntries } from '../contracts/audit-entries';
import type { DateMemory } from '../contracts/date-state';
import { recheckSchema, type RecheckMessage } from '../contracts/decisions';
import { id } from '../contracts/fields';
import { isWorthTryingAgain, readTrigger, type DateReply, type TriggerMessage } from '../contracts/messages';
import { read, readMessage, sentenceOf, type Read } from '../contracts/schema';
import { bytesOfAll } from './bytes-of';

/** What lies in the inbox: what signals brought, unread. */
export interface Arrival {
  readonly kind: 'trigger' | 'recheck';
  readonly given: unknown;
}

/** Messages that one turn takes; what is left is for the next. */
export const mostOfBatch = 2_000;

/**
 * Bytes that the requests of one date may have together, with what is owed to the audit. What a run hands to the next one, and what
 * is recorded of a pass, must stay below the server's two megabytes. A sender whose message is not taken finds it neither
 * among the requests nor among the answers, and sends it again.
 */
export const mostPending = 600_000;

/** A batch, sorted. */
export interface Taken {
  /** New requests, or ones that are tried again. */
  fresh: TriggerMessage[];
  /** Ids of requests that came again. */
  again: string[];
  triedAgain: string[];
  refused: { requestId: string | null; why: string }[];
  rechecks: RecheckMessage[];
  /** Messages that there was no room for. */
  leftOut: number;
  /** Answers that a sender has not received. */
  replies: { replyTo: string; answer: DateReply }[];
}

/** Sorts a batch. */
export function takeIn(memory: DateMemory, batch: readonly Arrival[]): Taken {
  const taken: Taken = {
    ...{ fresh: [], again: [], triedAgain: [], refused: [], rechecks: [], leftOut: 0, replies: [] },
  };
  const pending = new Map(memory.pending.map(({ message, isAnswered }) => [message.requestId, isAnswered]));
  const answered = new Map(
    memory.answered.flatMap(({ requestIds, reply }) => requestIds.map((one) => [one, reply] as const)),
  );
  let room = mostPending - bytesOfAll([...memory.pending.map(({ message }) => message), ...memory.auditDue]);
  const isKnown = (requestId: string): boolean => pending.has(requestId) || answered.has(requestId);
  for (const arrival of batch) {
    const found = decode(arrival);
    if (!found.ok) {
      const why = found.faults.map(sentenceOf).join(' ');
      const named = read(id, idOf(arrival));
      // Whoever asked properly under this id is not to be told that it was refused.
      taken.refused.push({ requestId: named.ok && !isKnown(named.value) ? named.value : null, why });
      continue;
    }
    if (!('kind' in found.value)) {
      // Delivered twice, it is one.
      if (isKnown(found.value.requestId)) taken.again.push(found.value.requestId);
      else taken.rechecks.push(found.value);
      continue;
    }
    const message = found.value;
    const { requestId, replyTo } = message;
    const reply = answered.get(requestId);
    // Who sends again what has failed wants it tried again; a backfill that asks again has only not heard.
    const isOver = reply !== undefined && pending.get(requestId) !== false && replyTo === undefined;
    const triesAgain = isOver && isWorthTryingAgain(reply);
    if (isKnown(requestId) && !triesAgain) {
      taken.again.push(requestId);
      if (reply && replyTo !== undefined) taken.replies.push({ replyTo, answer: { requestId, ...reply } });
      continue;
    }
    room -= bytesOfAll([message, ...decisionEntries(message, memory.at)]);
    if (room < 0) {
      taken.leftOut += 1;
      continue;
    }
    if (triesAgain) {
      taken.triedAgain.push(requestId);
      answered.delete(requestId);
    }
    pending.set(requestId, false);
    taken.fresh.push(message);
  }
  return taken;
}

function decode({ kind, given }: Arrival): Read<TriggerMessage | RecheckMessage> {
  return kind === 'recheck' ? readMessage(recheckSchema, given) : readTrigger(given);
}

/** What it calls itself, whatever that is. */
export function idOf({ given }: Arrival): unknown {
  return given !== null && typeof given === 'object' && 'requestId' in given ? given.requestId : undefined;
}
