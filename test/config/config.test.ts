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
    ['PHASE3_TEMPORAL_PORT', '0', 'a number from 1 to 65535'],
    ['PHASE3_TEMPORAL_PORT', '70000', 'a number from 1 to 65535'],
    ['PHASE3_TEMPORAL_UI_PORT', 'http', 'a number from 1 to 65535'],
    ['PHASE3_MAX_ACTIVITIES', '0', 'a number from 1 to 200'],
    ['PHASE3_MAX_CACHED_WORKFLOWS', '1', 'a number from 64 to 10000'],
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

describe('the policy of a pass', () => {
  const clock = () => new Date('2025-01-16T04:00:00.000Z');

  it('goes by the clock, and by the date in New York', () => {
    expect(policyNow(defaultPolicySettings, {}, clock)).toEqual({
      readyShare: 0.8,
      oldAfterDays: 2,
      firstWaitMs: 60_000,
      longestWaitMs: 300_000,
      deadlineMs: 1_800_000,
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
