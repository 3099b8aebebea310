/**
 * A process that cannot start: it ends within five seconds, with a status that tells a supervisor whether trying again may
 * help (1) or not (2), and its last line says why. And a signal ends it whatever it waits for.
 */
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { Phase3Client } from '../../src/client';
import { identityOf } from '../../src/contracts/identity';
import { Home } from '../../src/stack/home';
import { freePort, isAlive } from '../../src/stack/processes';
import { DuckDbDatabase } from '../../src/warehouse/duckdb/duckdb-database';
import {
  describeWithEmulator,
  emulatorProject,
  emulatorStartMs,
  startEmulator,
  type Emulator,
} from '../support/bigquery-emulator';
import { FaultProxy } from '../../scripts/emulator/fault-proxy';
import { startBuilt, type BuiltProcess, type BuiltScript } from '../support/built-process';
import { startSilentServer, startSwallowingServer, type UselessServer } from '../support/silent-servers';
import { startTestServer, type TestServer } from '../support/temporal';

jest.setTimeout(60_000);

const root = join(__dirname, '..', '..');
/** From the start of the process, its code and all, on a machine that loads the code in {@link usualLoadingMs}. */
const promisedMs = 5_000;
const usualLoadingMs = 700;

let server: TestServer;
let silent: UselessServer;
let swallowing: UselessServer;
/** A port of 127.0.0.1 that is taken, and one that nobody listens on. */
let taken: number;
let nobody: string;
let folder: string;
let home: string;
const processes: BuiltProcess[] = [];
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  [server, silent, swallowing] = await Promise.all([
    startTestServer(),
    startSilentServer(),
    startSwallowingServer(),
  ]);
  taken = Number(silent.address.split(':')[1]);
  nobody = `127.0.0.1:${await freePort()}`;
  await makeBareNamespace();
});
afterAll(() => Promise.all([server.stop(), silent.stop(), swallowing.stop()]));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phase3-starts-'));
  home = join(folder, 'home');
  await mkdir(home);
});
afterEach(async () => {
  for (const one of processes.splice(0)) {
    one.kill();
    await one.ended;
  }
  for (const close of closers.splice(0)) await close();
  await rm(folder, { recursive: true, force: true });
});

/** A namespace that is made while the server runs has none of our search attributes. */
async function makeBareNamespace(): Promise<void> {
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
}

function start(script: BuiltScript, env: NodeJS.ProcessEnv, args: readonly string[] = []): BuiltProcess {
  const started = startBuilt(script, { PHASE3_HOME: home, ...env }, args);
  processes.push(started);
  return started;
}

