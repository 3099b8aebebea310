/** Sends answers, and describes them for `/openapi.json`. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toSnakeCase } from '../contracts/snake-case';
import { answerStatuses, type Answer } from './answers';
import { bodyLimit } from './body';

export function sendAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  { httpStatus, body, retryAfterSeconds }: Answer,
): FastifyReply {
  request.answerStatus = body.status;
  const { gameDate } = body;
  if (typeof gameDate === 'string') request.gameDate = gameDate;
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  return reply.code(httpStatus).send(toSnakeCase(body));
}

/** Who asks, once that is known; empty before. */
export function nameOf({ principal }: FastifyRequest): string {
  return principal?.name ?? '';
}

export const answerSchema = {
  type: 'object',
  required: ['status'],
  properties: { status: { type: 'string', enum: [...answerStatuses] }, message: { type: 'string' } },
  additionalProperties: true,
};

/** The answers of a route: its own, and those that every route has. */
export function answersOf(descriptions: Readonly<Record<number, string>>): Record<number, object> {
  const always = {
    401: 'No token, or an invalid one.',
    403: 'A token without the right.',
    413: `A body over ${bodyLimit / 1024} KiB.`,
    429: 'Too many requests.',
    503: 'Temporal, the warehouse, the issuer or a worker does not answer; try again.',
  };
  return Object.fromEntries(
    Object.entries({ ...always, ...descriptions }).map(([code, description]) => [
      code,
      { description, ...answerSchema },
    ]),
  );
}
