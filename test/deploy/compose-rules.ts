/** What `docker-compose.temporal.yml` must keep to: each rule answers with the faults it finds. */
import { InvalidConfigError, readConfig, type Config } from '../../src/config/config';
import { sentenceOf } from '../../src/contracts/schema';

export interface Service {
  readonly image?: string;
  readonly build?: unknown;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly ports?: readonly unknown[];
  readonly read_only?: boolean;
  readonly restart?: string;
  readonly stop_grace_period?: string;
  readonly tmpfs?: readonly string[];
  readonly volumes?: readonly string[];
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets?: Readonly<Record<string, unknown>>;
  readonly configs?: Readonly<Record<string, unknown>>;
}

const servicesOf = (file: ComposeFile): [string, Service][] => Object.entries(file.services);
/** Those that run our image. */
const oursOf = (file: ComposeFile): [string, Service][] =>
  servicesOf(file).filter(([, { build }]) => build !== undefined);

/** What is set beside the compose file, in `.env`. */
export type Settings = Readonly<Record<string, string>>;

/** The variables that the file takes from outside, and of each whether it must have a value. */
export function settingsOf(text: string, file: ComposeFile): Map<string, boolean> {
  const handedOn = servicesOf(file).flatMap(([, { environment = {} }]) =>
    Object.keys(environment).filter((name) => environment[name] === null),
  );
  const named = [...text.matchAll(/(?<!\$)\$\{(\w+)(:\?)?/g)];
  return new Map<string, boolean>([
    ...handedOn.map((name) => [name, false] as const),
    ...named.map(([, name = '', required]) => [name, required !== undefined] as const),
  ]);
}

/** The environment of a service, as Compose makes it. Throws for a value that is missing. */
export function environmentOf({ environment = {} }: Service, settings: Settings): Record<string, string> {
  const valueOf = (text: string): string =>
    text.replace(/\$\{(\w+)(?::([-?+])([^}]*))?\}/g, (_, name: string, kind = '', word = '') => {
      const value = settings[name] ?? '';
      if (kind === '+') return value === '' ? '' : word;
      if (value === '' && kind === '?') throw new Error(`${name} is missing: ${word}`);
      return value === '' && kind === '-' ? word : value;
    });
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => {
      const given = value === null ? settings[name] : valueOf(value);
      return given === undefined ? [] : [[name, given]];
    }),
  );
}

/** What a process of ours makes of its environment; the faults where it would not start. */
function configOf(name: string, service: Service, settings: Settings): Config | string[] {
  try {
    return readConfig(environmentOf(service, settings));
  } catch (error) {
    if (error instanceof InvalidConfigError)
      return error.faults.map((fault) => `${name}: ${sentenceOf(fault)}`);
    throw error;
  }
}

type Shape = 'text' | 'number' | 'flag' | 'texts' | 'map' | { readonly [key: string]: Shape };

const conditions = ['service_started', 'service_healthy', 'service_completed_successfully'];

/** The keys of Compose that the file needs, and what Compose takes for each: another one is a slip, or is added here. */
const serviceShape: Shape = {
  ...{ image: 'text', build: 'text', restart: 'text', stop_grace_period: 'text', shm_size: 'text' },
  ...{ entrypoint: 'texts', command: 'texts', ports: 'texts', volumes: 'texts', tmpfs: 'texts' },
  ...{ cap_drop: 'texts', security_opt: 'texts', secrets: 'texts', read_only: 'flag' },
  ...{ environment: 'map', depends_on: 'map', logging: { driver: 'text', options: 'map' } },
  configs: 'map',
  healthcheck: { test: 'texts', interval: 'text', timeout: 'text', start_period: 'text', retries: 'number' },
};

function shapeFaultsOf(value: unknown, shape: Shape, where: string): string[] {
  const isMap = typeof value === 'object' && value !== null;
  const fits: Readonly<Record<Extract<Shape, string>, boolean>> = {
    text: typeof value === 'string',
    number: typeof value === 'number',
    flag: typeof value === 'boolean',
    texts: Array.isArray(value) && value.every((one) => typeof one === 'string'),
    map: isMap,
  };
  if (typeof shape === 'string') return fits[shape] ? [] : [`${where} is no ${shape}`];
  if (!isMap || Array.isArray(value)) return [`${where} is no map`];
  return Object.entries(value).flatMap(([key, inner]) => {
    const known = shape[key];
    return known === undefined
      ? [`${where} has an unknown key ${key}`]
      : shapeFaultsOf(inner, known, `${where}.${key}`);
  });
}

