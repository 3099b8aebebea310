/** The compose file and the Dockerfile. No engine runs here: schema, rules, and the set-up script against a real server. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Connection } from '@temporalio/client';
import { parse } from 'yaml';
import { searchAttributeTypes } from '../../src/contracts/search-attributes';
import { startTestServer, type TestServer } from '../support/temporal';
import {
  attributesOf,
  dependencyFaults,
  graceFaults,
  imageFaults,
  portFaults,
  schemaFaults,
  secretFaults,
  variableFaults,
  type ComposeFile,
} from './compose-rules';
import { copyFaults, nodeFaults, runFaults, stagesOf } from './dockerfile-rules';

const root = join(__dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const schema = JSON.parse(read('test/deploy/compose-spec.json')) as Record<string, unknown>;
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
const worker = read('src/worker.ts');
const config = readdirSync(join(root, 'src/config'))
  .map((name) => read(`src/config/${name}`))
  .join('\n');

const schemaOf = (text: string): string[] => schemaFaults(schema, composeOf(text));
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
    'the compose schema',
    schemaOf,
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
      ['a major version', 'postgres:16.15', 'postgres:16'],
      ['no image', 'image: nba-phase3:0.1.0', ''],
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
      ['every address', '127.0.0.1:8233:8080', '0.0.0.0:8233:8080'],
      ['the long form', "['127.0.0.1:7233:7233']", '[{ target: 7233, published: 7233 }]'],
    ],
  ],
  [
    'secrets from outside',
    ofFile(secretFaults),
    [
      ['a password', /\$\{POSTGRES_PASSWORD:[^}]*\}/, 'temporal'],
      ['a default password', /(?<=\$\{POSTGRES_PASSWORD:)\?[^}]*/, '-temporal'],
      ['a key file of ours', /file: \$\{[^}]*\}/, 'file: ./key.json'],
    ],
  ],
  [
    'variables that are read',
    (text) => variableFaults(text + dockerfile, config),
    [['a slip of the pen', 'PHASE3_WAREHOUSE', 'PHASE3_WAREHOSE']],
  ],
  [
    'time to end',
    ofFile((file) => graceFaults(file, worker)),
    [
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
      ['one missing', 'Bypassed=Bool\n', '\n'],
      ['another type', 'GameDate=Datetime', 'GameDate=Keyword'],
      ['one too many', 'Bypassed=Bool\n', 'Bypassed=Bool Season=Int\n'],
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
      ['another signal', 'STOPSIGNAL SIGTERM', 'STOPSIGNAL SIGKILL'],
      ['development', 'NODE_ENV=production', 'NODE_ENV=development'],
      ['all packages', '--from=packages', '--from=build'],
      ['scripts', 'npm ci --omit=dev --ignore-scripts', 'npm ci --omit=dev'],
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

it('the image has the version of the package', () => {
  const { name, version } = manifest;
  expect(compose.services['worker']?.image).toBe(`${name}:${version}`);
});

it('the bundle that the worker loads is one that the build writes', () => {
  expect(worker).toContain("join(__dirname, '..', 'workflow-bundle.js')");
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
