/** The status page: HTML for people, beside the API. What is decided here is decided as by the API, and by the same code. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Right } from '../../config/gateway';
import { ControlError } from '../../control/client';
import { faultOfGameDate, requireAnalyticsTable, requireVersion } from '../../requests/validate-request';
import { todayOf } from '../parts';
import { badRequest, forbidden, RefusalError, unavailable } from '../refusals';
import { refusalOf } from '../refusal-of';
import { decide } from '../routes/dates';
import type { DecisionName } from '../schemas';
import { addAct, doneNotice, type Place } from './act-routes';
import { acts } from './acts/acts';
import { requireChosen, type Form } from './acts/act';
import { addBackfills } from './backfill-routes';
import { backfillsPath } from './backfills-page';
import { dateBody } from './date-page';
import { differenceOf } from './difference';
import { addEvents } from './events';
import { figureBody } from './figure-page';
import { html } from './html';
import { dayName } from './layout';
import { tagOf, TopicError } from './live';
import { dateTopic, seasonTopic, type PageParts } from './parts';
import { rulesBody } from './rules-page';
import { datePath, seasonBody, seasonName, seasonPath } from './season-page';
import type { DateView } from './read-date';
import { SignInNeeded, visitorOf, type Visitor } from './session';
import { show, visitorIn } from './show';
import { addSignIn, safeNext } from './sign-in';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What who looks at a page must have. Pages know people by their cookie, and the API by a header. */
    pageRight?: Right;
  }
  interface FastifyRequest {
    visitor: Visitor | null;
  }
}

/** Nothing is loaded from elsewhere, nothing is run that is not a file of ours, and nobody may frame it. */
const policy = [
  "default-src 'none'",
  ...["script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'"],
  ...["form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"],
].join('; ');

const securityHeaders = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // With "no-referrer" a browser would not say which site a form is of.
  'referrer-policy': 'same-origin',
};

const formLimit = 32 * 1024;

export function addPages(app: FastifyInstance, parts: PageParts): void {
  app.decorateRequest('visitor', null);
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: formLimit },
    async (_request: FastifyRequest, body: string | Buffer) => readForm(String(body)),
  );
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...securityHeaders, 'cache-control': 'no-store' }).type('text/html; charset=utf-8');
    const { pageRight } = request.routeOptions.config;
    if (pageRight === undefined) return;
    request.visitor = await visitorOf(parts, request);
    const { principal } = request.visitor;
    request.principal = principal;
    if (!principal.rights.has(pageRight)) throw new RefusalError(forbidden(principal.name, pageRight));
  });
  app.setErrorHandler(async (error, request, reply) => answerError(parts, error, request, reply));
  addAssets(app);
  if (parts.settings.auth !== null) addSignIn(app, parts);
  addEvents(app, parts);
  addSeason(app, parts);
  addDate(app, parts);
  for (const act of acts) addAct(app, parts, placeOfDates(parts), act);
  addBackfills(app, parts);
}

function readForm(body: string): Form {
  const form = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(body)) form.set(name, [...(form.get(name) ?? []), value]);
  return form;
}

const assets = { 'page.css': 'text/css; charset=utf-8', 'page.js': 'text/javascript; charset=utf-8' };

function addAssets(app: FastifyInstance): void {
  for (const [name, type] of Object.entries(assets)) {
    const text = readFileSync(join(__dirname, 'assets', name), 'utf8');
    const tag = `"${tagOf(text)}"`;
    app.get(`/assets/${name}`, {
      config: { routeName: 'asset' },
      handler: async ({ headers }, reply) => {
        reply.type(type).header('cache-control', 'no-cache').header('etag', tag);
        return headers['if-none-match'] === tag ? reply.code(304).send() : reply.send(text);
      },
    });
  }
}

function addSeason(app: FastifyInstance, parts: PageParts): void {
  app.get<{ Querystring: { season?: unknown } }>('/', {
    config: { pageRight: 'read', routeName: 'page' },
    handler: async (request, reply) => {
      const { season } = request.query;
      const year = typeof season === 'string' && /^(19|20)\d\d$/.test(season) ? Number(season) : null;
      const known = await seasonTopic(parts, year).now();
      const { view } = known;
      return show(parts, request, reply, {
        title: view.year === null ? 'No dates yet' : `Season ${seasonName(view.year)}`,
        topic: { key: `season/${year ?? ''}`, news: known },
        seasonPath: seasonPath(year),
        body: seasonBody(view),
      });
    },
  });

  app.get('/rules', {
    config: { pageRight: 'read', routeName: 'page' },
    handler: async (request, reply) =>
      show(parts, request, reply, { title: 'Rules', topic: null, body: rulesBody() }),
  });
}

interface OfDate {
  Params: { date: string };
}

/** A value of a query; empty where it was sent twice or not at all. */
function oneOf(query: Readonly<Record<string, unknown>>, name: string): string {
  const value = query[name];
  return typeof value === 'string' ? value.slice(0, 200) : '';
}

/** A date of the past or of today; refused where it is none. */
function requireDate(parts: PageParts, request: FastifyRequest<OfDate>): string {
  const { date } = request.params;
  const fault = faultOfGameDate('The date', date, todayOf(parts));
  if (fault) throw new RefusalError({ ...badRequest([fault]), httpStatus: 404 });
  request.gameDate = date;
  return date;
}