/** A key that Compose does not know, or a value that it does not take there. */
export function shapeFaults(file: ComposeFile): string[] {
  const sections = Object.keys(file).filter(
    (key) => !/^(x-.+|name|services|configs|secrets|volumes)$/.test(key),
  );
  return [
    ...sections.map((key) => `there is no section ${key}`),
    ...shapeFaultsOf(
      file.configs ?? {},
      Object.fromEntries(Object.keys(file.configs ?? {}).map((name) => [name, { content: 'text' }])),
      'configs',
    ),
    ...servicesOf(file).flatMap(([name, service]) => [
      ...shapeFaultsOf(service, serviceShape, name),
      ...Object.values(service.depends_on ?? {})
        .filter(({ condition }) => !conditions.includes(condition))
        .map(({ condition }) => `${name}.depends_on has an unknown condition ${condition}`),
    ]),
  ];
}

/** A service whose image is not named to the minor version is another one tomorrow. */
export function imageFaults(file: ComposeFile): string[] {
  return servicesOf(file).flatMap(([name, { image }]) =>
    image !== undefined && /^[\w./-]+:\d+\.\d+(\.\d+(-[\w.]+)?)?$/.test(image)
      ? []
      : [`${name}: image ${String(image)} is not pinned`],
  );
}

/** Waiting for what is not there, has no health or never completes. */
export function dependencyFaults(file: ComposeFile): string[] {
  return servicesOf(file).flatMap(([name, { depends_on: needs = {} }]) =>
    Object.entries(needs).flatMap(([needed, { condition }]) => {
      const service = file.services[needed];
      if (!service) return [`${name} depends on ${needed}, which does not exist`];
      if (condition === 'service_healthy' && !service.healthcheck)
        return [`${name} waits for the health of ${needed}, which has no healthcheck`];
      if (condition === 'service_completed_successfully' && !/^(no|on-failure)/.test(service.restart ?? 'no'))
        return [`${name} waits for the end of ${needed}, which is always restarted`];
      return [];
    }),
  );
}

/** A port that is published to more than this machine. */
export function portFaults(file: ComposeFile): string[] {
  return servicesOf(file).flatMap(([name, { ports = [] }]) =>
    ports
      .filter((port) => typeof port !== 'string' || !/^127\.0\.0\.1:\d+:\d+$/.test(port))
      .map((port) => `${name} publishes ${JSON.stringify(port)}`),
  );
}

/** A value that is secret must come from outside: the environment, or a file that the environment names. */
export function secretFaults(file: ComposeFile): string[] {
  const inServices = servicesOf(file).flatMap(([name, { environment = {} }]) =>
    Object.entries(environment)
      .filter(([variable]) => /PASSWORD|PWD|SECRET|TOKEN|CREDENTIALS|(^|_)KEY($|_)/.test(variable))
      .filter(([, value]) => value !== null && !/^\$\{\w+:(\?[^}]+|\+\/run\/secrets\/\w+)\}$/.test(value))
      .map(([variable]) => `${name}: ${variable} has a value of its own`),
  );
  const declared = Object.entries(file.secrets ?? {})
    .filter(
      ([, secret]) => !/^\{"(file|environment)":"\$\{\w+(:-\/dev\/null)?\}"\}$/.test(JSON.stringify(secret)),
    )
    .map(([name]) => `secret ${name} has a value of its own`);
  return [...inServices, ...declared];
}

/** A variable of ours that nothing reads: a slip of the pen would be a setting that does nothing. */
export function variableFaults(text: string, configText: string): string[] {
  return [...new Set(text.match(/\bPHASE3_[A-Z0-9_]+/g))]
    .filter((name) => !configText.includes(`'${name}'`))
    .map((name) => `${name} is not read by src/config or the build`);
}

/** An environment with which a process of ours refuses to start. */
export function configFaults(file: ComposeFile, settings: Settings): string[] {
  return oursOf(file).flatMap(([name, service]) => {
    const config = configOf(name, service, settings);
    return Array.isArray(config) ? config : [];
  });
}

