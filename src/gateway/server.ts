/** The HTTP server: who is asking and what they may, limits, what is logged, and the routes. */
import rateLimit from '@fastify/rate-limit';
import swagger, { type FastifyDynamicSwaggerOptions as SwaggerOptions } from '@fastify/swagger';
import { ServiceError } from '@temporalio/client';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { version } from '../../package.json';
import type { Right } from '../config/gateway';
import { toSnakeCase } from '../contracts/snake-case';
import { IssuerUnreachableError, UnauthenticatedError } from './auth/authenticator';
import type { Principal } from './auth/principal';
import { answerStatuses, type Answer, type AnswerStatus } from './answers';
import { DateAsker, reasonOf } from './ask-date';
import type { RouteName } from './metrics';
import type { GatewayParts } from './parts';
import { RecordsUnavailableError } from './records';
import { badRequest, forbidden, notFound, plain, unauthenticated, unavailable } from './refusals';
import { decide, decisionNames, explainDate, type DecisionName } from './routes/dates';
import { readiness } from './routes/health';
import { processMessage } from './routes/process';
import { processDateRange } from './routes/process-date-range';
import {
  decisionSchemas,
  envelopeSchema,
  faultsOf,
  messageSchema,
  rangeSchema,
  type BodySchema,
} from './schemas';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the caller must have; none for what everybody may. */
    right?: Right;
    /** What metrics count it as. */
    routeName?: RouteName;
  }
  interface FastifyRequest {
    principal: Principal | null;
    /** What the answer begins with, for logs and metrics. */
    answerStatus: AnswerStatus | null;
    /** The date that it is about, once that is known. */
    gameDate: string | null;
  }
}

/** A message is a few hundred bytes, an envelope with its attributes a few thousand. */
const bodyLimit = 256 * 1024;
/** How long a request may take to come; what it waits for then has its own limit. */
const requestTimeoutMs = 15_000;

/** Builds the server. It listens to nobody yet. */
export async function buildServer(parts: GatewayParts): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: 'idle',
    // A date in a path is ten characters long.
    routerOptions: { maxParamLength: 100 },
    logger: false,
  });
  app.decorateRequest('principal', null);
  app.decorateRequest('answerStatus', null);
  app.decorateRequest('gameDate', null);
  decode(app);
  watchOver(app, parts);
  await authenticate(app, parts);
  await app.register(swagger, { openapi: openApi(parts), hideUntagged: true });
  await app.register(async (scope) => addRoutes(scope, parts));
  return app;
}

/** JSON whatever the content type says: `curl -d` calls it a form. */
function decode(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, app.getDefaultJsonParser('error', 'error'));
  app.setValidatorCompiler(({ schema, httpPart }) => (value: unknown) => {
    // Of a path there is only the date to judge, which routes do. A body that needs no field may be left out.
    const body = value ?? ((schema as BodySchema).required ? value : {});
    const faults = httpPart === 'body' ? faultsOf(schema as BodySchema, body) : [];
    return faults.length > 0 ? { error: new InvalidBodyError(faults) } : { value };
  });
  // The schemas of answers are there to be read, and take nothing out of them.
  app.setSerializerCompiler(() => (body) => JSON.stringify(body));
}

/** An answer that ends a request before its route. */
class RefusalError extends Error {
  override readonly name = 'RefusalError';
  constructor(readonly answer: Answer) {
    super(String(answer.body['message']));
  }
}

class InvalidBodyError extends Error {
  override readonly name = 'InvalidBodyError';
  constructor(readonly faults: readonly string[]) {
    super(faults.join(' '));
  }
}

