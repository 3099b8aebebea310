import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { InvalidConfigError, readConfig } from '../../src/config/config';
import { defaultPolicySettings, policyNow } from '../../src/contracts/policy';

function faultsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof InvalidConfigError) return error.faults;
    throw error;
  }
}

describe('configuration', () => {
  it("without anything set is the plan's", () => {
    const config = readConfig({});
    expect(config.policy).toEqual(defaultPolicySettings);
    expect(config.policy).toEqual({
      readyShare: 0.8,
      oldAfterDays: 2,
      firstWaitMs: 60_000,
      longestWaitMs: 300_000,
      deadlineMs: 1_800_000,
      digestAfterMs: 21_600_000,
      abandonAfterMs: 1_209_600_000,
      now: null,
    });
    expect(config).toMatchObject({
      home: join(homedir(), '.local', 'share', 'phase3'),
      toolCache: join(homedir(), '.cache', 'phase3'),
      temporalPort: null,
      temporalUiPort: null,
    });
  });

  it('takes what is set', () => {
    const config = readConfig({
      PHASE3_HOME: 'somewhere',
      PHASE3_READY_SHARE: '0.5',
      PHASE3_GATE_FIRST_WAIT_SECONDS: '0.5',
      PHASE3_GATE_LONGEST_WAIT_SECONDS: '2',
      PHASE3_GATE_DEADLINE_SECONDS: '10',
      PHASE3_TEMPORAL_PORT: '7233',
      PHASE3_TEMPORAL_UI_PORT: '8233',
      PHASE3_MAX_ACTIVITIES: '4',
      PHASE3_MAX_CACHED_WORKFLOWS: '64',
      USER: 'maria',
      PATH: '/bin',
    });
    expect(config.home).toBe(resolve('somewhere'));
    expect(config.policy).toMatchObject({
      readyShare: 0.5,
      firstWaitMs: 500,
      longestWaitMs: 2000,
      deadlineMs: 10_000,
    });
    expect(config).toMatchObject({
      temporalPort: 7233,
      temporalUiPort: 8233,
      maxActivities: 4,
      maxCachedWorkflows: 64,
      user: 'maria',
      path: '/bin',
    });
  });

  it('takes an empty variable for one that is not set', () => {
    const empty = { PHASE3_HOME: '', PHASE3_NOW: '', PHASE3_READY_SHARE: '', PHASE3_TEMPORAL_PORT: '' };
    expect({ ...readConfig(empty), environment: null }).toEqual({ ...readConfig({}), environment: null });
  });

  it('follows the data and cache folders of the user', () => {
    expect(readConfig({ XDG_DATA_HOME: '/data', XDG_CACHE_HOME: '/cache' })).toMatchObject({
      home: '/data/phase3',
      toolCache: '/cache/phase3',
    });
  });

  it.each([
    ['PHASE3_READY_SHARE', '1.1', 'a number from 0 to 1'],
    ['PHASE3_READY_SHARE', '80%', 'a number from 0 to 1'],
    ['PHASE3_READY_SHARE', '0,8', 'a number from 0 to 1'],
    ['PHASE3_READY_SHARE', '-0.1', 'a number from 0 to 1'],
    ['PHASE3_READY_SHARE', 'NaN', 'a number from 0 to 1'],
    ['PHASE3_GATE_FIRST_WAIT_SECONDS', '0', 'a number from 0.1 to 3600'],
    ['PHASE3_GATE_LONGEST_WAIT_SECONDS', 'Infinity', 'a number from 0.1 to 3600'],
    ['PHASE3_GATE_DEADLINE_SECONDS', '30m', 'a number from 0 to 86400'],
    ['PHASE3_TEMPORAL_PORT', '0', 'a whole number from 1 to 65535'],
    ['PHASE3_TEMPORAL_PORT', '70000', 'a whole number from 1 to 65535'],
    ['PHASE3_TEMPORAL_UI_PORT', 'http', 'a whole number from 1 to 65535'],
    ['PHASE3_MAX_ACTIVITIES', '0', 'a whole number from 1 to 200'],
    ['PHASE3_MAX_CACHED_WORKFLOWS', '1', 'a whole number from 64 to 10000'],
  ])('refuses %s=%s, and says what would be right', (name, text, right) => {
    expect(faultsOf({ [name]: text })).toEqual([`${name} is "${text}", expected ${right}.`]);
  });

  it('names all faults at once', () => {
    const env = {
      PHASE3_NOW: 'tomorrow',
      PHASE3_READY_SHARE: '2',
      PHASE3_GATE_DEADLINE_SECONDS: '-1',
      PHASE3_TEMPORAL_PORT: 'x',
      PHASE3_MAX_ACTIVITIES: 'many',
    };
    const faults = faultsOf(env);
    expect(faults).toHaveLength(5);
    for (const name of Object.keys(env))
      expect(faults.filter((fault) => fault.startsWith(`${name} is `))).toHaveLength(1);
    const { message } = new InvalidConfigError(faults);
    for (const fault of faults) expect(message).toContain(fault);
  });

  it('is frozen: nobody configures by the back door', () => {
    expect(Object.isFrozen(readConfig({}))).toBe(true);
  });

  // Half a port or half an activity is no number that anybody meant; it is rounded down or handed on in silence.
  it.each(['PHASE3_TEMPORAL_PORT', 'PHASE3_MAX_ACTIVITIES', 'PHASE3_MAX_CACHED_WORKFLOWS'])(
    'refuses a broken number for %s',
    (name) => {
      expect(faultsOf({ [name]: '100.5' })).toHaveLength(1);
    },
  );

  // Number(' ') is 0: a deadline of blanks makes every date block at its first probe.
  it('takes blanks for nothing, not for zero', () => {
    expect(readConfig({ PHASE3_GATE_DEADLINE_SECONDS: ' ' }).policy.deadlineMs).toBe(1_800_000);
  });
});