const loopback = /^(127\.|localhost$|\[?::1)/;

/**
 * A port that leads nowhere, or to what asks for no token: published ports lead to a gateway that takes tokens. The metrics
 * of a worker can be had from its network, and from nowhere else.
 */
export function addressFaults(file: ComposeFile, settings: Settings): string[] {
  return oursOf(file).flatMap(([name, service]) => {
    const config = configOf(name, service, settings);
    if (Array.isArray(config)) return config;
    const { gateway, metrics } = config;
    const published = (service.ports ?? []).map((port) => Number(String(port).split(':').at(-1)));
    const isGateway = service.command?.at(-1)?.includes('/gateway/') === true;
    const address = isGateway ? metrics.gatewayAddress : metrics.address;
    const ofMetrics =
      address === null || loopback.test(address)
        ? [`${name} serves its metrics inside its container only`]
        : [];
    if (!isGateway)
      return [...published.map((port) => `${name} publishes ${port}, and is no gateway`), ...ofMetrics];
    return [
      ...ofMetrics,
      ...(gateway.auth === null ? [`${name} takes no tokens`] : []),
      ...(loopback.test(gateway.host) ? [`${name} listens inside its container only`] : []),
      ...(published.length === 1 && published[0] === gateway.port
        ? []
        : [`${name} publishes ${published.join(', ') || 'nothing'}, and listens on ${gateway.port}`]),
    ];
  });
}

/**
 * A process without a home, or two that share one: it holds the token of the worker's endpoint, and the file of
 * one worker would take the place of another's.
 */
export function homeFaults(file: ComposeFile, home: string): string[] {
  const shared = oursOf(file).flatMap(([, { volumes = [] }]) =>
    volumes.map((volume) => volume.split(':')[0]),
  );
  return [
    ...shared
      .filter((volume, position) => shared.indexOf(volume) !== position)
      .map((volume) => `volume ${volume} is shared`),
    ...oursOf(file)
      .filter(
        ([, { volumes = [], tmpfs = [] }]) =>
          !volumes.some((volume) => volume.split(':')[1] === home) &&
          !tmpfs.some((mount) => mount.split(':')[0] === home),
      )
      .map(([name]) => `${name} has nothing at ${home}`),
  ];
}

/** A process that may write elsewhere than in its home and in /tmp. */
export function writeFaults(file: ComposeFile, home: string): string[] {
  return oursOf(file).flatMap(([name, { read_only: isReadOnly, volumes = [], tmpfs = [] }]) => {
    const writable = [
      ...volumes.map((volume) => volume.split(':')[1]),
      ...tmpfs.map((mount) => mount.split(':')[0]),
    ];
    return [
      ...(isReadOnly === true ? [] : [`${name} may write to its root file system`]),
      ...(JSON.stringify(writable.sort()) === JSON.stringify(['/tmp', home])
        ? []
        : [`${name} may write to ${writable.join(', ')}`]),
    ];
  });
}

/** A program that the build does not make; without a command it is the image's. */
export function programFaults(
  file: ComposeFile,
  imageProgram: string,
  isBuilt: (program: string) => boolean,
): string[] {
  return oursOf(file)
    .map(([name, service]) => [name, programOf(service, imageProgram)] as const)
    .filter(([, program]) => !isBuilt(program))
    .map(([name, program]) => `${name} runs ${program}, which the build does not emit`);
}

function programOf({ command }: Service, imageProgram: string): string {
  return command?.at(-1) ?? imageProgram;
}

/** `30s`, `1m`, `1m30s` → seconds. */
function seconds(duration: string): number {
  const match = /^(?:(\d+)m)?(?:(\d+)s)?$/.exec(duration);
  return match ? 60 * Number(match[1] ?? 0) + Number(match[2] ?? 0) : NaN;
}

/** How long a program takes to end at most, in seconds, by its source; NaN where that does not say. */
export function endsWithin(source: string): number {
  const [, ms] = /stopWithinMs: ([\d_]+)/.exec(source) ?? [];
  return ms === undefined ? NaN : Number(ms.replaceAll('_', '')) / 1000;
}

/** A process that is killed before it has given up by itself leaves activities to their timeouts and callers unanswered. */
export function graceFaults(
  file: ComposeFile,
  imageProgram: string,
  sourceOf: (program: string) => string,
): string[] {
  return oursOf(file).flatMap(([name, service]) => {
    const force = endsWithin(sourceOf(programOf(service, imageProgram)));
    return seconds(service.stop_grace_period ?? '10s') > force
      ? []
      : [`${name} is killed before the ${force} s that it takes to end`];
  });
}

/** `A=Keyword B=Bool` → the same as a record. */
export function attributesOf(text: string): Record<string, string> {
  return Object.fromEntries(text.split(/\s+/).map((pair) => pair.split('=') as [string, string]));
}
