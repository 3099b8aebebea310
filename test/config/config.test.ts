import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isSafeAddress } from '../../src/config/addresses';
import { InvalidConfigError, readConfig, type Config } from '../../src/config/config';
import { configuredTemporal } from '../../src/config/temporal-connection';
import { variables } from '../../src/config/variables';
import { defaultPolicySettings, policyNow } from '../../src/contracts/policy';
import { sentenceOf, type Fault } from '../../src/contracts/schema';

type Environment = Readonly<Record<string, string>>;

function faultsOf(env: Environment): readonly Fault[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof InvalidConfigError) return error.faults;
    throw error;
  }
}

function sentencesOf(env: Environment): string[] {
  return faultsOf(env).map(sentenceOf);
}

const bigQuery = { PHASE3_WAREHOUSE: 'bigquery', PHASE3_BIGQUERY_PROJECT: 'nba-props-prod' };
const oidc = { PHASE3_OIDC_AUDIENCE: 'https://gateway.example', PHASE3_OIDC_READERS: 'maria@nba.example' };

/** One variable in an environment in which it has an effect. */
function withVariable(name: string, text: string): Environment {
  const others = name.includes('BIGQUERY') ? bigQuery : name.includes('OIDC') ? oidc : {};
  return { ...others, [name]: text };
}

const lists = 'PHASE3_OIDC_READERS, PHASE3_OIDC_TRIGGERERS and PHASE3_OIDC_OVERRIDERS';

