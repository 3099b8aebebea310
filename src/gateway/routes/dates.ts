/** What `GET /dates/{date}` and `POST /dates/{date}/…` do: why a date is where it is, and what people decide about it. */
import { FailedError, NotOpenError, RefusedError } from '../../client';
import { durationMs } from '../../contracts/fields';
import { explainState, type Explanation } from '../../explain/explain-date';
import { explainRecorded } from '../../explain/explain-record';
import type { Read } from '../../contracts/schema';
import { readRestore, readUnpin } from '../../requests/restore';
import { faultOfGameDate, faultOfKept, readRequest } from '../../requests/validate-request';
import type { Answer } from '../answers';
import { acceptMs, todayOf, type GatewayParts } from '../parts';
import { badRequest, notFound, plain, refused } from '../refusals';
import { decisionSchemas, type DecisionName } from '../schemas';
import type { Asked, Decision, Named } from './decision';
import { foreseen } from './dry-runs';
import { decidedAbout } from './game-decisions';

/** Why a date is where it is: live if its run is open, else from the record. */
export async function explainDate(parts: GatewayParts, date: string): Promise<Answer | Explanation> {
  const fault = faultOfGameDate('date', date, todayOf(parts));
  if (fault) return badRequest([fault]);
  const known = await parts.server.within(acceptMs, () => parts.client.state(date));
  if (known?.isOpen) return explainState(known.state, true);
  return explainRecorded(date, await parts.records.dateRecord(date));
}

/** Carries out a decision of `principal`. One that needs no field needs no body. */
export async function decide(
  parts: GatewayParts,
  name: DecisionName,
  date: string,
  given: unknown,
  principal: string,
): Promise<Answer> {
  const dateFault = faultOfGameDate('date', date, todayOf(parts));
  const found = readRequest(decisionSchemas[name], given ?? (name === 'recheck' ? {} : given));
  if (!found.ok || dateFault)
    return badRequest([...(dateFault ? [dateFault] : []), ...(found.ok ? [] : found.faults)]);
  const decision = { name, body: found.value } as Decision;
  const named = await namedOnRecord(parts, decision, date);
  if (!named.ok) return badRequest(named.faults);
  const about = await decidedAbout(parts, decision, date);
  if ('httpStatus' in about) return about;
  const asked: Asked = { gameDate: date, by: principal, named: { ...named.value, ...about } };
  try {
    return 'dry_run' in decision.body && decision.body.dry_run
      ? await foreseen(parts, decision, asked)
      : await send(parts, decision, asked);
  } catch (error) {
    if (error instanceof RefusedError) return refused(error.message);
    if (error instanceof NotOpenError)
      return notFound(
        `No run of ${date} is open, so ${
          name === 'cancel'
            ? 'there is nothing to cancel. POST /date-ranges/{from}/{to}/{name}/cancel ends a backfill that is at it.'
            : `the decision has no effect. POST /dates/${date}/rerun starts one.`
        }`,
      );
    if (error instanceof FailedError) return plain(500, 'failed', error.message);
    throw error;
  }
}

/** Looks up what a decision names, so that what there is not is refused before anything goes on record. */
async function namedOnRecord(
  { records }: GatewayParts,
  { name, body }: Decision,
  gameDate: string,
): Promise<Read<Named>> {
  if (name === 'unpin') {
    const { partition_manifest: manifests } = await records.dateRecord(gameDate);
    const found = readUnpin(
      manifests,
      { gameDate, processor: body.processor },
      { date: 'date', processor: 'processor' },
    );
    return found.ok ? { ok: true, value: { processors: found.value } } : found;
  }
  if (name !== 'restore') return { ok: true, value: {} };
  const found = readRestore(body, { processor: 'processor', version: 'version', before: 'before' });
  if (!found.ok) return found;
  if ('version' in found.value) {
    const { partition_manifest: manifests } = await records.dateRecord(gameDate);
    const fault = faultOfKept(manifests, { gameDate, ...found.value }, 'version');
    if (fault) return { ok: false, faults: [fault] };
  }
  return { ok: true, value: { wanted: found.value } };
}

async function send(
  { client, server, overrides }: GatewayParts,
  { name, body }: Decision,
  { gameDate, by, named: { wanted, processors: pinned = [], game } }: Asked,
): Promise<Answer> {
  const sent = <T>(work: () => Promise<T>): Promise<T> => server.within(acceptMs, work);
  switch (name) {
    case 'bypass': {
      const { for: holds, dry_run: _, ...rest } = body;
      const forMs = holds === undefined ? {} : { forMs: durationMs(holds) };
      return done(await client.bypass({ gameDate, by, ...rest, ...forMs }), gameDate);
    }
    case 'extend': {
      const byMs = durationMs(body.for);
      return done(await client.extend({ gameDate, byMs, by, reason: body.reason }), gameDate);
    }
    case 'cancel':
      return done(await client.cancel({ gameDate, by, ...body }), gameDate);
    case 'rerun': {
      const { processors = [], ...rest } = body;
      const some = processors.length > 0 ? { processors } : {};
      const rerun = { gameDate, by, overrides, ...rest, ...some };
      return accepted(await sent(() => client.rerun(rerun)), gameDate);
    }
    case 'restore':
      if (!wanted) throw new Error('a restore was let through that names nothing');
      return accepted(
        await sent(() => client.restore({ gameDate, by, reason: body.reason, ...wanted })),
        gameDate,
      );
    case 'unpin': {
      const unpin = { gameDate, by, overrides, reason: body.reason, processors: pinned };
      return accepted(await sent(() => client.unpin(unpin)), gameDate);
    }
    case 'release':
    case 'discard':
    case 'estimate': {
      if (!game) throw new Error(`a ${name} was let through that is about nothing`);
      const decided = { gameDate, by, overrides, kind: name, ...game };
      return accepted(await sent(() => client.decideGame(decided)), gameDate);
    }
    case 'recheck':
      await sent(() => client.recheck({ gameDate, by }));
      return accepted({}, gameDate);
  }
}

/** On record, and carried out. */
function done(decided: object, gameDate: string): Answer {
  const message = `The decision is recorded and in effect for ${gameDate}.`;
  return { httpStatus: 200, body: { message, ...decided, status: 'accepted', gameDate } };
}

/** Sent; what comes of it is on record in a moment. */
function accepted(run: object, gameDate: string): Answer {
  const message = `The request is sent; GET /dates/${gameDate} shows the outcome.`;
  return { httpStatus: 202, body: { ...run, status: 'accepted', gameDate, message } };
}
