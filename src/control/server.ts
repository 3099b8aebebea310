/** Serves the control endpoint on loopback. Streams in and out; nothing here blocks the worker's event loop for long. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { Readable } from 'node:stream';
import fastify, { type FastifyInstance } from 'fastify';
import { adoptDate, type Adopter } from '../adoption/adopt-date';
import { diffLive } from '../adoption/diff-live';
import { addDays, isGameDate } from '../contracts/game-date';
import { explainFigure } from '../explain-figure/explain-figure';
import type { FigureExplanation, UnknownFigure } from '../explain-figure/figure';
import { policyNow, type PolicySettings } from '../contracts/policy';
import { parseJson } from '../contracts/json-text';
import { shown } from '../contracts/schema';
import { shadowToken } from '../contracts/shadow-prefix';
import { checkDependencies, checkRun } from '../gate/check-dependencies';
import type { AgePolicy } from '../gate/read-snapshot';
import {
  isAnalyticsTableName,
  isRawTableName,
  isTableName,
  orchestrationTables,
  tableOf,
} from '../tables/catalogue';
import type { DeadLetterRow } from '../tables/orchestration';
import { decodeRow } from '../warehouse/decode-row';
import { WarehouseError } from '../warehouse/errors';
import { calendarTable, processorOf, processors } from '../plan/registry';
import { codeOf, unbuilt, type BuildInfo } from '../contracts/code-identity';
import type { Warehouse } from '../warehouse/warehouse';
import { bodyOf } from './body';
import { addDeadLetter } from './dead-letters';
import { watchOlder } from './older-rows';
import { decodeLines, toLines } from './row-lines';
import { listedGames, recordOf } from './reads';
import { recordedStandings } from './standings';
import { addQuarantine } from './quarantine';
import { addPlans } from './plans';
import { questionsOf } from './questions';
import { addVersions } from './versions';
import { readBuilds, recordBuilds } from '../builds/record-builds';
import {
  adoptSchema,
  buildEntrySchema,
  checkSchema,
  copySchema,
  figureSchema,
  foreseeSchema,
  ndjson,
  verifySchema,
  type AdoptedPartition,
  type CheckResponse,
  type DeadLetterResponse,
  type ErrorResponse,
  type Health,
  type Loaded,
  type OlderRows,
  type RunningBuild,
  type VerifiedDate,
  type WarehouseCheck,
  type WarehouseCopy,
} from './protocol';
import { datesToVerify } from '../verify/verified-dates';
import { verifyDate } from '../verify/verify-date';

export interface ControlServer {
  readonly url: string;
  readonly token: string;
  close(): Promise<void>;
}

export interface ControlServerOptions {
  readonly warehouse: Warehouse;
  readonly policy: PolicySettings;
  /** What code runs; unknown where it is left out. */
  readonly build?: BuildInfo;
  /** State of the worker as the SDK names it (`RUNNING` …). */
  readonly workerState: () => string;
}

/** Starts the endpoint on a free port of 127.0.0.1, behind a token made for this process. */
export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const token = randomBytes(24).toString('hex');
  const app = fastify({ bodyLimit: 1 << 20, forceCloseConnections: true });
  app.addContentTypeParser(ndjson, (_request, payload, done) => done(null, payload));
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    const parsed = parseJson(String(body));
    if (parsed.ok) done(null, parsed.value);
    else done(Object.assign(new Error(`The body ${parsed.problem}.`), { statusCode: 400 }));
  });
  app.addHook('onRequest', async (request, reply) => {
    if (!sameToken(request.headers.authorization ?? '', `Bearer ${token}`))
      await reply
        .code(401)
        .send({ error: 'the token is missing or wrong; it is in worker.json in PHASE3_HOME' });
  });
  app.setErrorHandler(async (error, _request, reply) => {
    const body: ErrorResponse = { error: error instanceof Error ? error.message : String(error) };
    await reply.code(statusOf(error)).send(body);
  });
  const parts = [
    addHealth,
    addTables,
    addWarehouseCheck,
    addWarehouseCopy,
    addShadowRemoval,
    addCheck,
    addFigures,
    addVerify,
    addMigration,
    addRecords,
    addVersions,
    addKeptBack,
    addBuilds,
    addPlans,
  ];
  for (const add of parts) add(app, options);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url, token, close: () => app.close() };
}

