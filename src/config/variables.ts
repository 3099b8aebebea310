/** Every variable that this system reads, declared once: its default, what it takes, and what it is for. */
import * as v from 'valibot';
import { defaultPolicySettings } from '../contracts/policy';
import { read, sentenceOf, type Schema } from '../contracts/schema';

export interface ConfigVariable {
  readonly name: string;
  /** As it would be written; null where there is none. */
  readonly default: string | null;
  /** What it is for. */
  readonly description: string;
}

/** A variable that holds a number. */
export interface NumberVariable extends ConfigVariable {
  readonly default: string;
  /** Of the text, which is shown as it was written. */
  readonly schema: Schema<string>;
}

function number(
  name: string,
  fallback: number,
  low: number,
  high: number,
  description: string,
  isWhole = false,
): NumberVariable {
  const isGood = (text: string): boolean => {
    const value = Number(text);
    return value >= low && value <= high && (!isWhole || Number.isInteger(value));
  };
  const kind = isWhole ? 'a whole number' : 'a number';
  return {
    ...{ name, default: String(fallback), description },
    schema: v.pipe(v.string(), v.check(isGood), v.description(`${kind} from ${low} to ${high}`)),
  };
}

function whole(
  name: string,
  fallback: number,
  low: number,
  high: number,
  description: string,
): NumberVariable {
  return number(name, fallback, low, high, description, true);
}

const { readyShare, firstWaitMs, longestWaitMs, deadlineMs, digestAfterMs } = defaultPolicySettings;

/** Ports: 0 stands for any free one, and cannot be asked for. */
const anyPort = 0;

export const numbers = {
  readyShare: number('PHASE3_READY_SHARE', readyShare, 0, 1, 'share of the final games that must be ready'),
  firstWaitSeconds: number(
    'PHASE3_GATE_FIRST_WAIT_SECONDS',
    firstWaitMs / 1000,
    0.1,
    3600,
    'after how long the dependency check is retried first',
  ),
  longestWaitSeconds: number(
    'PHASE3_GATE_LONGEST_WAIT_SECONDS',
    longestWaitMs / 1000,
    0.1,
    3600,
    'longest time between two checks',
  ),
  deadlineSeconds: number(
    'PHASE3_GATE_DEADLINE_SECONDS',
    deadlineMs / 1000,
    0,
    86_400,
    'how long a date waits before it is blocked',
  ),
  digestAfterSeconds: number(
    'PHASE3_DIGEST_AFTER_SECONDS',
    digestAfterMs / 1000,
    1,
    14 * 86_400,
    'after how long a reminder is sent of a date that still needs a person',
  ),
  temporalPort: whole(
    'PHASE3_TEMPORAL_PORT',
    anyPort,
    1,
    65_535,
    "port of the local stack's Temporal; any free one if unset",
  ),
  temporalUiPort: whole(
    'PHASE3_TEMPORAL_UI_PORT',
    anyPort,
    1,
    65_535,
    'port of its UI; any free one if unset',
  ),
  maxActivities: whole('PHASE3_MAX_ACTIVITIES', 16, 1, 200, 'activities that one worker runs at once'),
  maxCachedWorkflows: whole(
    'PHASE3_MAX_CACHED_WORKFLOWS',
    200,
    64,
    10_000,
    'workflows that one worker keeps in memory',
  ),
  gatewayPort: whole('PHASE3_GATEWAY_PORT', anyPort, 1, 65_535, 'port of the gateway'),
  // Pub/Sub gives up on an answer after at most 600 s, and the request has to be worked on besides.
  gatewayWaitSeconds: number(
    'PHASE3_GATEWAY_WAIT_SECONDS',
    30,
    0,
    540,
    'how long a request is held open for its answer',
  ),
  gatewayMaxPerSecond: whole(
    'PHASE3_GATEWAY_MAX_PER_SECOND',
    500,
    1,
    100_000,
    'requests a second that one caller may send',
  ),
} as const;

const texts: readonly ConfigVariable[] = [
  { name: 'PHASE3_HOME', default: null, description: 'where local state lives' },
  { name: 'PHASE3_NOW', default: null, description: 'clock override for age rules, an instant' },
  { name: 'PHASE3_WAREHOUSE', default: 'duckdb', description: 'duckdb or bigquery' },
  { name: 'PHASE3_BIGQUERY_PROJECT', default: null, description: 'project of the datasets and jobs' },
  { name: 'PHASE3_BIGQUERY_LOCATION', default: 'US', description: 'location of the datasets and jobs' },
  { name: 'PHASE3_BIGQUERY_ENDPOINT', default: null, description: "an emulator's address" },
  { name: 'PHASE3_DATASET_PREFIX', default: null, description: 'put before the names of written datasets' },
  { name: 'PHASE3_METRICS_ADDRESS', default: null, description: "where the worker's metrics are served" },
  { name: 'PHASE3_GATEWAY_METRICS_ADDRESS', default: null, description: "the gateway's, without a token" },
  { name: 'PHASE3_GATEWAY_HOST', default: '127.0.0.1', description: 'address that the gateway listens on' },
  { name: 'PHASE3_OIDC_AUDIENCE', default: null, description: 'accepted audiences of tokens, by commas' },
  {
    name: 'PHASE3_OIDC_ISSUER',
    default: 'https://accounts.google.com',
    description: 'accepted issuer of tokens',
  },
  { name: 'PHASE3_OIDC_JWKS_URI', default: null, description: "address of the issuer's keys" },
  { name: 'PHASE3_OIDC_READERS', default: null, description: 'who has the right "read"' },
  { name: 'PHASE3_OIDC_TRIGGERERS', default: null, description: 'who has the right "trigger"' },
  { name: 'PHASE3_OIDC_OVERRIDERS', default: null, description: 'who has the right "override"' },
  { name: 'PHASE3_WEBHOOK_URL', default: null, description: 'incoming webhook for notifications; a secret' },
  { name: 'PHASE3_TEMPORAL_UI', default: null, description: 'address of the Temporal UI, for links' },
  {
    name: 'PHASE3_RUNBOOK_URL',
    default: 'docs/runbook.md',
    description: 'address of the runbook, for links',
  },
];

/** All of them, for documentation. */
export const configVariables: readonly ConfigVariable[] = [
  ...texts,
  ...Object.values(numbers).map(({ schema: _, ...variable }) => ({
    ...variable,
    default: variable.default === String(anyPort) ? null : variable.default,
  })),
];

/** The default of a variable that holds a text. */
export function defaultOf(name: string): string {
  const found = texts.find((variable) => variable.name === name)?.default;
  if (found == null) throw new Error(`${name} has no default`);
  return found;
}

/** Reads a number; what is not valid adds a sentence to `faults`. */
export function readNumber(
  variable: NumberVariable,
  env: Readonly<NodeJS.ProcessEnv>,
  faults: string[],
): number {
  const text = env[variable.name]?.trim() ?? '';
  if (text === '') return Number(variable.default);
  const found = read(variable.schema, text, { what: variable.name });
  if (found.ok) return Number(text);
  faults.push(...found.faults.map(sentenceOf));
  return Number(variable.default);
}