describe('without anything set', () => {
  const defaults = {
    home: join(homedir(), '.local', 'share', 'phase3'),
    toolCache: join(homedir(), '.cache', 'phase3'),
    policy: {
      readyShare: 0.8,
      oldAfterDays: 2,
      firstWaitMs: 60_000,
      longestWaitMs: 300_000,
      deadlineMs: 1_800_000,
      rebuildsTeamRows: true,
      digestAfterMs: 21_600_000,
      abandonAfterMs: 1_209_600_000,
      now: null,
    },
    warehouse: { kind: 'duckdb' },
    datasetPrefix: null,
    temporalPort: null,
    temporalUiPort: null,
    maxActivities: 16,
    promotion: 'at-start',
    maxCachedWorkflows: 200,
    metrics: { address: null, gatewayAddress: null },
    otlpEndpoint: null,
    gateway: { port: null, host: '127.0.0.1', waitMs: 30_000, maxRequestsPerSecond: 500, auth: null },
    notifications: {
      ...{ channels: [], heartbeatUrl: null, neededBy: null, workerGoneAfterMs: 180_000 },
      ...{ temporalUi: null, runbook: 'docs/runbook.md' },
    },
    sentinel: { everyMs: 300_000, newest: 14, policy: 'report' },
  };

  it.each([
    ['nothing', {}],
    ['empty texts', Object.fromEntries(Object.values(variables).map(({ name }) => [name, '']))],
    // Number(' ') is 0: a deadline of blanks would block every date at its first check.
    ['blanks', Object.fromEntries(Object.values(variables).map(({ name }) => [name, '  ']))],
  ])('it has the defaults of the plan, and is frozen: %s', (_, env) => {
    const config = readConfig(env);
    expect(config).toMatchObject(defaults);
    expect(config.policy).toEqual(defaultPolicySettings);
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('the declared defaults are the effective ones', () => {
    const declared = Object.values(variables).filter(
      (variable) => variable.default !== null && !/OIDC|BIGQUERY|RUNBOOK/.test(variable.name),
    );
    expect(declared.length).toBeGreaterThan(8);
    const env = Object.fromEntries(declared.map((variable) => [variable.name, String(variable.default)]));
    expect(readConfig(env)).toMatchObject(defaults);
  });

  it('it follows the data and cache folders of the user', () => {
    expect(readConfig({ XDG_DATA_HOME: '/data', XDG_CACHE_HOME: '/cache' })).toMatchObject({
      home: '/data/phase3',
      toolCache: '/cache/phase3',
    });
  });
});

it('reads every variable, without the blanks around it', () => {
  const env: Environment = {
    PHASE3_HOME: 'somewhere',
    PHASE3_READY_SHARE: '0.5',
    PHASE3_GATE_FIRST_WAIT_SECONDS: '0.5',
    PHASE3_GATE_LONGEST_WAIT_SECONDS: '2',
    PHASE3_GATE_DEADLINE_SECONDS: '10',
    PHASE3_REBUILD_TEAM_ROWS: 'false',
    PHASE3_DIGEST_AFTER_SECONDS: '60',
    PHASE3_BYPASS_FOR_SECONDS: '3600',
    PHASE3_NOW: '2025-01-16T08:00Z',
    PHASE3_TEMPORAL_PORT: '7233',
    PHASE3_TEMPORAL_UI_PORT: '8233',
    PHASE3_MAX_ACTIVITIES: '4',
    PHASE3_PROMOTION: 'by-hand',
    PHASE3_MAX_CACHED_WORKFLOWS: '64',
    PHASE3_WAREHOUSE: 'bigquery',
    PHASE3_BIGQUERY_PROJECT: 'p2',
    PHASE3_BIGQUERY_LOCATION: 'europe-west1',
    PHASE3_BIGQUERY_ENDPOINT: 'http://127.0.0.1:9050',
    PHASE3_DATASET_PREFIX: 'shadow',
    PHASE3_METRICS_ADDRESS: '127.0.0.1:9464',
    PHASE3_GATEWAY_METRICS_ADDRESS: 'localhost:9465',
    PHASE3_GATEWAY_PORT: '8080',
    PHASE3_GATEWAY_HOST: '0.0.0.0',
    PHASE3_GATEWAY_WAIT_SECONDS: '0.25',
    PHASE3_GATEWAY_MAX_PER_SECOND: '20',
    PHASE3_OIDC_AUDIENCE: 'https://gateway.example, gcloud.test ,',
    PHASE3_OIDC_ISSUER: 'https://tenant.example/',
    PHASE3_OIDC_JWKS_URI: 'https://tenant.example/keys?v=2',
    PHASE3_OIDC_READERS: 'maria@nba.example , 1087,, ',
    PHASE3_OIDC_TRIGGERERS: 'push@p.iam.gserviceaccount.com',
    PHASE3_OIDC_OVERRIDERS: 'auth0|5f',
    PHASE3_WEBHOOK_URL: 'https://hooks.slack.com/services/T0/B0/x?y=1',
    PHASE3_JSON_WEBHOOK_URL: 'https://alerts.example/hook?z=1',
    PHASE3_HEARTBEAT_URL: 'https://hc-ping.com/0f3a',
    PHASE3_NEEDED_BY: '08:30',
    PHASE3_WORKER_GONE_AFTER_SECONDS: '240',
    PHASE3_TEMPORAL_UI: 'https://ui.example/temporal//',
    PHASE3_RUNBOOK_URL: 'https://git.example/docs/runbook.md?plain=0',
    PHASE3_SENTINEL_EVERY_SECONDS: '600',
    PHASE3_SENTINEL_DATES: '30',
    PHASE3_SENTINEL_POLICY: 'repair',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
    PHASE3_KEEP_VERSIONS: '3',
  };
  expect(Object.keys(env).sort()).toEqual(
    Object.values(variables)
      .map(({ name }) => name)
      .sort(),
  );
  const padded = Object.fromEntries(Object.entries(env).map(([name, text]) => [name, ` ${text} `]));
  const {
    environment: _,
    toolCache: _cache,
    ...config
  } = readConfig({
    ...padded,
    USER: 'maria',
    PATH: '/bin',
  });
  expect(config).toEqual({
    home: resolve('somewhere'),
    policy: {
      ...defaultPolicySettings,
      readyShare: 0.5,
      firstWaitMs: 500,
      longestWaitMs: 2_000,
      deadlineMs: 10_000,
      rebuildsTeamRows: false,
      digestAfterMs: 60_000,
      bypassForMs: 3_600_000,
      now: '2025-01-16T08:00:00.000Z',
    },
    warehouse: {
      kind: 'bigquery',
      projectId: 'p2',
      location: 'europe-west1',
      endpoint: 'http://127.0.0.1:9050',
    },
    datasetPrefix: 'shadow',
    temporalPort: 7233,
    temporalUiPort: 8233,
    maxActivities: 4,
    promotion: 'by-hand',
    maxCachedWorkflows: 64,
    metrics: { address: '127.0.0.1:9464', gatewayAddress: '127.0.0.1:9465' },
    otlpEndpoint: 'http://127.0.0.1:4318',
    gateway: {
      port: 8080,
      host: '0.0.0.0',
      waitMs: 250,
      maxRequestsPerSecond: 20,
      auth: {
        issuer: 'https://tenant.example/',
        audiences: ['https://gateway.example', 'gcloud.test'],
        jwksUri: 'https://tenant.example/keys?v=2',
        allowed: {
          read: ['maria@nba.example', '1087'],
          trigger: ['push@p.iam.gserviceaccount.com'],
          override: ['auth0|5f'],
        },
      },
    },
    notifications: {
      channels: [
        { name: 'slack', address: 'https://hooks.slack.com/services/T0/B0/x?y=1' },
        { name: 'json', address: 'https://alerts.example/hook?z=1' },
      ],
      heartbeatUrl: 'https://hc-ping.com/0f3a',
      neededBy: '08:30',
      workerGoneAfterMs: 240_000,
      temporalUi: 'https://ui.example/temporal',
      runbook: 'https://git.example/docs/runbook.md?plain=0',
    },
    sentinel: { everyMs: 600_000, newest: 30, policy: 'repair' },
    keepVersions: 3,
    user: 'maria',
    path: '/bin',
  } satisfies Omit<Config, 'environment' | 'toolCache'>);
});

const port = { right: 'a whole number from 1 to 65535', wrong: ['0', '65536', '80.5', 'http'] };
const issuers = ['accounts.google.com', 'http://accounts.google.com', 'https:/x', 'https://'];
const foreignLoopback = ['http://127.0.0.1.evil.example', 'http://localhost.evil.example', 'ftp://127.0.0.1'];

/** What each variable should be, as its fault says it, and texts that it is not. */
const wrongTexts: Readonly<Record<string, { right: string; wrong: readonly string[] }>> = {
  PHASE3_READY_SHARE: { right: 'a number from 0 to 1', wrong: ['1.1', '80%', '0,8', '-0.1', 'NaN'] },
  PHASE3_GATE_FIRST_WAIT_SECONDS: { right: 'a number from 0.1 to 3600', wrong: ['0'] },
  PHASE3_GATE_LONGEST_WAIT_SECONDS: { right: 'a number from 0.1 to 3600', wrong: ['Infinity'] },
  PHASE3_GATE_DEADLINE_SECONDS: { right: 'a number from 0 to 86400', wrong: ['30m', '-1'] },
  PHASE3_REBUILD_TEAM_ROWS: { right: 'true or false', wrong: ['yes', '1', 'TRUE'] },
  PHASE3_SENTINEL_EVERY_SECONDS: {
    right: '0, which turns it off, or a whole number of seconds from 10 to 86400',
    wrong: ['off', '5m', '9', '-1', '86401', '10.5', 'NaN'],
  },
  PHASE3_NEEDED_BY: {
    right: 'a time of day such as 09:00',
    wrong: ['9:00', '24:00', '09:60', '9', '09:00:00', '9am', '09:00 EST'],
  },
  PHASE3_WORKER_GONE_AFTER_SECONDS: { right: 'a number from 90 to 86400', wrong: ['60', '3m'] },
  PHASE3_SENTINEL_DATES: { right: 'a whole number from 1 to 400', wrong: ['0', '401', '1.5', 'all'] },
  PHASE3_PROMOTION: { right: 'at-start or by-hand', wrong: ['At-start', 'canary', 'yes'] },
  PHASE3_SENTINEL_POLICY: { right: 'report or repair', wrong: ['Report', 'restore', 'off', '1'] },
  PHASE3_KEEP_VERSIONS: { right: 'a whole number from 2 to 1000000', wrong: ['0', '1', '-1', '2.5', 'all'] },
  PHASE3_TEMPORAL_PORT: port,
  PHASE3_TEMPORAL_UI_PORT: port,
  PHASE3_GATEWAY_PORT: port,
  // Half an activity would be rounded down silently.
  PHASE3_MAX_ACTIVITIES: { right: 'a whole number from 1 to 200', wrong: ['0', '100.5'] },
  PHASE3_MAX_CACHED_WORKFLOWS: { right: 'a whole number from 64 to 10000', wrong: ['1', '100.5'] },
  PHASE3_GATEWAY_WAIT_SECONDS: { right: 'a number from 0 to 540', wrong: ['-1', '541', '30s'] },
  PHASE3_GATEWAY_MAX_PER_SECOND: { right: 'a whole number from 1 to 100000', wrong: ['0', '100001', '1.5'] },
  PHASE3_NOW: {
    right: 'an instant such as 2025-01-16T08:00:00Z, or a date',
    wrong: [
      ...['now', '16.01.2025', '2025-13-01', '2025-01-32', '2025-01-16T25:00Z', '1736985600'],
      // Without a zone, or with one by name, it would be another instant elsewhere.
      ...['2025-01-16T08:00:00', '2025-01-16 08:00:00Z', '2025-01-16T08:00:00 EST'],
      'Thu, 16 Jan 2025 08:00:00 GMT',
      // JavaScript reads 30 February as 2 March, which would shift the two-day rule.
      ...['2025-02-30', '2025-02-30T08:00:00Z', '2025-01-16T24:00:00Z'],
    ],
  },
  PHASE3_WAREHOUSE: {
    right: 'duckdb or bigquery',
    wrong: ['snowflake', 'BigQuery', 'duckdb,bigquery', 'DUCKDB'],
  },
  // It becomes part of every statement.
  PHASE3_BIGQUERY_PROJECT: {
    right: 'a project id such as nba-props-prod',
    wrong: [
      'p`; DROP TABLE nba_analytics.player_game_summary; --',
      ...['`', ' ', "'", '"', '/', '\\', '\n', ';', '(', '_', '\u00e1'].map((sign) => `nba${sign}props`),
      ...['../other', 'NBA-props', '1nba', '-nba', 'nba-', 'nba.', 'n'],
    ],
  },
  PHASE3_BIGQUERY_LOCATION: {
    right: 'a location such as US or europe-west1',
    wrong: ['1US', 'US/EU', 'europe west1', 'us`', 'us_east1', '-US'],
  },
  PHASE3_BIGQUERY_ENDPOINT: {
    right: "an emulator's address such as http://127.0.0.1:9050",
    wrong: [
      ...['127.0.0.1:9050', 'localhost', 'grpc://127.0.0.1:9050', 'http://', 'http://127.0.0.1:9050/'],
      ...['http://127.0.0.1:9050/bigquery/v2', 'http://127.0.0.1:9050 or so'],
    ],
  },
  PHASE3_DATASET_PREFIX: {
    right:
      'at most 30 lower-case letters, digits and single underscores, such as shadow for the dataset shadow_nba_analytics',
    wrong: [
      ...['shadow_', '_shadow', 'sha__dow', 'Shadow', 'SHADOW', 'shadow-run', 'shadow.nba', 'shadow run'],
      ...['2shadow', '_', 'x'.repeat(31), 'shadow`; DROP', "shadow'", 'shadow/2017-04-15', 'a\nb'],
      'schatten\u00fc',
    ],
  },
  PHASE3_METRICS_ADDRESS: {
    right: 'an IP address and a port from 1 to 65535 such as 127.0.0.1:9464, 0.0.0.0:9464 or [::1]:9464',
    wrong: [
      ...['9464', ':9464', '127.0.0.1', '127.0.0.1:', '127.0.0.1:0', '127.0.0.1:65536', '127.0.0.1:999999'],
      ...['127.0.0.1:-1', '127.0.0.1:94.64', '127.0.0.1:9464/metrics', 'http://127.0.0.1:9464', 'yes'],
      ...['127.0.0.256:9464', '127.1:9464', '::1:9464', '[::1]', '[127.0.0.1]:9464', '[fe80::1%eth0]:9464'],
      // The SDK looks up no names.
      ...['[::1:9464', 'metrics.example:9464'],
    ],
  },
  PHASE3_GATEWAY_HOST: {
    right: 'an IP address such as 127.0.0.1 or 0.0.0.0, or localhost',
    wrong: ['gateway.example', '127.0.0.1:8080', '256.0.0.1', '[::1]', 'LOCALHOST', '*'],
  },
  PHASE3_OIDC_ISSUER: {
    right: 'an https address without ? and # such as https://accounts.google.com (http only on loopback)',
    wrong: [...issuers, ...foreignLoopback, 'https://tenant.example/?a=b', 'https://tenant.example/#a'],
  },
  PHASE3_OIDC_JWKS_URI: {
    right: 'an https address such as https://www.googleapis.com/oauth2/v3/certs (http only on loopback)',
    wrong: [...issuers, ...foreignLoopback],
  },
  PHASE3_OIDC_READERS: {
    right: 'e-mail addresses or subs, separated by commas, without patterns',
    wrong: ['1087, maria@nba.example joe@nba.example'],
  },
  PHASE3_OIDC_TRIGGERERS: {
    right: 'e-mail addresses or subs, separated by commas, without patterns',
    wrong: ['1087, *'],
  },
  PHASE3_OIDC_OVERRIDERS: {
    right: 'e-mail addresses or subs, separated by commas, without patterns',
    wrong: ['*@nba.example'],
  },
  PHASE3_TEMPORAL_UI: {
    right: 'the address of the Temporal UI such as http://127.0.0.1:8233',
    wrong: ['127.0.0.1:8233', 'ftp://ui.example', 'http://ui.example/?namespace=x', 'http://u.example/#a'],
  },
  PHASE3_RUNBOOK_URL: {
    right: 'an http or https address without #, because the anchor of a paragraph is added',
    wrong: ['runbook.md', '/docs/runbook.md', 'file:///docs/runbook.md', 'https://git.example/runbook.md#b'],
  },
};

it.each(Object.entries(wrongTexts))('%s is refused with what would be right', (name, { right, wrong }) => {
  for (const text of wrong)
    expect(faultsOf(withVariable(name, text))).toEqual([
      {
        code: 'wrong_value',
        field: name,
        problem: `is ${JSON.stringify(text)}, expected ${right}`,
        hint: '',
      },
    ]);
});

// They would be in every log and message.
it.each([
  ['PHASE3_WEBHOOK_URL', 'hooks.slack.com/services/T0SECRET'],
  ['PHASE3_WEBHOOK_URL', 'https:/hooks.slack.com/T0SECRET'],
  ['PHASE3_WEBHOOK_URL', 'ftp://hooks.slack.com/T0SECRET'],
  ['PHASE3_WEBHOOK_URL', 'javascript:T0SECRET'],
  ['PHASE3_WEBHOOK_URL', 'https://user:T0SECRET@hooks.slack.com/services'],
  ['PHASE3_WEBHOOK_URL', 'https://T0SECRET@hooks.slack.com/services'],
  ['PHASE3_WEBHOOK_URL', 'https://hooks slack/T0SECRET'],
  ['PHASE3_JSON_WEBHOOK_URL', 'alerts.example/T0SECRET'],
  ['PHASE3_HEARTBEAT_URL', 'hc-ping.com/T0SECRET'],
  ['PHASE3_TEMPORAL_UI', 'https://maria:T0SECRET@ui.example'],
  ['PHASE3_RUNBOOK_URL', 'https://maria:T0SECRET@ui.example'],
  ['PHASE3_OIDC_ISSUER', 'https://maria:T0SECRET@issuer.example'],
  ['PHASE3_OIDC_JWKS_URI', 'https://maria:T0SECRET@issuer.example'],
])('%s=%s is refused, and no secret is printed', (name, text) => {
  const [sentence, ...others] = sentencesOf(withVariable(name, text));
  expect(others).toEqual([]);
  expect(sentence).toMatch(new RegExp(`^${name} is not shown, because it .*, expected .*\\.$`));
  expect(sentence).not.toContain('T0SECRET');
});

describe('of no variable, whichever there are,', () => {
  it.each(Object.values(variables))('$name is a secret or a password shown', (variable) => {
    for (const text of ['https://maria:T0SECRET@ui.example', 'maria:T0SECRET@ui.example']) {
      expect(sentencesOf(withVariable(variable.name, text)).join(' ')).not.toContain('T0SECRET');
    }
    const isNamed = /TOKEN|KEY|SECRET|PASSW|CREDENTIAL|WEBHOOK|HEARTBEAT/.test(variable.name);
    expect(isNamed ? variable.isSecret : true).toBe(true);
    if (!variable.isSecret) return;
    expect(variable.description).toMatch(/It is a secret\.$/);
    const [sentence] = sentencesOf(withVariable(variable.name, 'T0SECRET'));
    expect(sentence).toContain(`${variable.name} is not shown, because it is a secret, expected `);
  });
});

describe('a profile of Temporal that cannot be read', () => {
  it.each([
    ['a text without an end', 'api_key = "T0SECRET\n[x', 3],
    ['a fault in the line below', 'api_key = "T0SECRET"\ntls = = 1', 4],
    ['two keys', 'api_key = "T0SECRET"\napi_key = "T0SECRET2"', 4],
    ['no quotes', 'api_key = T0SECRET', 3],
  ])('is refused with its line, and no key is printed: %s', async (_what, lines, line) => {
    const folder = await mkdtemp(join(tmpdir(), 'phase3-profile-'));
    const file = join(folder, 'temporal.toml');
    await writeFile(file, `[profile.default]\naddress = "127.0.0.1:1"\n${lines}\n`);
    const before = process.env['TEMPORAL_CONFIG_FILE'];
    process.env['TEMPORAL_CONFIG_FILE'] = file;
    try {
      expect(configuredTemporal).toThrow(
        new RegExp(`TEMPORAL_CONFIG_FILE.* cannot be read: .*, in line ${line}\\. Expected a section`),
      );
      expect(configuredTemporal).not.toThrow(/T0SECRET/);
    } finally {
      if (before === undefined) delete process.env['TEMPORAL_CONFIG_FILE'];
      else process.env['TEMPORAL_CONFIG_FILE'] = before;
      await rm(folder, { recursive: true });
    }
  });
});

const settingOf: Readonly<Record<string, (config: Config) => unknown>> = {
  PHASE3_NOW: ({ policy }) => policy.now,
  PHASE3_BIGQUERY_PROJECT: ({ warehouse }) => warehouse.kind === 'bigquery' && warehouse.projectId,
  PHASE3_BIGQUERY_LOCATION: ({ warehouse }) => warehouse.kind === 'bigquery' && warehouse.location,
  PHASE3_DATASET_PREFIX: ({ datasetPrefix }) => datasetPrefix,
  PHASE3_METRICS_ADDRESS: ({ metrics }) => metrics.address,
  PHASE3_GATEWAY_HOST: ({ gateway }) => gateway.host,
  PHASE3_GATEWAY_PORT: ({ gateway }) => String(gateway.port),
  PHASE3_GATEWAY_WAIT_SECONDS: ({ gateway }) => String(gateway.waitMs / 1000),
  PHASE3_GATEWAY_MAX_PER_SECOND: ({ gateway }) => String(gateway.maxRequestsPerSecond),
  PHASE3_OIDC_ISSUER: ({ gateway }) => gateway.auth?.issuer,
  PHASE3_OIDC_JWKS_URI: ({ gateway }) => gateway.auth?.jwksUri,
};

/** Texts that are kept as they are, by their variable. */
const kept: Readonly<Record<string, readonly string[]>> = {
  PHASE3_BIGQUERY_PROJECT: ['nba-props-prod', 'p2', 'example.com:nba-props', 'a-1'],
  PHASE3_BIGQUERY_LOCATION: ['US', 'EU', 'us', 'europe-west1', 'northamerica-northeast1'],
  PHASE3_DATASET_PREFIX: ['shadow', 's', 'shadow_2', 'a_b_c', 's2025', 'x'.repeat(30)],
  PHASE3_METRICS_ADDRESS: ['0.0.0.0:9464', '10.1.2.3:1', '127.0.0.1:65535', '[::]:1', '[::ffff:10.1.2.3]:1'],
  PHASE3_GATEWAY_HOST: ['127.0.0.1', '127.8.9.10', '::1', 'localhost'],
  PHASE3_GATEWAY_PORT: ['1', '65535'],
  PHASE3_GATEWAY_WAIT_SECONDS: ['0', '540'],
  PHASE3_GATEWAY_MAX_PER_SECOND: ['1', '100000'],
  PHASE3_OIDC_ISSUER: ['https://accounts.google.com', 'http://127.0.0.1:9000', 'http://[::1]:9000'],
  PHASE3_OIDC_JWKS_URI: ['http://localhost:1'],
};

it.each([
  ...Object.entries(kept).flatMap(([name, texts]) => texts.map((text) => [name, text, text])),
  ['PHASE3_METRICS_ADDRESS', '127.0.0.1:09464', '127.0.0.1:9464'],
  ['PHASE3_METRICS_ADDRESS', 'localhost:9464', '127.0.0.1:9464'],
  ['PHASE3_NOW', '2025-01-16', '2025-01-16T17:00:00.000Z'],
  ['PHASE3_NOW', '2024-02-29', '2024-02-29T17:00:00.000Z'],
  ['PHASE3_NOW', '2025-01-16T08:00:00Z', '2025-01-16T08:00:00.000Z'],
  ['PHASE3_NOW', '2025-01-16T08:00:00.250Z', '2025-01-16T08:00:00.250Z'],
  ['PHASE3_NOW', '2025-01-16T03:00:00-05:00', '2025-01-16T08:00:00.000Z'],
] as [string, string, string][])('%s=%s is read as %s', (name, text, value) => {
  expect(settingOf[name]?.(readConfig(withVariable(name, text)))).toBe(value);
});

it('names all faults at once, in sentences', () => {
  const env: Environment = {
    PHASE3_NOW: 'tomorrow',
    PHASE3_READY_SHARE: '2',
    PHASE3_WAREHOUSE: 'bigquery',
    PHASE3_BIGQUERY_PROJECT: 'a`b',
    PHASE3_BIGQUERY_LOCATION: 'here and there',
    PHASE3_BIGQUERY_ENDPOINT: 'nowhere',
    BIGQUERY_EMULATOR_HOST: 'localhost:9050',
    PHASE3_GATEWAY_HOST: 'x',
    PHASE3_METRICS_ADDRESS: 'x',
    PHASE3_OIDC_ISSUER: 'x',
    PHASE3_WEBHOOK_URL: 'x',
  };
  const faults = faultsOf(env);
  const wrong = Object.keys(env).filter((name) => name !== 'PHASE3_WAREHOUSE');
  // An issuer alone asks for tokens, which need an audience and somebody with a right.
  expect(faults.map(({ field }) => field).sort()).toEqual([...wrong, 'PHASE3_OIDC_AUDIENCE', lists].sort());
  const { message } = new InvalidConfigError(faults);
  for (const fault of faults) expect(message).toContain(`  - ${sentenceOf(fault)}`);
});

describe('a name that nobody reads', () => {
  it.each([
    ['PHASE3_GATE_DEADLINE_SECOND', 'PHASE3_GATE_DEADLINE_SECONDS'],
    ['PHASE3_PROMTOION', 'PHASE3_PROMOTION'],
    ['PHASE3_WEBHOOKURL', 'PHASE3_WEBHOOK_URL'],
  ])('%s is refused, since %s is meant', (name, meant) => {
    expect(sentencesOf({ [name]: '1800' })).toEqual([`${name} is read by nobody. Did you mean ${meant}?`]);
  });

  it('is let be where it is set to nothing', () => {
    expect(sentencesOf({ PHASE3_WEBHOOKURL: ' ' })).toEqual([]);
  });

  it.each([
    'PHASE3_GATEWAY_SERVICE_PORT', // Kubernetes tells pods of Services
    'PHASE3_OF_ANOTHER_VERSION',
    'PHASE3_HOME_KEEP', // scripts and tests of this project have their own
    'PHASE3_COMMIT',
    'PHASE3_RECORD',
    'PHASE3_BROWSER',
    'PHASE3_TEST_WITHOUT',
    'PHASE3_SIMULATION_SEED',
    'PHASE_HOME',
  ])('%s is let be', (name) => {
    expect(sentencesOf({ [name]: '1' })).toEqual([]);
  });
});

/** What one variable means for another. */
it.each<[string, Environment, string[]]>([
  [
    'BigQuery without a project',
    { ...bigQuery, PHASE3_BIGQUERY_PROJECT: ' ' },
    [`PHASE3_BIGQUERY_PROJECT is not set; PHASE3_WAREHOUSE=bigquery needs a project id.`],
  ],
  [
    'a heartbeat that nobody sends',
    { PHASE3_HEARTBEAT_URL: 'https://hc-ping.com/0f3a', PHASE3_SENTINEL_EVERY_SECONDS: '0' },
    [
      'PHASE3_HEARTBEAT_URL is set, but the sentinel, which pings it, is off: set PHASE3_SENTINEL_EVERY_SECONDS to more than 0, or unset PHASE3_HEARTBEAT_URL.',
    ],
  ],
  [
    // Google's client takes it for the address, and sends real credentials there.
    "the client's own variable for an emulator",
    { ...bigQuery, BIGQUERY_EMULATOR_HOST: 'http://127.0.0.1:9050' },
    ['BIGQUERY_EMULATOR_HOST is set; unset it and name the emulator in PHASE3_BIGQUERY_ENDPOINT.'],
  ],
  [
    'the same beside ours',
    { ...bigQuery, BIGQUERY_EMULATOR_HOST: 'x', PHASE3_BIGQUERY_ENDPOINT: 'http://127.0.0.1:9050' },
    ['BIGQUERY_EMULATOR_HOST is set; unset it and name the emulator in PHASE3_BIGQUERY_ENDPOINT.'],
  ],
  ['the same where it has no effect', { BIGQUERY_EMULATOR_HOST: 'http://127.0.0.1:9050' }, []],
  ...['PHASE3_BIGQUERY_PROJECT', 'PHASE3_BIGQUERY_LOCATION', 'PHASE3_BIGQUERY_ENDPOINT'].map(
    (name): [string, Environment, string[]] => [
      `${name} without BigQuery`,
      { [name]: 'x' },
      [`${name} is set, but PHASE3_WAREHOUSE is duckdb; set it to bigquery, or unset ${name}.`],
    ],
  ),
  ...['PHASE3_OIDC_ISSUER', 'PHASE3_OIDC_JWKS_URI', 'PHASE3_OIDC_TRIGGERERS'].map(
    (name): [string, Environment, string[]] => [
      `${name} without an audience`,
      { PHASE3_OIDC_OVERRIDERS: 'a@x.example', [name]: 'https://x.example' },
      [
        `PHASE3_OIDC_AUDIENCE is not set, but ${name}, PHASE3_OIDC_OVERRIDERS is; expected the accepted audience of tokens, such as the gateway's address https://phase3.example.`,
      ],
    ],
  ),
  [
    'an audience of commas',
    { ...oidc, PHASE3_OIDC_AUDIENCE: ' , ' },
    [
      "PHASE3_OIDC_AUDIENCE is not set, but PHASE3_OIDC_AUDIENCE, PHASE3_OIDC_READERS is; expected the accepted audience of tokens, such as the gateway's address https://phase3.example.",
    ],
  ],
  ...['', ' , ,'].map((list): [string, Environment, string[]] => [
    `lists of nobody (${list})`,
    { PHASE3_OIDC_AUDIENCE: 'x', PHASE3_OIDC_READERS: list },
    [
      `${lists} are empty, so nobody has a right; expected an e-mail address or a sub in at least one of them.`,
    ],
  ]),
  ...['PHASE3_OIDC_READERS', 'PHASE3_OIDC_TRIGGERERS', 'PHASE3_OIDC_OVERRIDERS'].map(
    (name): [string, Environment, string[]] => [
      `an audience and ${name}`,
      { PHASE3_OIDC_AUDIENCE: 'x', [name]: 'maria@nba.example' },
      [],
    ],
  ),
  ...['0.0.0.0', '::', '10.0.0.7', '126.255.255.255', '128.0.0.1', 'fe80::1%eth0', '::ffff:10.0.0.7'].flatMap(
    (host): [string, Environment, string[]][] => [
      [
        `the host ${host} without tokens`,
        { PHASE3_GATEWAY_HOST: host },
        [
          `PHASE3_GATEWAY_HOST is "${host}", and the gateway refuses to start there: without tokens it serves loopback only. Set PHASE3_OIDC_AUDIENCE and at least one of ${lists}, or set PHASE3_GATEWAY_HOST to 127.0.0.1.`,
        ],
      ],
      [`the host ${host} with tokens`, { ...oidc, PHASE3_GATEWAY_HOST: host }, []],
    ],
  ),
])('%s', (_, env, sentences) => {
  expect(sentencesOf(env)).toEqual(sentences);
});

it("with an audience and a list the issuer is Google's, and no right implies another", () => {
  expect(readConfig(oidc).gateway.auth).toEqual({
    issuer: 'https://accounts.google.com',
    audiences: ['https://gateway.example'],
    jwksUri: null,
    allowed: { read: ['maria@nba.example'], trigger: [], override: [] },
  });
});

it("BigQuery is in the US and at Google's own address unless set", () => {
  expect(readConfig(bigQuery).warehouse).toMatchObject({ location: 'US', endpoint: null });
});

it.each([
  ['https://x.example/keys', true],
  ['http://127.0.0.1:1/keys', true],
  ['http://127.1/keys', true],
  ['http://x.example/keys', false],
  ['https://u@x.example/keys', false],
  ['javascript:alert(1)', false],
])('%s is safe: %s', (address, safe) => {
  expect(isSafeAddress(address)).toBe(safe);
});

describe('the policy of a pass', () => {
  const clock = () => new Date('2025-01-16T04:00:00.000Z');

  it('follows the clock, and the date in New York', () => {
    expect(policyNow(defaultPolicySettings, {}, clock)).toEqual({
      ...defaultPolicySettings,
      now: '2025-01-16T04:00:00.000Z',
      today: '2025-01-15',
    });
  });

  it("prefers the configuration's now to the clock, and a request's to both", () => {
    const settings = { ...defaultPolicySettings, now: '2024-11-01T12:00:00.000Z' };
    expect(policyNow(settings, {}, clock).today).toBe('2024-11-01');
    expect(policyNow(settings, { now: '2024-12-25T12:00:00.000Z' }, clock).today).toBe('2024-12-25');
  });

  it.each(['2025-01-16', '2025-07-16', '2025-03-09', '2025-11-02'])(
    'has today %s where PHASE3_NOW is that date, summer and winter',
    (date) => {
      expect(policyNow(readConfig({ PHASE3_NOW: date }).policy, {}, clock).today).toBe(date);
    },
  );
});
