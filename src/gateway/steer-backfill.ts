/** Which backfill is meant, and what is decided about it: the same over HTTP and by the page. */
import { RefusedError, type ListedBackfill } from '../client';
import type { SteerAsked } from '../client/backfills';
import { isGameDate } from '../contracts/game-date';
import type { Answer } from './answers';
import { acceptMs, type GatewayParts } from './parts';
import { notFound, refused, RefusalError } from './refusals';

/** What tells a backfill from all others. */
export type OfBackfill = Pick<ListedBackfill, 'from' | 'to' | 'name'>;

/** Where none is. */
export function noBackfill({ from, to, name }: OfBackfill): RefusalError {
  return new RefusalError(notFound(`There is no backfill of ${from} to ${to} with the name ${name}.`));
}

/** The backfill that is named, as Temporal lists it. Throws a {@link RefusalError} where there is none. */
export async function findBackfill(
  { client, server }: Pick<GatewayParts, 'client' | 'server'>,
  of: OfBackfill,
): Promise<ListedBackfill> {
  const { from, to, name } = of;
  if (!isGameDate(from) || !isGameDate(to)) throw noBackfill(of);
  const known = await server.within(acceptMs, () => client.knownBackfill(client.backfillId(from, to, name)));
  if (known === null) throw noBackfill(of);
  return known;
}

/** Decides about a backfill, and says what that did. */
export async function steerBackfill(
  { client }: Pick<GatewayParts, 'client'>,
  { workflowId }: Pick<ListedBackfill, 'workflowId'>,
  asked: SteerAsked,
): Promise<Answer> {
  try {
    const { summary, steerId, what, by, reason, at } = await client.steerBackfill(workflowId, asked);
    const decided = { workflowId, id: steerId, what, by, reason, at };
    return { httpStatus: 200, body: { status: 'accepted', message: `${summary}.`, ...decided } };
  } catch (error) {
    if (error instanceof RefusedError) return refused(error.message);
    throw error;
  }
}
