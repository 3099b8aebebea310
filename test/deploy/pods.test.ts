/** The manifests for Kubernetes and Cloud Run: against Kubernetes' published schemas, and against what the code says. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { variables } from '../../src/config/variables';
import { programOfImage, sourceOf, stagesOf } from './dockerfile-rules';
import {
  graceFaults,
  hardeningFaults,
  manifestsOf,
  podsOf,
  startFaults,
  variableFaults,
  type Manifest,
} from './pod-rules';

const root = join(__dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const { version, name: packageName } = JSON.parse(read('package.json')) as { version: string; name: string };
const kubernetes = read('deploy/kubernetes/phase3.yaml');
const cloudRun = read('deploy/cloud-run/gateway.yaml');
const program = programOfImage(stagesOf(read('Dockerfile')));
const home = /PHASE3_HOME=(\S+)/.exec(read('Dockerfile'))?.[1] ?? '';
const sourceTextOf = (path: string): string => read(sourceOf(path, 'dist') ?? path);
const known = new Set([
  ...Object.values(variables).map(({ name }) => name),
  // Read by Temporal's and Google's libraries.
  ...['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'TEMPORAL_API_KEY', 'GOOGLE_APPLICATION_CREDENTIALS'],
]);

type Model = new (data: unknown) => { validate(): void };
type Models = Readonly<Record<string, Model>>;
// Looked up by group and kind, as manifests name them.
const [core, apps, policy] = ['v1', 'apps/v1', 'policy/v1'].map((group) =>
  jest.requireActual<Models>(`kubernetes-models/${group}`),
);
const Pod = core!['Pod']!;
const models: Models = {
  'v1 ConfigMap': core!['ConfigMap']!,
  'v1 Service': core!['Service']!,
  'v1 ServiceAccount': core!['ServiceAccount']!,
  'apps/v1 Deployment': apps!['Deployment']!,
  'policy/v1 PodDisruptionBudget': policy!['PodDisruptionBudget']!,
};

function schemaFaults(manifests: readonly Manifest[]): string[] {
  return manifests.flatMap((manifest) => {
    const { apiVersion, kind, metadata } = manifest;
    const Known = models[`${apiVersion} ${kind}`];
    return Known
      ? faultsBy(Known, manifest, metadata.name)
      : [`${metadata.name} is a ${apiVersion} ${kind}, which is not known`];
  });
}

function faultsBy(Known: Model, data: unknown, name: string): string[] {
  try {
    new Known(data).validate();
    return [];
  } catch (error) {
    return [`${name}: ${String(error)}`];
  }
}

/** Cloud Run takes a Service of Knative; of its container what Kubernetes takes, and of its template these alone. */
function cloudRunFaults([service, ...more]: readonly Manifest[]): string[] {
  const spec = service?.spec?.template?.spec as unknown as Record<string, unknown> | undefined;
  const unknown = Object.keys(spec ?? {}).filter(
    (key) => !['serviceAccountName', 'timeoutSeconds', 'containerConcurrency', 'containers'].includes(key),
  );
  return [
    ...(more.length === 0 ? [] : ['there is more than one service']),
    ...(`${service?.apiVersion ?? ''} ${service?.kind ?? ''}` === 'serving.knative.dev/v1 Service'
      ? []
      : ['it is no service of Knative']),
    ...unknown.map((key) => `its template has an unknown key ${key}`),
    ...faultsBy(
      Pod,
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'gateway' },
        spec: { containers: spec?.['containers'] },
      },
      'gateway',
    ),
  ];
}

type Case = [
  name: string,
  text: string,
  rule: (manifests: Manifest[]) => string[],
  faults: [string, string | RegExp, string][],
];

