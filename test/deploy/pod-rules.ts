/** What the manifests for Kubernetes and Cloud Run must keep to: each rule answers with the faults it finds. */
import { parseAllDocuments } from 'yaml';
import { InvalidConfigError, readConfig, type Config } from '../../src/config/config';
import { sentenceOf } from '../../src/contracts/schema';
import { endsWithin } from './compose-rules';

interface NamedValue {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: unknown;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly NamedValue[];
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name: string } }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly livenessProbe?: {
    readonly httpGet?: { readonly path: string };
    readonly exec?: { readonly command: readonly string[] };
  };
}

export interface PodSpec {
  readonly terminationGracePeriodSeconds?: number;
  readonly enableServiceLinks?: boolean;
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly containers: readonly Container[];
  readonly volumes?: readonly { readonly name: string; readonly emptyDir?: object }[];
}

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly template?: { readonly spec: PodSpec };
    readonly ports?: readonly { readonly targetPort: string }[];
  };
}

export function manifestsOf(text: string): Manifest[] {
  return parseAllDocuments(text, { merge: true }).map((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    return document.toJS() as Manifest;
  });
}

/** The pods of the manifests, by the name of what makes them. */
export function podsOf(manifests: readonly Manifest[]): [string, PodSpec, Container][] {
  return manifests.flatMap(({ metadata, spec }) => {
    const pod = spec?.template?.spec;
    return pod
      ? pod.containers.map((container): [string, PodSpec, Container] => [metadata.name, pod, container])
      : [];
  });
}

/** What Kubernetes tells each pod of a Service beside it, unless the pod asks for nothing: Docker's links, by the Service's name. */
function linksOf(pod: PodSpec, manifests: readonly Manifest[]): Record<string, string> {
  const services = pod.enableServiceLinks !== false ? manifests : [];
  const links = services.flatMap(({ apiVersion, kind, metadata }) => {
    const prefix = metadata.name.toUpperCase().replaceAll('-', '_');
    return apiVersion === 'v1' && kind === 'Service'
      ? [
          [`${prefix}_SERVICE_HOST`, '10.0.0.11'],
          [`${prefix}_SERVICE_PORT`, '80'],
          [`${prefix}_PORT`, 'tcp://10.0.0.11:80'],
        ]
      : [];
  });
  return Object.fromEntries(links) as Record<string, string>;
}

/** What a container's process is told; what comes from secrets is not known, and stands in by a word. */
function environmentOf(
  container: Container,
  manifests: readonly Manifest[],
  pod: PodSpec,
): Record<string, string> {
  const maps = (container.envFrom ?? []).flatMap(({ configMapRef }) =>
    configMapRef
      ? [
          manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMapRef.name)
            ?.data ?? {},
        ]
      : [],
  );
  const own = (container.env ?? []).map(({ name, value }) => [name, value ?? 'secret']);
  const links = linksOf(pod, manifests);
  return Object.assign(links, ...maps, Object.fromEntries(own)) as Record<string, string>;
}

function configOf(container: Container, manifests: readonly Manifest[], pod: PodSpec): Config | string[] {
  try {
    return readConfig(environmentOf(container, manifests, pod));
  } catch (error) {
    if (error instanceof InvalidConfigError)
      return error.faults.map((fault) => `${container.name}: ${sentenceOf(fault)}`);
    throw error;
  }
}

/** A map that is named and not there, or settings with which a process does not start. */
export function startFaults(manifests: readonly Manifest[]): string[] {
  return podsOf(manifests).flatMap(([name, pod, container]) => {
    const config = configOf(container, manifests, pod);
    if (Array.isArray(config)) return config;
    const isGateway = container.args?.at(-1)?.includes('/gateway/') === true;
    const ports = (container.ports ?? []).map(({ containerPort }) => containerPort);
    return [
      ...(config.warehouse.kind === 'bigquery' ? [] : [`${name} has a warehouse that ends with its pod`]),
      ...(environmentOf(container, manifests, pod)['TEMPORAL_ADDRESS']
        ? []
        : [`${name} is not told where Temporal is`]),
      ...(isGateway && !ports.includes(config.gateway.port ?? 0) ? [`${name} listens on another port`] : []),
      ...(isGateway && !config.gateway.auth ? [`${name} takes no tokens`] : []),
    ];
  });
}

/** A variable that nothing reads. */
export function variableFaults(manifests: readonly Manifest[], known: ReadonlySet<string>): string[] {
  return podsOf(manifests).flatMap(([name, pod, container]) =>
    Object.keys(environmentOf(container, manifests, pod))
      .filter((variable) => !known.has(variable))
      .map((variable) => `${name} sets ${variable}, which nothing reads`),
  );
}

/** Killed before it has given up by itself. `killedAfter` is for where a manifest cannot say it. */
export function graceFaults(
  manifests: readonly Manifest[],
  imageProgram: string,
  sourceOf: (program: string) => string,
  killedAfter?: number,
): string[] {
  return podsOf(manifests).flatMap(([name, pod, { args }]) => {
    const needs = endsWithin(sourceOf(args?.at(-1) ?? imageProgram));
    // Kubernetes' own default is 30.
    const grace = killedAfter ?? pod.terminationGracePeriodSeconds ?? 30;
    return grace > needs ? [] : [`${name} is killed after ${grace} s, and takes up to ${needs}`];
  });
}

/** A process that could be more than it is, or write where nothing is to be written. */
export function hardeningFaults(manifests: readonly Manifest[], home: string): string[] {
  return podsOf(manifests).flatMap(([name, pod, container]) => {
    const asked: [string, unknown, unknown][] = [
      ['runAsNonRoot', pod.securityContext?.['runAsNonRoot'], true],
      ['runAsUser', pod.securityContext?.['runAsUser'], 1000],
      ['seccompProfile', pod.securityContext?.['seccompProfile'], { type: 'RuntimeDefault' }],
      ['allowPrivilegeEscalation', container.securityContext?.['allowPrivilegeEscalation'], false],
      ['readOnlyRootFilesystem', container.securityContext?.['readOnlyRootFilesystem'], true],
      ['capabilities', container.securityContext?.['capabilities'], { drop: ['ALL'] }],
      [
        'writable paths',
        (container.volumeMounts ?? []).map(({ mountPath }) => mountPath).sort(),
        ['/tmp', home],
      ],
    ];
    const lacking = (container.volumeMounts ?? []).filter(
      (mount) => !pod.volumes?.some((volume) => volume.name === mount.name && volume.emptyDir),
    );
    return [
      ...asked
        .filter(([, given, wanted]) => JSON.stringify(given) !== JSON.stringify(wanted))
        .map(([what, given]) => `${name}: ${what} is ${JSON.stringify(given)}`),
      ...lacking.map((mount) => `${name} mounts ${mount.name}, which is no folder of its own`),
    ];
  });
}
