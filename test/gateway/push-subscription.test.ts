/** The subscription that the gateway's tests push with, before an endpoint that answers what it is told. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { latch } from '../support/latch';
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
  /** Waits until every connection that was made has closed. */
  readonly quiet: () => Promise<unknown>;
  readonly stop: () => Promise<void>;
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
  const connections: Promise<void>[] = [];
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
  server.on('connection', (socket) => {
    connections.push(new Promise((resolve) => socket.once('close', () => resolve())));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(async () => {
    if (!server.listening) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/push`,
    pushes,
    quiet: () => Promise.all(connections),
    stop: opened.at(-1)!,
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

describe('the envelope', () => {
  it('has the message under both spellings, and the attempt', async () => {
    const endpoint = await startEndpoint(inTurn(answer(500), answer(204)));
    const subscription = subscribe(endpoint.url);
    const messageId = subscription.publish({ game: 'BOS@NYK' }, { attributes: { origin: 'loader' } });
    await subscription.drained(patience);
    expect(endpoint.pushes.map(({ body }) => body.deliveryAttempt)).toEqual([1, 2]);
    const { method, headers, body } = endpoint.pushes[0]!;
    expect(method).toBe('POST');
    expect(headers['content-type']).toBe('application/json');
    expect(headers.authorization).toBeUndefined();
    const publishTime = body.message['publishTime'] as string;
    expect(new Date(publishTime).toISOString()).toBe(publishTime);
    expect(body).toEqual({
      message: {
        attributes: { origin: 'loader' },
        data: Buffer.from('{"game":"BOS@NYK"}').toString('base64'),
        messageId,
        message_id: messageId,
        publishTime,
        publish_time: publishTime,
      },
      subscription: 'projects/p/subscriptions/s',
      deliveryAttempt: 1,
    });
    // A redelivery is of the same message.
    expect(endpoint.pushes[1]!.body.message).toEqual(body.message);
  });

  it('has no attempt without a dead-letter policy, which retries for as long as it takes', async () => {
    const endpoint = await startEndpoint(inTurn(...Array<Handler>(8).fill(answer(500)), answer(200)));
    const subscription = subscribe(endpoint.url, {
      maxDeliveryAttempts: null,
      maximumBackoffSeconds: 20,
      subscription: 'projects/nba/subscriptions/phase3',
    });
    subscription.publish('x');
    await subscription.drained(patience);
    expect(endpoint.pushes).toHaveLength(9);
    for (const { body } of endpoint.pushes) expect(body).not.toHaveProperty('deliveryAttempt');
    expect(endpoint.pushes[0]!.body.subscription).toBe('projects/nba/subscriptions/phase3');
    expect(subscription.deadLetters).toEqual([]);
  });

  it('has bytes as they are', async () => {
    const endpoint = await startEndpoint(answer(204));
    const subscription = subscribe(endpoint.url);
    const bytes = Buffer.from([0x7b, 0xff, 0x00, 0xc3]);
    subscription.publish(bytes, { messageId: 'broken' });
    await subscription.drained(patience);
    const { message } = endpoint.pushes[0]!.body;
    expect(Buffer.from(message.data, 'base64')).toEqual(bytes);
    expect(message.messageId).toBe('broken');
    expect(message).not.toHaveProperty('attributes');
  });

  it('goes with headers that are asked for each time', async () => {
    const endpoint = await startEndpoint(inTurn(answer(401), answer(204)));
    let asked = 0;
    const headers = async (): Promise<Record<string, string>> => ({ authorization: `Bearer ${++asked}` });
    const subscription = subscribe(endpoint.url, { headers });
    subscription.publish({});
    await subscription.drained(patience);
    expect(endpoint.pushes.map((push) => push.headers.authorization)).toEqual(['Bearer 1', 'Bearer 2']);
  });

  it('does not go without them: the test is told', async () => {
    const endpoint = await startEndpoint(answer(204));
    const subscription = subscribe(endpoint.url, { headers: () => Promise.reject(new Error('no token')) });
    subscription.publish({});
    await expect(subscription.drained(patience)).rejects.toThrow('no token');
    expect(endpoint.pushes).toEqual([]);
  });
});

describe('an answer', () => {
  it.each([102, 200, 201, 202, 204])('%d acknowledges', async (status) => {
    const endpoint = await startEndpoint(answer(status));
    const subscription = subscribe(endpoint.url);
    const messageId = subscription.publish({});
    await subscription.drained(patience);
    expect(subscription.deliveries).toMatchObject([
      { messageId, attempt: 1, status, acknowledged: true, duplicate: false },
    ]);
    expect(endpoint.pushes).toHaveLength(1);
    expect(subscription.deadLetters).toEqual([]);
  });

  it.each([203, 206, 302, 400, 401, 404, 409, 429, 500, 503])('%d does not', async (status) => {
    const endpoint = await startEndpoint(inTurn(answer(status, { why: 'busy' }), answer(200, { ok: true })));
    const subscription = subscribe(endpoint.url);
    const messageId = subscription.publish({});
    await subscription.drained(patience);
    const both = { messageId, at: expect.any(Number) as number, duplicate: false };
    expect(subscription.deliveries).toEqual([
      { ...both, attempt: 1, status, body: { why: 'busy' }, acknowledged: false },
      { ...both, attempt: 2, status: 200, body: { ok: true }, acknowledged: true },
    ]);
  });

  it('that is cut off is none, before its headers or after', async () => {
    const half: Handler = (_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half', () => void response.destroy());
    };
    const endpoint = await startEndpoint(inTurn(cut, half, answer(204)));
    const subscription = subscribe(endpoint.url);
    subscription.publish({});
    await subscription.drained(patience);
    expect(statuses(subscription)).toEqual(['no connection', 'no connection', 204]);
    expect(subscription.deliveries.map(({ acknowledged }) => acknowledged)).toEqual([false, false, true]);
  });

  it('that nobody gives is "no connection"', async () => {
    const endpoint = await startEndpoint(answer(204));
    await endpoint.stop();
    const subscription = subscribe(endpoint.url);
    const messageId = subscription.publish({ a: 1 });
    await subscription.drained(patience);
    expect(statuses(subscription)).toEqual(Array(5).fill('no connection'));
    expect(subscription.deadLetters).toEqual([{ messageId, data: { a: 1 }, attempts: 5 }]);
  });

  it('that comes after the deadline on our clock comes too late', async () => {
    const gone = latch();
    const late: Handler = (_, response) => void response.once('close', gone.open);
    const endpoint = await startEndpoint(inTurn(late, answer(204)));
    const subscription = subscribe(endpoint.url, { ackDeadlineSeconds: 10, ackDeadlineMs: 1000 });
    subscription.publish({});
    await subscription.drained(patience);
    await gone.opened;
    expect(statuses(subscription)[0]).toBe('no answer');
    expect(statuses(subscription).at(-1)).toBe(204);
    // A second on our clock, and the back-off.
    expectAtLeast(gaps(subscription.deliveries.slice(0, 2)), [1010]);
  });

  it('is waited for on its clock too', async () => {
    const endpoint = await startEndpoint(silence);
    const subscription = subscribe(endpoint.url, { ackDeadlineSeconds: 600, maxDeliveryAttempts: 2 });
    subscription.publish({});
    await subscription.drained(patience);
    expect(statuses(subscription)).toEqual(['no answer', 'no answer']);
    expectAtLeast(gaps(subscription.deliveries), [610]);
    expect(subscription.deadLetters).toHaveLength(1);
  });
});

describe('back-off', () => {
  it('doubles from the minimum, and ends at the dead-letter topic', async () => {
    const endpoint = await startEndpoint(answer(503));
    const subscription = subscribe(endpoint.url);
    const messageId = subscription.publish(Buffer.from('{'), { messageId: 'poison' });
    await subscription.drained(patience);
    expect(subscription.deliveries.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5]);
    expectAtLeast(gaps(subscription.deliveries), [10, 20, 40, 80]);
    expect(subscription.deadLetters).toEqual([{ messageId, data: Buffer.from('{'), attempts: 5 }]);
    expect(endpoint.pushes).toHaveLength(5);
  });

  it('does not grow beyond the maximum, or this would take years', async () => {
    const endpoint = await startEndpoint(answer(503));
    const subscription = subscribe(endpoint.url, {
      minimumBackoffSeconds: 1,
      maximumBackoffSeconds: 3,
      maxDeliveryAttempts: 40,
    });
    subscription.publish({});
    await subscription.drained(patience);
    expectAtLeast(gaps(subscription.deliveries), [1, 2, ...Array<number>(37).fill(3)]);
  });

  it('of one message holds up no other', async () => {
    const endpoint = await startEndpoint((push, response) =>
      answer(push.body.message.messageId === 'bad' && push.before === 0 ? 500 : 204)(push, response),
    );
    const subscription = subscribe(endpoint.url, { maxOutstanding: 1 });
    subscription.publish({}, { messageId: 'bad' });
    subscription.publish({}, { messageId: 'good' });
    await subscription.drained(patience);
    expect(idsOf(endpoint.pushes)).toEqual(['bad', 'good', 'bad']);
  });
});

describe('duplicates', () => {
  it('come once more after an acknowledgement, with the same attempt', async () => {
    const endpoint = await startEndpoint(inTurn(answer(500), answer(204)));
    const subscription = subscribe(endpoint.url, { duplicateShare: 1 });
    const ids = [subscription.publish(1), subscription.publish(2)];
    await subscription.drained(patience);
    for (const id of ids)
      expect(subscription.deliveries.filter(({ messageId }) => messageId === id)).toMatchObject([
        { attempt: 1, acknowledged: false, duplicate: false },
        { attempt: 2, acknowledged: true, duplicate: false },
        { attempt: 2, acknowledged: true, duplicate: true },
      ]);
    expect(endpoint.pushes).toHaveLength(6);
  });

  it('are retried as any other, to the dead-letter topic', async () => {
    const endpoint = await startEndpoint(inTurn(answer(204), answer(409)));
    const subscription = subscribe(endpoint.url, { duplicateShare: 1, maxDeliveryAttempts: 3 });
    const messageId = subscription.publish({});
    await subscription.drained(patience);
    expect(statuses(subscription)).toEqual([204, 409, 409, 409]);
    expect(subscription.deliveries.map(({ attempt }) => attempt)).toEqual([1, 1, 2, 3]);
    expect(subscription.deadLetters).toEqual([{ messageId, data: {}, attempts: 3 }]);
  });

  it('are those of the seed, however fast the answers are', async () => {
    const duplicated = async (seed: number, handler: Handler): Promise<number[]> => {
      const endpoint = await startEndpoint(handler);
      const subscription = subscribe(endpoint.url, { seed, duplicateShare: 0.3 });
      const ids = Array.from({ length: 40 }, (_, index) => subscription.publish(index));
      await subscription.drained(patience);
      expect(new Set(ids).size).toBe(40);
      const came = idsOf(endpoint.pushes);
      return ids.flatMap((id, index) => (came.indexOf(id) === came.lastIndexOf(id) ? [] : [index]));
    };
    const first = await duplicated(7, answer(204));
    expect(await duplicated(7, answer(200, { some: 'body' }))).toEqual(first);
    expect(await duplicated(8, answer(204))).not.toEqual(first);
    expect(first.length).toBeGreaterThan(4);
    expect(first.length).toBeLessThan(24);
  });

  it('are none where none are asked for', async () => {
    const endpoint = await startEndpoint(answer(204));
    const subscription = subscribe(endpoint.url);
    for (let index = 0; index < 40; index++) subscription.publish(index);
    await subscription.drained(patience);
    expect(endpoint.pushes).toHaveLength(40);
  });
});

describe('order', () => {
  it.each([1, 5, 1000])(
    'is not kept where it is not requested, with %d under way',
    async (maxOutstanding) => {
      const endpoint = await startEndpoint(answer(204));
      const subscription = subscribe(endpoint.url, { disorderShare: 0.3, maxOutstanding });
      const ids = Array.from({ length: 40 }, (_, index) => subscription.publish(index));
      await subscription.drained(patience);
      expect(idsOf(endpoint.pushes)).not.toEqual(ids);
      expect(idsOf(endpoint.pushes).sort()).toEqual([...ids].sort());
      expect(new Set(subscription.deliveries.map(({ attempt }) => attempt))).toEqual(new Set([1]));
    },
  );

  it('is kept where it is, one at a time', async () => {
    const endpoint = await startEndpoint(answer(204));
    const subscription = subscribe(endpoint.url, { maxOutstanding: 1 });
    const ids = Array.from({ length: 40 }, (_, index) => subscription.publish(index));
    await subscription.drained(patience);
    expect(idsOf(endpoint.pushes)).toEqual(ids);
  });

  it('has later ones overtake while the endpoint still has them', async () => {
    const waiting: ServerResponse[] = [];
    const endpoint = await startEndpoint((_, response) => {
      waiting.push(response);
      if (waiting.length === 20) for (const each of waiting) each.writeHead(204).end();
    });
    const subscription = subscribe(endpoint.url, { disorderShare: 0.5 });
    const ids = Array.from({ length: 20 }, (_, index) => subscription.publish(index));
    await subscription.drained(patience);
    expect(idsOf(endpoint.pushes)).not.toEqual(ids);
    expect(endpoint.pushes).toHaveLength(20);
  });

  it('is lost to messages, and not to time only', async () => {
    const early = latch();
    const missing = new Set(Array.from({ length: 20 }, (_, index) => `m${index}`));
    const endpoint = await startEndpoint((push, response) => {
      missing.delete(push.body.message.messageId);
      if (missing.size === 0) early.open();
      answer(204)(push, response);
    });
    // What is held back would come in minutes of ours.
    const subscription = subscribe(endpoint.url, {
      speed: 1,
      minimumBackoffSeconds: 600,
      disorderShare: 0.3,
    });
    const ids = Array.from({ length: 40 }, (_, index) =>
      subscription.publish(index, { messageId: `m${index}` }),
    );
    await early.opened;
    const came = idsOf(endpoint.pushes).filter((id) => ids.indexOf(id) < 20);
    expect(came).toHaveLength(20);
    expect(came).not.toEqual(ids.slice(0, 20));
  });

  it('holds back even a single one, and not for ever', async () => {
    const endpoint = await startEndpoint(answer(204));
    const subscription = subscribe(endpoint.url, { disorderShare: 1 });
    subscription.publish({});
    await subscription.drained(patience);
    expect(subscription.deliveries[0]!.at).toBeGreaterThanOrEqual(5_000);
  });
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

it('takes a second message with an id as one of its own', async () => {
  const endpoint = await startEndpoint(answer(204));
  const subscription = subscribe(endpoint.url);
  for (const data of [1, 2]) subscription.publish(data, { messageId: 'twice' });
  await subscription.drained(patience);
  expect(idsOf(endpoint.pushes)).toEqual(['twice', 'twice']);
  expect(subscription.deliveries).toMatchObject([{ duplicate: false }, { duplicate: false }]);
});

describe('closing', () => {
  const timers = (): number =>
    process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;

  it('leaves nothing behind', async () => {
    const reached = latch();
    const refused = latch();
    const abandoned = latch();
    const endpoint = await startEndpoint((push, response) => {
      if (push.body.message.messageId === 'refused') {
        response.once('finish', refused.open);
        answer(500)(push, response);
        return;
      }
      response.once('close', abandoned.open);
      reached.open();
    });
    const before = timers();
    const slow = { speed: 1, minimumBackoffSeconds: 600 };
    const subscription = subscribe(endpoint.url, slow);
    const holding = subscribe(endpoint.url, { ...slow, disorderShare: 1 });
    subscription.publish({}, { messageId: 'waits' });
    subscription.publish({}, { messageId: 'refused' });
    holding.publish({}, { messageId: 'held' });
    const neverDrained = expect(subscription.drained(600_000)).rejects.toThrow(
      /^2 of 2 messages are not done when it was closed: waits \(attempt 1, last answer: none\), refused \(/,
    );
    await Promise.all([reached.opened, refused.opened]);
    expect(timers()).toBeGreaterThan(before);
    await Promise.all([subscription.close(), holding.close()]);
    expect(timers()).toBe(before);
    await neverDrained;
    await abandoned.opened;
    await endpoint.quiet();
    expect(endpoint.pushes).toHaveLength(2);
    expect(() => subscription.publish({})).toThrow('closed');
    await expect(holding.drained(patience)).rejects.toThrow('held');
    await subscription.close();
  });

  it('is not needed for what is done', async () => {
    const endpoint = await startEndpoint(inTurn(cut, answer(500), answer(102)));
    const before = timers();
    const subscription = subscribe(endpoint.url);
    subscription.publish({});
    await subscription.drained(patience);
    expect(timers()).toBe(before);
    await endpoint.quiet();
  });

  it('does not wait for a token that never comes', async () => {
    const asked = latch();
    const endpoint = await startEndpoint(answer(204));
    const subscription = subscribe(endpoint.url, {
      headers: () => {
        asked.open();
        return new Promise(() => undefined);
      },
    });
    subscription.publish({});
    await asked.opened;
    await subscription.close();
    expect(endpoint.pushes).toEqual([]);
  });

  it('is not drained before it is, and says what is missing', async () => {
    const endpoint = await startEndpoint(silence);
    const subscription = subscribe(endpoint.url);
    for (let index = 0; index < 11; index++) subscription.publish(index, { messageId: `m${index}` });
    await expect(subscription.drained(1)).rejects.toThrow(
      /^11 of 11 messages are not done after 1 ms: m0 \(attempt 1, last answer: none\), m1 .*, m9 \([^)]*\), …$/,
    );
  });

  it('is drained with nothing to do', async () => {
    const subscription = subscribe('http://127.0.0.1:1/');
    await subscription.drained(0);
    await subscription.close();
    await subscription.drained(0);
    expect(subscription.deliveries).toEqual([]);
  });
});
