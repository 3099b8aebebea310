/** The HTTP server: who is asking and what they may, limits, what is logged, and the routes. */
import swagger from '@fastify/swagger';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { isTracing } from '../observability/traced';
import { traceRequests } from './trace-requests';
import type { Right } from '../config/gateway';
import { UnauthenticatedError } from './auth/authenticator';
import type { Principal } from './auth/principal';
import type { AnswerStatus } from './answers';
import { bodyLimit, decodeBodies, requestTimeoutMs } from './body';
import { limitPipelining, limitRate, RefusalTally } from './limits';
import type { RouteName } from './metrics';
import { openApi } from './openapi';
import { whyForeign } from './foreign-pages';
import { Live } from './page/live';
import { addPages } from './page/routes';
import type { GatewayParts } from './parts';
import { forbidden, notFound, plain, RefusalError } from './refusals';
import { refusalOf } from './refusal-of';
import { sendAnswer } from './reply';
import { addBackfillRoutes } from './routes/backfill-routes';
import { addDateRoutes } from './routes/date-routes';
import { addOperationRoutes } from './routes/operation-routes';
import { addTriggerRoutes } from './routes/trigger-routes';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the caller must have; none for what everybody may. */
    right?: Right;
    /** What metrics count it as. */
    routeName?: RouteName;
    /** Whether it takes bodies that could not be read, to put them on record. */
    keepsUnread?: boolean;
  }
  interface FastifyRequest {
    principal: Principal | null;
    /** What the answer begins with, for logs and metrics. */
    answerStatus: AnswerStatus | null;
    /** The date that it is about, once that is known. */
    gameDate: string | null;
  }
}

/** How long a connection may be silent beyond the longest wait. */
const silenceMs = 60_000;

/** Builds the server. It listens to nobody yet. */
export async function buildServer(parts: GatewayParts): Promise<FastifyInstance> {
  const { requestTimeoutMs: timeoutMs = requestTimeoutMs } = parts;
  const app = fastify({
    bodyLimit,
    requestTimeout: timeoutMs,
    // Who asks and does not read the answer would keep it here for ever. Nobody is held open for as long as this.
    connectionTimeout: parts.silenceMs ?? parts.settings.waitMs + silenceMs,
    // A request that has not come whole by then is cut off: Node looks at each connection this often, and else only
    // every half minute.
    http: {
      connectionsCheckingInterval: Math.min(1_000, timeoutMs),
      headersTimeout: timeoutMs,
      requestTimeout: timeoutMs,
    },
    forceCloseConnections: 'idle',
    // A date in a path is ten characters long.
    routerOptions: { maxParamLength: 100 },
    logger: false,
  });
  app.decorateRequest('principal', null);
  app.decorateRequest('answerStatus', null);
  app.decorateRequest('gameDate', null);
  decodeBodies(app);
  // Schemas of routes are there to be read: bodies are judged by the routes, which name all faults at once.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (body) => JSON.stringify(body));
  limitPipelining(app);
  watchOver(app, parts);
  authenticate(app, parts);
  await limitRate(app, parts);
  await app.register(swagger, { openapi: openApi(parts), hideUntagged: true });
  const live = new Live(parts.pages);
  app.addHook('onClose', async () => live.close());
  await app.register(async (scope) => addPages(scope, { ...parts, live }));
  await app.register(async (scope) => {
    addTriggerRoutes(scope, parts);
    addDateRoutes(scope, parts);
    addBackfillRoutes(scope, parts);
    addOperationRoutes(scope, parts);
  });
  return app;
}

/** One line and one count for each request, and an answer for each error. Nothing of a header or a body is logged. */
function watchOver(app: FastifyInstance, { log, metrics }: GatewayParts): void {
  const tally = new RefusalTally(log);
  if (isTracing()) traceRequests(app);
  app.addHook('onClose', async () => tally.say());
  app.addHook('onResponse', async (request, reply) => {
    const seconds = reply.elapsedTime / 1000;
    const { routeName = 'unknown' } = request.routeOptions.config;
    // Who follows a page stays for as long as they look at it: that is no time that an answer took.
    if (routeName === 'events') return;
    metrics.count(routeName, reply.statusCode, request.answerStatus, seconds);
    if (routeName === 'health' || routeName === 'metrics' || routeName === 'asset') return;
    if (reply.statusCode === 429) {
      tally.count(request.principal?.name ?? request.ip);
      return;
    }
    const isBad = reply.statusCode >= 500 || request.answerStatus === 'blocked';
    log(isBad ? 'WARNING' : 'INFO', `${request.method} ${request.routeOptions.url ?? '(no route)'}`, {
      status: reply.statusCode,
      answer: request.answerStatus,
      ms: Math.round(reply.elapsedTime),
      principal: request.principal?.name ?? null,
      gameDate: request.gameDate,
    });
  });
  app.setNotFoundHandler(async (request, reply) =>
    sendAnswer(
      request,
      reply,
      notFound(`There is no ${request.method} ${pathOf(request)}. GET /openapi.json lists what there is.`),
    ),
  );
  app.setErrorHandler(async (error, request, reply) => {
    const refusal = refusalOf(error);
    if (refusal.httpStatus === 500) log('ERROR', 'a request failed', { error });
    // The rest of the body is not read.
    if (refusal.httpStatus === 413) reply.header('connection', 'close');
    if (refusal.httpStatus === 401) reply.header('www-authenticate', 'Bearer realm="phase3"');
    return sendAnswer(request, reply, refusal);
  });
}

/** A path can be anything, and goes into a sentence. */
function pathOf({ url }: FastifyRequest): string {
  const [path = ''] = url.split('?');
  return path.length > 100 ? `${path.slice(0, 100)}…` : path;
}

/** Nothing is read of a request before it is known who sends it and that they may. */
function authenticate(app: FastifyInstance, { authenticator, settings: { auth } }: GatewayParts): void {
  app.addHook('onRequest', async (request) => {
    const { right } = request.routeOptions.config;
    if (right === undefined) return;
    if (auth === null) refuseBrowsers(request);
    const principal = await authenticator.authenticate(auth === null ? undefined : authorizationOf(request));
    request.principal = principal;
    if (!principal.rights.has(right)) throw new RefusalError(forbidden(principal.name, right));
  });
}

/** Of several Node keeps the first, and what stands before the gateway may have judged the last. */
function authorizationOf({ raw, headers }: FastifyRequest): string | undefined {
  const names = raw.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'authorization');
  if (names.length > 1)
    throw new UnauthenticatedError(`The request has ${names.length} Authorization headers, expected one.`);
  return headers.authorization;
}

/** Without tokens whoever reaches the gateway may do everything. */
function refuseBrowsers({ headers }: FastifyRequest): void {
  const why = whyForeign(headers);
  if (why === null) return;
  const sentence = `${why}: without tokens the gateway serves programs on this machine only.`;
  throw new RefusalError(plain(403, 'forbidden', sentence));
}
