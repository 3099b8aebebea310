/** A span for each request, in the trace that the sender names by `traceparent`. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { startSpan, type StartedSpan } from '../observability/traced';

export function traceRequests(app: FastifyInstance): void {
  const spans = new WeakMap<FastifyRequest, StartedSpan>();
  app.addHook('onRequest', (request, _reply, done) => {
    const { traceparent } = request.headers;
    const route = request.routeOptions.url ?? 'unknown';
    const attributes = { 'http.request.method': request.method, 'http.route': route };
    const named = typeof traceparent === 'string' ? traceparent : undefined;
    spans.set(request, startSpan(`${request.method} ${route}`, attributes, named));
    done();
  });
  // Not before: what reads the body goes on in the context of the connection.
  app.addHook('preHandler', (request, _reply, done) => {
    const span = spans.get(request);
    if (span) span.continues(done);
    else done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    spans.get(request)?.end({ 'http.response.status_code': reply.statusCode });
    done();
  });
}
