/**
 * Reads the bodies of requests: JSON whatever the content type says, in bounded memory and time. What cannot be taken at all
 * is refused; on a route that puts messages on record, it comes to the route as an {@link UnreadBody}.
 */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parseJson, repeatedKey } from '../contracts/json-text';
import { shown, type Fault } from '../contracts/schema';
import { badRequest, plain, RefusalError } from './refusals';
import { PushScan, type ScannedPush } from './push-scan';

/** A message is a few hundred bytes, an envelope with its attributes a few thousand. */
export const bodyLimit = 256 * 1024;
/** Pub/Sub's largest message is 10 MB, base64 of it a third more; attributes and the envelope come on top. */
const scanLimit = 16 * 1024 * 1024;
/** How long a request may take to come; what it waits for then has its own limit. */
export const requestTimeoutMs = 15_000;

/** A body that was not parsed, and what is known of it. */
export class UnreadBody {
  constructor(
    readonly fault: Fault,
    readonly scanned: ScannedPush,
  ) {}
}

/** Decodes bodies of every content type: `curl -d` calls JSON a form. */
export function decodeBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', async (request: FastifyRequest, payload: IncomingMessage) => {
    const body = await readBody(request, payload);
    if (body instanceof UnreadBody) return body;
    if (body === '') return undefined;
    const parsed = parseJson(body);
    const repeated = parsed.ok ? repeatedKey(body) : null;
    if (parsed.ok && repeated === null) return parsed.value;
    const fault: Fault = parsed.ok ? twice(repeated) : { ...parsed, field: 'The body' };
    if (fault.code !== 'not_json' && keepsUnread(request)) {
      const scan = new PushScan();
      scan.feed(Buffer.from(body));
      return new UnreadBody(fault, scan.end());
    }
    throw new RefusalError(badRequest([fault]));
  });
}

function twice(key: string | null): Fault {
  return {
    code: 'not_allowed',
    field: 'The body',
    problem: `has ${shown(key)} twice, expected each field once`,
  };
}

function keepsUnread(request: FastifyRequest): boolean {
  return request.routeOptions.config.keepsUnread === true;
}

function tooLarge(bytes: number | null): Fault {
  const size = bytes === null ? 'is too large' : `has ${bytes} bytes`;
  return {
    code: 'too_large',
    field: 'The body',
    problem: `${size}, expected at most ${bodyLimit / 1024} KiB`,
  };
}

function refusedAsTooLarge(): RefusalError {
  return new RefusalError({ ...badRequest([tooLarge(null)]), httpStatus: 413 });
}

/** The text of a body. Beyond the limit nothing of it is held any more. */
async function readBody(request: FastifyRequest, payload: IncomingMessage): Promise<string | UnreadBody> {
  const limit = keepsUnread(request) ? scanLimit : bodyLimit;
  if (Number(request.headers['content-length'] ?? 0) > limit) throw refusedAsTooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  let scan: PushScan | null = null;
  try {
    // Destroyed, it would take the connection with it, and with that the answer.
    for await (const chunk of payload.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limit) throw refusedAsTooLarge();
      if (scan === null) {
        chunks.push(chunk);
        if (bytes <= bodyLimit) continue;
        scan = new PushScan();
        for (const held of chunks.splice(0)) scan.feed(held);
      } else scan.feed(chunk);
    }
  } catch (error) {
    if (error instanceof RefusalError) throw error;
    throw new RefusalError(plain(408, 'bad_request', 'The body broke off, or has not come in time.'));
  }
  if (scan === null) return textOf(Buffer.concat(chunks));
  const scanned = scan.end();
  // Of what is no push nobody would read a dead letter.
  if (!scanned.isPush) throw refusedAsTooLarge();
  return new UnreadBody(tooLarge(bytes), scanned);
}

/** Decoded leniently, different bytes would become the same text. */
function textOf(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  const problem = 'holds bytes that are not UTF-8, expected a JSON object';
  throw new RefusalError(badRequest([{ code: 'not_utf8', field: 'The body', problem }]));
}
