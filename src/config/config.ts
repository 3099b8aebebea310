/** The one reader of the environment: names all faults at once, and refuses. */
import { homedir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { isGameDate } from '../contracts/game-date';
import { readGatewaySettings, type GatewaySettings } from './gateway';
import { readMetricsSettings, type MetricsSettings } from './metrics';
import { readNotificationSettings, type NotificationSettings } from './notifications';
import { defaultPolicySettings, type PolicySettings } from '../contracts/policy';
import { defaultOf, numbers, readNumber } from './variables';

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
  /** Activities that one worker runs at once. */
  readonly maxActivities: number;
  /** Workflows whose isolates one worker keeps in memory. */
  readonly maxCachedWorkflows: number;
  readonly metrics: MetricsSettings;
  readonly gateway: GatewaySettings;
  readonly notifications: NotificationSettings;
  readonly user: string;
  /** The folders in which commands are looked for. */
  readonly path: string;
  /** What child processes inherit. */
  readonly environment: Readonly<NodeJS.ProcessEnv>;
}

/** Thrown with every fault of the environment; `faults` are sentences that name the variable and what would be right. */
export class InvalidConfigError extends Error {
  override readonly name = 'InvalidConfigError';
  constructor(readonly faults: readonly string[]) {
    super(`The environment is not valid:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  }
}

/** Reads the configuration. Throws {@link InvalidConfigError}. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const faults: string[] = [];
  const number = (name: keyof typeof numbers): number => readNumber(numbers[name], env, faults);
  const now = readNow(env['PHASE3_NOW'], faults);
  const dataHome = env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share');
  const cacheHome = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const config: Config = {
    home: resolve(env['PHASE3_HOME'] || join(dataHome, 'phase3')),
    toolCache: join(cacheHome, 'phase3'),
    policy: {
      ...defaultPolicySettings,
      now,
      readyShare: number('readyShare'),
      firstWaitMs: 1000 * number('firstWaitSeconds'),
      longestWaitMs: 1000 * number('longestWaitSeconds'),
      deadlineMs: 1000 * number('deadlineSeconds'),
      digestAfterMs: 1000 * number('digestAfterSeconds'),
    },
    warehouse: readWarehouse(env, faults),
    datasetPrefix: readPrefix(env, faults),
    temporalPort: number('temporalPort') || null,
    temporalUiPort: number('temporalUiPort') || null,
    maxActivities: number('maxActivities'),
    maxCachedWorkflows: number('maxCachedWorkflows'),
    metrics: readMetricsSettings(env, faults),
    gateway: readGatewaySettings(env, faults),
    notifications: readNotificationSettings(env, faults),
    user: env['USER'] || env['LOGNAME'] || userInfo().username,
    path: env['PATH'] ?? '',
    environment: env,
  };
  if (faults.length > 0) throw new InvalidConfigError(faults);
  return Object.freeze(config);
}

/** An ISO instant, or a date, which means its noon in New York. */
function readNow(given: string | undefined, faults: string[]): string | null {
  const text = given?.trim() ?? '';
  if (text === '') return null;
  const match = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2}))?$/.exec(text);
  const [, day = '', time = '17:00', zone = 'Z'] = match ?? [];
  const at = new Date(`${day}T${time}${zone}`);
  if (isGameDate(day) && time < '24' && !Number.isNaN(at.getTime())) return at.toISOString();
  faults.push(`PHASE3_NOW is "${text}", expected an instant such as 2025-01-16T08:00:00Z.`);
  return null;
}

/** BigQuery's own variables; without `PHASE3_WAREHOUSE=bigquery` they would be set to no effect. */
const bigQueryVariables = [
  'PHASE3_BIGQUERY_PROJECT',
  'PHASE3_BIGQUERY_LOCATION',
  'PHASE3_BIGQUERY_ENDPOINT',
] as const;

function readWarehouse(env: NodeJS.ProcessEnv, faults: string[]): WarehouseChoice {
  const given = (name: string): string => env[name]?.trim() ?? '';
  const kind = given('PHASE3_WAREHOUSE') || defaultOf('PHASE3_WAREHOUSE');
  if (kind !== 'duckdb' && kind !== 'bigquery')
    faults.push(`PHASE3_WAREHOUSE is "${kind}", expected duckdb or bigquery.`);
  if (kind !== 'bigquery') {
    for (const name of bigQueryVariables.filter((variable) => given(variable) !== ''))
      faults.push(`${name} is set, but PHASE3_WAREHOUSE is ${kind}; set it to bigquery, or unset ${name}.`);
    return { kind: 'duckdb' };
  }
  const [projectId, location, endpoint] = [
    given('PHASE3_BIGQUERY_PROJECT'),
    given('PHASE3_BIGQUERY_LOCATION') || defaultOf('PHASE3_BIGQUERY_LOCATION'),
    given('PHASE3_BIGQUERY_ENDPOINT') || null,
  ];
  if (projectId === '')
    faults.push('PHASE3_BIGQUERY_PROJECT is not set; PHASE3_WAREHOUSE=bigquery needs a project id.');
  // It becomes part of every statement, so nothing may be in it that a project id cannot hold.
  else if (!/^[a-z][a-z0-9.:-]*[a-z0-9]$/.test(projectId))
    faults.push(`PHASE3_BIGQUERY_PROJECT is "${projectId}", expected a project id such as nba-props-prod.`);
  if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(location))
    faults.push(`PHASE3_BIGQUERY_LOCATION is "${location}", expected a location such as US or europe-west1.`);
  if (endpoint !== null && !/^https?:\/\/[^/\s]+$/.test(endpoint))
    faults.push(
      `PHASE3_BIGQUERY_ENDPOINT is "${endpoint}", expected an emulator's address such as http://127.0.0.1:9050.`,
    );
  // Google's client would take it for its address, and send real credentials there.
  if (given('BIGQUERY_EMULATOR_HOST') !== '')
    faults.push('BIGQUERY_EMULATOR_HOST is set; unset it and name the emulator in PHASE3_BIGQUERY_ENDPOINT.');
  return { kind: 'bigquery', projectId, location, endpoint };
}

function readPrefix(env: NodeJS.ProcessEnv, faults: string[]): string | null {
  const text = env['PHASE3_DATASET_PREFIX']?.trim() ?? '';
  if (text === '') return null;
  // Also part of a task queue's and of workflows' names.
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(text) || text.length > 30)
    faults.push(
      `PHASE3_DATASET_PREFIX is "${text}", expected at most 30 lower-case letters, digits and single underscores, such as shadow; it is put before the dataset names: shadow_nba_analytics.`,
    );
  return text;
}