describe('PHASE3_NOW', () => {
  it.each([
    ['2025-01-16', '2025-01-16T17:00:00.000Z'],
    ['2025-01-16T08:00Z', '2025-01-16T08:00:00.000Z'],
    ['2025-01-16T08:00:00Z', '2025-01-16T08:00:00.000Z'],
    ['2025-01-16T08:00:00.250Z', '2025-01-16T08:00:00.250Z'],
    ['2025-01-16T03:00:00-05:00', '2025-01-16T08:00:00.000Z'],
    ['2024-02-29', '2024-02-29T17:00:00.000Z'],
  ])('%s is %s', (text, instant) => {
    expect(readConfig({ PHASE3_NOW: text }).policy.now).toBe(instant);
  });

  it('that is a date is that date in New York, summer and winter', () => {
    for (const date of ['2025-01-16', '2025-07-16', '2025-03-09', '2025-11-02']) {
      const { policy } = readConfig({ PHASE3_NOW: date });
      expect(policyNow(policy, {}, () => new Date()).today).toBe(date);
    }
  });

  it.each([
    'now',
    '2025-01-16T08:00:00',
    '2025-01-16 08:00:00Z',
    '16.01.2025',
    '2025-13-01',
    '2025-01-32',
    '2025-01-16T25:00Z',
    '1736985600',
    'Thu, 16 Jan 2025 08:00:00 GMT',
    '2025-01-16T08:00:00 EST',
  ])('%j is refused: no instant that everybody reads alike', (text) => {
    expect(faultsOf({ PHASE3_NOW: text })).toEqual([
      `PHASE3_NOW is "${text}", expected an instant such as 2025-01-16T08:00:00Z.`,
    ]);
  });

  // JavaScript reads 30 February as 2 March, so the two-day rule is off by two days without a word.
  it.each(['2025-02-30', '2025-02-30T08:00:00Z', '2025-01-16T24:00:00Z'])(
    '%s is refused: that day or hour is in no calendar',
    (text) => {
      expect(faultsOf({ PHASE3_NOW: text })).toHaveLength(1);
    },
  );
});

