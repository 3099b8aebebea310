/** Clients that are slow, break off or never read: the gateway answers others meanwhile, lets these go, and keeps nothing of them. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { brokenWays } from '../../scripts/flood/broken-clients';
import { startGateway, type TestGateway } from '../support/gateway';
import { Rig } from '../support/rig';

const timeouts = { requestTimeoutMs: 500, silenceMs: 1_500 };
const clients = 40;
/** What others may wait for an answer meanwhile: a busy machine may take long, a gateway that waits for these clients longer. */
const othersMs = 5_000;

let rig: Rig;
let gateway: TestGateway;
/** Of the clients of one test. */
let sockets: Socket[] = [];

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

// One that was not let go would keep the gateway open.
afterEach(() => {
  for (const socket of sockets) socket.destroy();
});

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

test.each(brokenWays)('a client that %s holds nobody up, and is let go', async (_what, does) => {
  const before = handles();
  const { port } = new URL(gateway.url);
  sockets = Array.from({ length: clients }, () => {
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
