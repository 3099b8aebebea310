/** Every variable that this system reads, declared once: its default, what it accepts, and what it is for. */
import { isIP } from 'node:net';
import * as v from 'valibot';
import { promotions } from '../contracts/code-identity';
import { defaultKeepVersions } from '../contracts/manifests';
import { defaultPolicySettings } from '../contracts/policy';
import { defaultSentinelSettings, sentinelPolicies } from '../contracts/sentinel';
import { neededByPattern, usualNeededBy } from '../contracts/needed-by';
import { read, shown, type Fault, type Schema } from '../contracts/schema';
import { isSafeAddress, isWebAddress, socketAddress, toInstant } from './addresses';

/** The groups of the reference page, in its order. */
export const configGroups = [
  'Local stack',
  'Rules of a night',
  'Notifications',
  'Sentinel',
  'Warehouse',
  'Worker',
  'Gateway',
] as const;

export interface ConfigVariable {
  readonly name: string;
  readonly group: (typeof configGroups)[number];
  /** As it would be written; null where there is none. */
  readonly default: string | null;
  /** What it is for: sentences of the reference page. */
  readonly description: string;
  /** Of the text, without the blanks around it. */
  readonly schema: Schema<string>;
  /** Whether nobody may read it: not in a log, a history, an answer or a list of processes. */
  readonly isSecret: boolean;
}

type Declared = Pick<ConfigVariable, 'name' | 'group' | 'description'>;

/** A text that a pattern or a function accepts; `expected` ends the sentence of its fault. */
function text(expected: string, accepts: RegExp | ((given: string) => unknown) = () => true): Schema<string> {
  const isGood = accepts instanceof RegExp ? (given: string) => accepts.test(given) : accepts;
  return v.pipe(
    v.string(),
    v.check((given) => Boolean(isGood(given))),
    v.description(expected),
  );
}

function optional(declared: Declared, schema: Schema<string>): ConfigVariable {
  return { ...declared, default: null, schema, isSecret: false };
}

/** An address that whoever knows it may post to. */
function secretAddress(declared: Declared, example: string): ConfigVariable {
  return {
    ...declared,
    description: `${declared.description} It is a secret.`,
    default: null,
    schema: text(`an http or https address without user and password, such as ${example}`, isWebAddress),
    isSecret: true,
  };
}

/** How a wrong value is shown. Whatever an address is written into may be given one with a password. */
function showsOf({ isSecret }: ConfigVariable): (given: unknown) => string {
  if (isSecret) return () => 'not shown, because it is a secret';
  return (given) =>
    /:.*@/s.test(String(given)) ? 'not shown, because it may hold a password' : shown(given);
}

interface WithDefault extends ConfigVariable {
  readonly default: string;
}

function withDefault(declared: Declared, fallback: string, schema: Schema<string>): WithDefault {
  return { ...declared, default: fallback, schema, isSecret: false };
}

interface Range {
  readonly low: number;
  readonly high: number;
  readonly isWhole?: boolean;
}

function inRange({ low, high, isWhole = false }: Range): Schema<string> {
  return text(`${isWhole ? 'a whole number' : 'a number'} from ${low} to ${high}`, (given) => {
    const value = Number(given);
    return value >= low && value <= high && (!isWhole || Number.isInteger(value));
  });
}

function number(declared: Declared, fallback: number, range: Range): WithDefault {
  return withDefault(declared, String(fallback), inRange(range));
}

/** Ports that are tried first where none is set. */
export const usualPorts = { temporal: 7233, temporalUi: 8233, gateway: 8080 } as const;

function port(declared: Declared): ConfigVariable {
  return optional(declared, inRange({ low: 1, high: 65_535, isWhole: true }));
}

const policy = defaultPolicySettings;
const watch = defaultSentinelSettings;
const socket = text(
  'an IP address and a port from 1 to 65535 such as 127.0.0.1:9464, 0.0.0.0:9464 or [::1]:9464',
  socketAddress,
);
const [stack, rules, notifications, sentinel, warehouse, worker, gateway] = configGroups;
/** A blank means a forgotten comma and a star a pattern; neither is ever part of a subject. */
const subjects = text('e-mail addresses or subs, separated by commas, without patterns', (given) =>
  listed(given).every((subject) => !/[\s*]/.test(subject)),
);
const googleIssuer = 'https://accounts.google.com';

