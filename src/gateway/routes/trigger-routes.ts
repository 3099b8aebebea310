/** The routes of news and of ranges: whoever sends to them needs the right "trigger". */
import type { FastifyInstance } from 'fastify';
import { DateAsker } from '../ask-date';
import type { GatewayParts } from '../parts';
import { answersOf, nameOf, sendAnswer } from '../reply';
import { envelopeSchema, messageSchema, openApiOf, rangeSchema } from '../schemas';
import { processMessage } from './process';
import { processDateRange } from './process-date-range';

export function addTriggerRoutes(app: FastifyInstance, parts: GatewayParts): void {
  const asker = new DateAsker(parts);

  app.post('/process', {
    config: { right: 'trigger', routeName: 'process', keepsUnread: true },
    schema: {
      tags: ['triggers'],
      summary: 'Triggers a date: a Pub/Sub push, or the message alone.',
      body: { oneOf: [openApiOf(envelopeSchema), openApiOf(messageSchema)] },
      response: answersOf({
        200: 'The outcome: completed, unchanged, skipped, no_processors, partial, disputed, questioned, partial_failure, blocked, quarantined, cancelled, abandoned or dead_lettered.',
        202: 'The processors still run after the wait; the work continues.',
        400: 'The message can never succeed: every fault is named, and a push is kept in dead_letter, even one that is too large.',
        413: 'A body over 256 KiB that is not a push, or a push over 16 MiB.',
        500: 'dependency_not_ready, dependency_failure or failed: send it again later.',
      }),
    },
    handler: async (request, reply) =>
      sendAnswer(request, reply, await processMessage(parts, asker, request.body, nameOf(request))),
  });

  app.post('/process-date-range', {
    config: { right: 'trigger', routeName: 'process_date_range' },
    schema: {
      tags: ['triggers'],
      summary: 'Triggers a range of dates, with an answer for each.',
      body: openApiOf(rangeSchema),
      response: answersOf({
        200: 'All dates succeeded, or some did (partial_failure).',
        202: 'Some dates still run; the work continues.',
        400: 'Every fault is named; nothing was started.',
        500: 'No date succeeded.',
      }),
    },
    handler: async (request, reply) =>
      sendAnswer(request, reply, await processDateRange(parts, request.body, nameOf(request))),
  });
}