/** Whose fault it is: what fastify refuses by itself carries its own status. */
function statusOf(error: unknown): number {
  if (error instanceof WarehouseError) return error.kind === 'bad_rows' ? 400 : 503;
  const { statusCode } = error as { statusCode?: number };
  return statusCode ?? 500;
}

function runningBuild(build: BuildInfo = unbuilt): RunningBuild {
  const codes = processors.map((processor) => {
    const { version, sourceHash } = codeOf(processor, build);
    return [processor.name, { version, source_hash: sourceHash }] as const;
  });
  const { commit, id, schema, lock } = build;
  return { commit, id, schema, lock, processors: Object.fromEntries(codes) };
}

function addHealth(app: FastifyInstance, { warehouse, workerState, build }: ControlServerOptions): void {
  app.get('/health', (): Health => {
    const worker = workerState();
    const { kind, location, prefix } = warehouse;
    return {
      ...{
        ready: worker === 'RUNNING',
        now: new Date().toISOString(),
        pid: process.pid,
        worker,
        warehouse: kind,
        location,
        prefix,
      },
      build: runningBuild(build),
    };
  });
}

/** Looks at the whole warehouse as a start does: what is missing is created, and what is not as declared is a refusal. */
function addWarehouseCheck(app: FastifyInstance, { warehouse }: ControlServerOptions): void {
  app.post('/warehouse/checks', async (): Promise<WarehouseCheck> => {
    await warehouse.ensureTables();
    const schedule = await warehouse.dateRange(calendarTable);
    return { schedule };
  });
}

/** Decisions about builds, which are on record before they take effect. */
function addBuilds(app: FastifyInstance, { warehouse }: ControlServerOptions): void {
  app.post('/builds/decisions', async (request) => {
    const { entry_id: entryId, ...entry } = bodyOf(buildEntrySchema, request.body);
    await recordBuilds(warehouse, [{ ...entry, entryId, processor: null, tables: [] }]);
    return {};
  });
  app.get('/builds/decisions', async () => ({ rows: await readBuilds(warehouse) }));
}

/** A copy of the warehouse for whoever may not open the file itself: a home of its own below this one. */
function addWarehouseCopy(app: FastifyInstance, { warehouse }: ControlServerOptions): void {
  app.post('/warehouse/copies', async (request, reply): Promise<WarehouseCopy | ErrorResponse> => {
    const { path } = bodyOf(copySchema, request.body);
    if (!warehouse.copyTo) {
      reply.code(400);
      return { error: `the warehouse is in ${warehouse.location}, and no file that could be copied` };
    }
    await warehouse.copyTo(path);
    return { path };
  });
}

/** What a shadow has beside the tables of this deployment goes once it is not needed any more. */
function addShadowRemoval(app: FastifyInstance, { warehouse }: ControlServerOptions): void {
  app.delete<{ Params: { token: string } }>('/warehouse/shadows/:token', async (request, reply) => {
    const { token } = request.params;
    if (!shadowToken.test(token)) return reply.code(400).send({ error: `${token} names no shadow` });
    await warehouse.removeShadow?.(token);
    return reply.code(204).send();
  });
}

