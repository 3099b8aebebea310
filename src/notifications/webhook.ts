/**
 * Posts to a webhook. Whoever knows its address may post, so the address is a secret: of it only the host is ever
 * named, and no error of `fetch` is handed on, since some of those repeat the address.
 */

export interface WebhookOptions {
  readonly timeoutMs?: number;
}

/** Below what an activity attempt may take, and longer than any answer worth waiting for. */
const defaultTimeoutMs = 5_000;

/** A message that did not arrive. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';
  constructor(
    message: string,
    /** Whether the same message may be taken later. */
    readonly retryable: boolean,
    /** How long the receiver asked us to wait; null when it did not say. */
    readonly retryAfterMs: number | null = null,
  ) {
    super(message);
  }
}

/** Posts once and returns the status. Throws {@link WebhookError} when the answer is not 2xx, or does not come in time. */
export function postJson(address: string, body: unknown, options: WebhookOptions = {}): Promise<number> {
  return post(address, JSON.stringify(body), 'application/json', options);
}

/** The same with a text. */
export function postText(address: string, text: string, options: WebhookOptions = {}): Promise<number> {
  return post(address, text, 'text/plain', options);
}

async function post(
  address: string,
  body: string,
  contentType: string,
  options: WebhookOptions,
): Promise<number> {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const url = urlOf(address);
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': `${contentType}; charset=utf-8` },
    body,
    // A moved webhook is another receiver, and it is not for the old one to say who reads this.
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: unknown) => {
    throw new WebhookError(`The webhook at ${url.host} ${unanswered(error, timeoutMs)}.`, true);
  });
  if (response.ok) {
    await discard(response);
    return response.status;
  }
  const word = await receiversWord(response, url);
  throw new WebhookError(
    `The webhook at ${url.host} answered ${response.status}${word === null ? '' : ` (${word})`}.`,
    isPassing(response.status),
    retryAfterMs(response),
  );
}

function urlOf(address: string): URL {
  try {
    return new URL(address);
  } catch {
    throw new WebhookError('The address of the webhook is not a URL.', false);
  }
}

/** Why there is no answer. Of the error only names and codes are used: the rest may hold the address. */
function unanswered(error: unknown, timeoutMs: number): string {
  // Read by shape: Node's own errors are of another realm wherever code is sandboxed.
  const { name, cause } = (error ?? {}) as { name?: unknown; cause?: { code?: unknown } | null };
  if (name === 'TimeoutError') return `did not answer within ${timeoutMs / 1000} s`;
  const code = cause?.code;
  return `could not be reached (${typeof code === 'string' && /^[A-Z0-9_]+$/.test(code) ? code : 'no answer'})`;
}

/** A refusal stays one: the address is gone (404 `no_service`, 410) or the message is not understood (400). */
function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** `Retry-After` in seconds, as Slack sends it; its other form, a date, is left to the caller's own back-off. */
function retryAfterMs(response: Response): number | null {
  const text = response.headers.get('retry-after')?.trim() ?? '';
  return /^\d{1,9}$/.test(text) ? 1000 * Number(text) : null;
}

/** What Slack says of a refusal is one word (`no_service`). Anything else may be our own address, echoed. */
async function receiversWord(response: Response, url: URL): Promise<string | null> {
  const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
  const first = await reader?.read().catch(() => null);
  await reader?.cancel().catch(() => undefined);
  const word = new TextDecoder().decode(first?.value).trim();
  const secret = `${url.pathname}${url.search}`.toLowerCase();
  return /^[a-z_]{4,60}$/.test(word) && !secret.includes(word) ? word : null;
}

/** Gives the connection back. The answer has been given; what follows it does not matter. */
async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined);
}
