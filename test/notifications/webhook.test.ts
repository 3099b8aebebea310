/** The webhook against a real server that answers, refuses, breaks off and says nothing. */
import { postJson, WebhookError } from '../../src/notifications/webhook';
import { everythingOf, secrets, startReceiver, type Receiver } from './receiver';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

async function failure(timeoutMs = 5_000, address = receiver.address): Promise<WebhookError> {
  const error: unknown = await postJson(address, { text: 'hello' }, { timeoutMs }).then(
    () => 'it was taken',
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof WebhookError)) throw new Error(`no WebhookError: ${String(error)}`);
  for (const secret of [...secrets, '/services', 'token='])
    expect(everythingOf(error).toLowerCase()).not.toContain(secret.toLowerCase());
  return error;
}

function answers(status: number, body: string, headers: Record<string, string> = {}): void {
  receiver.answer = (response) => response.writeHead(status, headers).end(body);
}

it('posts JSON once, as it was given', async () => {
  await postJson(receiver.address, { text: '✅ ä' });
  expect(receiver.received).toEqual([
    {
      method: 'POST',
      path: '/services/T0SECRET/B0SECRET/xsecretx?token=ysecrety',
      contentType: 'application/json; charset=utf-8',
      body: { text: '✅ ä' },
    },
  ]);
});

it('asks a 2xx nothing more: its body may never end', async () => {
  receiver.answer = (response) => response.writeHead(202).write('…');
  await expect(postJson(receiver.address, {}, { timeoutMs: 60_000 })).resolves.toBe(202);
});

it.each([
  [400, 'invalid_payload'],
  [400, 'invalid_blocks'],
  [403, 'action_prohibited'],
  [404, 'no_service'],
  [410, 'channel_is_archived'],
])('%i (%s) is final, and says why', async (status, word) => {
  answers(status, word);
  expect(await failure()).toMatchObject({
    message: `The webhook at ${receiver.host} answered ${status} (${word}).`,
    retryable: false,
    retryAfterMs: null,
  });
});

it.each([408, 429, 500, 502, 503, 504])('%i may be another answer later', async (status) => {
  answers(status, '');
  expect(await failure()).toMatchObject({
    message: `The webhook at ${receiver.host} answered ${status}.`,
    retryable: true,
    retryAfterMs: null,
  });
});

it.each([
  ['30', 30_000],
  ['0', 0],
  ['Wed, 04 Feb 2026 06:31:00 GMT', null],
  ['-1', null],
  ['1.5', null],
  ['soon', null],
  ['99999999999999999999', null],
])('429 with Retry-After: %s waits %p ms', async (after, retryAfterMs) => {
  answers(429, 'rate_limited', { 'retry-after': after });
  expect(await failure()).toMatchObject({ retryable: true, retryAfterMs });
});

// A receiver behind a new address is somebody else, and would be handed what we say.
it.each([301, 302, 307, 308])('%i is not followed', async (status) => {
  const other = await startReceiver();
  try {
    answers(status, '', { location: other.address });
    expect(await failure()).toMatchObject({ retryable: false });
    expect(other.received).toEqual([]);
  } finally {
    await other.close();
  }
});

it('a reset may be another answer later', async () => {
  receiver.answer = (_response, request) => request.socket.resetAndDestroy();
  const error = await failure();
  expect(error.message).toMatch(/^The webhook at 127\.0\.0\.1:\d+ could not be reached \([A-Z_]+\)\.$/);
  expect(error.retryable).toBe(true);
});

it('so may nobody listening', async () => {
  const { address } = receiver;
  await receiver.close();
  expect(await failure(5_000, address)).toMatchObject({
    message: `The webhook at ${receiver.host} could not be reached (ECONNREFUSED).`,
    retryable: true,
  });
  receiver = await startReceiver();
});

it('a receiver that says nothing is given up on', async () => {
  receiver.answer = () => undefined;
  expect(await failure(100)).toMatchObject({
    message: `The webhook at ${receiver.host} did not answer within 0.1 s.`,
    retryable: true,
    retryAfterMs: null,
  });
});

it('so is one that refuses and does not say why to its end', async () => {
  receiver.answer = (response) => response.writeHead(500).flushHeaders();
  expect(await failure(100)).toMatchObject({ retryable: true });
});

it.each([
  ['the path', `Cannot POST /services/${secrets.join('/')}`],
  ['a part of it as one word', 'xsecretx'],
  ['a part of the query as one word', 'ysecrety'],
  ['the whole address', 'ADDRESS'],
])('an answer that repeats %s is not repeated', async (_what, body) => {
  answers(404, body === 'ADDRESS' ? receiver.address : body);
  expect((await failure()).message).toBe(`The webhook at ${receiver.host} answered 404.`);
});

// `fetch` itself repeats what it cannot read, or will not take.
it.each([
  'services/T0SECRET',
  'http://user:xsecretx@127.0.0.1:1/services/T0SECRET',
  'ftp://127.0.0.1/T0SECRET',
])('an address that cannot be called (%s) is not repeated either', async (address) => {
  expect((await failure(1_000, address)).message).not.toContain('SECRET');
});
