/** What requests are answered with: what came of what they named, or why nothing did. Pure. */
import type { DateMemory } from '../contracts/date-state';
import type { DateReply, TriggerMessage } from '../contracts/messages';
import { stateOfResults } from '../contracts/phase3';
import { bytesOf, bytesOfAll } from './bytes-of';
import { namesOf, wantKey } from './memory';

/** Bytes of the answers to requests, with the ids of these, that are kept: enough to recognise a redelivery. */
const mostAnswered = 300_000;

/** What tells a request that it has failed, and why. */
export function failure({ gameDate }: DateMemory, why: string): Pick<DateReply, 'state' | 'summary'> {
  return { state: 'failed', summary: `${gameDate} failed: ${why}` };
}

/** Answers these requests in a memory with what came of what they named; `changes` say otherwise. */
export function answer(
  memory: DateMemory,
  requests: readonly TriggerMessage[],
  changes: Partial<Omit<DateReply, 'requestId' | 'gameDate'>> = {},
): void {
  const { gameDate, results } = memory;
  const replies = requests.map((message): DateReply => {
    const named = namesOf(memory, message).flatMap((name) => results[name] ?? []);
    const outcomes = Object.fromEntries(named.map(({ processor, outcome }) => [processor, outcome]));
    const { state = stateOfResults(named) } = changes;
    const parts = named.map(({ processor, outcome }) => `${processor} ${outcome}`);
    const summary = `${gameDate} ${state}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`;
    return { requestId: message.requestId, gameDate, state, summary, outcomes, ...changes };
  });
  addAnswers(memory, replies);
}

/** Requests all of whose processors have come to something, also while others keep the pass open. */
export function settledRequests(memory: DateMemory): TriggerMessage[] {
  return memory.pending.flatMap(({ message, at, isAnswered }) => {
    const names = memory.names[wantKey(message)];
    const isOver = names && at <= memory.lookedAt && !names.some((name) => memory.open.includes(name));
    return !isAnswered && isOver ? [message] : [];
  });
}

/** Adds answers, those that are alike together; the oldest ones go where there are too many. */
export function addAnswers(memory: DateMemory, answers: readonly DateReply[]): void {
  if (answers.length === 0) return;
  const ids = new Set(answers.map(({ requestId }) => requestId));
  const groups = new Map<string, DateMemory['answered'][number]>();
  for (const { requestId, ...reply } of answers) {
    const key = JSON.stringify(reply);
    const group = groups.get(key) ?? { requestIds: [], reply };
    group.requestIds.push(requestId);
    groups.set(key, group);
  }
  memory.answered = [...withoutIds(memory.answered, ids), ...groups.values()];
  let size = bytesOfAll(memory.answered);
  while (size > mostAnswered && memory.answered.length > 1) size -= bytesOf(memory.answered.shift());
  memory.pending = memory.pending.map((request) =>
    ids.has(request.message.requestId) ? { ...request, isAnswered: true } : request,
  );
}

/** Without the answers to these requests. */
export function withoutIds(
  answered: DateMemory['answered'],
  ids: ReadonlySet<string>,
): DateMemory['answered'] {
  if (ids.size === 0) return answered;
  return answered.flatMap(({ requestIds, reply }) => {
    const left = requestIds.filter((id) => !ids.has(id));
    return left.length > 0 ? [{ requestIds: left, reply }] : [];
  });
}
