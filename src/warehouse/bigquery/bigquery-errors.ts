/** The one place where BigQuery's errors, and those of the way to it, become ours: by the tables of `bigquery-answers.ts`. */
import { WarehouseError, type WarehouseErrorKind } from '../errors';
import {
  byCode,
  byReason,
  byStatus,
  byStatusClass,
  byTokenStatus,
  byTokenStatusClass,
  byWords,
  noCredentials,
  noKeyFile,
  unreadable,
  type Answer,
} from './bigquery-answers';

/** What an error of the client may carry; nothing of it is certain to be there. */
interface ClientError {
  readonly message?: unknown;
  /** An HTTP status, or a name such as ECONNRESET; absent when a job failed that had been accepted. */
  readonly code?: unknown;
  /** An HTTP status too, but only of whoever gives out tokens: such an error says nothing of BigQuery. */
  readonly status?: unknown;
  readonly errors?: readonly { readonly reason?: unknown; readonly message?: unknown }[];
  readonly response?: { readonly body?: unknown };
}

const kinds: Readonly<Record<Answer['kind'], WarehouseErrorKind>> = {
  transient: 'unavailable',
  ours: 'contract_broken',
  rows: 'bad_rows',
  final: 'needs_person',
};

/** Maps an error of the client; errors that are ours already pass through. `doing` says what was tried. */
export function toWarehouseError(error: unknown, doing: string): WarehouseError {
  if (error instanceof WarehouseError) return error;
  const text = textOf(error);
  const reason = reasonOf(error);
  const answer = answerOf(error);
  const { kind, says, retryAfterMs } = answer;
  const isSecret = answer === noKeyFile;
  const told = isSecret ? noKeyFile.text.exec(text)?.[0] : firstSentence(text);
  const sentence = `${told}${reason === null ? '' : ` (${reason})`}`;
  return new WarehouseError(kinds[kind], `BigQuery, ${doing}: ${sentence.replace(/\.$/, '')}. ${says}`, {
    ...(!isSecret && { cause: error }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

/** The row that an error belongs to: by where it comes from, then reason, status and code, and by its text where these leave it open. */
function answerOf(error: unknown): Answer {
  const { code, status } = asClientError(error);
  if (typeof status === 'number')
    return byTokenStatus[status] ?? byTokenStatusClass[hundreds(status)] ?? unreadable;
  const http = typeof code === 'number' ? code : null;
  const reason = reasonOf(error);
  if (http === null && reason === null) return answerOfTheWay(error);
  if (isCutOff(error)) return unreadable;
  // Whatever its reason, of which there are many.
  if (http === 401) return byStatus[401] ?? unreadable;
  const known = reason === null ? undefined : byReason[reason];
  const open = known ? (reason ?? '') : http === 400 || http === null ? 'invalidQuery' : '';
  const said = byWords.find(({ of, text }) => of.includes(open) && text.test(textOf(error)));
  return (
    said ??
    known ??
    (http === null ? unreadable : (byStatus[http] ?? byStatusClass[hundreds(http)] ?? unreadable))
  );
}

/** An answer of which the status has come, and the rest not: the client leaves the stream where the text would be. */
function isCutOff(error: unknown): boolean {
  const body = asClientError(error).response?.body;
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

function answerOfTheWay(error: unknown): Answer {
  const { code } = asClientError(error);
  const known = typeof code === 'string' ? byCode[code] : undefined;
  return known ?? [noCredentials, noKeyFile].find(({ text }) => text.test(textOf(error))) ?? unreadable;
}

function hundreds(status: number): number {
  return Math.floor(status / 100);
}

function textOf(error: unknown): string {
  const { message } = asClientError(error);
  return typeof message === 'string' && message !== '' ? message : String(error);
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

/** BigQuery refuses the token. Nothing was done. */
export function isUnauthorized(error: unknown): boolean {
  const { code, status } = asClientError(error);
  return code === 401 && status === undefined;
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
