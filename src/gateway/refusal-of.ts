/** What is answered where something was thrown. */
import { ServiceError } from '@temporalio/client';
import { BusyError, NoWorkerError, reasonOf } from '../client';
import { InvalidRequestError } from '../requests/validate-request';
import type { Answer } from './answers';
import { IssuerUnreachableError, UnauthenticatedError } from './auth/authenticator';
import { RecordsUnavailableError } from './records';
import { badRequest, plain, RefusalError, unauthenticated, unavailable } from './refusals';

/** What passes: asking again may help. */
const passing = [IssuerUnreachableError, RecordsUnavailableError, NoWorkerError, BusyError];

export function refusalOf(error: unknown): Answer {
  if (error instanceof UnauthenticatedError) return unauthenticated(error.message);
  if (passing.some((type) => error instanceof type)) return unavailable((error as Error).message);
  if (error instanceof RefusalError) return error.answer;
  if (error instanceof InvalidRequestError) return badRequest(error.faults);
  if (error instanceof ServiceError) return unavailable(`Temporal does not answer: ${reasonOf(error)}`);
  const { statusCode } = error as { statusCode?: number };
  if (statusCode === 429)
    return {
      ...plain(429, 'too_many_requests', 'Too many requests; try again in a second.'),
      retryAfterSeconds: 1,
    };
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return plain(statusCode, 'bad_request', error instanceof Error ? error.message : String(error));
  return plain(500, 'error', 'The gateway failed; its log says why. Accepted work continues.');
}
