/**
 * The page of configuration. Defaults are asked of the configuration's reader itself, so that each stands in one place; the
 * descriptions are here until the reader declares its variables with them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readConfig, type Config } from '../../src/config/config';
import { code, madeFrom, page, table } from './markdown';

interface Variable {
  readonly name: string;
  readonly description: string;
  /** From a configuration that was read of an empty environment. */
  readonly fallback: (config: Config) => string | number | null;
}

interface Group {
  readonly title: string;
  readonly variables: readonly Variable[];
}

const seconds = (ms: number): number => ms / 1_000;

const groups: readonly Group[] = [
  {
    title: 'Local stack',
    variables: [
      {
        name: 'PHASE3_HOME',
        description: 'Folder of all local data. Two homes can be up at the same time.',
        fallback: ({ home }) => home.replace(homedir(), '~'),
      },
      {
        name: 'PHASE3_TEMPORAL_PORT',
        description: 'Port of the embedded Temporal server. Without it: 7233, or a free port.',
        fallback: ({ temporalPort }) => temporalPort,
      },
      {
        name: 'PHASE3_TEMPORAL_UI_PORT',
        description: "Port of the embedded server's UI. Without it: 8233, or a free port.",
        fallback: ({ temporalUiPort }) => temporalUiPort,
      },
    ],
  },
  {
    title: 'Rules of a night',
    variables: [
      {
        name: 'PHASE3_READY_SHARE',
        description:
          'Share of the final games that must be ready before a date runs. A date two days old runs with the games that are ready.',
        fallback: ({ policy }) => policy.readyShare,
      },
      {
        name: 'PHASE3_GATE_FIRST_WAIT_SECONDS',
        description:
          'Seconds until a dependency check that found something missing is retried. Each wait is twice the one before.',
        fallback: ({ policy }) => seconds(policy.firstWaitMs),
      },
      {
        name: 'PHASE3_GATE_LONGEST_WAIT_SECONDS',
        description: 'Longest wait between two dependency checks, in seconds.',
        fallback: ({ policy }) => seconds(policy.longestWaitMs),
      },
      {
        name: 'PHASE3_GATE_DEADLINE_SECONDS',
        description: 'Seconds that a date waits in all before it is `blocked`.',
        fallback: ({ policy }) => seconds(policy.deadlineMs),
      },
      {
        name: 'PHASE3_NOW',
        description:
          'Clock override for age rules, so that an old season can play live nights. Every process and command needs the same value. An instant such as `2025-01-16T08:00:00Z`, or a date, which means noon in New York.',
        fallback: ({ policy }) => policy.now,
      },
    ],
  },
  {
    title: 'Notifications',
    variables: [
      {
        name: 'PHASE3_WEBHOOK_URL',
        description: "Incoming webhook in Slack's format. It is a secret.",
        fallback: ({ notifications }) => notifications.webhookUrl,
      },
      {
        name: 'PHASE3_DIGEST_AFTER_SECONDS',
        description: 'Seconds that a date is in trouble before one reminder is sent.',
        fallback: ({ policy }) => seconds(policy.digestAfterMs),
      },
      {
        name: 'PHASE3_TEMPORAL_UI',
        description:
          'Address of the Temporal UI that messages link to. Without it: the UI of the embedded server, if there is one.',
        fallback: ({ notifications }) => notifications.temporalUi,
      },
      {
        name: 'PHASE3_RUNBOOK_URL',
        description: 'Address of the runbook that messages link to.',
        fallback: ({ notifications }) => notifications.runbook,
      },
    ],
  },
  {
    title: 'Warehouse',
    variables: [
      {
        name: 'PHASE3_WAREHOUSE',
        description: '`duckdb` or `bigquery`.',
        fallback: ({ warehouse }) => warehouse.kind,
      },
      {
        name: 'PHASE3_BIGQUERY_PROJECT',
        description: 'Project that holds the datasets and runs the jobs. Required with `bigquery`.',
        fallback: () => null,
      },
      {
        name: 'PHASE3_BIGQUERY_LOCATION',
        description: 'Location of the datasets and jobs.',
        fallback: () => bigQuery().location,
      },
      {
        name: 'PHASE3_BIGQUERY_ENDPOINT',
        description:
          "Address of an emulator. With it, no credentials are looked for. Without it: Google's own address.",
        fallback: () => bigQuery().endpoint,
      },
      {
        name: 'PHASE3_DATASET_PREFIX',
        description:
          'Prefix of the datasets that are written, of the task queue and of the workflow ids: a deployment of its own, such as a shadow run.',
        fallback: ({ datasetPrefix }) => datasetPrefix,
      },
    ],
  },
  {
    title: 'Worker',
    variables: [
      {
        name: 'PHASE3_MAX_ACTIVITIES',
        description: 'Activities that one worker runs at the same time.',
        fallback: ({ maxActivities }) => maxActivities,
      },
      {
        name: 'PHASE3_MAX_CACHED_WORKFLOWS',
        description: 'Workflows that one worker keeps in memory.',
        fallback: ({ maxCachedWorkflows }) => maxCachedWorkflows,
      },
      {
        name: 'PHASE3_METRICS_ADDRESS',
        description:
          'Address on which the worker serves metrics without a token, such as `127.0.0.1:9464`. Without it: a free port of 127.0.0.1.',
        fallback: ({ metrics }) => metrics.address,
      },
    ],
  },
  {
    title: 'Gateway',
    variables: [
      {
        name: 'PHASE3_GATEWAY_HOST',
        description:
          'IP address on which the gateway listens, or `localhost`. Any address but loopback requires tokens.',
        fallback: ({ gateway }) => gateway.host,
      },
      {
        name: 'PHASE3_GATEWAY_PORT',
        description: 'Port of the gateway. Without it: 8080, or a free port.',
        fallback: ({ gateway }) => gateway.port,
      },
      {
        name: 'PHASE3_GATEWAY_WAIT_SECONDS',
        description: 'Seconds for which a request is held open for its answer.',
        fallback: ({ gateway }) => seconds(gateway.waitMs),
      },
      {
        name: 'PHASE3_GATEWAY_MAX_PER_SECOND',
        description: 'Requests per second that one caller may send.',
        fallback: ({ gateway }) => gateway.maxRequestsPerSecond,
      },
      {
        name: 'PHASE3_GATEWAY_METRICS_ADDRESS',
        description: 'Second address on which the gateway serves metrics without a token. Without it: none.',
        fallback: ({ metrics }) => metrics.gatewayAddress,
      },
      {
        name: 'PHASE3_OIDC_AUDIENCE',
        description:
          'Accepted audiences of tokens (`aud`), separated by commas. Required on any address but loopback.',
        fallback: ({ gateway }) => (gateway.auth === null ? null : gateway.auth.audiences.join(',')),
      },
      {
        name: 'PHASE3_OIDC_ISSUER',
        description: 'Accepted issuer of tokens (`iss`).',
        fallback: () => tokens().issuer,
      },
      {
        name: 'PHASE3_OIDC_JWKS_URI',
        description: "Address of the issuer's keys. Without it: the issuer's discovery document is asked.",
        fallback: () => tokens().jwksUri,
      },
      {
        name: 'PHASE3_OIDC_READERS',
        description:
          'Who may read dates and metrics: verified e-mail addresses or `sub` claims, separated by commas.',
        fallback: () => null,
      },
      {
        name: 'PHASE3_OIDC_TRIGGERERS',
        description: 'Who may send triggers. Same form.',
        fallback: () => null,
      },
      {
        name: 'PHASE3_OIDC_OVERRIDERS',
        description: 'Who may bypass, rerun, restore, extend, cancel and recheck. Same form.',
        fallback: () => null,
      },
    ],
  },
];

