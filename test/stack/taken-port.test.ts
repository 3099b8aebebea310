/** Between choosing a port and listening on it another process may have it for a moment: another port is tried. */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Home } from '../../src/stack/home';
import { Cli } from '../support/cli';

jest.setTimeout(90_000);

let cli: Cli;
beforeAll(async () => {
  cli = await Cli.create();
});
afterAll(() => cli.dispose());

function listenOn(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

/** Takes the port of the gateway before it listens, and lets it go as soon as the gateway has said so. Null where it was too late. */
async function takeForAMoment(home: Home, up: Promise<unknown>): Promise<number | null> {
  const isUp = up.then(() => true);
  const isOver = (): Promise<boolean> => Promise.race([isUp, pause(2, false)]);
  while (!(await isOver())) {
    const { gateway = null } = await home.readStack().catch(() => ({ gateway: null }));
    const port = gateway && Number(new URL(gateway.url).port);
    // Another test's gateway may have been faster: then a further port is tried, and taken.
    const server = port && (await listenOn(port).catch(() => null));
    if (!server) continue;
    const said = (): Promise<string> => readFile(join(home.logs, 'gateway.log'), 'utf8').catch(() => '');
    while (!(await said()).includes(`Port ${port} of`)) await pause(2);
    await new Promise((closed) => server.close(closed));
    return port;
  }
  return null;
}

test('a port that was taken and let go meanwhile is not given up on', async () => {
  const home = new Home(cli.home);
  for (;;) {
    const up = cli.ok('up');
    const [port] = await Promise.all([takeForAMoment(home, up), up]);
    if (port !== null) break;
    await cli.ok('down');
  }
  expect(await cli.json('status')).toMatchObject({ healthy: true, problems: [] });
});
