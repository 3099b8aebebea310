/** Answers that are about the request and not about a date. Pure. */
import type { Right } from '../config/gateway';
import { faultJson, sentenceOf, type Fault } from '../contracts/schema';
import type { Answer, AnswerStatus } from './answers';

/** An answer that ends a request before its route. */
export class RefusalError extends Error {
  override readonly name = 'RefusalError';
  constructor(readonly answer: Answer) {
    super(String(answer.body['message']));
  }
}

/** The sender's fault, with everything that is wrong. */
export function badRequest(faults: readonly Fault[]): Answer {
  const message = faults.map(sentenceOf).join(' ');
  return { httpStatus: 400, body: { status: 'bad_request', message, faults: faults.map(faultJson) } };
}

export function forbidden(name: string, right: Right): Answer {
  const what = { read: 'read', trigger: 'trigger dates', override: 'decide about dates' }[right];
  return plain(403, 'forbidden', `${name} may not ${what}: it is not in the list of the right "${right}".`);
}

export function unauthenticated(message: string): Answer {
  return plain(401, 'unauthenticated', message);
}

export function notFound(message: string): Answer {
  return plain(404, 'not_found', message);
}

/** The date does not take the decision; nothing of it is on record. */
export function refused(message: string): Answer {
  return plain(409, 'refused', message);
}

/** Nobody's fault who asks: the same request may succeed in a while. */
export function unavailable(message: string): Answer {
  return { ...plain(503, 'unavailable', message), retryAfterSeconds: 10 };
}

export function shuttingDown(): Answer {
  return unavailable('The gateway is stopping; accepted work continues. Try again later.');
}

export function plain(httpStatus: number, status: AnswerStatus, message: string): Answer {
  return { httpStatus, body: { status, message } };
}
