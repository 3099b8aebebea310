/** A worker that cannot work says why and ends: what looks after it can start another, and nobody takes it for one that works. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { startBuilt, type BuiltProcess } from '../support/built-process';
import { startTestServer, type TestServer } from '../support/temporal';

jest.setTimeout(60_000);

let server: TestServer;
let home: string;
let worker: BuiltProcess | null = null;

beforeAll(async () => {
  server = await startTestServer();
  // A namespace that is made while the server runs has none of our search attributes.
  const connection = await Connection.connect({ address: server.address });
  await connection.workflowService.registerNamespace({
    namespace: 'bare',
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  const isThere = (): Promise<boolean> =>
    connection.operatorService.listSearchAttributes({ namespace: 'bare' }).then(
      () => true,
      () => false,
    );
  while (!(await isThere())) await pause(100);
  await connection.close();
});

afterAll(() => server.stop());

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'phase3-home-'));
});

afterEach(async () => {
  worker?.kill();
  await worker?.ended;
  await rm(home, { recursive: true, force: true });
});

it.each([
  ['cannot open its warehouse', 'default', 'warehouse.duckdb'],
  ['lacks its search attributes', 'bare', 'Namespace bare lacks search attributes.'],
])('a worker that %s ends with 1', async (_, namespace, said) => {
  await writeFile(join(home, 'warehouse.duckdb'), 'this is no database '.repeat(1_000));
  worker = startBuilt('worker', {
    ...{ PHASE3_HOME: home, TEMPORAL_ADDRESS: server.address, TEMPORAL_NAMESPACE: namespace },
  });
  const { code, stderr } = await worker.ended;
  const last = JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as { message: string };
  expect([code, last.message]).toEqual([1, expect.stringMatching(/^the worker ends: /)]);
  expect(last.message).toContain(said);
});