/** Rows in and out, and where a table begins and ends. */
function addTables(app: FastifyInstance, { warehouse }: ControlServerOptions): void {
  app.put<{ Params: { table: string }; Body: Readable }>('/raw/:table', async (request, reply) => {
    const { table } = request.params;
    if (!isRawTableName(table)) return reply.code(404).send({ error: `${table} is not a raw table` });
    let older: readonly OlderRows[] = [];
    const rows = watchOlder(warehouse, table, decodeLines(table, request.body), (found) => (older = found));
    const report: Loaded = await warehouse.loadRows(table, rows);
    return older.length > 0 ? { ...report, older } : report;
  });

  app.get<{ Params: { table: string }; Querystring: { from: string; to: string } }>(
    '/tables/:table',
    async (request, reply) => {
      const { table } = request.params;
      const { from, to } = request.query;
      if (!isTableName(table)) return reply.code(404).send({ error: `${table} is not a table` });
      if (!isGameDate(from) || !isGameDate(to))
        return reply.code(400).send({ error: 'from and to are dates' });
      return reply.type(ndjson).send(Readable.from(toLines(warehouse.exportRows(table, from, to))));
    },
  );

  app.get<{ Params: { table: string } }>('/ranges/:table', async (request, reply) => {
    const { table } = request.params;
    if (!isTableName(table)) return reply.code(404).send({ error: `${table} is not a table` });
    return { range: await warehouse.dateRange(table) };
  });
}

function addCheck(app: FastifyInstance, { warehouse, policy }: ControlServerOptions): void {
  app.post('/check', async (request): Promise<CheckResponse> => {
    const { game_date: gameDate, processors, as_run: asRun, overrides } = bodyOf(checkSchema, request.body);
    const inForce = policyNow(policy, overrides, () => new Date());
    const check = asRun ? checkRun : checkDependencies;
    return { verdicts: await check(warehouse, gameDate, processors.map(processorOf), inForce) };
  });
}

/** Where a published figure comes from. */
function addFigures(app: FastifyInstance, { warehouse, policy }: ControlServerOptions): void {
  app.post('/figures', async (request, reply): Promise<FigureExplanation | UnknownFigure | ErrorResponse> => {
    const { table, game_date: gameDate, subject, column, game } = bodyOf(figureSchema, request.body);
    const isKnown = isAnalyticsTableName(table) && Object.hasOwn(tableOf(table).columns, column);
    if (!isKnown) {
      reply.code(404);
      return { error: `${table} is no analytics table with a column ${column}` };
    }
    const now = policyNow(policy, {}, () => new Date());
    return explainFigure(warehouse, { table, gameDate, subject, column, game }, now);
  });
}

/** What is live against what was published: the dates of a range, or the newest so many. */
function addVerify(app: FastifyInstance, { warehouse, policy }: ControlServerOptions): void {
  app.post('/verifications', async (request, reply) => {
    const wanted = bodyOf(verifySchema, request.body);
    const now = policyNow(policy, {}, () => new Date());
    const dates = await datesToVerify(warehouse, wanted);
    return reply.type(ndjson).send(Readable.from(verifications(warehouse, dates, now)));
  });
}

/** One line for each date. One that cannot be read is the last, since the answer's status can no longer say it. */
async function* verifications(
  warehouse: Warehouse,
  dates: readonly string[],
  policy: AgePolicy,
): AsyncGenerator<string> {
  for (const date of dates) {
    const line: VerifiedDate | ErrorResponse = await verifyDate(warehouse, date, policy).catch(
      (error: unknown) => ({
        error: `The verification broke off at ${date}: ${error instanceof Error ? error.message : String(error)}`,
      }),
    );
    yield `${JSON.stringify(line)}\n`;
    if ('error' in line) return;
  }
}

/** What is kept back, and what a decision about it would come to. */
function addKeptBack(app: FastifyInstance, { warehouse, policy, build }: ControlServerOptions): void {
  const questions = questionsOf(warehouse, policy, build);
  addQuarantine(app, { warehouse, now: () => policyNow(policy, {}, () => new Date()) });
  app.post('/foreseen', async (request) => ({
    tables: await questions.foresee(bodyOf(foreseeSchema, request.body)),
  }));
  app.get<{ Params: { date: string; game: string } }>('/estimates/:date/:game', async (request, reply) => {
    const { date, game } = request.params;
    if (!isGameDate(date)) return reply.code(400).send({ error: `${date} is not a date` });
    return questions.findEstimate(date, game);
  });
}

