/** Bodies that are deep, large, slow or anything at all, and callers that ask too much: an answer below 500, and little held. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { repeatedKey } from '../../src/contracts/json-text';
import { PushScan } from '../../src/gateway/push-scan';
import { envelope, startGateway, type TestGateway } from '../support/gateway';
import { Rig } from '../support/rig';

const gameDate = '2017-04-15';
const publishTime = '2017-04-16T04:00:00Z';
const routes = [
  ...['/process', '/process-date-range'],
  ...['bypass', 'rerun', 'restore', 'unpin', 'extend', 'cancel', 'recheck'].map(
    (name) => `/dates/${gameDate}/${name}`,
  ),
];

let rig: Rig;
let gateway: TestGateway;

beforeAll(async () => {
  rig = await Rig.open();
  gateway = await startGateway(rig);
});
afterAll(async () => {
  await gateway.close();
  await rig.close();
});

const nested = (levels: number, [open, close] = ['[', ']']): string =>
  `${open.repeat(levels)}${open === '[' ? '' : '1'}${close.repeat(levels)}`;

async function deadLetters(day = '2017-04-16'): Promise<Map<string, Record<string, unknown>>> {
  const { dead_letter: rows } = await rig.warehouse.readDate(day, ['dead_letter']);
  return new Map(rows.map((row) => [row.message_id, { ...row, faults: JSON.parse(row.faults) as unknown }]));
}

describe('a body nested 5,000 levels', () => {
  test.each(routes)('is a bad request: %s', async (path) => {
    for (const text of [nested(5_000), nested(60_000), nested(5_000, ['{"a":', '}'])])
      for (const body of [text, `{"reason":${text}}`, `{"start_date":${text}}`]) {
        const { status, body: answer } = await gateway.post(path, body);
        expect({ status, faults: answer['faults'] }).toMatchObject({
          status: 400,
          faults: [{ code: 'too_deep' }],
        });
      }
  });

  test.each<[what: string, id: string, body: unknown, field: string]>([
    ['in the data of a push', 'deep-1', envelope(nested(5_000), 'deep-1'), 'message.data'],
    ['in objects', 'deep-2', envelope(nested(5_000, ['{"a":', '}']), 'deep-2'), 'message.data'],
    [
      'beside its data',
      'deep-3',
      `{"message":{"attributes":${nested(5_000)},"messageId":"deep-3","publishTime":"${publishTime}"}}`,
      'The body',
    ],
  ])('is a dead letter %s, and acknowledged when it comes again', async (_, id, body, field) => {
    const first = await gateway.post('/process', body);
    expect(first).toMatchObject({ status: 400, body: { faults: [{ code: 'too_deep', field }] } });
    expect((await deadLetters()).get(id)).toMatchObject({ faults: [{ code: 'too_deep', field }] });
    expect(await gateway.post('/process', body)).toMatchObject({
      status: 200,
      body: { status: 'dead_lettered' },
    });
  });
});

test('a gateway whose clock is years behind keeps a push where one whose clock is right keeps it', async () => {
  const body = `{"message":{"data":"e30=","messageId":"ahead","publishTime":"2091-05-02T04:30:00Z"}}`;
  expect(await gateway.post('/process', body)).toMatchObject({ status: 400 });
  expect([...(await deadLetters('2091-05-02')).keys()]).toEqual(['ahead']);
  expect(await gateway.post('/process', body)).toMatchObject({ status: 200 });
});

describe('a push above 256 KiB', () => {
  /** The id comes after the data, as Pub/Sub writes it. */
  const large = (bytes: number, id: string): string =>
    `{"message":{"attributes":{"messageId":"not this"},"data":"${'e30='.repeat(bytes / 4)}","messageId":"${id}",` +
    `"message_id":"${id}","publishTime":"${publishTime}"},"subscription":"projects/p/subscriptions/s","deliveryAttempt":2}`;

  test.each([300_000, 13_400_000])(
    'of %d bytes is a dead letter, and acknowledged when it comes again',
    async (bytes) => {
      const [id, body] = [`large-${bytes}`, large(bytes, `large-${bytes}`)];
      const first = await gateway.post('/process', body);
      expect(first).toMatchObject({ status: 400, body: { faults: [{ code: 'too_large' }], message_id: id } });
      const row = (await deadLetters()).get(id);
      expect(row).toMatchObject({ subscription: 'projects/p/subscriptions/s', delivery_attempt: 2 });
      // Its size, and not the whole of it.
      expect(JSON.parse(String(row?.['message']))).toMatchObject({ messageId: id, bytes: body.length });
      expect(String(row?.['message']).length).toBeLessThan(1_000);
      expect(await gateway.post('/process', body)).toMatchObject({
        status: 200,
        body: { status: 'dead_lettered' },
      });
    },
  );

  test('that is no push, or comes to another route, is 413', async () => {
    const plain = JSON.stringify({ game_date: gameDate, note: 'x'.repeat(300_000) });
    for (const path of routes) expect((await gateway.post(path, plain)).status).toBe(413);
    expect((await gateway.post('/process', large(17_000_000, 'huge'))).status).toBe(413);
  });
});