/** In the order of the reference page. */
export const variables = {
  home: optional(
    {
      name: 'PHASE3_HOME',
      group: stack,
      description:
        'Folder of all local data. Two homes can be up at the same time. Without it: `phase3` in `XDG_DATA_HOME`, which is `~/.local/share` unless it is set.',
    },
    text('a folder'),
  ),
  temporalPort: port({
    name: 'PHASE3_TEMPORAL_PORT',
    group: stack,
    description: `Port of the embedded Temporal server. Without it: ${usualPorts.temporal}, or a free port.`,
  }),
  temporalUiPort: port({
    name: 'PHASE3_TEMPORAL_UI_PORT',
    group: stack,
    description: `Port of the embedded server's UI. Without it: ${usualPorts.temporalUi}, or a free port.`,
  }),
  readyShare: number(
    {
      name: 'PHASE3_READY_SHARE',
      group: rules,
      description:
        'Share of the final games that must be ready before a date runs. A date two days old runs with the games that are ready.',
    },
    policy.readyShare,
    { low: 0, high: 1 },
  ),
  firstWaitSeconds: number(
    {
      name: 'PHASE3_GATE_FIRST_WAIT_SECONDS',
      group: rules,
      description:
        'Seconds until a dependency check that found something missing is retried. Each wait is twice the one before.',
    },
    policy.firstWaitMs / 1000,
    { low: 0.1, high: 3600 },
  ),
  longestWaitSeconds: number(
    {
      name: 'PHASE3_GATE_LONGEST_WAIT_SECONDS',
      group: rules,
      description: 'Longest wait between two dependency checks, in seconds.',
    },
    policy.longestWaitMs / 1000,
    { low: 0.1, high: 3600 },
  ),
  deadlineSeconds: number(
    {
      name: 'PHASE3_GATE_DEADLINE_SECONDS',
      group: rules,
      description: 'Seconds that a date waits in all before it is `blocked`.',
    },
    policy.deadlineMs / 1000,
    { low: 0, high: 86_400 },
  ),
  bypassForSeconds: number(
    {
      name: 'PHASE3_BYPASS_FOR_SECONDS',
      group: rules,
      description: 'Seconds that a bypass holds where `--for` says nothing else.',
    },
    policy.bypassForMs / 1000,
    { low: 60, high: 90 * 86_400 },
  ),
  rebuildsTeamRows: withDefault(
    {
      name: 'PHASE3_REBUILD_TEAM_ROWS',
      group: rules,
      description:
        'Whether team rows that never came are rebuilt from their players at the deadline. With `false` the date is `blocked` instead, and a person decides.',
    },
    'true',
    text('true or false', /^(true|false)$/),
  ),
  now: optional(
    {
      name: 'PHASE3_NOW',
      group: rules,
      description:
        'Clock override for age rules, so that an old season can play live nights. Every process and command needs the same value. An instant such as `2025-01-16T08:00:00Z`, or a date, which means noon in New York.',
    },
    text('an instant such as 2025-01-16T08:00:00Z, or a date', toInstant),
  ),
  webhookUrl: secretAddress(
    {
      name: 'PHASE3_WEBHOOK_URL',
      group: notifications,
      description: "Incoming webhook in Slack's format.",
    },
    'https://hooks.slack.com/services/…',
  ),
  jsonWebhookUrl: secretAddress(
    {
      name: 'PHASE3_JSON_WEBHOOK_URL',
      group: notifications,
      description:
        'Webhook that gets each notification as [plain JSON](notifications.md), in addition to Slack.',
    },
    'https://alerts.example/hook/…',
  ),
  heartbeatUrl: secretAddress(
    {
      name: 'PHASE3_HEARTBEAT_URL',
      group: notifications,
      description:
        "Dead man's switch: pinged after each sweep of the sentinel if every due date is settled, at `/fail` below it if one is late, and at `/start` before the sweep (the convention of healthchecks.io).",
    },
    'https://hc-ping.com/…',
  ),
  neededBy: optional(
    {
      name: 'PHASE3_NEEDED_BY',
      group: notifications,
      description: `Time at which the rows of a date are needed the morning after, New York time, such as \`${usualNeededBy}\`. With it, each message is a \`page\` or a \`notice\`, and a date that is not there by then is reported as \`late\`. Without it: no severities, and a date is due at ${usualNeededBy}.`,
    },
    text('a time of day such as 09:00', neededByPattern),
  ),
  workerGoneAfterSeconds: number(
    {
      name: 'PHASE3_WORKER_GONE_AFTER_SECONDS',
      group: notifications,
      description:
        'Seconds without a worker before the gateway sends a notification. A worker that has nothing to do is seen once a minute.',
    },
    180,
    { low: 90, high: 86_400 },
  ),
  digestAfterSeconds: number(
    {
      name: 'PHASE3_DIGEST_AFTER_SECONDS',
      group: notifications,
      description: 'Seconds that a date is in trouble before one reminder is sent.',
    },
    policy.digestAfterMs / 1000,
    { low: 1, high: 14 * 86_400 },
  ),
  temporalUi: optional(
    {
      name: 'PHASE3_TEMPORAL_UI',
      group: notifications,
      description:
        'Address of the Temporal UI that messages link to. Without it: the UI of the embedded server, if there is one.',
    },
    // A path is appended to it.
    text(
      'the address of the Temporal UI such as http://127.0.0.1:8233',
      (given) => isWebAddress(given) && !/[?#]/.test(given),
    ),
  ),
  runbook: withDefault(
    {
      name: 'PHASE3_RUNBOOK_URL',
      group: notifications,
      description: 'Address of the runbook that messages link to.',
    },
    // The path in the repository: not a link, but valid everywhere.
    'docs/runbook.md',
    text(
      'an http or https address without #, because the anchor of a paragraph is added',
      (given) => isWebAddress(given) && !given.includes('#'),
    ),
  ),
  sentinelEverySeconds: withDefault(
    {
      name: 'PHASE3_SENTINEL_EVERY_SECONDS',
      group: sentinel,
      description:
        'Seconds between two sweeps of the sentinel; `0` turns it off. `phase3 schedules apply` brings a change to the schedule.',
    },
    String(watch.everyMs / 1000),
    // A shorter one would begin before the one before it has ended.
    text('0, which turns it off, or a whole number of seconds from 10 to 86400', (given) => {
      const seconds = Number(given);
      return Number.isInteger(seconds) && (seconds === 0 || (seconds >= 10 && seconds <= 86_400));
    }),
  ),
  sentinelDates: number(
    {
      name: 'PHASE3_SENTINEL_DATES',
      group: sentinel,
      description:
        'How many of the newest published dates a sweep verifies, and of how many days it judges whether they are settled.',
    },
    watch.newest,
    { low: 1, high: 400, isWhole: true },
  ),
  sentinelPolicy: withDefault(
    {
      name: 'PHASE3_SENTINEL_POLICY',
      group: sentinel,
      description:
        'What the sentinel does about a date that is not as published. `report`: it is recorded and somebody is notified. `repair`: the date is also run again, once.',
    },
    watch.policy,
    v.pipe(v.picklist(sentinelPolicies), v.description(sentinelPolicies.join(' or '))),
  ),
  warehouse: withDefault(
    { name: 'PHASE3_WAREHOUSE', group: warehouse, description: '`duckdb` or `bigquery`.' },
    'duckdb',
    v.pipe(v.picklist(['duckdb', 'bigquery']), v.description('duckdb or bigquery')),
  ),
  bigQueryProject: optional(
    {
      name: 'PHASE3_BIGQUERY_PROJECT',
      group: warehouse,
      description: 'Project that holds the datasets and runs the jobs. Required with `bigquery`.',
    },
    // It becomes part of every statement, so it may hold only what a project id can hold.
    text('a project id such as nba-props-prod', /^[a-z][a-z0-9.:-]*[a-z0-9]$/),
  ),
  bigQueryLocation: withDefault(
    {
      name: 'PHASE3_BIGQUERY_LOCATION',
      group: warehouse,
      description: 'Location of the datasets and jobs.',
    },
    'US',
    text('a location such as US or europe-west1', /^[A-Za-z][A-Za-z0-9-]*$/),
  ),
  bigQueryEndpoint: optional(
    {
      name: 'PHASE3_BIGQUERY_ENDPOINT',
      group: warehouse,
      description:
        "Address of an emulator. With it, no credentials are looked for. Without it: Google's own address.",
    },
    text("an emulator's address such as http://127.0.0.1:9050", /^https?:\/\/[^/\s]+$/),
  ),
  datasetPrefix: optional(
    {
      name: 'PHASE3_DATASET_PREFIX',
      group: warehouse,
      description:
        'Prefix of the datasets that are written, of the task queue and of the workflow ids: a deployment of its own, such as a shadow run.',
    },
    text(
      'at most 30 lower-case letters, digits and single underscores, such as shadow for the dataset shadow_nba_analytics',
      /^(?=.{1,30}$)[a-z][a-z0-9]*(_[a-z0-9]+)*$/,
    ),
  ),
  keepVersions: number(
    {
      name: 'PHASE3_KEEP_VERSIONS',
      group: warehouse,
      description:
        'So many of the newest versions of a table and date keep their rows and the raw rows that they were built from; older ones are pruned when a pass of the date ends. What is live or pinned stays, and what a restore of a kept version needs; manifests and audit stay for ever.',
    },
    defaultKeepVersions,
    // With one, what a pass has replaced could not be compared with what it has published.
    { low: 2, high: 1_000_000, isWhole: true },
  ),
  promotion: withDefault(
    {
      name: 'PHASE3_PROMOTION',
      group: worker,
      description:
        'Who lets a newer build become current. `at-start`: it is when its worker starts, unless it was current before. `by-hand`: only `phase3 deploy promote` does that.',
    },
    'at-start',
    v.pipe(v.picklist(promotions), v.description(promotions.join(' or '))),
  ),
  maxActivities: number(
    {
      name: 'PHASE3_MAX_ACTIVITIES',
      group: worker,
      description: 'Activities that one worker runs at the same time.',
    },
    16,
    { low: 1, high: 200, isWhole: true },
  ),
  maxCachedWorkflows: number(
    {
      name: 'PHASE3_MAX_CACHED_WORKFLOWS',
      group: worker,
      description: 'Workflows that one worker keeps in memory.',
    },
    200,
    { low: 64, high: 10_000, isWhole: true },
  ),
  metricsAddress: optional(
    {
      name: 'PHASE3_METRICS_ADDRESS',
      group: worker,
      description:
        'Address on which the worker serves metrics without a token, such as `127.0.0.1:9464`. Without it: a free port of 127.0.0.1.',
    },
    socket,
  ),
  otlpEndpoint: optional(
    {
      name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
      group: worker,
      description:
        'Where worker and gateway send traces, by OTLP over HTTP, such as `http://127.0.0.1:4318`. Without it: nothing is traced.',
    },
    text('an http or https address without user and password, such as http://127.0.0.1:4318', isWebAddress),
  ),
  gatewayHost: withDefault(
    {
      name: 'PHASE3_GATEWAY_HOST',
      group: gateway,
      description:
        'IP address on which the gateway listens, or `localhost`. Any address but loopback requires tokens.',
    },
    '127.0.0.1',
    text(
      'an IP address such as 127.0.0.1 or 0.0.0.0, or localhost',
      (given) => given === 'localhost' || isIP(given) !== 0,
    ),
  ),
  gatewayPort: port({
    name: 'PHASE3_GATEWAY_PORT',
    group: gateway,
    description: `Port of the gateway. Without it: ${usualPorts.gateway}; \`phase3 up\` takes a free port where that is in use.`,
  }),
  // Pub/Sub gives up on an answer after at most 600 s, and the request needs time besides.
  gatewayWaitSeconds: number(
    {
      name: 'PHASE3_GATEWAY_WAIT_SECONDS',
      group: gateway,
      description: 'Seconds for which a request is held open for its answer.',
    },
    30,
    { low: 0, high: 540 },
  ),
  gatewayMaxPerSecond: number(
    {
      name: 'PHASE3_GATEWAY_MAX_PER_SECOND',
      group: gateway,
      description: 'Requests per second that one caller may send.',
    },
    500,
    { low: 1, high: 100_000, isWhole: true },
  ),
  gatewayMetricsAddress: optional(
    {
      name: 'PHASE3_GATEWAY_METRICS_ADDRESS',
      group: gateway,
      description: 'Second address on which the gateway serves metrics without a token. Without it: none.',
    },
    socket,
  ),
  audience: optional(
    {
      name: 'PHASE3_OIDC_AUDIENCE',
      group: gateway,
      description:
        'Accepted audiences of tokens (`aud`), separated by commas. Required on any address but loopback.',
    },
    text("the accepted audience of tokens, such as the gateway's address https://phase3.example"),
  ),
  issuer: withDefault(
    { name: 'PHASE3_OIDC_ISSUER', group: gateway, description: 'Accepted issuer of tokens (`iss`).' },
    googleIssuer,
    // Discovery appends a path to it.
    text(
      `an https address without ? and # such as ${googleIssuer} (http only on loopback)`,
      (given) => isSafeAddress(given) && !/[?#]/.test(given),
    ),
  ),
  jwksUri: optional(
    {
      name: 'PHASE3_OIDC_JWKS_URI',
      group: gateway,
      description: "Address of the issuer's keys. Without it: the issuer's discovery document is asked.",
    },
    text(
      'an https address such as https://www.googleapis.com/oauth2/v3/certs (http only on loopback)',
      isSafeAddress,
    ),
  ),
  readers: optional(
    {
      name: 'PHASE3_OIDC_READERS',
      group: gateway,
      description:
        'Who may read dates, metrics and the status page: verified e-mail addresses or `sub` claims, separated by commas.',
    },
    subjects,
  ),
  triggerers: optional(
    { name: 'PHASE3_OIDC_TRIGGERERS', group: gateway, description: 'Who may send triggers. Same form.' },
    subjects,
  ),
  overriders: optional(
    {
      name: 'PHASE3_OIDC_OVERRIDERS',
      group: gateway,
      description:
        'Who may decide: every POST below /dates/{date}, and the same on the status page. Same form.',
    },
    subjects,
  ),
} as const satisfies Readonly<Record<string, ConfigVariable>>;

/** Reads variables of one environment, and collects what is wrong with them. */
export class Variables {
  readonly faults: Fault[] = [];

  constructor(private readonly env: Readonly<NodeJS.ProcessEnv>) {}

  /** The text without the blanks around it, not validated; empty where the variable is not set. */
  given({ name }: Pick<ConfigVariable, 'name'>): string {
    return this.env[name]?.trim() ?? '';
  }

  /** A valid text; its default where the variable is not set, or not valid. */
  text<D extends string | null>(variable: ConfigVariable & { readonly default: D }): string | D {
    const given = this.given(variable);
    if (given === '') return variable.default;
    const schema = v.pipe(variable.schema, v.metadata({ shows: showsOf(variable) }));
    const found = read(schema, given, { what: variable.name });
    if (found.ok) return found.value;
    this.faults.push(...found.faults);
    return variable.default;
  }

  /** What stands between commas. */
  list(variable: ConfigVariable): string[] {
    return listed(this.text(variable) ?? '');
  }

  number(variable: WithDefault): number {
    return Number(this.text(variable));
  }

  port(variable: ConfigVariable): number | null {
    const given = this.text(variable);
    return given === null ? null : Number(given);
  }
}

function listed(given: string): string[] {
  return given
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
