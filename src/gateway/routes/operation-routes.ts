/** The routes of those who operate the gateway: health and the description for everybody, metrics for the right "read". */
import { readBuildInfo } from '../../config/build-info';
import type { FastifyInstance } from 'fastify';
import { version } from '../../../package.json';
import type { GatewayParts } from '../parts';
import { answerSchema } from '../reply';
import { readiness } from './health';

const healthSchema = {
  type: 'object',
  required: ['status', 'components'],
  properties: {
    status: { type: 'string', enum: ['ready', 'not_ready'] },
    components: { type: 'object', additionalProperties: true },
  },
};

export function addOperationRoutes(app: FastifyInstance, parts: GatewayParts): void {
  // Read once: what was built since in the same place is not what runs.
  const { id: build } = readBuildInfo();
  app.get('/health/live', {
    config: { routeName: 'health' },
    schema: { tags: ['operations'], summary: 'Says whether the gateway runs.' },
    // The id tells whoever started it that it is this one and no other that has the port.
    handler: async () => ({
      status: 'live',
      version,
      pid: process.pid,
      build,
      tokens: parts.settings.auth !== null,
    }),
  });

  app.get('/health/ready', {
    config: { routeName: 'health' },
    schema: {
      tags: ['operations'],
      summary: 'Says whether Temporal, the warehouse and a worker answer, each by name.',
      response: {
        200: { description: 'All of them answer.', ...healthSchema },
        503: { description: 'One of them does not answer; the body says which and why.', ...healthSchema },
      },
    },
    handler: async (_request, reply) => {
      const { httpStatus, body } = await readiness(parts);
      return reply.code(httpStatus).send(body);
    },
  });

  app.get('/metrics', {
    config: { right: 'read', routeName: 'metrics' },
    schema: {
      tags: ['operations'],
      summary: "Metrics for Prometheus: the gateway's, and the worker's if it runs on this machine.",
      response: {
        200: { description: "Prometheus' text format.", type: 'string' },
        401: { description: 'No token, or an invalid one.', ...answerSchema },
        403: { description: 'A token without the right.', ...answerSchema },
      },
    },
    handler: async (_request, reply) =>
      reply
        .type(parts.metrics.contentType)
        .send(`${await parts.metrics.text()}\n${await parts.workerMetrics()}`),
  });

  app.get('/openapi.json', {
    config: { routeName: 'openapi' },
    schema: { tags: ['operations'], summary: 'This API as an OpenAPI document.' },
    handler: async () => app.swagger(),
  });
}