describe('a body that two readers may read in two ways', () => {
  test.each(routes)('is a bad request: %s', async (path) => {
    for (const [body, code, sentence] of [
      ['{"reason":"a first reason","reason":"another reason"}', 'not_allowed', 'has "reason" twice'],
      ['{"a":[{"b":1,"\\u0062":2}]}', 'not_allowed', 'has "b" twice'],
      ['{"__proto__":{},"__proto__":{"reason":"x"}}', 'not_allowed', 'has "__proto__" twice'],
    ]) {
      const answer = await gateway.post(path, body);
      expect(answer).toMatchObject({ status: 400, body: { faults: [{ code }] } });
      expect(answer.body['message']).toContain(sentence);
    }
    const bytes = Buffer.concat([Buffer.from('{"reason":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]);
    const response = await fetch(`${gateway.url}${path}`, { method: 'POST', body: bytes });
    expect([response.status, await response.json()]).toMatchObject([400, { faults: [{ code: 'not_utf8' }] }]);
  });

  test('is a dead letter where it is a push, also in its data', async () => {
    const data = '{"game_date":"2017-04-15","output_table":"nbac_schedule","game_date":"2017-04-16"}';
    const outer = (id: string): string =>
      `{"message":{"data":"e30=","messageId":"${id}","messageId":"${id}","publishTime":"${publishTime}"}}`;
    for (const [id, body, field] of [
      ['twice-1', envelope(data, 'twice-1'), 'message.data'],
      ['twice-2', outer('twice-2'), 'The body'],
    ] as const) {
      const faults = [{ code: 'not_allowed', field }];
      expect(await gateway.post('/process', body)).toMatchObject({ status: 400, body: { faults } });
      expect((await deadLetters()).get(id)).toMatchObject({ faults });
    }
  });

  test('but the same key in two objects, or in a text, is none', async () => {
    const good = { output_table: 'x', a: { a: '"a":1,"a":2', b: [{ a: 1 }, { a: 2 }] }, b: 'a' };
    const { body } = await gateway.post('/process', good);
    expect(JSON.stringify(body)).not.toContain('twice');
    fc.assert(fc.property(fc.jsonValue(), (value) => repeatedKey(JSON.stringify(value)) === null));
  });
});

describe('names and numbers that are none of ours', () => {
  test.each(routes)('are a bad request with an answer that is short: %s', async (path) => {
    const many = Array.from({ length: 8_000 }, (_, index) => [`k${index}`, index] as const);
    const prototypes = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];
    for (const body of [
      JSON.stringify(Object.fromEntries(many)),
      JSON.stringify({ processors: many.map(([key]) => key), missing: many.map(([key]) => key) }),
      `{${prototypes.map((name) => `"${name}":{"reason":"polluted by nobody"}`).join(',')}}`,
      '{"version":1e999,"for":-1e999,"force":1e400,"processors":1e309,"start_date":1e999,"game_date":1e999}',
      '{"reason":"\\ud800 is half of a character","game_date":"\\udc00"}',
    ]) {
      const answer = await gateway.post(path, body);
      expect([path, answer.status]).toEqual([path, 400]);
      expect(answer.text.length).toBeLessThan(20_000);
      expect(answer.text).toContain('expected');
      if (body.includes('1e999')) expect(answer.body['message']).not.toContain('null');
    }
    expect(({} as Record<string, unknown>)['reason']).toBeUndefined();
  });
});

test('bodies of 10 MB that come together are refused, and little of them is held', async () => {
  const [head, part, parts] = ['POST %p HTTP/1.1\r\nHost: 127.0.0.1\r\n', Buffer.alloc(65_536, 'x'), 160];
  const send = async (path: string, length: string): Promise<string> => {
    const socket = open(gateway);
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(`${head.replace('%p', path)}${length}\r\n\r\n`);
    for (let at = 0; at < parts && !socket.destroyed && answer === ''; at += 1) {
      if (length.startsWith('Transfer')) socket.write(`${part.length.toString(16)}\r\n`);
      const isTaken = socket.write(part);
      if (length.startsWith('Transfer')) socket.write('\r\n');
      if (!isTaken) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed]);
      most = Math.max(most, process.memoryUsage().rss);
    }
    // More than was announced would be another request.
    socket.end(length.startsWith('Transfer') ? '0\r\n\r\n' : '');
    await closed;
    return answer.split('\r\n')[0] ?? '';
  };
  const before = process.memoryUsage().rss;
  let most = before;
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      send(
        routes[index % routes.length]!,
        index % 2 === 0 ? 'Transfer-Encoding: chunked' : `Content-Length: ${part.length * parts}`,
      ),
    ),
  );
  for (const answer of answers) expect(answer).toMatch(/^(HTTP\/1\.1 413 .*)?$/);
  expect(answers.filter((answer) => answer.includes('413')).length).toBeGreaterThan(0);
  // They are 400 MB.
  expect((most - before) / 1e6).toBeLessThan(300);
  expect((await gateway.get('/health/live')).status).toBe(200);
});

