/**
 * What was sent to `/process`, decoded: a Pub/Sub push or the plain message. Every fault of a message that can never
 * succeed is found at once, since nobody will send it again. Pure.
 */
import { defaultSource, processorsOf } from '../plan/registry';
import { InvalidRequestError, requireGameDate } from '../requests/validate-request';
import { analyticsTables, orchestrationTables } from '../tables/catalogue';
import { envelopeSchema, faultsOf, messageSchema, shown } from './schemas';

/** A push as it came: what is told of it where its message can never succeed. */
export interface Push {
  /** Pub/Sub's id, the same on every delivery; null where the envelope has none that could be one. */
  readonly messageId: string | null;
  readonly subscription: string | null;
  /** From 1; null where the subscription does not count. */
  readonly deliveryAttempt: number | null;
  /** An instant; null where none was said. */
  readonly publishedAt: string | null;
  /** The envelope's `message`. */
  readonly message: unknown;
}

export interface ProcessRequest {
  readonly gameDate: string;
  /** A key of the trigger registry. */
  readonly source: string;
  readonly isBackfill: boolean;
  readonly correlationId: string | null;
}

export type DecodedMessage =
  | { readonly kind: 'ask'; readonly request: ProcessRequest }
  /** The upstream says that it has failed, so there is nothing to do. */
  | { readonly kind: 'skipped'; readonly reason: string }
  /** The table is one that sets off nothing. */
  | { readonly kind: 'no_processors'; readonly source: string }
  | { readonly kind: 'bad'; readonly faults: readonly string[] };

export interface DecodedBody {
  /** Null for a plain message. */
  readonly push: Push | null;
  readonly decoded: DecodedMessage;
}

/** Decodes a body; `today` is the date in New York. */
export function decodeBody(body: unknown, today: string): DecodedBody {
  if (!isObject(body) || !isEnvelope(body)) return { push: null, decoded: decodePlain(body, today) };
  const envelope = withoutNulls(body);
  const given = isObject(body['message']) ? withoutNulls(body['message']) : body['message'];
  // Older senders write it with an underscore.
  const message = isObject(given) ? { messageId: given['message_id'], ...given } : given;
  const faults = faultsOf(envelopeSchema, {
    ...envelope,
    message: isObject(message) ? defined(message) : message,
  });
  const { messageId, publishTime, data, attributes } = (isObject(message) ? message : {}) as Record<
    string,
    unknown
  >;
  const isFaulty = (field: string): boolean => faults.some((fault) => fault.startsWith(`${field} `));
  const push: Push = {
    messageId: typeof messageId === 'string' && !isFaulty('message.messageId') ? messageId : null,
    subscription: textOr(envelope['subscription'], null),
    deliveryAttempt: isFaulty('deliveryAttempt') ? null : numberOr(envelope['deliveryAttempt'], null),
    publishedAt: textOr(publishTime, null),
    message: body['message'],
  };
  if (typeof data !== 'string' || isFaulty('message.data')) return { push, decoded: { kind: 'bad', faults } };
  const inner = decodeData(data);
  if ('fault' in inner) return { push, decoded: { kind: 'bad', faults: [...faults, inner.fault] } };
  const decoded = decodeMessage(inner.value, isObject(attributes) ? attributes : {}, today);
  if (faults.length === 0) return { push, decoded };
  return {
    push,
    decoded: { kind: 'bad', faults: [...faults, ...(decoded.kind === 'bad' ? decoded.faults : [])] },
  };
}

/** A plain message may have a field `message` of its own, as upstreams' have all sorts. */
function isEnvelope(body: Record<string, unknown>): boolean {
  if (!('message' in body)) return false;
  return isObject(body['message']) || !('output_table' in body || 'source_table' in body);
}

/** Fields of `/process-date-range`: who sends them here by hand means something that would not come of it. */
const fieldsOfRanges = ['processors', 'start_date', 'end_date', 'skip_downstream_trigger'];

function decodePlain(body: unknown, today: string): DecodedMessage {
  const decoded = decodeMessage(body, {}, today);
  const strays = isObject(body) ? fieldsOfRanges.filter((field) => field in body) : [];
  if (strays.length === 0) return decoded;
  const faults = strays.map((field) => `${field} is no field of /process; /process-date-range takes it.`);
  return { kind: 'bad', faults: [...faults, ...(decoded.kind === 'bad' ? decoded.faults : [])] };
}