/** An HTTP server that answers everything in one way. */
async function answering(status: number, body: unknown): Promise<string> {
  const http: Server = createHttpServer((_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    http.closeAllConnections();
    http.close();
  });
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

const good = (): NodeJS.ProcessEnv => ({ TEMPORAL_ADDRESS: server.address });
const bigQuery = (endpoint: string | null): NodeJS.ProcessEnv => ({
  ...good(),
  ...{ PHASE3_WAREHOUSE: 'bigquery', PHASE3_BIGQUERY_PROJECT: 'phase3-test' },
  ...(endpoint === null ? {} : { PHASE3_BIGQUERY_ENDPOINT: endpoint }),
});
const belowAFile = async (): Promise<NodeJS.ProcessEnv> => {
  await writeFile(join(folder, 'file'), '');
  return { ...good(), PHASE3_HOME: join(folder, 'file', 'home') };
};
const error = (code: number, reason: string, message: string): object => ({
  error: { code, message, errors: [{ reason, message }] },
});

/** What is wrong, what it starts with, the status that it ends with, and what its last words contain. */
type Case = readonly [
  string,
  () => NodeJS.ProcessEnv | Promise<NodeJS.ProcessEnv>,
  1 | 2,
  string | (() => string),
];

async function expectEnd(started: BuiltProcess, said: string, status: number): Promise<void> {
  const { code, signal, stderr, ms } = await started.ended;
  const last = stderr.trim().split('\n').at(-1) ?? '';
  expect({ code, signal, said: last.startsWith('{') ? messageOf(last) : stderr }).toEqual({
    ...{ code: status, signal: null, said: expect.stringContaining(said) as string },
  });
  expect(stderr).not.toMatch(/\n\s+at |\\n\s+at /);
  await expectInTime(ms);
}

/**
 * Where others are at work everything takes longer, as loading the code does. They may have paused by now: two that load at once take
 * what one takes beside another.
 */
async function expectInTime(ms: number): Promise<void> {
  if (ms < promisedMs) return;
  const loads = [0, 1].map(() => startBuilt('worker', { PHASE3_MAX_ACTIVITIES: 'x' }).ended);
  const loadingMs = Math.max(...(await Promise.all(loads)).map((load) => load.ms));
  expect(ms).toBeLessThan(promisedMs * Math.max(1, loadingMs / usualLoadingMs));
}

function messageOf(line: string): string {
  return (JSON.parse(line) as { message: string }).message;
}

describe('a worker ends', () => {
  it.each<Case>([
    [
      'its configuration is not valid',
      () => ({ ...good(), PHASE3_MAX_ACTIVITIES: 'x' }),
      2,
      'PHASE3_MAX_ACTIVITIES is "x"',
    ],
    ['nobody has told it where Temporal is', () => ({}), 2, 'TEMPORAL_ADDRESS is not set'],
    ['its home cannot be made', belowAFile, 2, () => `PHASE3_HOME is ${join(folder, 'file', 'home')}`],
    [
      'nobody listens where Temporal should be',
      () => ({ TEMPORAL_ADDRESS: nobody }),
      1,
      () => `Temporal does not answer on ${nobody} (TEMPORAL_ADDRESS or temporal.toml): Connection refused.`,
    ],
    [
      'Temporal takes the connection and is silent',
      () => ({ TEMPORAL_ADDRESS: silent.address }),
      1,
      () => `Temporal does not answer on ${silent.address}`,
    ],
    [
      'what is sent to Temporal is swallowed',
      () => ({ TEMPORAL_ADDRESS: swallowing.address }),
      1,
      () => `Temporal does not answer on ${swallowing.address}`,
    ],
    [
      'there is no such namespace',
      () => ({ ...good(), TEMPORAL_NAMESPACE: 'none' }),
      1,
      () => `Temporal on ${server.address} has no namespace none`,
    ],
    [
      'its namespace lacks search attributes',
      () => ({ ...good(), TEMPORAL_NAMESPACE: 'bare' }),
      1,
      'Namespace bare lacks search attributes. Run: temporal operator',
    ],
    [
      'its metrics port is taken',
      () => ({ ...good(), PHASE3_METRICS_ADDRESS: `127.0.0.1:${taken}` }),
      1,
      () => `Metrics cannot be served on 127.0.0.1:${taken}: the address is in use`,
    ],
    [
      'its warehouse is not a database',
      async () => {
        await writeFile(join(home, 'warehouse.duckdb'), 'this is no database '.repeat(1_000));
        return good();
      },
      1,
      () => `DuckDB, opening ${join(home, 'warehouse.duckdb')}`,
    ],
    [
      'its warehouse is a folder',
      async () => {
        await mkdir(join(home, 'warehouse.duckdb'));
        return good();
      },
      1,
      () => `DuckDB, opening ${join(home, 'warehouse.duckdb')}`,
    ],
    [
      'its warehouse is in use',
      async () => {
        const database = await DuckDbDatabase.open(join(home, 'warehouse.duckdb'));
        closers.push(() => database.close());
        return good();
      },
      1,
      'Could not set lock on file',
    ],
    [
      'nobody listens where BigQuery should be',
      () => bigQuery(`http://${nobody}`),
      1,
      'BigQuery has answered nothing of use for 2.5 s',
    ],
    [
      'BigQuery takes the connection and is silent',
      () => bigQuery(`http://${silent.address}`),
      1,
      'BigQuery has answered nothing of use for 2.5 s: nothing has come',
    ],
    [
      'what is sent to BigQuery is swallowed',
      () => bigQuery(`http://${swallowing.address}`),
      1,
      'BigQuery has answered nothing of use for 2.5 s: nothing has come',
    ],
    [
      'BigQuery refuses it',
      async () =>
        bigQuery(await answering(403, error(403, 'accessDenied', 'Access Denied: no dataset for you'))),
      1,
      'Access Denied: no dataset for you (accessDenied)',
    ],
    [
      'BigQuery is down',
      async () => bigQuery(await answering(503, error(503, 'backendError', 'Try later'))),
      1,
      'BigQuery has answered nothing of use for 2.5 s: BigQuery, looking at dataset',
    ],
    [
      'its credentials are not there',
      () => ({ ...bigQuery(null), GOOGLE_APPLICATION_CREDENTIALS: join(folder, 'none.json') }),
      1,
      'none.json',
    ],
    [
      'whoever gives out tokens is silent',
      () => ({
        ...bigQuery(null),
        GCE_METADATA_HOST: silent.address,
        METADATA_SERVER_DETECTION: 'assume-present',
        HOME: folder,
      }),
      1,
      'BigQuery has answered nothing of use for 2.5 s: nothing has come',
    ],
  ])('when %s', async (_, arrange, status, said) => {
    const started = start('worker', await arrange());
    await expectEnd(started, typeof said === 'string' ? said : said(), status);
  });

  it('when its bundle is missing', async () => {
    await cp(join(root, 'dist'), join(folder, 'dist'), {
      recursive: true,
      filter: (path) => !path.endsWith('workflow-bundle.js'),
    });
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    const started = start({ path: join(folder, 'dist', 'src', 'worker.js') }, good());
    await expectEnd(
      started,
      `There is no workflow bundle at ${join(folder, 'dist', 'workflow-bundle.js')}`,
      1,
    );
  });
});

describe('a gateway ends', () => {
  it.each<Case>([
    [
      'its configuration is not valid',
      () => ({ ...good(), PHASE3_GATEWAY_PORT: 'x' }),
      2,
      'PHASE3_GATEWAY_PORT is "x"',
    ],
    ['nobody has told it where Temporal is', () => ({}), 2, 'TEMPORAL_ADDRESS is not set'],
    ['its home cannot be made', belowAFile, 2, () => `PHASE3_HOME is ${join(folder, 'file', 'home')}`],
    [
      'its port is taken',
      () => ({ ...good(), PHASE3_GATEWAY_PORT: String(taken) }),
      1,
      () => `Port ${taken} of 127.0.0.1 (PHASE3_GATEWAY_PORT) is in use`,
    ],
    [
      'its metrics port is taken',
      () => ({ ...good(), PHASE3_GATEWAY_METRICS_ADDRESS: `127.0.0.1:${taken}` }),
      1,
      () => `Port ${taken} of 127.0.0.1 (PHASE3_GATEWAY_METRICS_ADDRESS) is in use`,
    ],
    [
      'its address is of another machine',
      () => ({ ...good(), PHASE3_GATEWAY_METRICS_ADDRESS: '192.0.2.1:9465' }),
      1,
      'this machine has no such address',
    ],
  ])('when %s', async (_, arrange, status, said) => {
    const started = start('gateway', await arrange());
    await expectEnd(started, typeof said === 'string' ? said : said(), status);
  });

  // It is the one that says so to whoever asks.
  it.each<readonly [string, () => NodeJS.ProcessEnv]>([
    ['Temporal does not answer', () => ({ TEMPORAL_ADDRESS: silent.address })],
    ['BigQuery does not', () => bigQuery(`http://${silent.address}`)],
  ])('not when %s', async (_, env) => {
    const started = start('gateway', { ...env(), PHASE3_GATEWAY_PORT: String(await freePort()) });
    await started.said('serving');
  });
});

describe.each(['cli', 'npm start'] as const)('`phase3 up` as %s ends', (name) => {
  const script: BuiltScript = {
    path: join(root, ...(name === 'cli' ? ['bin', 'phase3.js'] : ['scripts', 'start.mjs'])),
  };
  const args = name === 'cli' ? ['up'] : ['--exit'];

  it.each<Case>([
    ['its configuration is not valid', () => ({ PHASE3_GATEWAY_PORT: 'x' }), 2, 'PHASE3_GATEWAY_PORT is "x"'],
    ['its home cannot be made', belowAFile, 2, () => `PHASE3_HOME is ${join(folder, 'file', 'home')}`],
    [
      'nobody listens where Temporal should be',
      () => ({ TEMPORAL_ADDRESS: nobody }),
      1,
      () => `Temporal does not answer on ${nobody}`,
    ],
    [
      'Temporal takes the connection and is silent',
      () => ({ TEMPORAL_ADDRESS: silent.address }),
      1,
      () => `Temporal does not answer on ${silent.address}`,
    ],
    [
      'what is sent to Temporal is swallowed',
      () => ({ TEMPORAL_ADDRESS: swallowing.address }),
      1,
      () => `Temporal does not answer on ${swallowing.address}`,
    ],
    [
      "Temporal's port is taken",
      () => ({ PHASE3_TEMPORAL_PORT: String(taken) }),
      1,
      () => `Port ${taken} (PHASE3_TEMPORAL_PORT) is in use`,
    ],
    [
      "the gateway's port is taken",
      () => ({ PHASE3_GATEWAY_PORT: String(taken) }),
      1,
      () => `Port ${taken} (PHASE3_GATEWAY_PORT) is in use`,
    ],
    [
      "Temporal's database is not one",
      async () => {
        await writeFile(join(home, 'temporal.db'), 'this is no database '.repeat(1_000));
        return {};
      },
      1,
      () => `${join(home, 'temporal.db')} is damaged`,
    ],
    [
      'the worker cannot start',
      async () => {
        await writeFile(join(home, 'warehouse.duckdb'), 'this is no database '.repeat(1_000));
        return good();
      },
      1,
      'The worker did not come up',
    ],
  ])('when %s', async (_, arrange, status, said) => {
    const started = start(script, await arrange(), args);
    await expectEnd(started, typeof said === 'string' ? said : said(), status);
  });
});

describe('SIGTERM', () => {
  it.each<readonly [string, () => NodeJS.ProcessEnv]>([
    ['Temporal', () => ({ TEMPORAL_ADDRESS: swallowing.address })],
    ['BigQuery', () => bigQuery(`http://${silent.address}`)],
  ])('ends a worker that waits for %s to start', async (_, env) => {
    const started = start('worker', env());
    // Made before anybody is waited for.
    while (!existsSync(join(home, 'tmp'))) await pause(20);
    await pause(300);
    process.kill(started.pid, 'SIGTERM');
    const { code, ms, stderr } = await started.ended;
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('stopping: SIGTERM, before the worker had started') as string,
    });
    await expectInTime(ms);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    '(%s) ends an idle worker, and it says what it does',
    async (signal) => {
      const started = start('worker', good());
      await started.said('is current');
      process.kill(started.pid, signal);
      const { code, stderr } = await started.ended;
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr: expect.stringContaining(`stopping: ${signal}`) as string,
      });
    },
  );
});