test('what is known of a push is found in whatever pieces it comes', () => {
  const body = fc.record({
    message: fc.record({
      data: fc.base64String(),
      attributes: fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
      messageId: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }),
    }),
    deliveryAttempt: fc.nat(),
    other: fc.jsonValue(),
    subscription: fc.string({ unit: 'grapheme', minLength: 1 }),
  });
  fc.assert(
    fc.property(body, fc.integer({ min: 1, max: 40 }), fc.constantFrom(0, 2), (push, size, indent) => {
      const bytes = Buffer.from(JSON.stringify(push, null, indent));
      const scan = new PushScan();
      for (let at = 0; at < bytes.length; at += size) scan.feed(bytes.subarray(at, at + size));
      const { messageId } = push.message;
      const { subscription, deliveryAttempt } = push;
      expect(scan.end()).toMatchObject({
        ...{ bytes: bytes.length, isPush: true },
        known: { messageId, subscription, deliveryAttempt, publishTime: null },
      });
    }),
  );
});

test('any JSON value to any route is no failure of the gateway', async () => {
  const value = fc.jsonValue({ stringUnit: 'binary', maxDepth: 5 });
  const fields = fc.constantFrom(
    ...[
      'message',
      'data',
      'output_table',
      'source_table',
      'start_date',
      'end_date',
      'processors',
      'processor',
    ],
    ...['missing', 'version', 'reason', 'for', 'correlation_id', 'status', 'success'],
  );
  const body = fc.oneof(value, fc.dictionary(fields, value));
  await fc.assert(
    fc.asyncProperty(body, fc.constantFrom(...routes), fc.boolean(), async (given, path, isPush) => {
      const sent = isPush ? envelope(given, `any-${path.length}`) : given;
      const { status } = await gateway.post(path, JSON.stringify(sent));
      expect(status).toBeLessThan(500);
    }),
    { numRuns: 150 },
  );
  expect(gateway.logged.filter((line) => line.includes('a request failed'))).toEqual([]);
});

function open({ url }: TestGateway): Socket {
  return connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined);
}

describe('a caller that asks too much', () => {
  test('a body that comes slowly is cut off with its request, whoever sends it', async () => {
    const narrow = await startGateway(rig, { parts: { requestTimeoutMs: 300 } });
    const socket = open(narrow);
    const closed = once(socket, 'close');
    socket.resume();
    socket.write('POST /process HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{');
    const drip = setInterval(() => socket.write(' '), 50);
    await closed;
    clearInterval(drip);
    await narrow.close();
  });

  test('refusals are counted, and not logged one by one', async () => {
    const busy = await startGateway(rig, { settings: { maxRequestsPerSecond: 1 } });
    const statuses = await Promise.all(
      Array.from({ length: 60 }, async () => (await busy.get('/dates/none')).status),
    );
    const refused = statuses.filter((status) => status === 429).length;
    expect(refused).toBeGreaterThan(30);
    await busy.close();
    const lines = busy.logged
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => line['status'] === 429);
    expect(lines.length).toBeLessThan(10);
    expect(lines.reduce((sum, line) => sum + Number(line['requests']), 0)).toBe(refused);
    expect(lines[0]).toMatchObject({ principals: ['tester'] });
  });

  test('a connection that sends on without reading is closed', async () => {
    const socket = open(gateway);
    const closed = once(socket, 'close');
    socket.resume();
    socket.write('GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'.repeat(1_000));
    await closed;
    expect((await gateway.get('/health/live')).status).toBe(200);
  });
});
