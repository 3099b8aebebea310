/** What one caller may ask for: so many requests a second, and so many before it has read the answers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from './parts';

/** Requests that a connection may have sent ahead of their answers. Few clients send any, and none so many. */
const mostAhead = 32;
const summaryEveryMs = 1_000;

/** Refuses who asks too often. After it is known who asks, and before a body is read. */
export async function limitRate(app: FastifyInstance, { settings }: GatewayParts): Promise<void> {
  const none = { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false };
  await app.register(rateLimit, {
    max: settings.maxRequestsPerSecond,
    timeWindow: 1_000,
    hook: 'preParsing',
    keyGenerator: ({ principal, ip }) => principal?.name ?? ip,
    addHeaders: none,
    addHeadersOnExceeding: none,
  });
}

/** Closes a connection that sends without reading: each of its requests would be kept until the last was answered. */
export function limitPipelining(app: FastifyInstance): void {
  const ahead = new WeakMap<Socket, number>();
  app.server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const requests = (ahead.get(socket) ?? 0) + 1;
    ahead.set(socket, requests);
    response.once('close', () => ahead.set(socket, (ahead.get(socket) ?? 1) - 1));
    if (requests > mostAhead) socket.destroy();
  });
  // What was read of it before it was closed is worked on no more.
  app.addHook('onRequest', async ({ raw }, reply) => {
    if (raw.socket.destroyed) reply.hijack();
  });
}

/** Counts refusals, and says how many there were once a second at the most: a line for each would fill the disk. */
export class RefusalTally {
  private refused = 0;
  private readonly callers = new Set<string>();
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly log: GatewayParts['log']) {}

  count(caller: string): void {
    this.refused += 1;
    if (this.callers.size < 10) this.callers.add(caller);
    this.timer ??= setTimeout(() => this.say(), summaryEveryMs);
  }

  /** Says what is left to say. */
  say(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (this.refused === 0) return;
    this.log('WARNING', 'too many requests were refused', {
      status: 429,
      requests: this.refused,
      principals: [...this.callers],
    });
    this.refused = 0;
    this.callers.clear();
  }
}
