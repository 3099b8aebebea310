/** The subscription that the gateway's tests push with, before an endpoint that answers what it is told. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PushSubscription, type Delivery, type SubscriptionOptions } from '../support/push-subscription';

interface Push {
  readonly headers: IncomingHttpHeaders;
  readonly method: string;
  readonly body: {
    readonly message: Readonly<Record<string, unknown>> & {
      readonly messageId: string;
      readonly data: string;
    };
    readonly subscription: string;
    readonly deliveryAttempt?: number;
  };
  /** How many came before with this message. */
  readonly before: number;
}

type Handler = (push: Push, response: ServerResponse) => void;

interface Endpoint {
  readonly url: string;
  readonly pushes: Push[];
}

/** A generous end for what should take a moment. */
const patience = 30_000;
const opened: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

function answer(status: number, body?: unknown): Handler {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
}

/** Answers each delivery of a message with the next, and those after with the last. */
function inTurn(...handlers: readonly Handler[]): Handler {
  return (push, response) => handlers[Math.min(push.before, handlers.length - 1)]!(push, response);
}

const silence: Handler = () => undefined;
const cut: Handler = (_, response) => void response.destroy();

async function startEndpoint(handler: Handler): Promise<Endpoint> {
  const pushes: Push[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Push['body'];
      const before = pushes.filter((push) => push.body.message.messageId === body.message.messageId).length;
      const push = { headers: request.headers, method: request.method ?? '', body, before };
      pushes.push(push);
      handler(push, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/push`,
    pushes,
  };
}

/** Neither duplicates nor disorder, and an answer may take as long as it will. */
function subscribe(endpoint: string, options: Partial<SubscriptionOptions> = {}): PushSubscription {
  const subscription = new PushSubscription({
    endpoint,
    speed: 1000,
    // At this speed it is our patience.
    ackDeadlineSeconds: patience,
    minimumBackoffSeconds: 10,
    maximumBackoffSeconds: 600,
    maxDeliveryAttempts: 5,
    duplicateShare: 0,
    disorderShare: 0,
    seed: 1,
    ...options,
  });
  opened.push(() => subscription.close());
  return subscription;
}

/** From each delivery to the next, in seconds of the subscription. */
function gaps(deliveries: readonly Delivery[]): number[] {
  return deliveries.slice(1).map(({ at }, index) => (at - deliveries[index]!.at) / 1000);
}

const statuses = ({ deliveries }: PushSubscription): Delivery['status'][] =>
  deliveries.map(({ status }) => status);
const idsOf = (pushes: readonly Push[]): string[] => pushes.map(({ body }) => body.message.messageId);

/** The gaps are at least these. */
function expectAtLeast(actual: readonly number[], least: readonly number[]): void {
  expect(actual).toHaveLength(least.length);
  for (const [index, seconds] of least.entries()) expect(actual[index]).toBeGreaterThanOrEqual(seconds);
}

it('sends the message under both spellings with its attempt, and headers that are asked for each time', async () => {
  const endpoint = await startEndpoint(inTurn(answer(500), answer(204)));
  let asked = 0;
  const subscription = subscribe(endpoint.url, {
    headers: async () => ({ authorization: `Bearer ${++asked}` }),
  });
  const messageId = subscription.publish({ game: 'BOS@NYK' }, { attributes: { origin: 'loader' } });
  await subscription.drained(patience);
  expect(endpoint.pushes.map(({ body }) => body.deliveryAttempt)).toEqual([1, 2]);
  expect(endpoint.pushes.map(({ headers }) => headers.authorization)).toEqual(['Bearer 1', 'Bearer 2']);
  const [first, again] = endpoint.pushes as [Push, Push];
  expect(first).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/json' } });
  const publishTime = first.body.message['publishTime'] as string;
  expect(new Date(publishTime).toISOString()).toBe(publishTime);
  expect(first.body).toEqual({
    message: {
      attributes: { origin: 'loader' },
      data: Buffer.from('{"game":"BOS@NYK"}').toString('base64'),
      ...{ messageId, message_id: messageId, publishTime, publish_time: publishTime },
    },
    subscription: 'projects/p/subscriptions/s',
    deliveryAttempt: 1,
  });
  expect(again.body.message).toEqual(first.body.message);
});

it('sends bytes as they are, and no attempt without a dead-letter policy', async () => {
  const endpoint = await startEndpoint(inTurn(...Array<Handler>(8).fill(answer(500)), answer(204)));
  const subscription = subscribe(endpoint.url, { maxDeliveryAttempts: null, maximumBackoffSeconds: 20 });
  const bytes = Buffer.from([0x7b, 0xff, 0x00, 0xc3]);
  subscription.publish(bytes, { messageId: 'broken' });
  await subscription.drained(patience);
  expect(endpoint.pushes).toHaveLength(9);
  const { message, ...envelope } = endpoint.pushes[0]!.body;
  expect(Buffer.from(message.data, 'base64')).toEqual(bytes);
  expect(envelope).not.toHaveProperty('deliveryAttempt');
});

it.each([102, 200, 201, 202, 204])('%d acknowledges', async (status) => {
  const endpoint = await startEndpoint(answer(status));
  const subscription = subscribe(endpoint.url);
  const messageId = subscription.publish({});
  await subscription.drained(patience);
  expect(subscription.deliveries).toMatchObject([{ messageId, attempt: 1, status, acknowledged: true }]);
  expect(endpoint.pushes).toHaveLength(1);
});

it.each([203, 302, 400, 401, 429, 500, 503])('%d does not acknowledge', async (status) => {
  const endpoint = await startEndpoint(inTurn(answer(status, { why: 'busy' }), answer(200, { ok: true })));
  const subscription = subscribe(endpoint.url);
  subscription.publish({});
  await subscription.drained(patience);
  expect(subscription.deliveries).toMatchObject([
    { attempt: 1, status, body: { why: 'busy' }, acknowledged: false },
    { attempt: 2, status: 200, body: { ok: true }, acknowledged: true },
  ]);
});

it('takes an answer that is cut off for none, before its headers or after', async () => {
  const half: Handler = (_, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('half', () => void response.destroy());
  };
  const endpoint = await startEndpoint(inTurn(cut, half, answer(204)));
  const subscription = subscribe(endpoint.url);
  subscription.publish({});
  await subscription.drained(patience);
  expect(statuses(subscription)).toEqual(['no connection', 'no connection', 204]);
});

it('waits for an answer until its deadline, on our clock or on its own', async () => {
  for (const [deadline, least] of [
    [{ ackDeadlineSeconds: 10, ackDeadlineMs: 1_000 }, 1_010],
    [{ ackDeadlineSeconds: 600 }, 610],
  ] as const) {
    const endpoint = await startEndpoint(inTurn(silence, answer(204)));
    const subscription = subscribe(endpoint.url, deadline);
    subscription.publish({});
    await subscription.drained(patience);
    expect(statuses(subscription)[0]).toBe('no answer');
    expect(statuses(subscription).at(-1)).toBe(204);
    expectAtLeast(gaps(subscription.deliveries.slice(0, 2)), [least]);
  }
});

it('backs off, doubling from the minimum to the maximum, and ends at the dead-letter topic', async () => {
  const endpoint = await startEndpoint(answer(503));
  const subscription = subscribe(endpoint.url, { maximumBackoffSeconds: 40 });
  const messageId = subscription.publish(Buffer.from('{'), { messageId: 'poison' });
  await subscription.drained(patience);
  expect(subscription.deliveries.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5]);
  expectAtLeast(gaps(subscription.deliveries), [10, 20, 40, 40]);
  expect(subscription.deadLetters).toEqual([{ messageId, data: Buffer.from('{'), attempts: 5 }]);
  expect(endpoint.pushes).toHaveLength(5);
});

it('backs off by message: one that fails holds up no other', async () => {
  const endpoint = await startEndpoint((push, response) =>
    answer(push.body.message.messageId === 'bad' && push.before === 0 ? 500 : 204)(push, response),
  );
  const subscription = subscribe(endpoint.url, { maxOutstanding: 1 });
  subscription.publish({}, { messageId: 'bad' });
  subscription.publish({}, { messageId: 'good' });
  await subscription.drained(patience);
  expect(idsOf(endpoint.pushes)).toEqual(['bad', 'good', 'bad']);
});

it('sends a duplicate after an acknowledgement with the same attempt, and retries it as any other', async () => {
  const endpoint = await startEndpoint(inTurn(answer(500), answer(204), answer(409)));
  const subscription = subscribe(endpoint.url, { duplicateShare: 1, maxDeliveryAttempts: 3 });
  const messageId = subscription.publish({});
  await subscription.drained(patience);
  expect(subscription.deliveries).toMatchObject([
    { attempt: 1, status: 500, duplicate: false },
    { attempt: 2, status: 204, duplicate: false },
    { attempt: 2, status: 409, duplicate: true },
    { attempt: 3, status: 409, duplicate: true },
  ]);
  expect(subscription.deadLetters).toEqual([{ messageId, data: {}, attempts: 3 }]);
});

it('sends the duplicates of its seed, and none where none are asked for', async () => {
  const duplicated = async (options: Partial<SubscriptionOptions>): Promise<number[]> => {
    const endpoint = await startEndpoint(answer(204));
    const subscription = subscribe(endpoint.url, options);
    const ids = Array.from({ length: 40 }, (_, index) => subscription.publish(index));
    await subscription.drained(patience);
    const came = idsOf(endpoint.pushes);
    return ids.flatMap((id, index) => (came.indexOf(id) === came.lastIndexOf(id) ? [] : [index]));
  };
  const first = await duplicated({ seed: 7, duplicateShare: 0.3 });
  expect(first.length).toBeGreaterThan(4);
  expect(first.length).toBeLessThan(24);
  expect(await duplicated({ seed: 7, duplicateShare: 0.3 })).toEqual(first);
  expect(await duplicated({ seed: 8, duplicateShare: 0.3 })).not.toEqual(first);
  expect(await duplicated({})).toEqual([]);
});

it.each([
  [{ maxOutstanding: 1 }, true],
  [{ disorderShare: 0.3, maxOutstanding: 1 }, false],
  [{ disorderShare: 0.3, maxOutstanding: 1000 }, false],
])('with %j order is kept: %j', async (options, isKept) => {
  const endpoint = await startEndpoint(answer(204));
  const subscription = subscribe(endpoint.url, options);
  const ids = Array.from({ length: 40 }, (_, index) => subscription.publish(index));
  await subscription.drained(patience);
  const came = idsOf(endpoint.pushes);
  expect(came.join() === ids.join()).toBe(isKept);
  expect([...came].sort()).toEqual([...ids].sort());
});

it('has no more under way than it may', async () => {
  let waiting: ServerResponse[] = [];
  let most = 0;
  const endpoint = await startEndpoint((_, response) => {
    waiting.push(response);
    most = Math.max(most, waiting.length);
    if (waiting.length < 2) return;
    for (const each of waiting) each.writeHead(204).end();
    waiting = [];
  });
  const subscription = subscribe(endpoint.url, { maxOutstanding: 2 });
  for (let index = 0; index < 20; index++) subscription.publish(index);
  await subscription.drained(patience);
  expect(most).toBe(2);
  expect(endpoint.pushes).toHaveLength(20);
});

it('says what is not done when its patience ends, and sends nothing once it is closed', async () => {
  const endpoint = await startEndpoint(silence);
  const subscription = subscribe(endpoint.url);
  for (let index = 0; index < 11; index++) subscription.publish(index, { messageId: `m${index}` });
  await expect(subscription.drained(1)).rejects.toThrow(
    /^11 of 11 messages are not done after 1 ms: m0 \(attempt 1, last answer: none\), m1 .*, m9 \([^)]*\), …$/,
  );
  const neverDrained = expect(subscription.drained(600_000)).rejects.toThrow('when it was closed');
  await subscription.close();
  await neverDrained;
  expect(() => subscription.publish({})).toThrow('closed');
});
