/**
 * Tells browsers that a page is another by now, by server-sent events. An event's id is the tag of what is shown: whoever
 * comes back after a lost connection, or to another gateway, says what they have, and gets an event only if it is another.
 */
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { isGameDate } from '../../contracts/game-date';
import { badRequest, plain, RefusalError } from '../refusals';
import type { LiveTopic, News } from './live';
import { backfillsTopic, backfillTopic, dateTopic, seasonTopic, type PageParts } from './parts';

/** Each costs memory and a socket; a page works without. */
const mostStreams = 500;
/** Of one who has signed in, so that nobody takes them all. */
const mostOfOne = 50;
/** What lies between us and the browser ends connections that are silent. */
const heartbeatMs = 15_000;
/** Then the browser asks again, and it is judged again who they are. */
const longestMs = 5 * 60_000;
/** How soon a browser comes back, ms. */
const retryMs = 1_000;

/** The topic of a key as pages have it: `date/2017-05-01`, `season/2016`, `backfills/`, `backfill/FROM/TO/NAME`; null for any other. */
function topicOf(parts: PageParts, key: string): LiveTopic<unknown> | null {
  const [kind, name = '', to = '', ...rest] = key.split('/');
  if (kind === 'backfills' && name === '') return backfillsTopic(parts);
  if (kind === 'backfill' && isGameDate(name) && isGameDate(to) && rest.length > 0)
    return backfillTopic(parts, { from: name, to, name: rest.join('/') });
  if (kind === 'date' && isGameDate(name)) return dateTopic(parts, name);
  if (kind === 'season' && name === '') return seasonTopic(parts, null);
  if (kind === 'season' && /^(19|20)\d\d$/.test(name)) return seasonTopic(parts, Number(name));
  return null;
}

export function addEvents(app: FastifyInstance, parts: PageParts): void {
  /** The streams that are open, and whose each is. */
  const streams = new Map<Readable, string>();
  parts.closing.addEventListener('abort', () => streams.forEach((_, stream) => stream.push(null)), {
    once: true,
  });
  app.get<{ Querystring: { topic?: unknown; since?: unknown } }>('/events', {
    config: { pageRight: 'read', routeName: 'events' },
    handler: async (request, reply) => {
      const { topic: key, since } = request.query;
      const topic = typeof key === 'string' ? topicOf(parts, key) : null;
      if (!topic)
        throw new RefusalError(
          badRequest([
            { code: 'wrong_value', field: 'topic', problem: 'names nothing that can be followed' },
          ]),
        );
      const whose = request.visitor?.principal.name ?? '';
      const own = [...streams.values()].filter((one) => one === whose).length;
      const isFull = streams.size >= mostStreams || (parts.settings.auth !== null && own >= mostOfOne);
      if (parts.closing.aborted || isFull)
        throw new RefusalError(
          plain(
            503,
            'unavailable',
            'Too many pages are followed now; this one is read again every few seconds.',
          ),
        );
      const has = request.headers['last-event-id'] ?? (typeof since === 'string' ? since : '');
      const stream = follow(topic, String(has));
      streams.set(stream, whose);
      stream.once('close', () => streams.delete(stream));
      request.raw.once('close', () => stream.destroy());
      return reply
        .header('content-type', 'text/event-stream')
        .header('x-accel-buffering', 'no')
        .header('connection', 'close')
        .send(stream);
    },
  });
}

/** The events of a topic from now on, for somebody who has the page of that tag. */
function follow(topic: LiveTopic<unknown>, has: string): Readable {
  const stream = new Readable({ read: () => undefined });
  let told = has;
  let trouble: string | null = null;
  const tell = (news: News): void => {
    if (news.trouble !== trouble) {
      trouble = news.trouble;
      stream.push(`event: trouble\ndata: ${JSON.stringify(trouble)}\n\n`);
    }
    if (news.tag === '' || news.tag === told) return;
    told = news.tag;
    stream.push(`id: ${told}\nevent: changed\ndata: {}\n\n`);
  };
  const heartbeat = setInterval(() => stream.push(`: ${new Date().toISOString()}\n\n`), heartbeatMs);
  const limit = setTimeout(() => stream.push(null), longestMs);
  stream.push(`retry: ${retryMs}\n\n`);
  const unsubscribe = topic.subscribe(tell);
  tell(topic.last);
  stream.once('close', () => {
    unsubscribe();
    clearInterval(heartbeat);
    clearTimeout(limit);
  });
  return stream;
}
