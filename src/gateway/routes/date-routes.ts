/** The routes of one date: what is so of it, for the right "read", and what people decide, for the right "override". */
import type { FastifyInstance } from 'fastify';
import { toSnakeCase } from '../../contracts/snake-case';
import { descriptionOf } from '../../contracts/schema';
import type { GatewayParts } from '../parts';
import { answersOf, nameOf, sendAnswer } from '../reply';
import { decisionSchemas, openApiOf, type DecisionName } from '../schemas';
import { decide, explainDate } from './dates';

/** Signals, which nobody answers; the others are updates. */
const sentDecisions: readonly DecisionName[] = [
  ...(['rerun', 'restore', 'unpin', 'recheck', 'release', 'discard', 'estimate'] as const),
];

const dateParameter = {
  type: 'object',
  required: ['date'],
  properties: { date: { type: 'string', description: 'a game date, YYYY-MM-DD' } },
};

interface OfDate {
  Params: { date: string };
}

export function addDateRoutes(app: FastifyInstance, parts: GatewayParts): void {
  app.get<OfDate>('/dates/:date', {
    config: { right: 'read', routeName: 'date' },
    schema: {
      tags: ['dates'],
      summary: 'Explains the state of a date, like `phase3 why DATE --json`.',
      params: dateParameter,
      response: {
        ...answersOf({ 400: 'The date is malformed or in the future.' }),
        200: { description: 'The state, level by level.', type: 'object', additionalProperties: true },
      },
    },
    handler: async (request, reply) => {
      const found = await explainDate(parts, request.params.date);
      if ('httpStatus' in found) return sendAnswer(request, reply, found);
      request.gameDate = found.gameDate;
      return reply.send(toSnakeCase(found));
    },
  });

  for (const name of Object.keys(decisionSchemas) as DecisionName[]) addDecision(app, parts, name);
}

function addDecision(app: FastifyInstance, parts: GatewayParts, name: DecisionName): void {
  const hasDryRun = 'dry_run' in decisionSchemas[name].pipe[0].entries;
  const ofDryRun = hasDryRun ? { 200: 'What would come of it, table by table; nothing was decided.' } : {};
  const outcome = sentDecisions.includes(name)
    ? { ...ofDryRun, 202: 'Accepted; GET /dates/{date} shows the outcome.' }
    : { 200: `Recorded, and in effect${hasDryRun ? '; of a dry run: what would come of it' : ''}.` };
  app.post<OfDate>(`/dates/:date/${name}`, {
    config: { right: 'override', routeName: 'decision' },
    schema: {
      tags: ['decisions'],
      summary: descriptionOf(decisionSchemas[name]),
      params: dateParameter,
      body: openApiOf(decisionSchemas[name]),
      response: answersOf({
        ...outcome,
        400: 'Every fault is named; nothing was decided.',
        404: 'No run of the date is open.',
        409: 'The date does not accept the decision; the message says why.',
      }),
    },
    handler: async (request, reply) => {
      const { params, body } = request;
      return sendAnswer(request, reply, await decide(parts, name, params.date, body, nameOf(request)));
    },
  });
}
