/** What `POST /process` does: news of a source table, as a Pub/Sub push or as the plain message. */
import { createHash, randomUUID } from 'node:crypto';
import { triggers } from '../../plan/registry';
import type { DeadLetterRow } from '../../tables/orchestration';
import type { RequestKind } from '../../contracts/messages';
import { newYorkDate } from '../../contracts/new-york';
import { faultJson, type Fault } from '../../contracts/schema';
import type { Answer } from '../answers';
import type { DateAsker } from '../ask-date';
import { decodeBody, type ProcessRequest, type Push } from '../decode-push';
import { todayOf, type GatewayParts } from '../parts';
import { badRequest, plain } from '../refusals';

export async function processMessage(
  parts: GatewayParts,
  asker: DateAsker,
  body: unknown,
  principal: string,
): Promise<Answer> {
  const { push, decoded } = decodeBody(body, todayOf(parts));
  switch (decoded.kind) {
    case 'bad':
      return push ? deadLetter(parts, push, decoded.faults, principal) : badRequest(decoded.faults);
    case 'skipped':
      return plain(200, 'skipped', decoded.reason);
    case 'no_processors':
      return {
        httpStatus: 200,
        body: {
          status: 'no_processors',
          message: `${decoded.source} triggers no processor. Tables that do: ${triggers.map(({ name }) => name).join(', ')}.`,
          sourceTable: decoded.source,
        },
      };
    case 'ask': {
      const { gameDate, source, correlationId } = decoded.request;
      const answer = await asker.ask({
        gameDate,
        source,
        kind: kindOf(decoded.request),
        // The same on every delivery, so that a redelivery joins what the first one has begun.
        // Pub/Sub's ids are of one topic, and a source has one.
        requestId: push ? `pubsub/${source}/${push.messageId ?? ''}` : randomUUID(),
        by: principal,
        overrides: parts.overrides,
        ...(correlationId === null ? {} : { correlationId }),
      });
      return { ...answer, body: { ...answer.body, sourceTable: source, correlationId } };
    }
  }
}

/** News of no rows asks for the date like anybody else, and contradicts no calendar. */
function kindOf({ isBackfill, isOfNothing }: ProcessRequest): RequestKind {
  if (isBackfill) return 'backfill';
  return isOfNothing ? 'run' : 'trigger';
}

/**
 * A message that can never succeed is kept with every fault, and refused once so that its publisher's dashboards show
 * it. Pub/Sub sends it again; then it is acknowledged, because nothing would change.
 */
async function deadLetter(
  { records, log }: GatewayParts,
  push: Push,
  faults: readonly Fault[],
  principal: string,
): Promise<Answer> {
  const receivedAt = new Date();
  const message = JSON.stringify(push.message);
  // Without an id of its own it is known by what it says.
  const messageId = push.messageId ?? `sha256/${createHash('sha256').update(message).digest('hex')}`;
  const row: DeadLetterRow = {
    game_date: newYorkDate(publishedAt(push) ?? receivedAt),
    message_id: messageId,
    subscription: push.subscription,
    delivery_attempt: push.deliveryAttempt,
    principal,
    faults: JSON.stringify(faults.map(faultJson)),
    message,
    received_at: receivedAt.toISOString(),
  };
  const isNew = await records.addDeadLetter(row);
  // What is wrong is in the table: a fault quotes the message, and a log is read by more people.
  if (isNew)
    log('ERROR', 'a message that can never succeed is kept in dead_letter', {
      messageId,
      faults: faults.length,
    });
  const known = { faults: faults.map(faultJson), messageId, deadLetter: 'nba_orchestration.dead_letter' };
  if (isNew) {
    const answer = badRequest(faults);
    return { ...answer, body: { ...answer.body, ...known } };
  }
  return {
    httpStatus: 200,
    body: {
      status: 'dead_lettered',
      message: `Message ${messageId} can never succeed. It is kept in nba_orchestration.dead_letter, and acknowledged so that Pub/Sub does not send it again.`,
      warning: 'Nothing was run for this message.',
      ...known,
    },
  };
}

/**
 * When it was published, if that can be: its day is the partition, and must be the same on each delivery, whatever the clock says that
 * it is delivered by.
 */
function publishedAt({ publishedAt: text }: Push): Date | null {
  const at = text === null ? NaN : Date.parse(text);
  const isPossible = at > Date.parse('2000-01-01T00:00:00Z') && at < Date.parse('2100-01-01T00:00:00Z');
  return isPossible ? new Date(at) : null;
}
