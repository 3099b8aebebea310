/** The one place where BigQuery's errors, and those of the way to it, become ours. */
import { WarehouseError, type WarehouseErrorKind } from '../errors';

/** What an error of the client may carry; nothing of it is certain to be there. */
interface ClientError {
  readonly message?: unknown;
  /** An HTTP status, or a name such as ECONNRESET; absent when a job failed that had been accepted. */
  readonly code?: unknown;
  readonly errors?: readonly { readonly reason?: unknown; readonly message?: unknown }[];
}

/**
 * By message, first match wins and before everything else: BigQuery gives `invalidQuery` both for what another attempt
 * mends and for what it does not.
 */
const byMessage: readonly (readonly [RegExp, WarehouseErrorKind])[] = [
  [/could not serialize|concurrent update|due to concurrent|aborted due to conflict/i, 'unavailable'],
  // The emulator's words for the same.
  [/failed to commit|transaction conflict|write-write conflict|conflict on /i, 'unavailable'],
  [/required field .* cannot be null|not null constraint|cannot be null|null value in required/i, 'bad_rows'],
  // Said without a status, before anything is sent: no credentials appear by asking again.
  [/could not load the default credentials|could not refresh access token/i, 'contract_broken'],
  [
    /socket hang up|premature close|network socket disconnected|request timed out|fetch failed/i,
    'unavailable',
  ],
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

/** By HTTP status, where no reason says more. */
function byStatus(status: number): WarehouseErrorKind {
  return status === 408 || status === 429 || status >= 500 ? 'unavailable' : 'contract_broken';
}

/** Maps an error of the client; errors that are ours already pass through. `doing` says what was tried. */
export function toWarehouseError(error: unknown, doing: string): WarehouseError {
  if (error instanceof WarehouseError) return error;
  const { message, code, errors } = asClientError(error);
  const text = typeof message === 'string' && message !== '' ? message : String(error);
  const reason = errors?.map((one) => one.reason).find((one) => typeof one === 'string' && one !== '');
  const kind =
    byMessage.find(([pattern]) => pattern.test(text))?.[1] ??
    (typeof reason === 'string' ? byReason[reason] : undefined) ??
    // Without a status it is the way there: a name that does not resolve, a port that nobody listens on, a reset.
    (typeof code === 'number' ? byStatus(code) : 'unavailable');
  const said = typeof reason === 'string' ? ` (${reason})` : '';
  return new WarehouseError(kind, `BigQuery, ${doing}: ${firstSentence(text)}${said}`, { cause: error });
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

/** There is no such thing. */
export function isNotFound(error: unknown): boolean {
  return asClientError(error).code === 404;
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