function addDate(app: FastifyInstance, parts: PageParts): void {
  app.get<OfDate & { Querystring: { done?: unknown } }>('/nights/:date', {
    config: { pageRight: 'read', routeName: 'page' },
    handler: async (request, reply) => {
      const gameDate = requireDate(parts, request);
      const known = await dateTopic(parts, gameDate).now();
      const { run } = known.view;
      const { done } = request.query;
      return show(parts, request, reply, {
        title: dayName(gameDate),
        topic: { key: `date/${gameDate}`, news: known },
        body: dateBody(known.view, visitorIn(request), {
          runLink: run && (await parts.runLink(run.workflowId, run.runId)),
          done: doneNotice(acts, done, '“Who decided what”'),
        }),
      });
    },
  });

  app.get<OfDate & { Querystring: Record<string, unknown> }>('/nights/:date/figure', {
    config: { pageRight: 'read', routeName: 'page' },
    handler: async (request, reply) => {
      const gameDate = requireDate(parts, request);
      const text = (name: string): string => oneOf(request.query, name);
      const table = requireAnalyticsTable(text('table'), 'table');
      const game = text('game');
      const explained = await (
        await parts.reads()
      ).explainFigure({
        ...{ table, game_date: gameDate, subject: text('subject'), column: text('column') },
        ...(game === '' ? {} : { game }),
      });
      return show(parts, request, reply, {
        title: 'A figure',
        topic: null,
        body: figureBody(gameDate, explained),
      });
    },
  });

  app.get<{ Params: { date: string; table: string }; Querystring: Record<string, unknown> }>(
    '/nights/:date/versions/:table',
    {
      config: { pageRight: 'read', routeName: 'page' },
      handler: async (request, reply) => {
        const gameDate = requireDate(parts, request);
        const table = requireAnalyticsTable(request.params.table, 'table');
        const [before, after] = ['before', 'after'].map((name) =>
          requireVersion(oneOf(request.query, name), name),
        ) as [number, number];
        const difference = await (await parts.reads()).versionsDifference(table, gameDate, before, after);
        return show(parts, request, reply, {
          title: `${table}, version ${before} to ${after}`,
          topic: null,
          body: html`<h1>${table}: version ${before} → ${after}</h1>
            <p><a href="${datePath(gameDate)}">${dayName(gameDate)}</a></p>
            ${differenceOf(difference)}`,
        });
      },
    },
  );
}

function placeOfDates(parts: PageParts): Place<DateView, DecisionName> {
  return {
    url: '/nights/:date',
    about: async (request) => {
      const gameDate = requireDate(parts, request as FastifyRequest<OfDate>);
      const { view } = await dateTopic(parts, gameDate).now();
      return { view, title: dayName(gameDate), path: datePath(gameDate) };
    },
    check: requireChosen,
    decide: ({ view, by }, name, body) => decide(parts, name, view.gameDate, body, by),
  };
}

/** What was wrong, as a page; or where to sign in. */
async function answerError(
  parts: PageParts,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  // What was set of an answer that failed is taken back.
  reply.headers(securityHeaders).header('cache-control', 'no-store').type('text/html; charset=utf-8');
  if (error instanceof SignInNeeded) return askToSignIn(request, reply, error);
  const isAway = error instanceof TopicError || (error instanceof ControlError && error.statusCode === null);
  const answer = isAway ? unavailable(error.message) : refusalOf(error);
  const { httpStatus, body } = answer;
  if (httpStatus === 500) parts.log('ERROR', 'a page failed', { error });
  request.answerStatus = body.status;
  const key = topicKeyOf(request);
  return show(parts, request, reply.code(httpStatus), {
    title: httpStatus === 503 ? 'Not now' : httpStatus === 404 ? 'Not found' : 'Refused',
    // A page that cannot be shown now is shown as soon as it can.
    topic: httpStatus === 503 && key !== null ? { key, news: { tag: '', trouble: null } } : null,
    body: html`<h1>
        ${httpStatus === 503 ? 'Not available now' : httpStatus === 403 ? 'Refused' : 'That did not work'}
      </h1>
      <p class="notice bad" role="alert">${body['message'] as string}</p>
      <p><a href="/">The season</a></p>`,
  });
}

function topicKeyOf({ routeOptions, params }: FastifyRequest): string | null {
  if (routeOptions.url === '/') return 'season/';
  if (routeOptions.url === backfillsPath) return 'backfills/';
  return routeOptions.url === '/nights/:date' ? `date/${(params as OfDate['Params']).date}` : null;
}

/** Signing in leads back to the page. A link on another site's page brings no cookie, which is no reason to sign in again. */
function askToSignIn(request: FastifyRequest, reply: FastifyReply, { why }: SignInNeeded): FastifyReply {
  const { method, headers, url } = request;
  if (request.routeOptions.url === '/events') return reply.code(401).send('');
  const next = safeNext(method === 'GET' ? url : null);
  if (why === null && method === 'GET' && headers['sec-fetch-site'] === 'cross-site')
    return reply.send(
      html`<!doctype html>
        <html lang="en">
          <meta charset="utf-8" />
          <meta http-equiv="refresh" content="0; url=${next}" />
          <title>Phase 3</title>
          <p><a href="${next}">Go on</a></p>
        </html>`.text,
    );
  const query = new URLSearchParams({ next }).toString();
  return reply.redirect(`/sign-in?${query}`, 303);
}
