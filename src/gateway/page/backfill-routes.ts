/** The pages of backfills. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { BackfillView } from '../../client';
import { steerSchema, type SteerRequest } from '../../contracts/backfill';
import { isGameDate } from '../../contracts/game-date';
import { InvalidRequestError, readRequest } from '../../requests/validate-request';
import type { SteerName } from '../schemas';
import { noBackfill, steerBackfill, type OfBackfill } from '../steer-backfill';
import { addAct, doneNotice, type Place } from './act-routes';
import { noReasonYet, type Chosen } from './acts/act';
import { backfillActs } from './acts/on-backfills';
import { backfillBody, backfillName, backfillPath, backfillsBody, backfillsPath } from './backfills-page';
import { backfillsTopic, backfillTopic, type PageParts } from './parts';
import { show, visitorIn } from './show';

export function addBackfills(app: FastifyInstance, parts: PageParts): void {
  app.get(backfillsPath, {
    config: { pageRight: 'read', routeName: 'page' },
    handler: async (request, reply) => {
      const known = await backfillsTopic(parts).now();
      return show(parts, request, reply, {
        title: 'Backfills',
        topic: { key: 'backfills/', news: known },
        body: backfillsBody(known.view),
      });
    },
  });

  const url = `${backfillsPath}/:from/:to/:name`;
  app.get<{ Querystring: { done?: unknown } }>(url, {
    config: { pageRight: 'read', routeName: 'page' },
    handler: async (request, reply) => {
      const { key, known, backfill } = await lookAt(parts, request);
      return show(parts, request, reply, {
        title: backfillName(backfill),
        topic: { key, news: known },
        body: backfillBody(
          backfill,
          visitorIn(request),
          doneNotice(backfillActs, request.query.done, '“Who decided what”'),
        ),
      });
    },
  });

  const place: Place<BackfillView, SteerName> = {
    url,
    about: async (request) => {
      const { backfill } = await lookAt(parts, request);
      return { view: backfill, title: backfillName(backfill), path: backfillPath(backfill) };
    },
    check: (chosen) => requireSteer(chosen),
    decide: ({ view, by }, what, body) => steerBackfill(parts, view, { ...body, what, by } as Steering),
  };
  for (const act of backfillActs) addAct(app, parts, place, act);
}

type Steering = Omit<SteerRequest, 'steerId'>;

/** The backfill that the address names, as it is now; refused where there is none. */
async function lookAt(parts: PageParts, request: FastifyRequest) {
  const { from, to, name } = request.params as OfBackfill;
  const key = `backfill/${from}/${to}/${name}`;
  const topic = isGameDate(from) && isGameDate(to) ? backfillTopic(parts, { from, to, name }) : null;
  const known = await topic?.now();
  const backfill = known?.view.backfill;
  if (!known || !backfill) throw noBackfill({ from, to, name });
  return { key, known, backfill };
}

function requireSteer({ name, body }: Chosen<SteerName>): void {
  const given = { ...body, what: name, steerId: 'dry-run', by: 'dry-run', reason: noReasonYet };
  const found = readRequest(steerSchema, given);
  if (!found.ok) throw new InvalidRequestError(found.faults);
}