const cases: Case[] = [
  [
    'kubernetes: what the API takes',
    kubernetes,
    schemaFaults,
    [
      ['another kind', 'kind: Deployment', 'kind: Deploymnt'],
      ['a wrong type', 'replicas: 1', "replicas: 'one'"],
      ['a missing selector', /selector: \{ matchLabels: \{ app: phase3-worker \} \}\n/, '\n'],
    ],
  ],
  [
    'kubernetes: settings with which both start',
    kubernetes,
    startFaults,
    [
      ['a warehouse that ends with the pod', 'PHASE3_WAREHOUSE: bigquery', 'PHASE3_WAREHOUSE: duckdb'],
      ['no tokens', /  PHASE3_OIDC_AUDIENCE.*\n/, ''],
      ['another port', "PHASE3_GATEWAY_PORT: '8080'", "PHASE3_GATEWAY_PORT: '8081'"],
      ['no map', 'configMapRef: { name: phase3-gateway }', 'configMapRef: { name: phase3-gatewy }'],
      ['no Temporal', /  TEMPORAL_ADDRESS.*\n/, ''],
      ['what Kubernetes says of the Service', /enableServiceLinks: false/, 'enableServiceLinks: true'],
    ],
  ],
  [
    'kubernetes: variables that are read',
    kubernetes,
    (manifests) => variableFaults(manifests, known),
    [['a slip of the pen', 'PHASE3_BIGQUERY_LOCATION', 'PHASE3_BIGQUERY_LOCATON']],
  ],
  [
    'kubernetes: time to end',
    kubernetes,
    (manifests) => graceFaults(manifests, program, sourceTextOf),
    [
      ['as long as the worker', 'terminationGracePeriodSeconds: 30', 'terminationGracePeriodSeconds: 15'],
      ['less than the gateway', 'terminationGracePeriodSeconds: 15', 'terminationGracePeriodSeconds: 8'],
    ],
  ],
  [
    'kubernetes: nothing more than is needed',
    kubernetes,
    (manifests) => hardeningFaults(manifests, home),
    [
      ['a root file system that is written', 'readOnlyRootFilesystem: true', 'readOnlyRootFilesystem: false'],
      ['root', 'runAsUser: 1000', 'runAsUser: 0'],
      ['capabilities', 'drop: [ALL]', 'drop: [NET_RAW]'],
      ['no home', '{ name: home, mountPath: /var/lib/phase3 }', '{ name: home, mountPath: /home }'],
      ['a disk that is shared', 'emptyDir: { sizeLimit: 2Gi }', 'hostPath: { path: /srv }'],
    ],
  ],
  [
    'Cloud Run: what it takes',
    cloudRun,
    cloudRunFaults,
    [
      ['another kind', 'kind: Service', 'kind: Job'],
      ['an unknown key', 'timeoutSeconds: 60', 'timeoutSecond: 60'],
      ['a wrong type', 'containerPort: 8080', 'containerPort: eight'],
    ],
  ],
  [
    'Cloud Run: settings with which it starts',
    cloudRun,
    startFaults,
    [['another port', "value: '8080'", "value: '8081'"]],
  ],
  [
    'Cloud Run: variables that are read',
    cloudRun,
    (manifests) => variableFaults(manifests, known),
    [['a slip of the pen', 'PHASE3_OIDC_TRIGGERERS', 'PHASE3_OIDC_TRIGGERS']],
  ],
  [
    'Cloud Run: the ten seconds that it gives to end',
    cloudRun,
    (manifests) => graceFaults(manifests, program, sourceTextOf, 10),
    [['a worker', /dist\/src\/gateway\/main\.js/, 'dist/src/worker.js']],
  ],
];

describe.each(cases)('%s', (_, text, rule, faults) => {
  it('holds', () => expect(rule(manifestsOf(text))).toEqual([]));
  it.each(faults)('finds %s', (_name, old, fault) => {
    const planted = text.replace(old, () => fault);
    expect(planted).not.toBe(text);
    expect(rule(manifestsOf(planted))).not.toEqual([]);
  });
});

it.each([
  ['kubernetes', kubernetes],
  ['Cloud Run', cloudRun],
])('%s: the image has the version of the package, and runs what the build emits', (_, text) => {
  const pods = podsOf(manifestsOf(text));
  expect(pods.length).toBeGreaterThan(0);
  for (const [, , { image, args }] of pods) {
    expect(image.split('/').at(-1)).toBe(`${packageName}:${version}`);
    expect(existsSync(join(root, sourceOf(args?.at(-1) ?? program, 'dist') ?? 'nowhere'))).toBe(true);
  }
});

it('the health of the worker is asked as Compose asks it, and that of the gateway where it answers', () => {
  const [worker, gateway] = podsOf(manifestsOf(kubernetes)).map(([, , { livenessProbe }]) => livenessProbe);
  const command = worker?.exec?.command.at(-1) ?? '';
  expect(read('docker-compose.temporal.yml')).toContain(`[CMD-SHELL, '${command}']`);
  expect(gateway?.httpGet?.path).toBe('/health/live');
  expect(
    execFileSync('grep', ['-rl', "'/health/live'", join(root, 'src', 'gateway')], { encoding: 'utf8' }),
  ).not.toBe('');
});
