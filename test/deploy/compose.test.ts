/**
 * The compose file and the Dockerfile. No engine runs here: rules, the set-up script against a real server, and the
 * processes of ours with the environments and healthchecks of the file.
 */
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Connection } from '@temporalio/client';
import { parse } from 'yaml';
import { searchAttributeTypes } from '../../src/contracts/search-attributes';
import { startControlServer } from '../../src/control/server';
import { defaultPolicySettings } from '../../src/contracts/policy';
import { Home } from '../../src/stack/home';
import { freePort } from '../../src/stack/processes';
import { BigQueryWarehouse } from '../../src/warehouse/bigquery/bigquery-warehouse';
import { startTestServer, type TestServer } from '../support/temporal';
import {
  addressFaults,
  attributesOf,
  configFaults,
  dependencyFaults,
  environmentOf,
  graceFaults,
  homeFaults,
  imageFaults,
  portFaults,
  programFaults,
  secretFaults,
  settingsOf,
  shapeFaults,
  variableFaults,
  writeFaults,
  type ComposeFile,
  type Settings,
} from './compose-rules';
import { copyFaults, nodeFaults, programOfImage, runFaults, sourceOf, stagesOf } from './dockerfile-rules';

const root = join(__dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(read('package.json')) as {
  readonly name: string;
  readonly version: string;
  readonly engines: { readonly node: string };
};
const lock = JSON.parse(read('package-lock.json')) as {
  readonly packages: Readonly<
    Record<string, { readonly hasInstallScript?: boolean; readonly dev?: boolean }>
  >;
};

/** What a clone holds: tracked files, and those that are about to be. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
}).split('\n');
const isInRepository = (path: string): boolean =>
  files.some((file) => file === path || file.startsWith(`${path}/`));

const composeText = read('docker-compose.temporal.yml');
const composeOf = (text: string): ComposeFile => parse(text, { merge: true });
const compose = composeOf(composeText);
const dockerfile = read('Dockerfile');
const ignored = read('.dockerignore');
const home = /PHASE3_HOME=(\S+)/.exec(dockerfile)?.[1] ?? '';
const config = readdirSync(join(root, 'src/config'))
  .map((name) => read(`src/config/${name}`))
  .join('\n');

const program = programOfImage(stagesOf(dockerfile));
const sourceTextOf = (path: string): string => read(sourceOf(path, 'dist') ?? path);
const isBuilt = (path: string): boolean => {
  const source = sourceOf(path, 'dist');
  return source !== null && source.startsWith('src/') && isInRepository(source);
};

/** Values of settings that a deployment might have. */
const examples: Settings = {
  POSTGRES_PASSWORD: 'letters1and2digits',
  PHASE3_BIGQUERY_PROJECT: 'nba-props-prod',
  PHASE3_BIGQUERY_LOCATION: 'US',
  PHASE3_DATASET_PREFIX: 'shadow',
  PHASE3_OIDC_AUDIENCE: 'https://phase3.example',
  PHASE3_OIDC_TRIGGERERS: 'push@nba-props-prod.iam.gserviceaccount.com,ana@example.org',
  PHASE3_OIDC_READERS: 'ana@example.org',
  PHASE3_OIDC_OVERRIDERS: 'ana@example.org',
  PHASE3_OIDC_ISSUER: 'https://issuer.example',
  PHASE3_OIDC_JWKS_URI: 'https://issuer.example/keys',
  PHASE3_GATEWAY_WAIT_SECONDS: '45',
  PHASE3_GATEWAY_MAX_PER_SECOND: '50',
  PHASE3_WEBHOOK_URL: 'https://hooks.example/services/1',
  PHASE3_JSON_WEBHOOK_URL: 'https://alerts.example/hook/1',
  PHASE3_HEARTBEAT_URL: 'https://hc-ping.example/1',
  PHASE3_NEEDED_BY: '09:00',
  PHASE3_TEMPORAL_UI: 'https://temporal.example',
  PHASE3_RUNBOOK_URL: 'https://runbook.example/runbook.md',
  GOOGLE_APPLICATION_CREDENTIALS: '/srv/key.json',
};
/** Those without which Compose starts nothing, and no others. */
const requiredOf = (text: string): Settings =>
  Object.fromEntries(
    [...settingsOf(text, composeOf(text))]
      .filter(([, isRequired]) => isRequired)
      .map(([name]) => [name, examples[name] ?? '']),
  );

const copiesOf = (text: string): string[] => copyFaults(stagesOf(text), ignored, isInRepository);
const nodesOf = (text: string): string[] => nodeFaults(stagesOf(text), manifest.engines.node);
const runsOf = (text: string): string[] => runFaults(stagesOf(text), 'dist', isInRepository);
const ofFile =
  (rule: (file: ComposeFile) => string[]) =>
  (text: string): string[] =>
    rule(composeOf(text));

/** A rule, what it is about, and faults planted in the text that it must find. */
type Case = [name: string, rule: (text: string) => string[], faults: [string, string | RegExp, string][]];

/** The text with the fault; fails if the fault would change nothing. */
function plant(text: string, old: string | RegExp, fault: string): string {
  const planted = text.replace(old, () => fault);
  expect(planted).not.toBe(text);
  return planted;
}

const composeCases: Case[] = [
  [
    'keys and values that Compose takes',
    ofFile(shapeFaults),
    [
      ['an unknown key', 'stop_grace_period: 1m', 'stop_grace_time: 1m'],
      ['a wrong type', 'cap_drop: [ALL]', 'cap_drop: ALL'],
      ['an unknown section', 'volumes:\n  postgresql:', 'volume:\n  postgresql:'],
      ['an unknown condition', 'condition: service_healthy', 'condition: service_well'],
      ['a list where a map is due', /content: \|\n(.*\n)+?\nsecrets/, 'content: [a]\n\nsecrets'],
    ],
  ],
  [
    'pinned images',
    ofFile(imageFaults),
    [
      ['latest', 'temporalio/ui:2.54.1', 'temporalio/ui:latest'],
      ['no tag', 'temporalio/server:1.32.0', 'temporalio/server'],
    ],
  ],
  [
    'dependencies that can be met',
    ofFile(dependencyFaults),
    [
      ['a service that does not exist', 'temporal-setup: { condition', 'temporal-setups: { condition'],
      ['no healthcheck', /healthcheck:\n +test: \[CMD, nc.*\n( {6}.*\n)+/, ''],
      ['a job without end', 'restart: on-failure:5', 'restart: always'],
    ],
  ],
  [
    'ports on loopback',
    ofFile(portFaults),
    [
      ['no address', "['127.0.0.1:7233:7233']", "['7233:7233']"],
      ['a gateway for everybody', '127.0.0.1:8080:8080', '8080:8080'],
      ['the long form', "['127.0.0.1:7233:7233']", '[{ target: 7233, published: 7233 }]'],
    ],
  ],
  [
    'secrets from outside',
    ofFile(secretFaults),
    [
      ['a password', /\$\{POSTGRES_PASSWORD:[^}]*\}/, 'temporal'],
      ['a key file of ours', /file: \$\{[^}]*\}/, 'file: ./key.json'],
    ],
  ],
  [
    'variables that are read',
    (text) => variableFaults(text + dockerfile, config + read('scripts/stamp-build.ts')),
    [['a slip of the pen', 'PHASE3_WAREHOUSE', 'PHASE3_WAREHOSE']],
  ],
  [
    'all that is required, and no more is needed to start',
    (text) => configFaults(composeOf(text), requiredOf(text)),
    [
      ['an audience that may be missing', / \$\{PHASE3_OIDC_AUDIENCE:[^}]*\}/, ''],
      ['nobody who may do anything', / \$\{PHASE3_OIDC_TRIGGERERS:[^}]*\}/, ''],
    ],
  ],
  [
    'settings with which all processes start',
    (text) => configFaults(composeOf(text), examples),
    [['a host that is a name', 'PHASE3_GATEWAY_HOST: 0.0.0.0', 'PHASE3_GATEWAY_HOST: gateway']],
  ],
  [
    'addresses that lead to something that may be reached',
    (text) => addressFaults(composeOf(text), requiredOf(text)),
    [
      [
        'a gateway that only its container reaches',
        'PHASE3_GATEWAY_HOST: 0.0.0.0',
        'PHASE3_GATEWAY_HOST: 127.0.0.1',
      ],
      ['a gateway without tokens', / {6}PHASE3_GATEWAY_HOST(.*\n)+? {4}#/, '    #'],
      ['another port', "PHASE3_GATEWAY_PORT: '8080'", "PHASE3_GATEWAY_PORT: '8081'"],
      ['a gateway that is not published', / {4}ports: \['127\.0\.0\.1:8080:8080'\]\n/, ''],
      ['metrics that only their container reaches', '0.0.0.0:9464', '127.0.0.1:9464'],
      ['metrics on a port that nobody knows', / {6}PHASE3_METRICS_ADDRESS.*\n/, ''],
      [
        "metrics of the gateway that nobody's Prometheus has a token for",
        / {6}PHASE3_GATEWAY_METRICS.*\n/,
        '',
      ],
      ['metrics that are published', /(?=( {4})volumes: \['home)/, "    ports: ['127.0.0.1:9464:9464']\n"],
    ],
  ],
  [
    'a home for each process',
    ofFile((file) => homeFaults(file, home)),
    [
      ["the worker's home for both", /tmpfs: \['\/var.*\]/, "volumes: ['home:/var/lib/phase3']"],
      ['none', / {4}tmpfs: \['\/var.*\n/, ''],
    ],
  ],
  [
    'a root file system that is read only',
    ofFile((file) => writeFaults(file, home)),
    [
      ['one that is written', '  read_only: true\n', ''],
      ['no /tmp', "    tmpfs: ['/tmp:size=64m,mode=1777']\n", ''],
      ['another folder', "'/tmp:size=16m,mode=1777'", "'/tmp:size=16m,mode=1777', '/app:size=16m'"],
    ],
  ],
  [
    'programs that the build makes',
    ofFile((file) => programFaults(file, program, isBuilt)),
    [
      ['another folder', 'dist/src/gateway/main.js', 'dist/gateway/main.js'],
      ['what is not built', 'dist/src/gateway/main.js', 'dist/test/deploy/compose-rules.js'],
    ],
  ],
  [
    'time to end',
    ofFile((file) => graceFaults(file, program, sourceTextOf)),
    [
      ['as long as the gateway', 'stop_grace_period: 15s', 'stop_grace_period: 8s'],
      ['a program that does not say', 'dist/src/gateway/main.js', 'dist/src/gateway/server.js'],
      ['as long as the worker', /(?<=still runs\.\n +stop_grace_period: )30s/, '15s'],
      ["Docker's default", /(?<=still runs\.\n) +stop_grace_period: 30s\n/, ''],
    ],
  ],
  [
    'search attributes of the contract',
    ofFile((file) => {
      const text = file.services['temporal-setup']?.environment?.['SEARCH_ATTRIBUTES'] ?? '';
      return JSON.stringify(Object.entries(attributesOf(text)).sort()) ===
        JSON.stringify(Object.entries(searchAttributeTypes).sort())
        ? []
        : [`${text} is not that of the contract`];
    }),
    [
      ['one missing', 'Marks=KeywordList\n', '\n'],
      ['another type', 'GameDate=Datetime', 'GameDate=Keyword'],
    ],
  ],
];

const dockerfileCases: Case[] = [
  [
    'sources that a clone holds',
    copiesOf,
    [
      ['what the build makes', 'COPY bin bin', 'COPY dist dist'],
      ['what .dockerignore keeps out', 'COPY bin bin', 'COPY data data'],
      ['a stage that does not exist', '--from=packages', '--from=modules'],
    ],
  ],
  [
    'a Node that is new enough',
    nodesOf,
    [
      ['an old one', 'node:22-bookworm-slim', 'node:18-bookworm-slim'],
      ['Alpine', 'node:22-bookworm-slim', 'node:22-alpine'],
      ['any', 'node:22-bookworm-slim', 'node:lts-bookworm-slim'],
    ],
  ],
  [
    'a worker, not as root, with production packages',
    runsOf,
    [
      ['another program', 'dist/src/worker.js', 'dist/worker.js'],
      ['no build', 'COPY --from=build /app/dist dist\n', ''],
      ['root', 'USER node\n', ''],
      ['development', 'NODE_ENV=production', 'NODE_ENV=development'],
      ['all packages', '--from=packages', '--from=build'],
      ['scripts', 'npm ci --omit=dev --ignore-scripts', 'npm ci --omit=dev'],
      ['TypeScript', 'rm -rf node_modules/typescript', 'rm -rf'],
    ],
  ],
];

for (const [title, text, cases] of [
  ['docker-compose.temporal.yml', composeText, composeCases],
  ['Dockerfile', dockerfile, dockerfileCases],
] as const)
  describe(title, () => {
    describe.each(cases)('%s', (_, rule, faults) => {
      it('holds', () => expect(rule(text)).toEqual([]));
      it.each(faults)('finds %s', (_name, old, fault) =>
        expect(rule(plant(text, old, fault))).not.toEqual([]),
      );
    });
  });

it.each(['worker', 'gateway'])('the image of the %s has the version of the package', (service) => {
  const { name, version } = manifest;
  expect(compose.services[service]?.image).toBe(`${name}:${version}`);
});

it('docs/how-to/deploy-with-compose.md has every setting, and says of each whether it may be left out', () => {
  const [, block = ''] =
    /```\n(POSTGRES_PASSWORD=[^`]*)```/.exec(read('docs/how-to/deploy-with-compose.md')) ?? [];
  const documented = [...block.matchAll(/^(\w+)=(.*)$/gm)].map(
    ([, name = '', rest = '']) => [name, !rest.includes('# optional')] as const,
  );
  expect(documented.sort()).toEqual([...settingsOf(composeText, compose)].sort());
});

it('the bundle that the worker loads is one that the build writes', () => {
  expect(read('src/builds/workflow-worker.ts')).toContain(
    "join(__dirname, '..', '..', 'workflow-bundle.js')",
  );
  expect(read('scripts/build.mjs')).toContain("join(root, 'dist', 'workflow-bundle.js')");
});

// Installed without scripts, a package that compiles or downloads in one would be there, and not work.
it('no production package needs its install script', () => {
  const scripted = Object.entries(lock.packages).filter(
    ([, { hasInstallScript, dev }]) => hasInstallScript && !dev,
  );
  // Both only look whether all is well: swc for its binary, protobufjs for the range it is asked for in.
  expect(scripted.map(([path]) => path.replace(/^.*node_modules\//, '')).sort()).toEqual([
    '@swc/core',
    'protobufjs',
  ]);
});

describe('temporal-setup', () => {
  const { entrypoint = [], command = [], environment = {} } = compose.services['temporal-setup'] ?? {};
  const namespace = 'deployed';
  let server: TestServer;
  let bin: string;

  beforeAll(async () => {
    server = await startTestServer();
    bin = mkdtempSync(join(tmpdir(), 'phase3-deploy-'));
    symlinkSync(process.env['PHASE3_TEST_TEMPORAL'] ?? '', join(bin, 'temporal'));
  });

  afterAll(async () => {
    await server.stop();
    rmSync(bin, { recursive: true, force: true });
  });

  const setUp = async (): Promise<unknown> => {
    const [shell = '', ...flags] = entrypoint;
    // Compose takes $$ for $.
    return promisify(execFile)(shell, [...flags, ...command.map((text) => text.replaceAll('$$', '$'))], {
      env: {
        ...environment,
        PATH: [bin, process.env['PATH']].join(delimiter),
        HOME: bin,
        TEMPORAL_ADDRESS: server.address,
        TEMPORAL_NAMESPACE: namespace,
      },
    });
  };

  it('makes the namespace, keeps closed runs for 30 days, registers the attributes; and once more', async () => {
    await setUp();
    await setUp();
    const connection = await Connection.connect({ address: server.address });
    try {
      const { config: kept } = await connection.workflowService.describeNamespace({ namespace });
      expect(Number(kept?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 86_400);
      const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
      expect(Object.keys(customAttributes ?? {})).toEqual(
        expect.arrayContaining(Object.keys(searchAttributeTypes)),
      );
    } finally {
      await connection.close();
    }
  });
});

describe('without containers', () => {
  let folder: string;
  let nowhere: string;
  const running = new Set<ChildProcess>();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'phase3-deploy-'));
    symlinkSync(join(root, 'bin', 'phase3.js'), join(folder, 'phase3'));
    nowhere = `127.0.0.1:${await freePort()}`;
  });

  afterEach(async () => {
    for (const child of running) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What a service has in its container, but for what is elsewhere here: neither Temporal nor BigQuery answers. */
  const inContainer = (name: string, more: Record<string, string> = {}): Record<string, string> => {
    const service = compose.services[name];
    if (!service) throw new Error(`there is no service ${name}`);
    return {
      ...environmentOf(service, requiredOf(composeText)),
      PATH: [folder, process.env['PATH']].join(delimiter),
      PHASE3_HOME: join(folder, name),
      PHASE3_BIGQUERY_ENDPOINT: `http://${nowhere}`,
      TEMPORAL_ADDRESS: nowhere,
      ...more,
    };
  };

  /** The exit code of a healthcheck; 0 is healthy. */
  const health = async (
    name: string,
    env: Record<string, string>,
    old = '',
    fault = '',
  ): Promise<number | null> => {
    const [kind, ...words] = compose.services[name]?.healthcheck?.test ?? [];
    const [command = '', ...args] = (kind === 'CMD-SHELL' ? ['/bin/sh', '-c', ...words] : words).map((word) =>
      word.replace(old, fault),
    );
    const child = spawn(command, args, { env, stdio: 'ignore' });
    await once(child, 'exit');
    return child.exitCode;
  };

  const startGateway = (env: Record<string, string>): { child: ChildProcess; log: () => string } => {
    const [command = '', ...args] = compose.services['gateway']?.command ?? [];
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'ignore', 'pipe'] });
    running.add(child);
    child.once('exit', () => running.delete(child));
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => (text += part));
    return { child, log: () => text };
  };

  const logged = async ({ child, log }: ReturnType<typeof startGateway>, words: string): Promise<void> => {
    while (!log().includes(words)) {
      if (child.exitCode !== null) throw new Error(`the gateway has ended: ${log()}`);
      await Promise.race([once(child.stderr!, 'data'), once(child, 'exit')]);
    }
  };

  it('the gateway listens to nobody before it is said whose tokens it takes', async () => {
    const env = Object.fromEntries(
      Object.entries(inContainer('gateway')).filter(([name]) => !name.startsWith('PHASE3_OIDC_')),
    );
    const { child, log } = startGateway(env);
    await once(child, 'close');
    expect(child.exitCode).toBe(2);
    expect(log()).toContain('PHASE3_GATEWAY_HOST is \\"0.0.0.0\\", and the gateway refuses to start there');
    expect(log()).not.toContain('serving');
  });

  it('the gateway is healthy while Temporal, the warehouse and the worker are away; its end is noticed', async () => {
    const port = String(await freePort());
    const metricsAddress = `127.0.0.1:${await freePort()}`;
    const env = inContainer('gateway', {
      PHASE3_GATEWAY_HOST: '127.0.0.1',
      PHASE3_GATEWAY_PORT: port,
      PHASE3_GATEWAY_METRICS_ADDRESS: metricsAddress,
    });
    const gateway = startGateway(env);
    await logged(gateway, `serving http://127.0.0.1:${port}`);
    expect(gateway.log()).toContain('of https://accounts.google.com for https://phase3.example');
    expect(await health('gateway', env)).toBe(0);
    // Asked whether it is ready, it would be unhealthy, and be restarted for what others lack.
    const ready = await fetch(`http://127.0.0.1:${port}/health/ready`);
    expect(await ready.json()).toMatchObject({
      components: {
        gateway: { up: true },
        temporal: { up: false },
        warehouse: { up: false },
        worker: { up: false },
      },
    });
    expect(await health('gateway', env, '/health/live', '/health/ready')).toBe(1);
    expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(401);
    const metrics = await fetch(`http://${metricsAddress}/metrics`);
    expect(await metrics.text()).toContain('phase3_gateway_requests_total{route="metrics",code="401"} 1');
    // What needs a token is not there.
    for (const path of ['/dates/2017-04-15', '/process', '/health/ready'])
      expect((await fetch(`http://${metricsAddress}${path}`)).status).toBe(404);
    // Calls to Temporal that are being tried again must not spoil its end.
    await Promise.all(Array.from({ length: 8 }, () => fetch(`http://127.0.0.1:${port}/health/ready`)));
    gateway.child.kill('SIGTERM');
    await once(gateway.child, 'exit');
    expect(gateway.child.exitCode).toBe(0);
    expect(gateway.log()).not.toContain('Error');
    expect(await health('gateway', env)).toBe(1);
  });

  it("the worker's healthcheck sees whether it works, and asks for no gateway in its container", async () => {
    const env = inContainer('worker');
    const ownHome = new Home(env['PHASE3_HOME'] ?? '');
    await ownHome.create();
    expect(await health('worker', env)).not.toBe(0);
    let state = 'RUNNING';
    const control = await startControlServer({
      warehouse: BigQueryWarehouse.open(
        { projectId: 'nba-props-prod', location: 'US', endpoint: env['PHASE3_BIGQUERY_ENDPOINT'] ?? '' },
        null,
        ownHome.scratch,
      ),
      policy: defaultPolicySettings,
      workerState: () => state,
    });
    try {
      await ownHome.writeWorker({
        pid: process.pid,
        url: control.url,
        token: control.token,
        metrics: 'http://127.0.0.1:9464/metrics',
      });
      expect(await health('worker', env)).toBe(0);
      state = 'DRAINING';
      expect(await health('worker', env)).not.toBe(0);
    } finally {
      await control.close();
    }
  });
});
