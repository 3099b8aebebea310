/** What is asked of many dates: what a backfill would do, what the present code would make of them, what is missing. Nothing is written. */
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { codeOf, unbuilt, type BuildInfo } from '../contracts/code-identity';
import type { PlanBasis, PlannedDate } from '../contracts/date-plan';
import { addDays } from '../contracts/game-date';
import { policyNow, type PolicySettings } from '../contracts/policy';
import { estimateOf, nodesToBuild, spansOf } from '../dates/estimate';
import { planDate } from '../dates/plan-date';
import { hashOf } from '../dates/plan-document';
import { readDates } from '../dates/read-dates';
import { levelOfProcessor, planOf, processors } from '../plan/registry';
import { rawSources } from '../tables/catalogue';
import { runHistory, type RunHistoryRow } from '../tables/orchestration';
import type { Warehouse } from '../warehouse/warehouse';
import { bodyOf } from './body';
import { foreseeSnapshot } from './foresee';
import { missingDates } from './missing';
import {
  missingSchema,
  ndjson,
  planSchema,
  type ErrorResponse,
  type MissingReport,
  type PlanLine,
  type PlanRequest,
  type WhatIfDate,
} from './protocol';

interface PlansOptions {
  readonly warehouse: Warehouse;
  readonly policy: PolicySettings;
  readonly build?: BuildInfo;
}

export function addPlans(app: FastifyInstance, options: PlansOptions): void {
  app.post('/plans', (request, reply) => {
    const lines = planLines(bodyOf(planSchema, request.body), options);
    return reply.type(ndjson).send(Readable.from(spelled(lines, 'The plan')));
  });
  app.post('/missing', (request): Promise<MissingReport> => {
    const { from, to, needed_by: neededBy, overrides } = bodyOf(missingSchema, request.body);
    const policy = policyNow(options.policy, overrides, () => new Date());
    return missingDates(options.warehouse, { from, to, neededBy }, policy);
  });
  app.post('/what-ifs', (request, reply) => {
    const lines = whatIfLines(bodyOf(planSchema, request.body), options);
    return reply.type(ndjson).send(Readable.from(spelled(lines, 'The comparison')));
  });
}

/** One line each. What cannot go on is the last, since the answer's status can no longer say it. */
async function* spelled(lines: AsyncIterable<object>, what: string): AsyncGenerator<string> {
  try {
    for await (const line of lines) {
      yield `${JSON.stringify(line)}\n`;
      // A date is judged in one go; between two of them the worker does its own work.
      await new Promise((resolve) => setImmediate(resolve));
    }
  } catch (error) {
    const line: ErrorResponse = {
      error: `${what} broke off: ${error instanceof Error ? error.message : String(error)}`,
    };
    yield `${JSON.stringify(line)}\n`;
  }
}

async function* planLines(
  { from, to, processors: asked, concurrency, overrides }: PlanRequest,
  { warehouse, policy: settings, build = unbuilt }: PlansOptions,
): AsyncGenerator<PlanLine> {
  const clock = new Date();
  const policy = policyNow(settings, overrides, () => clock);
  const now = overrides.now ?? settings.now;
  yield { head: { planned_at: clock.toISOString(), now, basis: basisOf(warehouse, settings, build) } };
  const dates: PlannedDate[] = [];
  for await (const read of readDates(warehouse, { from, to }, processors, policy)) {
    const date = planDate(read, { processors, asked: asked ?? null, policy, build });
    dates.push(date);
    yield { date };
  }
  const history = await newestPasses(warehouse);
  const bytes = await bytesOf(warehouse, dates);
  yield { estimate: estimateOf(dates, { history, concurrency, bytes, levelOf: levelOfProcessor }) };
}

async function* whatIfLines(
  { from, to, processors: asked, overrides }: PlanRequest,
  { warehouse, policy: settings, build = unbuilt }: PlansOptions,
): AsyncGenerator<WhatIfDate> {
  const policy = policyNow(settings, overrides, () => new Date());
  const names = asked ?? processors.map(({ name }) => name);
  const forced = Object.fromEntries(names.map((name) => [name, 'to see what the present code makes of it']));
  for await (const { snapshot } of readDates(warehouse, { from, to }, processors, policy))
    yield {
      gameDate: snapshot.gameDate,
      tables: foreseeSnapshot(snapshot, { policy, build, forced }),
    };
}

function basisOf(
  { kind, location, prefix }: Warehouse,
  { readyShare, oldAfterDays, rebuildsTeamRows }: PolicySettings,
  build: BuildInfo,
): PlanBasis {
  return {
    plan_hash: hashOf(planOf()),
    commit: build.commit,
    code: processors.map((processor) => {
      const { version, sourceHash } = codeOf(processor, build);
      return { processor: processor.name, version, source_hash: sourceHash };
    }),
    ...{ warehouse: kind, location, prefix },
    ...{ ready_share: readyShare, old_after_days: oldAfterDays, rebuilds_team_rows: rebuildsTeamRows },
  };
}

/** Of one read of the raw rows of the dates that have something to build. */
async function bytesOf(
  warehouse: Pick<Warehouse, 'bytesToRead'>,
  dates: readonly PlannedDate[],
): Promise<number | null> {
  const own = dates.filter((date) => nodesToBuild(date).length > 0).map(({ game_date: date }) => date);
  const tables = rawSources.map(({ table }) => table.name);
  let sum: number | null = null;
  for (const { from, to } of spansOf(own)) {
    const bytes = await warehouse.bytesToRead(tables, from, to);
    if (bytes === null) return null;
    sum = (sum ?? 0) + bytes;
  }
  return sum;
}

/** Passes of the newest dates that have any: how long a night takes here. */
async function newestPasses(
  warehouse: Pick<Warehouse, 'dateRange' | 'exportRows'>,
): Promise<RunHistoryRow[]> {
  const range = await warehouse.dateRange(runHistory.name);
  if (!range) return [];
  const passes: RunHistoryRow[] = [];
  for await (const rows of warehouse.exportRows(
    runHistory.name,
    addDays(range.to, -daysLearnedFrom),
    range.to,
  ))
    passes.push(...(rows as readonly RunHistoryRow[]));
  return passes;
}

const daysLearnedFrom = 60;
