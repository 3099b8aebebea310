/** The routes of backfills: how far each is, for the right "read", and what people decide about it, for the right "override". */
import type { FastifyInstance } from 'fastify';
import { descriptionOf } from '../../contracts/schema';
import { toSnakeCase } from '../../contracts/snake-case';
import { backfillJson } from '../../explain/backfill-view';
import { readRequest } from '../../requests/validate-request';
import { acceptMs, type GatewayParts } from '../parts';
import { badRequest } from '../refusals';
import { answersOf, nameOf, sendAnswer } from '../reply';
import { openApiOf, steerSchemas, type SteerName } from '../schemas';
import { findBackfill, steerBackfill, type OfBackfill } from '../steer-backfill';

/** Newest first; older ones are in the Temporal UI. */
const mostListed = 50;

/** Pages have `/backfills`, as they have `/nights` where dates are here. */
const path = '/date-ranges/:from/:to/:name';

interface Named {
  Params: OfBackfill;
}

const text = (description: string): object => ({ type: 'string', description });
const params = {
  type: 'object',
  required: ['from', 'to', 'name'],
  properties: {
    from: text('its first date, YYYY-MM-DD'),
    to: text('its last date, YYYY-MM-DD'),
    name: text('what tells it from others of the range, as GET /date-ranges shows it'),
  },
};

const found = (description: string): object => ({ description, type: 'object', additionalProperties: true });

export function addBackfillRoutes(app: FastifyInstance, parts: GatewayParts): void {
  const { client, server } = parts;
  app.get('/date-ranges', {
    config: { right: 'read', routeName: 'backfill' },
    schema: {
      tags: ['backfills'],
      summary: `Lists the newest ${mostListed} backfills, like \`phase3 backfill list --json\`.`,
      response: { ...answersOf({}), 200: found('The backfills, newest first.') },
    },
    handler: async (_request, reply) => {
      const listed = await server.within(acceptMs, () => client.listBackfills({ most: mostListed }));
      const backfills = await Promise.all(
        listed.map(async (one) =>
          // What has ended says it by its own route: to ask fifty takes longer than a list may.
          one.status === 'RUNNING' ? client.lookAtBackfill(one) : { ...one, progress: null },
        ),
      );
      return reply.send(toSnakeCase({ backfills: backfills.map(backfillJson) }));
    },
  });

  app.get<Named>(path, {
    config: { right: 'read', routeName: 'backfill' },
    schema: {
      tags: ['backfills'],
      summary: 'Says how far a backfill is, like `phase3 backfill status NAME --json`.',
      params,
      response: {
        ...answersOf({ 404: 'There is no such backfill.' }),
        200: found('Its state and progress; without progress where no worker says.'),
      },
    },
    handler: async (request, reply) => {
      const one = await findBackfill(parts, request.params);
      return reply.send(toSnakeCase(backfillJson(await client.lookAtBackfill(one))));
    },
  });

  for (const what of Object.keys(steerSchemas) as SteerName[]) addSteer(app, parts, what);
}

function addSteer(app: FastifyInstance, parts: GatewayParts, what: SteerName): void {
  const schema = steerSchemas[what];
  app.post<Named>(`${path}/${what}`, {
    config: { right: 'override', routeName: 'decision' },
    schema: {
      tags: ['backfills'],
      summary: descriptionOf(schema),
      params,
      body: openApiOf(schema),
      response: answersOf({
        200: 'Decided, and kept with the backfill; the same again where the id was sent before.',
        400: 'Every fault is named; nothing was decided.',
        404: 'There is no such backfill.',
        409: 'The backfill does not accept the decision; the message says why.',
      }),
    },
    handler: async (request, reply) => {
      const read = readRequest(schema, request.body);
      if (!read.ok) return sendAnswer(request, reply, badRequest(read.faults));
      const { id, ...rest } = read.value;
      const asked = { ...rest, what, by: nameOf(request), ...(id === undefined ? {} : { steerId: id }) };
      const one = await findBackfill(parts, request.params);
      return sendAnswer(request, reply, await steerBackfill(parts, one, asked));
    },
  });
}