/** Settings that exist only where others are set. */
function bigQuery(): { readonly location: string; readonly endpoint: string | null } {
  const { warehouse } = readConfig({ PHASE3_WAREHOUSE: 'bigquery', PHASE3_BIGQUERY_PROJECT: 'my-project' });
  if (warehouse.kind !== 'bigquery') throw new Error('PHASE3_WAREHOUSE=bigquery does not choose BigQuery');
  return warehouse;
}

function tokens(): { readonly issuer: string; readonly jwksUri: string | null } {
  const { gateway } = readConfig({
    PHASE3_OIDC_AUDIENCE: 'https://phase3.example',
    PHASE3_OIDC_READERS: 'a@example.org',
  });
  if (gateway.auth === null) throw new Error('PHASE3_OIDC_AUDIENCE does not ask for tokens');
  return gateway.auth;
}

export function configurationPage(): string {
  requireAllDescribed();
  const config = readConfig({});
  return page(
    '# Configuration',
    madeFrom('the configuration reader ([src/config](../../src/config))'),
    'All variables are optional, unless the description says otherwise. An invalid environment is refused, and every fault is named with what would be valid.',
    ...groups.flatMap(({ title, variables }) => [
      `## ${title}`,
      table(
        ['variable', 'default', 'meaning'],
        variables.map(({ name, description, fallback }) => [
          code(name),
          code(String(fallback(config) ?? '')),
          description,
        ]),
      ),
    ]),
    '## Temporal',
    "Which Temporal server is used is configured as for Temporal's own tools: `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY` and the other `TEMPORAL_` variables, or a profile in `temporal.toml` (`TEMPORAL_CONFIG_FILE`, `TEMPORAL_PROFILE`). If none names a server, `phase3 up` starts one on this machine.",
    '## Google Cloud',
    "Credentials are Google's Application Default Credentials; `GOOGLE_APPLICATION_CREDENTIALS` names a key file.",
  );
}

/** Every variable that the reader names has a line here, and no other. */
function requireAllDescribed(): void {
  const folder = join(process.cwd(), 'src', 'config');
  const source = readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
  const read = new Set(source.match(/\bPHASE3_[A-Z0-9_]+[A-Z0-9]\b/g));
  const described = groups.flatMap(({ variables }) => variables.map(({ name }) => name));
  const wrong = [
    ...[...read].filter((name) => !described.includes(name)),
    ...described.filter((name) => !read.has(name)),
  ];
  if (wrong.length > 0)
    throw new Error(`scripts/reference/configuration.ts and src/config differ in: ${wrong.join(', ')}`);
}