describe('the warehouse', () => {
  const bigQuery = { PHASE3_WAREHOUSE: 'bigquery', PHASE3_BIGQUERY_PROJECT: 'nba-props-prod' };

  it('is the embedded one unless another is asked for, without a prefix', () => {
    const expected = { warehouse: { kind: 'duckdb' }, datasetPrefix: null };
    expect(readConfig({})).toMatchObject(expected);
    const blank = { PHASE3_WAREHOUSE: ' ', PHASE3_BIGQUERY_PROJECT: '', PHASE3_DATASET_PREFIX: ' ' };
    expect(readConfig(blank)).toMatchObject(expected);
    expect(readConfig({ PHASE3_WAREHOUSE: 'duckdb' })).toMatchObject(expected);
  });

  it("is BigQuery with its project, in the US and at Google's own address unless said", () => {
    expect(readConfig(bigQuery).warehouse).toEqual({
      kind: 'bigquery',
      projectId: 'nba-props-prod',
      location: 'US',
      endpoint: null,
    });
  });

  it('takes what is said of BigQuery, without the blanks around it', () => {
    const { warehouse, datasetPrefix } = readConfig({
      PHASE3_WAREHOUSE: ' bigquery ',
      PHASE3_BIGQUERY_PROJECT: ' p2 ',
      PHASE3_BIGQUERY_LOCATION: ' europe-west1 ',
      PHASE3_BIGQUERY_ENDPOINT: ' http://127.0.0.1:9050 ',
      PHASE3_DATASET_PREFIX: ' shadow ',
    });
    expect(warehouse).toEqual({
      kind: 'bigquery',
      projectId: 'p2',
      location: 'europe-west1',
      endpoint: 'http://127.0.0.1:9050',
    });
    expect(datasetPrefix).toBe('shadow');
  });

  it.each(['nba-props-prod', 'p2', 'example.com:nba-props', 'a-1'])('takes the project %s', (project) => {
    expect(faultsOf({ ...bigQuery, PHASE3_BIGQUERY_PROJECT: project })).toEqual([]);
  });

  it.each(['snowflake', 'BigQuery', 'duckdb,bigquery', 'DUCKDB'])('refuses PHASE3_WAREHOUSE=%s', (kind) => {
    expect(faultsOf({ PHASE3_WAREHOUSE: kind })).toEqual([
      `PHASE3_WAREHOUSE is "${kind}", expected duckdb or bigquery.`,
    ]);
  });

  it.each(['', '   '])('refuses BigQuery with %j for a project', (project) => {
    expect(faultsOf({ ...bigQuery, PHASE3_BIGQUERY_PROJECT: project })).toEqual([
      'PHASE3_BIGQUERY_PROJECT is not set; PHASE3_WAREHOUSE=bigquery needs a project id.',
    ]);
  });

  it.each([
    'p`; DROP TABLE nba_analytics.player_game_summary; --',
    'nba`props',
    'nba props',
    "nba'props",
    'nba"props',
    'nba/props',
    'nba\\props',
    'nba\nprops',
    'nba;props',
    'nba(props)',
    '../other',
    'NBA-props',
    'nba_props',
    '1nba',
    '-nba',
    'nba-',
    'nba.',
    'n',
    'nbá-props',
  ])('refuses the project %j: it becomes part of every statement', (project) => {
    expect(faultsOf({ ...bigQuery, PHASE3_BIGQUERY_PROJECT: project })).toEqual([
      `PHASE3_BIGQUERY_PROJECT is "${project}", expected a project id such as nba-props-prod.`,
    ]);
  });

  it.each(['US', 'EU', 'us', 'europe-west1', 'northamerica-northeast1'])(
    'takes the location %s',
    (location) => {
      expect(readConfig({ ...bigQuery, PHASE3_BIGQUERY_LOCATION: location }).warehouse).toMatchObject({
        location,
      });
    },
  );

  it.each(['1US', 'US/EU', 'europe west1', 'us`', 'us_east1', '-US'])(
    'refuses the location %j',
    (location) => {
      expect(faultsOf({ ...bigQuery, PHASE3_BIGQUERY_LOCATION: location })).toEqual([
        `PHASE3_BIGQUERY_LOCATION is "${location}", expected a location such as US or europe-west1.`,
      ]);
    },
  );

  it.each([
    '127.0.0.1:9050',
    'localhost',
    'grpc://127.0.0.1:9050',
    'http://',
    'http://127.0.0.1:9050/',
    'http://127.0.0.1:9050/bigquery/v2',
    'http://127.0.0.1:9050 or so',
  ])('refuses the endpoint %j', (endpoint) => {
    expect(faultsOf({ ...bigQuery, PHASE3_BIGQUERY_ENDPOINT: endpoint })).toEqual([
      `PHASE3_BIGQUERY_ENDPOINT is "${endpoint}", expected an emulator's address such as http://127.0.0.1:9050.`,
    ]);
  });

  // Google's client takes it for the address, and sends real credentials there.
  it('refuses BIGQUERY_EMULATOR_HOST, whatever it says, and leaves it alone where it has no effect', () => {
    const host = { BIGQUERY_EMULATOR_HOST: 'http://127.0.0.1:9050' };
    expect(faultsOf({ ...bigQuery, ...host })).toEqual([
      'BIGQUERY_EMULATOR_HOST is set; unset it and name the emulator in PHASE3_BIGQUERY_ENDPOINT.',
    ]);
    const both = { ...bigQuery, ...host, PHASE3_BIGQUERY_ENDPOINT: host.BIGQUERY_EMULATOR_HOST };
    expect(faultsOf(both)).toHaveLength(1);
    expect(faultsOf({ ...bigQuery, BIGQUERY_EMULATOR_HOST: ' ' })).toEqual([]);
    expect(faultsOf(host)).toEqual([]);
  });

  it.each([{}, { PHASE3_WAREHOUSE: 'duckdb' }])(
    "refuses BigQuery's variables with %j: they would be set to no effect",
    (env) => {
      const names = ['PHASE3_BIGQUERY_PROJECT', 'PHASE3_BIGQUERY_LOCATION', 'PHASE3_BIGQUERY_ENDPOINT'];
      for (const name of names)
        expect(faultsOf({ ...env, [name]: 'x' })).toEqual([
          `${name} is set, but PHASE3_WAREHOUSE is duckdb; set it to bigquery, or unset ${name}.`,
        ]);
      expect(faultsOf({ ...env, ...Object.fromEntries(names.map((name) => [name, 'x'])) })).toHaveLength(3);
    },
  );

  it.each(['shadow', 's', 'shadow_2', 'a_b_c', 's2025', 'x'.repeat(30)])('takes the prefix %s', (prefix) => {
    expect(readConfig({ PHASE3_DATASET_PREFIX: prefix }).datasetPrefix).toBe(prefix);
    expect(readConfig({ ...bigQuery, PHASE3_DATASET_PREFIX: prefix }).datasetPrefix).toBe(prefix);
  });

  it.each([
    'shadow_',
    '_shadow',
    'sha__dow',
    'Shadow',
    'SHADOW',
    'shadow-run',
    'shadow.nba',
    'shadow run',
    '2shadow',
    '_',
    'x'.repeat(31),
    'shadow`; DROP',
    "shadow'",
    'shadow/2017-04-15',
    'schatten\u00fc',
    'a\nb',
  ])('refuses the prefix %j', (prefix) => {
    expect(faultsOf({ PHASE3_DATASET_PREFIX: prefix })).toEqual([
      `PHASE3_DATASET_PREFIX is "${prefix}", expected at most 30 lower-case letters, digits and single underscores, such as shadow; it is put before the dataset names: shadow_nba_analytics.`,
    ]);
  });

  it('names all faults of the warehouse at once, beside the others', () => {
    const env = {
      PHASE3_WAREHOUSE: 'bigquery',
      PHASE3_BIGQUERY_PROJECT: 'a`b',
      PHASE3_BIGQUERY_LOCATION: 'here and there',
      PHASE3_BIGQUERY_ENDPOINT: 'nowhere',
      PHASE3_DATASET_PREFIX: 'Shadow_',
      BIGQUERY_EMULATOR_HOST: 'localhost:9050',
      PHASE3_READY_SHARE: '2',
    };
    const faults = faultsOf(env);
    expect(faults).toHaveLength(6);
    for (const name of Object.keys(env).filter((name) => name !== 'PHASE3_WAREHOUSE'))
      expect(faults.filter((fault) => fault.startsWith(`${name} is `))).toHaveLength(1);
    const none = faultsOf({ PHASE3_WAREHOUSE: 'oracle', PHASE3_BIGQUERY_PROJECT: 'p2' });
    expect(none).toHaveLength(2);
  });
});

describe('the policy of a pass', () => {
  const clock = () => new Date('2025-01-16T04:00:00.000Z');

  it('goes by the clock, and by the date in New York', () => {
    expect(policyNow(defaultPolicySettings, {}, clock)).toEqual({
      readyShare: 0.8,
      oldAfterDays: 2,
      firstWaitMs: 60_000,
      longestWaitMs: 300_000,
      deadlineMs: 1_800_000,
      digestAfterMs: 21_600_000,
      abandonAfterMs: 1_209_600_000,
      now: '2025-01-16T04:00:00.000Z',
      today: '2025-01-15',
    });
  });

  it("goes by the configuration's now before the clock, and by a request's before both", () => {
    const settings = { ...defaultPolicySettings, now: '2024-11-01T12:00:00.000Z' };
    expect(policyNow(settings, {}, clock).today).toBe('2024-11-01');
    expect(policyNow(settings, { now: '2024-12-25T12:00:00.000Z' }, clock).today).toBe('2024-12-25');
  });
});
