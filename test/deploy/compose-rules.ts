/** What `docker-compose.temporal.yml` must keep to, beyond the schema: each rule answers with the faults it finds. */
import Ajv from 'ajv';

export interface Service {
  readonly image?: string;
  readonly build?: unknown;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: unknown;
  readonly ports?: readonly unknown[];
  readonly restart?: string;
  readonly stop_grace_period?: string;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets?: Readonly<Record<string, unknown>>;
}

const servicesOf = (file: ComposeFile): [string, Service][] => Object.entries(file.services);

/** By the schema that Docker Compose itself checks with. */
export function schemaFaults(schema: Readonly<Record<string, unknown>>, file: unknown): string[] {
  // Its `$schema` spells draft 7 with https, which ajv does not know; draft 7 is what ajv takes without one.
  const { $schema: _, ...rules } = schema;
  const validate = new Ajv({ strict: false, allErrors: true }).compile(rules);
  if (validate(file)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
  );
}

/** A service whose image is not named to the minor version is another one tomorrow. */
export function imageFaults(file: ComposeFile): string[] {
  return servicesOf(file).flatMap(([name, { image }]) =>
    image !== undefined && /^[\w./-]+:\d+\.\d+(\.\d+)?$/.test(image)
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
    .map((name) => `${name} is not read by src/config`);
}

/** `30s`, `1m`, `1m30s` → seconds. */
function seconds(duration: string): number {
  const match = /^(?:(\d+)m)?(?:(\d+)s)?$/.exec(duration);
  return match ? 60 * Number(match[1] ?? 0) + Number(match[2] ?? 0) : NaN;
}

/** A worker that is killed before it has given up by itself leaves its activities to their timeouts. */
export function graceFaults(file: ComposeFile, workerText: string): string[] {
  const force = seconds(/shutdownForceTime: '(\w+)'/.exec(workerText)?.[1] ?? '');
  return servicesOf(file)
    .filter(([, { build }]) => build !== undefined)
    .filter(([, { stop_grace_period: grace = '10s' }]) => !(seconds(grace) > force))
    .map(([name]) => `${name} is killed before the ${force} s that the worker takes to end`);
}

/** `A=Keyword B=Bool` → the same as a record. */
export function attributesOf(text: string): Record<string, string> {
  return Object.fromEntries(text.split(/\s+/).map((pair) => pair.split('=') as [string, string]));
}
