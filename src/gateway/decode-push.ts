/**
 * What was sent to `/process`, decoded: a Pub/Sub push or the plain message. Every fault of a message that can never
 * succeed is found at once, since nobody will send it again. Pure.
 */
import * as v from 'valibot';
import { gameDate as gameDateSchema } from '../contracts/fields';
import { parseJson, repeatedKey } from '../contracts/json-text';
import { descriptionOf, shown, type Fault, type Schema } from '../contracts/schema';
import { defaultSource, processorsOf } from '../plan/registry';
import { faultOfGameDate, readRequest } from '../requests/validate-request';
import { analyticsTables, orchestrationTables } from '../tables/catalogue';
import { UnreadBody } from './body';
import {
  deliveryAttempt,
  envelopeSchema,
  instantText,
  messageSchema,
  pubsubId,
  subscription,
} from './schemas';

/** A push as it came: what is recorded of it if its message can never succeed. */
export interface Push {
  /** Pub/Sub's id, the same on every delivery; null where the envelope has none that could be one. */
  readonly messageId: string | null;
  readonly subscription: string | null;
  /** From 1; null where the subscription does not count. */
  readonly deliveryAttempt: number | null;
  /** An instant; null where none was said. */
  readonly publishedAt: string | null;
  /** The envelope's `message`, or what is known of one that was not read. */
  readonly message: unknown;
}

export interface ProcessRequest {
  readonly gameDate: string;
  /** A key of the trigger registry. */
  readonly source: string;
  readonly isBackfill: boolean;
  /** Whether the message says that no rows came. */
  readonly isOfNothing: boolean;
  readonly correlationId: string | null;
}

export type DecodedMessage =
  | { readonly kind: 'ask'; readonly request: ProcessRequest }
  /** The upstream says that it has failed, so there is nothing to do. */
  | { readonly kind: 'skipped'; readonly reason: string }
  /** The table triggers no processor. */
  | { readonly kind: 'no_processors'; readonly source: string }
  | { readonly kind: 'bad'; readonly faults: readonly Fault[] };

export interface DecodedBody {
  /** Null for a plain message. */
  readonly push: Push | null;
  readonly decoded: DecodedMessage;
}

/** Decodes a body; `today` is the date in New York. */
export function decodeBody(body: unknown, today: string): DecodedBody {
  if (body instanceof UnreadBody) return decodeUnread(body);
  if (!isObject(body) || !isEnvelope(body)) return { push: null, decoded: decodePlain(body, today) };
  const given = body['message'];
  // Older senders write it with an underscore.
  const message = isObject(given)
    ? { ...given, messageId: given['messageId'] ?? given['message_id'] }
    : given;
  const found = readRequest(envelopeSchema, { ...body, message });
  const faults = found.ok ? [] : found.faults;
  const fields: Fields = isObject(message) ? message : {};
  const push = pushOf(
    {
      messageId: fields['messageId'],
      publishTime: fields['publishTime'],
      subscription: body['subscription'],
      deliveryAttempt: body['deliveryAttempt'],
    },
    given,
  );
  const { data, attributes } = fields;
  if (typeof data !== 'string' || data === '') return { push, decoded: { kind: 'bad', faults } };
  const inner = decodeData(data);
  if (!inner.ok) return { push, decoded: { kind: 'bad', faults: [...faults, inner.fault] } };
  const decoded = decodeMessage(inner.value, isObject(attributes) ? attributes : {}, today);
  if (faults.length === 0) return { push, decoded };
  return {
    push,
    decoded: { kind: 'bad', faults: [...faults, ...(decoded.kind === 'bad' ? decoded.faults : [])] },
  };
}

/** What was too large or too deep to be parsed: a push is known by what was seen of it as it came. */
function decodeUnread({ fault, scanned }: UnreadBody): DecodedBody {
  const decoded: DecodedMessage = { kind: 'bad', faults: [fault] };
  if (!scanned.isPush) return { push: null, decoded };
  const { bytes, sha256, known } = scanned;
  return { push: pushOf(known, { ...known, bytes, sha256 }), decoded };
}

/** A push, with what is good of its envelope. */
function pushOf(
  known: Readonly<Record<'messageId' | 'publishTime' | 'subscription' | 'deliveryAttempt', unknown>>,
  message: unknown,
): Push {
  return {
    messageId: goodOr(pubsubId, known.messageId),
    subscription: goodOr(subscription, known.subscription),
    deliveryAttempt: goodOr(deliveryAttempt, known.deliveryAttempt),
    publishedAt: goodOr(instantText, known.publishTime),
    message,
  };
}

function goodOr<T>(schema: Schema<T>, value: unknown): T | null {
  const found = v.safeParse(schema, value);
  return found.success ? found.output : null;
}

/** A plain message may have a field `message` of its own, as upstreams' have all sorts. */
function isEnvelope(body: Record<string, unknown>): boolean {
  if (!('message' in body)) return false;
  return isObject(body['message']) || !('output_table' in body || 'source_table' in body);
}

