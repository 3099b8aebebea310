/** The one place where BigQuery's errors, and those of the way to it, become ours. */
import { WarehouseError, type WarehouseErrorKind } from '../errors';

/** What an error of the client may carry; nothing of it is certain to be there. */
interface ClientError {
  readonly message?: unknown;
  /** An HTTP status, or a name such as ECONNRESET; absent when a job failed that had been accepted. */
  readonly code?: unknown;
  /** An HTTP status too, but only of whoever gives out tokens: such an error says nothing of BigQuery. */
  readonly status?: unknown;
  readonly errors?: readonly { readonly reason?: unknown; readonly message?: unknown }[];
}

/** Rows that were streamed in can be changed once they have left the buffer. */
const streamingBuffer = /streaming buffer/i;

/**
 * What a statement was refused for, where reason and status do not say: BigQuery gives `invalidQuery` both for what another
 * attempt mends and for what it does not. The first match wins.
 */
const byWords: readonly (readonly [RegExp, WarehouseErrorKind])[] = [
  [/could not serialize|concurrent update|due to concurrent|aborted due to conflict/i, 'unavailable'],
  // The emulator's words for the same.
  [/failed to commit|transaction conflict|write-write conflict|conflict on /i, 'unavailable'],
  [streamingBuffer, 'unavailable'],
  [/required field .* cannot be null|not null constraint|cannot be null|null value in required/i, 'bad_rows'],
];

/** `reason` of an error, as https://cloud.google.com/bigquery/docs/error-messages lists them. */
const byReason: Readonly<Record<string, WarehouseErrorKind>> = {
  backendError: 'unavailable',
  internalError: 'unavailable',
  jobBackendError: 'unavailable',
  jobInternalError: 'unavailable',
  jobRateLimitExceeded: 'unavailable',
  rateLimitExceeded: 'unavailable',
  userRateLimitExceeded: 'unavailable',
  quotaExceeded: 'unavailable',
  tableUnavailable: 'unavailable',
  resourceInUse: 'unavailable',
  timeout: 'unavailable',
  stopped: 'unavailable',
  accessDenied: 'contract_broken',
  attributeError: 'contract_broken',
  badRequest: 'contract_broken',
  billingNotEnabled: 'contract_broken',
  billingTierLimitExceeded: 'contract_broken',
  blocked: 'contract_broken',
  duplicate: 'contract_broken',
  invalid: 'contract_broken',
  invalidQuery: 'contract_broken',
  invalidUser: 'contract_broken',
  notFound: 'contract_broken',
  notImplemented: 'contract_broken',
  proxyAuthenticationRequired: 'contract_broken',
  resourcesExceeded: 'contract_broken',
  responseTooLarge: 'contract_broken',
};

/** By HTTP status, where no reason says more. A token may have run out on its way: the next attempt fetches another. */
function byStatus(status: number): WarehouseErrorKind {
  return [401, 408, 429].includes(status) || status >= 500 ? 'unavailable' : 'contract_broken';
}

/**
 * Maps an error of the client; errors that are ours already pass through. `doing` says what was tried. Reason, status and
 * network come first, and words only where these leave it open.
 */
export function toWarehouseError(error: unknown, doing: string): WarehouseError {
  if (error instanceof WarehouseError) return error;
  const { message } = asClientError(error);
  const text = typeof message === 'string' && message !== '' ? message : String(error);
  const reason = reasonOf(error);
  const said = reason === null ? '' : ` (${reason})`;
  const wait = streamingBuffer.test(text)
    ? '; rows were streamed into the table, and it can be written to once they have left the buffer, in 90 minutes at the most as a rule'
    : '';
  return new WarehouseError(kindOf(error, text), `BigQuery, ${doing}: ${firstSentence(text)}${said}${wait}`, {
    cause: error,
  });
}

function kindOf(error: unknown, text: string): WarehouseErrorKind {
  const { code } = asClientError(error);
  const reason = reasonOf(error);
  const status = typeof code === 'number' ? code : null;
  // Neither: the way there failed, by a name that does not resolve, a port that nobody listens on, a reset. Or nothing was
  // sent, since there are no credentials, which only the library's words say. None appear by asking again.
  if (status === null && reason === null)
    return text.startsWith('Could not load the default credentials') ? 'contract_broken' : 'unavailable';
  const known = reason === null ? undefined : byReason[reason];
  const kind = known ?? (status === null ? 'unavailable' : byStatus(status));
  const isOpen = kind === 'contract_broken' && (status === null || status === 400);
  return (isOpen ? byWords.find(([pattern]) => pattern.test(text))?.[1] : undefined) ?? kind;
}

/** The first reason that is given; null when none is. */
function reasonOf(error: unknown): string | null {
  const { errors } = asClientError(error);
  for (const { reason } of errors ?? []) if (typeof reason === 'string' && reason !== '') return reason;
  return null;
}

/** Of several errors the client says in its first line only that there are several; they follow, numbered. */
function firstSentence(text: string): string {
  const [first = '', ...rest] = text.split('\n');
  if (!first.startsWith('Multiple errors occurred')) return first;
  return (rest.find((line) => line.trim() !== '') ?? first).replace(/^\s*\d+\. /, '');
}

/** A job, dataset or table of that name is there already: for a job, that an earlier attempt was heard after all. */
export function isDuplicate(error: unknown): boolean {
  const { code, errors } = asClientError(error);
  return code === 409 && (errors === undefined || errors.some((one) => one.reason === 'duplicate'));
}

/** BigQuery has no such thing. */
export function isNotFound(error: unknown): boolean {
  const { code, status } = asClientError(error);
  return code === 404 && status === undefined;
}

/**
 * Whether the job itself ended in this error, so that its id is used up. Otherwise nobody knows what became of it, and the
 * same id must be asked for again.
 */
export function isJobFailure(error: unknown): boolean {
  const { code, errors } = asClientError(error);
  return (code === undefined || code === null) && (errors?.length ?? 0) > 0;
}

function asClientError(error: unknown): ClientError {
  return typeof error === 'object' && error !== null ? error : {};
}