// Not of its own session as the parts of a stack are: whoever stops it means them too.
it.each([[['SIGTERM']], [['SIGINT', 'SIGTERM']]] as const)(
  '%j ends `npm start` in the midst of starting, and all that it has started',
  async (signals) => {
    const started = start({ path: join(root, 'scripts', 'start.mjs') }, {});
    const own = new Home(home);
    while (!(await own.readStack()).worker) await pause(20);
    const parts = await own.readStack();
    for (const signal of signals) {
      process.kill(started.pid, signal);
      await pause(50);
    }
    const { code, stderr } = await started.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'Stopping.\n' });
    expect(await Promise.all([parts.temporal, parts.worker].map(isAlive))).toEqual([false, false]);
  },
);

test('`npm start` says once what of the stack has died while it stays up, that it is well again, and that it was stopped elsewhere', async () => {
  const started = start({ path: join(root, 'scripts', 'start.mjs') }, {});
  await started.said('Ctrl-C stops what was started here.');
  const { worker, gateway = null } = await new Home(home).readStack();
  if (!worker || !gateway) throw new Error('the stack is not up');
  const phase3 = async (command: string): Promise<void> => {
    const { code, stderr } = await start({ path: join(root, 'bin', 'phase3.js') }, {}, [command]).ended;
    if (code !== 0) throw new Error(stderr);
  };
  const problems = [
    `The worker (process ${worker.pid}) has ended`,
    `The gateway (process ${gateway.pid}) has`,
  ];
  for (const [index, { pid }] of [worker, gateway].entries()) {
    process.kill(pid, 'SIGKILL');
    await started.said(problems[index] ?? '');
  }
  await phase3('up');
  await started.said('The stack is healthy again.');
  await phase3('down');
  const { code, stderr } = await started.ended;
  expect(code).toBe(0);
  for (const problem of problems) expect(stderr.split(problem)).toHaveLength(2);
  expect(stderr.endsWith('The stack was stopped elsewhere.\n')).toBe(true);
}, 240_000);

