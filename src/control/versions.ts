/** What the command line asks about versions: which there are, what they hold, and how they differ. */
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { isGameDate } from '../contracts/game-date';
import type { Policy } from '../contracts/phase3';
import { policyNow, type PolicySettings } from '../contracts/policy';
import { isAnalyticsTableName } from '../tables/catalogue';
import {
  changesSince,
  differenceOf,
  NoSuchRowsError,
  rowsOfVersion,
  versionsOf,
} from '../versions/read-versions';
import { previewRestore, type RestorePreview } from '../versions/preview-restore';
import type { Warehouse } from '../warehouse/warehouse';
import { bodyOf } from './body';
import { ndjson, restorePreviewSchema } from './protocol';
import { toLines } from './row-lines';
import { pinsOn } from './standings';

interface Partition {
  readonly date: string;
  readonly table: string;
}

/** Adds the routes below `/versions` and `/changes` to the control endpoint. */
export function addVersions(
  app: FastifyInstance,
  { warehouse, policy }: { readonly warehouse: Warehouse; readonly policy: PolicySettings },
): void {
  const now = (): Policy => policyNow(policy, {}, () => new Date());
  app.get<{ Params: { date: string } }>('/versions/:date', async (request) => {
    const date = requireDate(request.params.date);
    return { versions: await versionsOf(warehouse, date, await pinsOn(warehouse, date, now())) };
  });

  app.post('/restores/preview', async (request): Promise<RestorePreview> => {
    const { game_date: date, ...wanted } = bodyOf(restorePreviewSchema, request.body);
    return previewRestore(warehouse, date, wanted, now());
  });

  app.get<{ Params: Partition & { version: string } }>(
    '/versions/:date/:table/:version',
    async (request, reply) => {
      const { date, table } = requirePartition(request.params);
      const version = requireNumber('version', request.params.version);
      const rows = await found(rowsOfVersion(warehouse, table, date, version));
      return reply.type(ndjson).send(Readable.from(toLines(once(rows))));
    },
  );

  app.get<{ Params: Partition; Querystring: { before?: unknown; after?: unknown } }>(
    '/versions/:date/:table/difference',
    async (request) => {
      const { date, table } = requirePartition(request.params);
      const [before, after] = [
        requireNumber('before', request.query.before),
        requireNumber('after', request.query.after),
      ];
      return found(differenceOf(warehouse, table, date, before, after));
    },
  );

  app.get<{ Querystring: { since?: unknown } }>('/changes', async (request, reply) => {
    const { since } = request.query;
    if (typeof since !== 'string' || Number.isNaN(Date.parse(since)))
      throw refusal(400, 'since is an instant');
    return reply.type(ndjson).send(Readable.from(changeLines(warehouse, since)));
  });
}

/** One line a partition, as soon as it is counted: a season takes its time, and whoever listens gives up on a silence. */
async function* changeLines(warehouse: Warehouse, since: string): AsyncGenerator<string> {
  for await (const change of changesSince(warehouse, since)) yield `${JSON.stringify(change)}\n`;
}

function requireDate(date: string): string {
  if (isGameDate(date)) return date;
  throw refusal(400, `${date} is not a date`);
}

function requirePartition({ date, table }: Partition): Partition {
  if (!isAnalyticsTableName(table)) throw refusal(404, `${table} is not an analytics table`);
  return { date: requireDate(date), table };
}

function requireNumber(name: string, given: unknown): number {
  if (typeof given === 'string' && /^[1-9]\d{0,8}$/.test(given)) return Number(given);
  throw refusal(400, `${name} is the number of a version`);
}

/** What there is not is a refusal (404). */
export async function found<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof NoSuchRowsError ? refusal(404, error.message) : error;
  }
}

function refusal(statusCode: number, message: string): Error {
  return Object.assign(new Error(message), { statusCode });
}

async function* once<T>(batch: T): AsyncGenerator<T> {
  yield batch;
}
