/** What every route of a page answers with, and who it is that looks. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { page, type PageOptions } from './layout';
import type { PageParts } from './parts';
import type { Visitor } from './session';

/** The visitor of a route that asks for a right. */
export function visitorIn({ visitor }: FastifyRequest): Visitor {
  if (!visitor) throw new Error('the route asks for no right');
  return visitor;
}

export function show(
  { settings }: Pick<PageParts, 'settings'>,
  request: FastifyRequest,
  reply: FastifyReply,
  options: Omit<PageOptions, 'visitor' | 'hasSession'>,
): FastifyReply {
  const hasSession = settings.auth !== null;
  return reply.send(page({ ...options, hasSession, visitor: request.visitor }).text);
}