/** What a migration asks: to adopt what is live, and to compare a shadow with it. */
function addMigration(app: FastifyInstance, { warehouse }: ControlServerOptions): void {
  app.post('/adoptions', async (request, reply) => {
    const { from, to, by, reason } = bodyOf(adoptSchema, request.body);
    return reply.type(ndjson).send(Readable.from(adoptions(warehouse, from, to, { by, reason })));
  });

  app.get<{ Params: { table: string }; Querystring: { from: string; to: string; tolerance?: unknown } }>(
    '/differences/:table',
    async (request, reply) => {
      const { table } = request.params;
      const { from, to, tolerance = '0' } = request.query;
      if (!isAnalyticsTableName(table))
        return reply.code(404).send({ error: `${table} is not an analytics table` });
      if (!isGameDate(from) || !isGameDate(to))
        return reply.code(400).send({ error: 'from and to are dates' });
      const apart = isText(tolerance) ? Number(tolerance) : NaN;
      if (!Number.isFinite(apart) || apart < 0)
        return reply.code(400).send({ error: `tolerance is ${shown(tolerance)}, expected a number from 0` });
      if (warehouse.prefix === null)
        return reply
          .code(400)
          .send({ error: 'nothing to compare: without PHASE3_DATASET_PREFIX the tables are the live ones' });
      return diffLive(warehouse, table, from, to, apart);
    },
  );
}

/** What is on record of dates and messages. */
function addRecords(app: FastifyInstance, { warehouse, policy }: ControlServerOptions): void {
  const now = (): AgePolicy => policyNow(policy, {}, () => new Date());
  app.post<{ Body: unknown }>('/dead-letters', async (request, reply) => {
    const decoded = decodeRow(orchestrationTables.dead_letter, request.body);
    if (!decoded.ok) {
      const [fault] = decoded.faults;
      return reply.code(400).send({ error: `${fault?.field} ${fault?.problem}` });
    }
    const answer: DeadLetterResponse = {
      added: await addDeadLetter(warehouse, decoded.row as DeadLetterRow),
    };
    return answer;
  });

  app.get<{ Querystring: { from: string; to: string } }>('/standings', async (request, reply) => {
    const { from, to } = request.query;
    if (!isDate(from) || !isDate(to)) return reply.code(400).send({ error: 'from and to are dates' });
    return { standings: await recordedStandings(warehouse, from, to, now()) };
  });

  app.get<{ Querystring: { from: string; to: string } }>('/games', async (request, reply) => {
    const { from, to } = request.query;
    if (!isDate(from) || !isDate(to)) return reply.code(400).send({ error: 'from and to are dates' });
    return { games: await listedGames(warehouse, from, to) };
  });

  app.get<{ Params: { date: string } }>('/dates/:date', async (request, reply) => {
    const { date } = request.params;
    if (!isGameDate(date)) return reply.code(400).send({ error: `${date} is not a date` });
    return recordOf(warehouse, date, now());
  });
}

/**
 * One line for each partition, as soon as its date is settled. A date without any is an empty line: whoever listens gives
 * up on a long silence. A date that cannot be adopted is the last line, since the answer's status can no longer say it.
 */
async function* adoptions(
  warehouse: Warehouse,
  from: string,
  to: string,
  adopter: Adopter,
): AsyncGenerator<string> {
  for (let date = from; date <= to; date = addDays(date, 1)) {
    const lines: (AdoptedPartition | ErrorResponse)[] = [];
    try {
      lines.push(...(await adoptDate(warehouse, date, adopter)));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      lines.push({ error: `The adoption broke off at ${date}: ${why}` });
    }
    yield `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
    if (lines.some((line) => 'error' in line)) return;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function isDate(value: unknown): value is string {
  return typeof value === 'string' && isGameDate(value);
}

function sameToken(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