/** Fields of `/process-date-range`: here they would have no effect, which nobody who sends them by hand expects. */
const fieldsOfRanges = ['processors', 'start_date', 'end_date', 'skip_downstream_trigger'];

function decodePlain(body: unknown, today: string): DecodedMessage {
  const decoded = decodeMessage(body, {}, today);
  const strays = isObject(body) ? fieldsOfRanges.filter((field) => field in body) : [];
  if (strays.length === 0) return decoded;
  const faults = strays.map((field): Fault => ({
    code: 'not_allowed',
    field,
    problem: 'is not a field of /process; /process-date-range has it',
  }));
  return { kind: 'bad', faults: [...faults, ...(decoded.kind === 'bad' ? decoded.faults : [])] };
}

type Data = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly fault: Fault };

function decodeData(data: string): Data {
  const bad = (code: Fault['code'], problem: string): Data => {
    return { ok: false, fault: { code, field: 'message.data', problem } };
  };
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(data) || data.length % 4 !== 0)
    return bad('not_base64', `is ${shown(data)}, expected base64`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(data, 'base64'));
  } catch {
    return bad('not_utf8', 'holds bytes that are not UTF-8, expected base64 of a JSON object');
  }
  const parsed = parseJson(text);
  const repeated = parsed.ok ? repeatedKey(text) : null;
  if (repeated !== null) return bad('not_allowed', `has ${shown(repeated)} twice, expected each field once`);
  if (parsed.ok) return parsed;
  if (parsed.code === 'too_deep') return bad('too_deep', parsed.problem);
  return bad('not_json', `holds ${shown(text)}, expected base64 of a JSON object`);
}

/** In the order of the original plan: a failed upstream is skipped, whatever else its message lacks. */
function decodeMessage(given: unknown, attributes: Fields, today: string): DecodedMessage {
  const message = isObject(given)
    ? { ...given, correlation_id: given['correlation_id'] ?? attributes['correlation_id'] }
    : given;
  const found = readRequest(messageSchema, message, 'The message');
  const faults: Fault[] = found.ok ? [] : [...found.faults];
  if (!isObject(message)) return { kind: 'bad', faults };
  const good = <T>(schema: Schema<T>, field: string): T | null => goodOr(schema, message[field]);
  const { entries } = messageSchema;

  const [status, success] = [good(entries.status, 'status'), good(entries.success, 'success')];
  const areGood = !faults.some(({ field }) => field === 'status' || field === 'success');
  if (areGood && hasFailed(status ?? null, success ?? null))
    return {
      kind: 'skipped',
      reason: `The upstream says ${success === false ? 'success false' : `status ${shown(status)}`}, so there is nothing new to process.`,
    };

  const isNamed = (message['output_table'] ?? null) !== null;
  const field = isNamed ? 'output_table' : 'source_table';
  if ((message[field] ?? null) === null)
    faults.push({
      code: 'missing',
      field: 'output_table',
      problem: 'is missing, expected the name of the table that has changed (or source_table)',
    });
  const table = good(entries.output_table, field) ?? null;
  const fault = table === null ? null : faultOfTable(field, table);
  if (fault) faults.push(fault);
  const source = table === null || fault ? null : bareSource(table);
  if (table !== null && source !== null && processorsOf(source).length === 0)
    return { kind: 'no_processors', source: table };

  const gameDate = good(entries.game_date, 'game_date') ?? null;
  if ((message['game_date'] ?? null) === null)
    faults.push({
      code: 'missing',
      field: 'game_date',
      problem: `is missing, expected ${descriptionOf(gameDateSchema)}`,
    });
  const dateFault = gameDate === null ? null : faultOfGameDate('game_date', gameDate, today);
  if (dateFault) faults.push(dateFault);
  if (!found.ok || faults.length > 0 || source === null || gameDate === null) return { kind: 'bad', faults };
  const {
    backfill_mode: backfillMode,
    record_count: rows,
    correlation_id: correlationId = null,
  } = found.value;
  const [isBackfill, isOfNothing] = [backfillMode === true, rows === 0];
  return { kind: 'ask', request: { gameDate, source, isBackfill, isOfNothing, correlationId } };
}

/** `success` goes before `status`, and neither means that all is well, as upstreams leave them out. */
function hasFailed(status: string | null, success: boolean | null): boolean {
  if (status === 'failed' || success === false) return true;
  return success === null && status !== null && status !== 'success';
}

/** Our own tables trigger nothing: the sender has named the wrong table. */
function faultOfTable(field: string, table: string): Fault | null {
  const bare = table.slice(table.lastIndexOf('.') + 1);
  if (!Object.hasOwn(analyticsTables, bare) && !Object.hasOwn(orchestrationTables, bare)) return null;
  return {
    code: 'built_here',
    field,
    problem: `is "${table}", a table that phase3 builds, which triggers nothing; expected a raw table such as nba_raw.${defaultSource}`,
  };
}

/** The table's own name where its dataset is ours, or not said; else the whole, which is no source. */
function bareSource(table: string): string {
  const [name = '', dataset = 'nba_raw'] = table.split('.').reverse();
  return dataset === 'nba_raw' ? name : table;
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
