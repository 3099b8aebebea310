/** What `phase3 status` calls healthy: all that this home has started, and nothing that is elsewhere. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config/config';
import { defaultPolicySettings } from '../../src/contracts/policy';
import { startControlServer } from '../../src/control/server';
import { Home } from '../../src/stack/home';
import { Stack } from '../../src/stack/stack';
import { DuckDbWarehouse } from '../../src/warehouse/duckdb/duckdb-warehouse';
import { startTestServer, type TestServer } from '../support/temporal';

const addressBefore = process.env['TEMPORAL_ADDRESS'];
let server: TestServer;
let home: Home;
let control: Awaited<ReturnType<typeof startControlServer>>;
let warehouse: DuckDbWarehouse;

beforeAll(async () => {
  server = await startTestServer();
  process.env['TEMPORAL_ADDRESS'] = server.address;
  home = new Home(await mkdtemp(join(tmpdir(), 'phase3-status-')));
  await home.create();
  warehouse = await DuckDbWarehouse.open(':memory:', home.scratch);
  control = await startControlServer({
    warehouse,
    policy: defaultPolicySettings,
    workerState: () => 'RUNNING',
  });
  await home.writeWorker({ pid: process.pid, ...control, metrics: 'http://127.0.0.1:1/metrics' });
});
afterAll(async () => {
  if (addressBefore === undefined) delete process.env['TEMPORAL_ADDRESS'];
  else process.env['TEMPORAL_ADDRESS'] = addressBefore;
  await control.close();
  await warehouse.close();
  await server.stop();
  await rm(home.path, { recursive: true, force: true });
});

const status = (): ReturnType<Stack['status']> =>
  new Stack(
    readConfig({ PHASE3_HOME: home.path }),
    { build: { id: 'none', root: '/nowhere' }, gateway: '/nowhere/gateway.js' },
    () => undefined,
  ).status();

test('a home that started no gateway is healthy without one: in containers it is another', async () => {
  expect(await status()).toMatchObject({ healthy: true, problems: [], gateway: null });
});

test('a home whose gateway is gone is not', async () => {
  const gone = { pid: 2 ** 22 + 1, startedAt: '1', url: 'http://127.0.0.1:1' };
  await home.writeStack({ temporal: null, worker: null, gateway: gone });
  expect(await status()).toMatchObject({
    ...{ healthy: false, gateway: null },
    problems: [expect.stringMatching(/^The gateway \(process \d+\) has ended; see \S+gateway.log\./)],
  });
});

test('nor is one that has a worker and never came to start its gateway', async () => {
  await home.writeStack({ temporal: null, worker: { pid: process.pid, startedAt: '' } });
  expect(await status()).toMatchObject({
    ...{ healthy: false, gateway: null },
    problems: ['The gateway was not started. `phase3 up` starts it.'],
  });
});
