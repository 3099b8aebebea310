/** Clients that are slow, break off or never read: the gateway answers others meanwhile, lets these go, and keeps nothing of them. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { startGateway, type TestGateway } from '../support/gateway';
import { Rig } from '../support/rig';

const timeouts = { requestTimeoutMs: 500, silenceMs: 1_500 };
const clients = 40;
/** What others may wait for an answer meanwhile: a busy machine may take long, a gateway that waits for these clients longer. */
const othersMs = 5_000;

let rig: Rig;
let gateway: TestGateway;

beforeAll(async () => {
  rig = await Rig.open();
  gateway = await startGateway(rig, { parts: timeouts });
  // A connection whose answers are on their way may wait for its next request; 72 s are long for a test.
  gateway.app.server.keepAliveTimeout = 1_000;
});
afterAll(async () => {
  await gateway.close();
  await rig.close();
});

const head = (method: string, path: string, more = ''): string =>
  `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${more}`;

/** Sends something every now and then, until the other side has closed. */
function dribble(socket: Socket, parts: readonly string[]): void {
  const left = [...parts];
  const timer = setInterval(() => {
    const next = left.shift();
    if (next !== undefined && !socket.destroyed) socket.write(next);
  }, 100);
  socket.once('close', () => clearInterval(timer));
}

const ways: readonly (readonly [what: string, does: (socket: Socket) => void])[] = [
  ['says nothing at all', () => undefined],
  [
    'sends half of a body',
    (socket) => socket.write(head('POST', '/process', 'Content-Length: 100\r\n\r\n{"game')),
  ],
  [
    'sends a body bit by bit',
    (socket) => {
      socket.write(head('POST', '/process', 'Content-Length: 1000\r\n\r\n{'));
      dribble(socket, Array<string>(100).fill(' '));
    },
  ],
  [
    'sends headers bit by bit',
    (socket) => dribble(socket, head('GET', '/health/live', 'X: y\r\n'.repeat(20)).match(/./gs) ?? []),
  ],
  ['sends half of a line', (socket) => socket.write('POST /proc')],
  [
    'sends a chunk that does not end',
    (socket) => socket.write(head('POST', '/process', 'Transfer-Encoding: chunked\r\n\r\nffff\r\n{')),
  ],
  [
    'does not read its answers',
    (socket) => {
      socket.pause();
      socket.write(`${head('GET', '/openapi.json')}\r\n`.repeat(20));
    },
  ],
  [
    'does not read its events',
    (socket) => {
      socket.pause();
      socket.write(`${head('GET', '/events?topic=season/')}\r\n`);
    },
  ],
  [
    'hangs up in the middle of a body',
    (socket) => {
      socket.write(head('POST', '/process', 'Content-Length: 100\r\n\r\n{'), () => socket.destroy());
    },
  ],
  [
    'hangs up before its answer',
    (socket) => {
      socket.write(`${head('GET', `/dates/2017-04-15`)}\r\n`, () => socket.resetAndDestroy());
    },
  ],
  ['closes its half at once', (socket) => socket.end(head('POST', '/process', 'Content-Length: 9\r\n\r\n'))],
  ['speaks another language', (socket) => socket.write('\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001')],
];

const open = (): Promise<number> =>
  new Promise((resolve, reject) =>
    gateway.app.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );

const handles = (): number =>
  process.getActiveResourcesInfo().filter((name) => /TCP|Timeout/.test(name)).length;

/** The median of several answers, ms: a busy machine is slow now and then. */
async function usualAnswer(): Promise<number> {
  const took: number[] = [];
  for (let count = 0; count < 9; count += 1) {
    const begun = performance.now();
    expect((await gateway.get('/health/live', { connection: 'close' })).status).toBe(200);
    took.push(performance.now() - begun);
  }
  return took.sort((a, b) => a - b)[4] ?? Infinity;
}

test.each(ways)('a client that %s holds nobody up, and is let go', async (_what, does) => {
  const before = handles();
  const { port } = new URL(gateway.url);
  const sockets = Array.from({ length: clients }, () => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => undefined).once('connect', () => does(socket));
    return socket;
  });
  // Each has been heard of before it is asked who is held up.
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  expect(await usualAnswer()).toBeLessThan(othersMs);
  const end = Date.now() + 20_000;
  while ((await open()) > 0 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await open()).toBe(0);
  for (const socket of sockets) socket.destroy();
  // Timers of sockets go as these are closed.
  while (handles() > before + clients / 4 && Date.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(handles()).toBeLessThanOrEqual(before + clients / 4);
  expect(gateway.logged.filter((line) => line.includes('a request failed'))).toEqual([]);
});
