/**
 * The gateway's metrics at an address of their own, for a Prometheus on a network that others do not reach: it asks for no
 * token, since whoever scrapes every few seconds for years has none that lasts.
 */
import fastify, { type FastifyInstance } from 'fastify';
import type { GatewayMetrics } from './metrics';

/** Builds the server. It listens to nobody yet. */
export function buildMetricsServer(metrics: GatewayMetrics): FastifyInstance {
  const app = fastify({ logger: false, forceCloseConnections: true });
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
  return app;
}