function decodeData(data: string): { value: unknown } | { fault: string } {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(data))
    return { fault: `message.data is ${shown(data)}, expected base64.` };
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(data, 'base64'));
  } catch {
    return { fault: 'message.data holds bytes that are no UTF-8, expected base64 of a JSON object.' };
  }
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { fault: `message.data holds ${shown(text)}, expected base64 of a JSON object.` };
  }
}

/** The order is the original's: an upstream that failed says so whatever else its message lacks. */
function decodeMessage(given: unknown, attributes: Record<string, unknown>, today: string): DecodedMessage {
  const message = isObject(given)
    ? { ...defined({ correlation_id: attributes['correlation_id'] }), ...withoutNulls(given) }
    : given;
  const faults = faultsOf(messageSchema, message, 'The message');
  if (!isObject(message)) return { kind: 'bad', faults };
  const isFaulty = (field: string): boolean => faults.some((fault) => fault.startsWith(`${field} `));

  const { status, success, output_table: output, source_table: legacy, game_date: gameDate } = message;
  if (!isFaulty('status') && !isFaulty('success') && hasFailed(status, success))
    return {
      kind: 'skipped',
      reason: `The upstream says ${success === false ? 'success false' : `status ${shown(status)}`}, so there is nothing new to process.`,
    };

  const field = output === undefined ? 'source_table' : 'output_table';
  const table = output ?? legacy;
  if (table === undefined)
    faults.push(
      'output_table is missing, expected the name of the table that has changed (or source_table).',
    );
  let source: string | null = null;
  if (typeof table === 'string' && !isFaulty(field)) {
    const fault = faultOfTable(field, table);
    if (fault) faults.push(fault);
    else source = bareSource(table);
    if (source !== null && processorsOf(source).length === 0) return { kind: 'no_processors', source: table };
  }
  if (gameDate === undefined)
    faults.push('game_date is missing, expected a calendar date written YYYY-MM-DD, such as 2025-01-15.');
  else if (typeof gameDate === 'string' && !isFaulty('game_date')) {
    const fault = faultOf(() => requireGameDate('game_date', gameDate, today));
    if (fault) faults.push(fault);
  }
  if (faults.length > 0 || source === null) return { kind: 'bad', faults };
  return {
    kind: 'ask',
    request: {
      gameDate: String(gameDate),
      source,
      isBackfill: message['backfill_mode'] === true,
      correlationId: textOr(message['correlation_id'], null),
    },
  };
}

/** `success` goes before `status`, and neither means that all is well, as upstreams leave them out. */
function hasFailed(status: unknown, success: unknown): boolean {
  if (status === 'failed' || success === false) return true;
  return success === undefined && status !== undefined && status !== 'success';
}

/** What we write ourselves can set off nothing: somebody has named the wrong table. */
function faultOfTable(field: string, table: string): string | null {
  const bare = table.slice(table.lastIndexOf('.') + 1);
  if (!Object.hasOwn(analyticsTables, bare) && !Object.hasOwn(orchestrationTables, bare)) return null;
  return `${field} is "${table}", a table that is built here and sets off nothing; expected a raw table such as nba_raw.${defaultSource}.`;
}

/** The table's own name where its dataset is ours, or not said; else the whole, which is no source. */
function bareSource(table: string): string {
  const [name = '', dataset = 'nba_raw'] = table.split('.').reverse();
  return dataset === 'nba_raw' ? name : table;
}

/** What a check says of a request's part; null when it is good. */
export function faultOf(check: () => unknown): string | null {
  try {
    check();
    return null;
  } catch (error) {
    if (error instanceof InvalidRequestError) return error.message;
    throw error;
  }
}

type Fields = Record<string, unknown>;

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Senders in other languages write what they do not know as null. */
function withoutNulls(value: Fields): Fields {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null));
}

function defined(value: Fields): Fields {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined));
}

function textOr<T>(value: unknown, other: T): string | T {
  return typeof value === 'string' ? value : other;
}

function numberOr<T>(value: unknown, other: T): number | T {
  return typeof value === 'number' ? value : other;
}
