/** The one reader of the environment: names all faults at once, and refuses. */
import { closest, distance } from 'fastest-levenshtein';
import { homedir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { defaultPolicySettings, type PolicySettings } from '../contracts/policy';
import type { Promotion } from '../contracts/code-identity';
import type { SentinelPolicy, SentinelSettings } from '../contracts/sentinel';
import { sentenceOf, type Fault } from '../contracts/schema';
import { socketAddress, toInstant } from './addresses';
import { readGatewaySettings, type GatewaySettings } from './gateway';
import { readNotificationSettings, type NotificationSettings } from './notifications';
import { Variables, variables } from './variables';

export interface MetricsSettings {
  /** `host:port` with an IP address as its host; null for a free port of 127.0.0.1, which the worker's file names. */
  readonly address: string | null;
  /** Where the gateway serves its own without a token, in the same form; null for `GET /metrics` alone, which asks for one. */
  readonly gatewayAddress: string | null;
}

/** Which warehouse this deployment works on. */
export type WarehouseChoice =
  | { readonly kind: 'duckdb' }
  | {
      readonly kind: 'bigquery';
      readonly projectId: string;
      /** Of datasets and jobs. */
      readonly location: string;
      /** An emulator's address; null for Google's own. */
      readonly endpoint: string | null;
    };

export interface Config {
  /** Where local state lives (`PHASE3_HOME`). */
  readonly home: string;
  /** Where downloaded tools are kept, shared by all homes. */
  readonly toolCache: string;
  readonly policy: PolicySettings;
  readonly warehouse: WarehouseChoice;
  /** Put before the names of the datasets that are written; null for none. */
  readonly datasetPrefix: string | null;
  /** Ports that were asked for; null means any free one. */
  readonly temporalPort: number | null;
  readonly temporalUiPort: number | null;
  /** Who lets a newer build become current. */
  readonly promotion: Promotion;
  /** Activities that one worker runs at once. */
  readonly maxActivities: number;
  /** Workflows whose isolates one worker keeps in memory. */
  readonly maxCachedWorkflows: number;
  readonly metrics: MetricsSettings;
  /** Where spans are sent; null for nowhere. */
  readonly otlpEndpoint: string | null;
  readonly gateway: GatewaySettings;
  readonly notifications: NotificationSettings;
  readonly sentinel: SentinelSettings;
  /** So many of the newest versions of a table and date keep their rows. */
  readonly keepVersions: number;
  readonly user: string;
  /** The folders in which commands are looked for. */
  readonly path: string;
  /** What child processes inherit. */
  readonly environment: Readonly<NodeJS.ProcessEnv>;
}

/** Thrown with every fault of the environment. */
export class InvalidConfigError extends Error {
  override readonly name = 'InvalidConfigError';
  constructor(readonly faults: readonly Fault[]) {
    super(`The environment is not valid:\n${faults.map((fault) => `  - ${sentenceOf(fault)}`).join('\n')}`);
  }
}

/** Reads the configuration. Throws {@link InvalidConfigError}. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const env = new Variables(environment);
  const dataHome = environment['XDG_DATA_HOME'] || join(homedir(), '.local', 'share');
  const cacheHome = environment['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const now = env.text(variables.now);
  const config: Config = {
    home: resolve(env.text(variables.home) ?? join(dataHome, 'phase3')),
    toolCache: join(cacheHome, 'phase3'),
    policy: {
      ...defaultPolicySettings,
      now: now === null ? null : toInstant(now),
      readyShare: env.number(variables.readyShare),
      rebuildsTeamRows: env.text(variables.rebuildsTeamRows) === 'true',
      firstWaitMs: 1000 * env.number(variables.firstWaitSeconds),
      longestWaitMs: 1000 * env.number(variables.longestWaitSeconds),
      deadlineMs: 1000 * env.number(variables.deadlineSeconds),
      digestAfterMs: 1000 * env.number(variables.digestAfterSeconds),
      bypassForMs: 1000 * env.number(variables.bypassForSeconds),
    },
    warehouse: readWarehouse(env),
    datasetPrefix: env.text(variables.datasetPrefix),
    temporalPort: env.port(variables.temporalPort),
    temporalUiPort: env.port(variables.temporalUiPort),
    // The schema takes no other.
    promotion: env.text(variables.promotion) as Promotion,
    maxActivities: env.number(variables.maxActivities),
    maxCachedWorkflows: env.number(variables.maxCachedWorkflows),
    metrics: {
      address: socketAddress(env.text(variables.metricsAddress) ?? ''),
      gatewayAddress: socketAddress(env.text(variables.gatewayMetricsAddress) ?? ''),
    },
    otlpEndpoint: env.text(variables.otlpEndpoint),
    gateway: readGatewaySettings(env),
    notifications: readNotificationSettings(env),
    sentinel: {
      everyMs: 1000 * env.number(variables.sentinelEverySeconds),
      newest: env.number(variables.sentinelDates),
      // The schema takes no other.
      policy: env.text(variables.sentinelPolicy) as SentinelPolicy,
    },
    keepVersions: env.number(variables.keepVersions),
    user: environment['USER'] || environment['LOGNAME'] || userInfo().username,
    path: environment['PATH'] ?? '',
    environment,
  };
  const faults = [...env.faults, ...misspelt(environment)];
  if (faults.length > 0) throw new InvalidConfigError(faults);
  return Object.freeze(config);
}

/** Letters by which a slip of the pen differs. More of them make another name, such as one of another version. */
const mostSlips = 2;

/** Variables that would be set to no effect, since their names are nearly those of others. */
function misspelt(environment: NodeJS.ProcessEnv): Fault[] {
  const known = Object.values(variables).map(({ name }) => name);
  const unknown = Object.keys(environment).filter(
    (name) => name.startsWith('PHASE3_') && !known.includes(name) && environment[name]?.trim(),
  );
  return unknown.flatMap((name) => {
    const meant = closest(name, known);
    return distance(name, meant) <= mostSlips
      ? [{ code: 'unknown_field', field: name, problem: 'is read by nobody', hint: `Did you mean ${meant}?` }]
      : [];
  });
}

function readWarehouse(env: Variables): WarehouseChoice {
  const { warehouse, bigQueryProject, bigQueryLocation, bigQueryEndpoint } = variables;
  if (env.text(warehouse) !== 'bigquery') {
    // They would be set to no effect.
    for (const { name } of [bigQueryProject, bigQueryLocation, bigQueryEndpoint].filter(
      (variable) => env.given(variable) !== '',
    ))
      env.faults.push({
        code: 'not_allowed',
        field: name,
        problem: `is set, but ${warehouse.name} is ${env.given(warehouse) || warehouse.default}; set it to bigquery, or unset ${name}`,
      });
    return { kind: 'duckdb' };
  }
  if (env.given(bigQueryProject) === '')
    env.faults.push({
      code: 'missing',
      field: bigQueryProject.name,
      problem: `is not set; ${warehouse.name}=bigquery needs a project id`,
    });
  // Google's client would take it for its address, and send real credentials there.
  const emulator = { name: 'BIGQUERY_EMULATOR_HOST' };
  if (env.given(emulator) !== '')
    env.faults.push({
      code: 'not_allowed',
      field: emulator.name,
      problem: `is set; unset it and name the emulator in ${bigQueryEndpoint.name}`,
    });
  return {
    kind: 'bigquery',
    projectId: env.text(bigQueryProject) ?? '',
    location: env.text(bigQueryLocation),
    endpoint: env.text(bigQueryEndpoint),
  };
}