/** One line and one count for each request, and an answer for each error. Nothing of a header or a body is logged. */
function watchOver(app: FastifyInstance, { log, metrics }: GatewayParts): void {
  app.addHook('onResponse', async (request, reply) => {
    const seconds = reply.elapsedTime / 1000;
    const { routeName = 'unknown' } = request.routeOptions.config;
    metrics.count(routeName, reply.statusCode, request.answerStatus, seconds);
    if (routeName === 'health' || routeName === 'metrics') return;
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
    answer(
      request,
      reply,
      notFound(`There is no ${request.method} ${pathOf(request)}. GET /openapi.json lists what there is.`),
    ),
  );
  app.setErrorHandler(async (error, request, reply) => {
    const refusal = refusalOf(error);
    if (refusal.httpStatus === 500) log('ERROR', 'a request failed', { error });
    if (refusal.httpStatus === 401) reply.header('www-authenticate', 'Bearer realm="phase3"');
    return answer(request, reply, refusal);
  });
}

/** A path can be anything, and goes into a sentence. */
function pathOf({ url }: FastifyRequest): string {
  const [path = ''] = url.split('?');
  return path.length > 100 ? `${path.slice(0, 100)}…` : path;
}

function refusalOf(error: unknown): Answer {
  if (error instanceof UnauthenticatedError) return unauthenticated(error.message);
  if (error instanceof IssuerUnreachableError || error instanceof RecordsUnavailableError)
    return unavailable(error.message);
  if (error instanceof RefusalError) return error.answer;
  if (error instanceof InvalidBodyError) return badRequest(error.faults);
  if (error instanceof ServiceError) return unavailable(`Temporal does not answer: ${reasonOf(error)}`);
  const { statusCode, code } = error as { statusCode?: number; code?: string };
  if (code === 'FST_ERR_CTP_EMPTY_JSON_BODY')
    return badRequest(['The body is empty, expected a JSON object.']);
  if (code === 'FST_ERR_CTP_INVALID_JSON_BODY')
    return badRequest(['The body is no JSON, expected a JSON object.']);
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return plain(413, 'bad_request', `The body is too large, expected at most ${bodyLimit / 1024} KiB.`);
  if (statusCode === 429)
    return {
      ...plain(429, 'too_many_requests', 'Too many requests; ask again in a second.'),
      retryAfterSeconds: 1,
    };
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return plain(statusCode, 'bad_request', error instanceof Error ? error.message : String(error));
  return plain(500, 'error', 'The gateway has failed; its log says how. What was accepted before goes on.');
}

/** Nothing is read of a request before it is known who sends it and that they may. */
async function authenticate(app: FastifyInstance, { authenticator, settings }: GatewayParts): Promise<void> {
  const { auth, maxRequestsPerSecond } = settings;
  app.addHook('onRequest', async (request) => {
    const { right } = request.routeOptions.config;
    if (right === undefined) return;
    if (auth === null) refuseBrowsers(request);
    const principal = await authenticator.authenticate(request.headers.authorization);
    request.principal = principal;
    if (!principal.rights.has(right)) throw new RefusalError(forbidden(principal.name, right));
  });
  await app.register(rateLimit, {
    max: maxRequestsPerSecond,
    timeWindow: 1_000,
    // After the one above, and before a body is read.
    hook: 'preParsing',
    keyGenerator: ({ principal, ip }) => principal?.name ?? ip,
    addHeaders: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false },
    addHeadersOnExceeding: {
      'x-ratelimit-limit': false,
      'x-ratelimit-remaining': false,
      'x-ratelimit-reset': false,
    },
  });
}

const loopbackHost = /^(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d+)?$/i;

/**
 * Without tokens whoever reaches the gateway may do everything, and a web page that somebody on this machine looks at
 * reaches it: by a form of another site, or by a name that was made to lead here.
 */
function refuseBrowsers({ headers }: FastifyRequest): void {
  const { host = '', origin } = headers;
  if (!loopbackHost.test(host))
    throw new RefusalError(
      plain(
        403,
        'forbidden',
        'The Host header names another host, expected 127.0.0.1 or localhost: without tokens only this machine is served.',
      ),
    );
  const site = headers['sec-fetch-site'];
  if (
    (origin !== undefined && origin !== `http://${host}`) ||
    (site !== undefined && site !== 'same-origin' && site !== 'none')
  )
    throw new RefusalError(
      plain(
        403,
        'forbidden',
        'The request comes from a web page of another site, and without tokens only programs of this machine are served.',
      ),
    );
}

function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  { httpStatus, body, retryAfterSeconds }: Answer,
): FastifyReply {
  request.answerStatus = body.status;
  const { gameDate } = body;
  if (typeof gameDate === 'string') request.gameDate = gameDate;
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  return reply.code(httpStatus).send(toSnakeCase(body));
}

const answerSchema = {
  type: 'object',
  required: ['status'],
  properties: { status: { type: 'string', enum: [...answerStatuses] }, message: { type: 'string' } },
  additionalProperties: true,
};

const healthSchema = {
  type: 'object',
  required: ['status', 'components'],
  properties: {
    status: { type: 'string', enum: ['ready', 'not_ready'] },
    components: { type: 'object', additionalProperties: true },
  },
};

function answersOf(descriptions: Readonly<Record<number, string>>): Record<number, object> {
  const always = {
    401: 'No token, or one that is not good.',
    403: 'A token without the right.',
    413: `A body over ${bodyLimit / 1024} KiB.`,
    429: 'Too many requests.',
    503: 'Temporal, the warehouse, the issuer or a worker does not answer; ask again.',
  };
  return Object.fromEntries(
    Object.entries({ ...descriptions, ...always }).map(([code, description]) => [
      code,
      { description, ...answerSchema },
    ]),
  );
}

/** Signals, which nobody answers; the others are updates. */
const sentDecisions: readonly DecisionName[] = ['rerun', 'restore', 'recheck'];

const dateParameter = {
  type: 'object',
  required: ['date'],
  properties: { date: { type: 'string', description: 'a game date, YYYY-MM-DD' } },
};

