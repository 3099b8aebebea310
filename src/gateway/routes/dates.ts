/** `GET /dates/{date}`: why a date is where it is. `POST /dates/{date}/…`: what people decide about it. */
import { FailedError, NotOpenError, NoWorkerError, RefusedError } from '../../client';
import { explainRecorded, explainState, type Explanation } from '../../explain/explain-date';
import {
  requireExtensionMs,
  requireGameDate,
  requireInputTable,
  requireKept,
  requireProcessor,
  requireReason,
} from '../../requests/validate-request';
import type { Answer } from '../answers';
import { faultOf } from '../decode-message';
import { acceptMs, todayOf, type GatewayParts } from '../parts';
import { badRequest, notFound, plain, refused, unavailable } from '../refusals';
import { decisionSchemas } from '../schemas';

export type DecisionName = keyof typeof decisionSchemas;
export const decisionNames = Object.keys(decisionSchemas) as DecisionName[];

/** Why a date is where it is: live if its run is open, else from the record. */
export async function explainDate(parts: GatewayParts, date: string): Promise<Answer | Explanation> {
  const fault = faultOf(() => requireGameDate('date', date, todayOf(parts)));
  if (fault) return badRequest([fault]);
  const known = await parts.server
    .within(acceptMs, () => parts.client.state(date))
    .catch((error: unknown) => {
      if (error instanceof NoWorkerError) return error;
      throw error;
    });
  if (known instanceof NoWorkerError) return unavailable(known.message);
  if (known?.isOpen) return explainState(known.state, true);
  return explainRecorded(date, await parts.records.dateRecord(date));
}

/** What a decision's body holds, once its schema has let it pass. */
interface DecisionBody {
  readonly reason: string;
  readonly processor?: string;
  readonly processors?: readonly string[];
  readonly missing?: readonly string[];
  readonly version: number;
  /** A duration, of an extension. */
  readonly by: string;
}

/** Carries out a decision of `principal`. Its body has passed its schema. */
export async function decide(
  parts: GatewayParts,
  name: DecisionName,
  date: string,
  given: unknown,
  principal: string,
): Promise<Answer> {
  const body = (given ?? {}) as DecisionBody;
  const faults = faultsOfDecision(parts, name, date, body);
  if (faults.length > 0) return badRequest(faults);
  if (name === 'restore') {
    const fault = await faultOfRestore(parts, date, body);
    if (fault) return badRequest([fault]);
  }
  try {
    return await send(parts, name, date, body, principal);
  } catch (error) {
    if (error instanceof RefusedError) return refused(error.message);
    if (error instanceof NotOpenError)
      return notFound(
        `No run of ${date} is open, so there is nothing to decide. POST /dates/${date}/rerun starts one.`,
      );
    if (error instanceof NoWorkerError) return unavailable(error.message);
    if (error instanceof FailedError) return plain(500, 'failed', error.message);
    throw error;
  }
}

function faultsOfDecision(
  parts: GatewayParts,
  name: DecisionName,
  date: string,
  body: DecisionBody,
): string[] {
  const { processor } = body;
  const checks = [
    () => requireGameDate('date', date, todayOf(parts)),
    ...(name === 'recheck' ? [] : [() => requireReason(body.reason, 'reason')]),
    ...(processor === undefined ? [] : [() => requireProcessor(processor, 'processor')]),
    ...(body.processors ?? []).map((one) => () => requireProcessor(one, 'processors')),
    ...(body.missing ?? []).map((table) => () => requireInputTable(table, 'missing')),
    ...(name === 'extend'
      ? [() => requireExtensionMs(body.by, 'by')]
      : []),
  ];
  return checks.flatMap((check) => faultOf(check) ?? []);
}

/** A version that there is not is refused before anything goes on record. */
async function faultOfRestore(
  { records }: GatewayParts,
  gameDate: string,
  { processor = '', version }: DecisionBody,
): Promise<string | null> {
  const { partition_manifest: manifests } = await records.dateRecord(gameDate);
  const wanted = { gameDate, processor: requireProcessor(processor, 'processor'), version };
  return faultOf(() => requireKept(manifests, wanted, 'version'));
}

async function send(
  { client, server, overrides }: GatewayParts,
  name: DecisionName,
  gameDate: string,
  body: DecisionBody,
  by: string,
): Promise<Answer> {
  const { reason, processor = '', processors, missing, version } = body;
  const sent = <T>(work: () => Promise<T>): Promise<T> => server.within(acceptMs, work);
  switch (name) {
    case 'bypass':
      return done(
        await client.bypass({ gameDate, processor, reason, by, ...(missing ? { missing } : {}) }),
        gameDate,
      );
    case 'extend': {
      const byMs = requireExtensionMs(body.by, 'by');
      return done(await client.extend({ gameDate, byMs, by, reason }), gameDate);
    }
    case 'cancel':
      return done(await client.cancel({ gameDate, by, reason }), gameDate);
    case 'rerun':
      return accepted(
        await sent(() =>
          client.rerun({
            gameDate,
            reason,
            by,
            overrides,
            ...(processors && processors.length > 0 ? { processors } : {}),
          }),
        ),
        gameDate,
      );
    case 'restore':
      return accepted(
        await sent(() => client.restore({ gameDate, processor, version, reason, by })),
        gameDate,
      );
    case 'recheck':
      await sent(() => client.recheck({ gameDate, by }));
      return accepted({}, gameDate);
  }
}

/** On record, and carried out. */
function done(decided: object, gameDate: string): Answer {
  const message = `It is on record, and ${gameDate} acts on it.`;
  return { httpStatus: 200, body: { message, ...decided, status: 'accepted', gameDate } };
}

/** Sent; what comes of it is on record in a moment. */
function accepted(run: object, gameDate: string): Answer {
  const message = `It is sent; GET /dates/${gameDate} says what comes of it.`;
  return { httpStatus: 202, body: { ...run, status: 'accepted', gameDate, message } };
}
