/**
 * The door of the embedded server's UI. The UI itself answers whoever reaches its port, under any name and for a page of any
 * site, and can end every run; so it listens where nobody looks for it, and this is the address that people are told.
 */
import httpProxy from '@fastify/http-proxy';
import fastify, { type FastifyInstance } from 'fastify';
import { isNavigation, whyForeign } from './foreign-pages';

/** Builds the server. `behind`: where the UI listens now, asked for each request; null where there is none. */
export async function buildTemporalUi(behind: () => Promise<string | null>): Promise<FastifyInstance> {
  const app = fastify({ logger: false, forceCloseConnections: true });
  const addresses = new WeakMap<object, string>();
  app.addHook('onRequest', async (request, reply) => {
    const { method, headers } = request;
    const why = isNavigation(method, headers) ? null : whyForeign(headers);
    if (why !== null) return reply.code(403).send(`${why}: the Temporal UI serves this machine only.\n`);
    const address = await behind();
    if (address === null)
      return reply.code(503).send('No Temporal server of this home is up. `phase3 up` starts it.\n');
    addresses.set(request.raw, address);
    return undefined;
  });
  await app.register(httpProxy, {
    upstream: '',
    replyOptions: { getUpstream: ({ raw }) => addresses.get(raw) ?? '' },
  });
  return app;
}