describeWithEmulator('a warehouse call that hangs', () => {
  let emulator: Emulator;
  let proxy: FaultProxy;

  beforeAll(async () => {
    emulator = await startEmulator();
    proxy = await FaultProxy.start(emulator.endpoint);
  }, emulatorStartMs);
  afterAll(async () => {
    await proxy.stop();
    await emulator.stop();
  });

  it.each([
    ['once, when its grace is over', 1, 17_000],
    ['twice, at once', 2, 2_000],
  ])('does not keep a worker that is told to stop %s', async (_, times, withinMs) => {
    const worker = start('worker', { ...bigQuery(proxy.url), PHASE3_BIGQUERY_PROJECT: emulatorProject });
    // Before that it is still starting, and ends as what starts does.
    await worker.said('is current');
    const connection = await Connection.connect({ address: server.address });
    closers.push(() => connection.close());
    const hangs = new Promise<void>((resolve) =>
      proxy.break(
        () => true,
        { kind: 'slow_answer', ms: 20_000 },
        1_000,
        () => resolve(),
      ),
    );
    const client = new Phase3Client(
      new Client({ connection }),
      () => new Date(),
      () => undefined,
      identityOf(null),
    );
    await client.run({ gameDate: `2017-04-1${times}`, by: 'tester' });
    await hangs;
    const from = performance.now();
    for (let nth = 0; nth < times; nth += 1) {
      process.kill(worker.pid, 'SIGTERM');
      await pause(100);
    }
    const { code, stderr } = await worker.ended;
    proxy.mend();
    expect({ code, stderr }).toEqual({
      ...{ code: 0, stderr: expect.stringContaining('stopped before all activities had ended') as string },
    });
    expect(performance.now() - from).toBeLessThan(withinMs);
  });
});