function addRoutes(app: FastifyInstance, parts: GatewayParts): void {
  const asker = new DateAsker(parts);
  const nameOf = ({ principal }: FastifyRequest): string => principal?.name ?? '';

  app.post('/process', {
    config: { right: 'trigger', routeName: 'process' },
    // Judged by the route: a message that can never succeed is put on record.
    validatorCompiler: () => () => true,
    schema: {
      tags: ['triggers'],
      summary: 'News of a source table, as a Pub/Sub push or as the plain message.',
      body: { oneOf: [envelopeSchema, messageSchema] },
      response: answersOf({
        200: 'What came of it: completed, unchanged, skipped, no_processors, partial_failure, blocked, quarantined, cancelled, abandoned or dead_lettered.',
        202: 'Its processors run past the wait; the work goes on by itself.',
        400: 'It can never succeed: every fault is named, and a push is kept in dead_letter.',
        500: 'dependency_not_ready, dependency_failure or failed: send it again later.',
      }),
    },
    handler: async (request, reply) =>
      answer(request, reply, await processMessage(parts, asker, request.body, nameOf(request))),
  });

  app.post('/process-date-range', {
    config: { right: 'trigger', routeName: 'process_date_range' },
    // What a schema cannot say of it is named along with the rest.
    validatorCompiler: () => () => true,
    schema: {
      tags: ['triggers'],
      summary: 'Many dates, through the same plan and gates, with an answer for each.',
      body: rangeSchema,
      response: answersOf({
        200: 'All dates went well, or some did (partial_failure).',
        202: 'Some are under way; the work goes on by itself.',
        400: 'Every fault is named; nothing was started.',
        500: 'No date went well.',
      }),
    },
    handler: async (request, reply) =>
      answer(request, reply, await processDateRange(parts, request.body, nameOf(request))),
  });

  app.get<{ Params: { date: string } }>('/dates/:date', {
    config: { right: 'read', routeName: 'date' },
    schema: {
      tags: ['dates'],
      summary: 'Why a date is where it is, as `phase3 why DATE --json` says it.',
      params: dateParameter,
      response: {
        ...answersOf({ 400: 'No date, or one in the future.' }),
        200: { description: 'Its state, level by level.', type: 'object', additionalProperties: true },
      },
    },
    handler: async (request, reply) => {
      const found = await explainDate(parts, request.params.date);
      if ('httpStatus' in found) return answer(request, reply, found);
      request.gameDate = found.gameDate;
      return reply.send(toSnakeCase(found));
    },
  });

  for (const name of decisionNames)
    app.post<{ Params: { date: string } }>(`/dates/:date/${name}`, {
      config: { right: 'override', routeName: 'decision' },
      schema: {
        tags: ['decisions'],
        summary: decisionSchemas[name].description,
        params: dateParameter,
        body: decisionSchemas[name],
        response: answersOf({
          ...(sentDecisions.includes(name)
            ? { 202: 'Sent; the record says what comes of it.' }
            : { 200: 'On record, and carried out.' }),
          400: 'Every fault is named; nothing was decided.',
          404: 'No run of the date is open.',
          409: 'The date does not take it, and says why.',
        }),
      },
      handler: async (request, reply) =>
        answer(request, reply, await decide(parts, name, request.params.date, request.body, nameOf(request))),
    });

  app.get('/health/live', {
    config: { routeName: 'health' },
    schema: { tags: ['operations'], summary: 'Whether the gateway runs.' },
    // The id tells whoever started it that it is this one and no other that has the port.
    handler: async () => ({
      status: 'live',
      version,
      pid: process.pid,
      tokens: parts.settings.auth !== null,
    }),
  });

  app.get('/health/ready', {
    config: { routeName: 'health' },
    schema: {
      tags: ['operations'],
      summary: 'Whether Temporal, the warehouse and a worker answer, each by name.',
      response: {
        200: { description: 'All of them do.', ...healthSchema },
        503: { description: 'Something does not, and says why.', ...healthSchema },
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
      summary: "Prometheus metrics: the gateway's, and the worker's where it is on this machine.",
      response: {
        200: { description: "Prometheus' text format.", type: 'string' },
        401: { description: 'No token, or one that is not good.', ...answerSchema },
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
    schema: { tags: ['operations'], summary: 'This description.' },
    handler: async () => app.swagger(),
  });
}

function openApi({ settings: { auth } }: GatewayParts): NonNullable<SwaggerOptions['openapi']> {
  return {
    openapi: '3.0.3',
    info: {
      title: 'phase3',
      version,
      description:
        'Turns a night of NBA box scores into team and player summaries, in order, or says why not. ' +
        (auth === null
          ? 'This gateway serves loopback without tokens.'
          : 'Requests carry an OpenID Connect token: `Authorization: Bearer …`.'),
    },
    tags: [
      { name: 'triggers', description: 'Needs the right "trigger".' },
      { name: 'dates', description: 'Needs the right "read".' },
      { name: 'decisions', description: 'Needs the right "override"; goes into the audit.' },
      { name: 'operations', description: 'Metrics need the right "read", health nothing.' },
    ],
    ...(auth === null
      ? {}
      : {
          components: { securitySchemes: { oidc: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
          security: [{ oidc: [] }],
        }),
  };
}
