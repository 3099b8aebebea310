/**
 * BigQuery's errors in our words. Reasons and statuses are those of https://cloud.google.com/bigquery/docs/error-messages;
 * the shapes are what the client throws, and at the end its own errors are what is mapped.
 */
import { BigQuery } from '@google-cloud/bigquery';
import { PassThroughClient } from 'google-auth-library';
import {
  isDuplicate,
  isJobFailure,
  isNotFound,
  toWarehouseError,
} from '../../src/warehouse/bigquery/bigquery-errors';
import { WarehouseError, type WarehouseErrorKind } from '../../src/warehouse/errors';
import { FaultProxy, type Fault } from '../support/fault-proxy';

/** An answer with an HTTP status and one error. */
function answered(code: number | undefined, reason: string, message = 'it did not work'): Error {
  return Object.assign(new Error(message), {
    ...(code !== undefined && { code }),
    errors: [{ reason, message, domain: 'global' }],
  });
}

/** An answer that carries a status only. */
function status(code: number): Error {
  return Object.assign(new Error('it did not work'), { code });
}

/** An error of the way there. */
function network(code: string): Error {
  return Object.assign(new Error(`request to http://127.0.0.1 failed, reason: ${code}`), { code });
}

const kindOf = (error: unknown): WarehouseErrorKind => toWarehouseError(error, 'trying').kind;

const reasons: readonly (readonly [string, number, WarehouseErrorKind])[] = [
  ['accessDenied', 403, 'contract_broken'],
  ['attributeError', 400, 'contract_broken'],
  ['backendError', 500, 'unavailable'],
  ['backendError', 503, 'unavailable'],
  ['backendError', 504, 'unavailable'],
  ['badRequest', 400, 'contract_broken'],
  ['billingNotEnabled', 403, 'contract_broken'],
  ['billingTierLimitExceeded', 400, 'contract_broken'],
  ['blocked', 403, 'contract_broken'],
  ['duplicate', 409, 'contract_broken'],
  ['internalError', 500, 'unavailable'],
  ['invalid', 400, 'contract_broken'],
  ['invalidQuery', 400, 'contract_broken'],
  ['invalidUser', 400, 'contract_broken'],
  ['jobBackendError', 400, 'unavailable'],
  ['jobInternalError', 400, 'unavailable'],
  ['jobRateLimitExceeded', 400, 'unavailable'],
  ['notFound', 404, 'contract_broken'],
  ['notImplemented', 501, 'contract_broken'],
  ['proxyAuthenticationRequired', 407, 'contract_broken'],
  ['quotaExceeded', 403, 'unavailable'],
  ['rateLimitExceeded', 403, 'unavailable'],
  ['rateLimitExceeded', 429, 'unavailable'],
  ['resourceInUse', 400, 'unavailable'],
  ['resourcesExceeded', 400, 'contract_broken'],
  ['responseTooLarge', 403, 'contract_broken'],
  ['stopped', 200, 'unavailable'],
  ['tableUnavailable', 400, 'unavailable'],
  ['timeout', 400, 'unavailable'],
];

it.each(reasons)('%s with %s is %s', (reason, code, kind) => {
  expect(kindOf(answered(code, reason))).toBe(kind);
});

/** An accepted job that fails has a reason and no status: what the status says above must not be needed. */
const jobReasons = reasons.filter(
  ([reason]) =>
    // Without a status these fall to what is said of the way there.
    !['attributeError', 'badRequest', 'duplicate', 'proxyAuthenticationRequired'].includes(reason),
);
it.each(jobReasons)('a job that ended in %s (%s) is %s', (reason, _, kind) => {
  expect(kindOf(answered(undefined, reason))).toBe(kind);
});

it.each<readonly [number, WarehouseErrorKind]>([
  [400, 'contract_broken'],
  [401, 'contract_broken'],
  [403, 'contract_broken'],
  [404, 'contract_broken'],
  [408, 'unavailable'],
  [409, 'contract_broken'],
  [412, 'contract_broken'],
  [413, 'contract_broken'],
  [429, 'unavailable'],
  [499, 'contract_broken'],
  [500, 'unavailable'],
  [502, 'unavailable'],
  [503, 'unavailable'],
  [504, 'unavailable'],
])('a %s without a reason, or with one that nobody knows, is %s', (code, kind) => {
  expect(kindOf(status(code))).toBe(kind);
  expect(kindOf(Object.assign(status(code), { errors: [] }))).toBe(kind);
  expect(kindOf(Object.assign(status(code), { errors: [{ message: 'no reason' }] }))).toBe(kind);
  expect(kindOf(answered(code, 'somethingNew'))).toBe(kind);
});

it.each(['ECONNRESET', 'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH'])(
  '%s on the way there is unavailable',
  (code) => {
    expect(kindOf(network(code))).toBe('unavailable');
  },
);

const messages: readonly (readonly [string, WarehouseErrorKind])[] = [
  ['Could not serialize access to table p:d.t due to concurrent update', 'unavailable'],
  ['Transaction is aborted due to concurrent update against table p:d.t. Job: x', 'unavailable'],
  ['Transaction aborted due to conflict', 'unavailable'],
  ['Failed to commit: transaction conflict', 'unavailable'],
  ['Conflict on update!', 'unavailable'],
  ['Conflict on tuple deletion!', 'unavailable'],
  ['Required field game_date cannot be null', 'bad_rows'],
  ['NOT NULL constraint failed: partition_manifest.checks', 'bad_rows'],
  ['Null value in required column at [3:4]', 'bad_rows'],
  ['Unrecognized name: pace at [1:8]', 'contract_broken'],
  ['Not found: Table p:nba_analytics.player_game_summary', 'contract_broken'],
  ['Cannot query over table without a filter over column(s) game_date', 'contract_broken'],
];

it.each(messages)(
  'invalidQuery with the words %j is %s: its words say what its reason does not',
  (text, kind) => {
    expect(kindOf(answered(400, 'invalidQuery', text))).toBe(kind);
    expect(kindOf(answered(undefined, 'invalidQuery', text))).toBe(kind);
  },
);

it.each([
  'socket hang up',
  'Premature close',
  'network socket disconnected',
  'request timed out',
  'fetch failed',
])('the words %j are unavailable, whatever the code', (text) => {
  expect(kindOf(new Error(text))).toBe('unavailable');
  expect(kindOf(Object.assign(new Error(text), { code: 400 }))).toBe('unavailable');
});

it('the first reason that is a text counts', () => {
  const errors = [{ message: 'x' }, { reason: '' }, { reason: 'quotaExceeded' }, { reason: 'accessDenied' }];
  expect(kindOf(Object.assign(new Error('x'), { code: 403, errors }))).toBe('unavailable');
});

it.each<readonly [string, unknown, string]>([
  ['a text', 'out of order', 'BigQuery, trying: out of order'],
  ['nothing', undefined, 'BigQuery, trying: undefined'],
  ['null', null, 'BigQuery, trying: null'],
  ['a number', 503, 'BigQuery, trying: 503'],
  ['an object without words', {}, 'BigQuery, trying: [object Object]'],
  ['an error without words', new Error(''), 'BigQuery, trying: Error'],
])('%s that was thrown is unavailable, and named', (_, thrown, message) => {
  const error = toWarehouseError(thrown, 'trying');
  expect(error).toBeInstanceOf(WarehouseError);
  expect(error.kind).toBe('unavailable');
  expect(error.message).toBe(message);
  expect(error.cause).toBe(thrown);
});

it('the sentence says what was tried, the first line of what came back, and the reason', () => {
  const cause = answered(400, 'invalidQuery', 'Unrecognized name: pace\nat [1:8]\n  more of it');
  const error = toWarehouseError(cause, 'publish');
  expect(error.message).toBe('BigQuery, publish: Unrecognized name: pace (invalidQuery)');
  expect(error.cause).toBe(cause);
});

it.each<WarehouseErrorKind>(['unavailable', 'contract_broken', 'bad_rows'])(
  'an error of ours (%s) passes through as it is',
  (kind) => {
    const ours = new WarehouseError(kind, 'Could not serialize, cannot be null');
    expect(toWarehouseError(ours, 'trying')).toBe(ours);
  },
);

it.each<readonly [string, unknown, Partial<Record<'duplicate' | 'notFound' | 'jobFailure', true>>]>([
  ['a 409 duplicate', answered(409, 'duplicate'), { duplicate: true }],
  ['a 409 without more', status(409), { duplicate: true }],
  ['a 409 of another reason', answered(409, 'resourceInUse'), {}],
  ['a 400 duplicate', answered(400, 'duplicate'), {}],
  ['a 404 notFound', answered(404, 'notFound'), { notFound: true }],
  ['a 404 without more', status(404), { notFound: true }],
  ['a 400 notFound', answered(400, 'notFound'), {}],
  ['a job that failed', answered(undefined, 'invalidQuery'), { jobFailure: true }],
  ['a job that failed because something is not there', answered(undefined, 'notFound'), { jobFailure: true }],
  [
    'a job that failed, with a code of null',
    Object.assign(answered(400, 'stopped'), { code: null }),
    { jobFailure: true },
  ],
  ['an error without errors', new Error('x'), {}],
  ['an error with no errors in it', Object.assign(new Error('x'), { errors: [] }), {}],
  ['a 500', answered(500, 'backendError'), {}],
  ['a reset', network('ECONNRESET'), {}],
  ['an error of ours', new WarehouseError('unavailable', 'no answer'), {}],
  ['a text', '409', {}],
  ['null', null, {}],
  ['nothing', undefined, {}],
])('%s is told from the others', (_, error, expected) => {
  expect({
    duplicate: isDuplicate(error),
    notFound: isNotFound(error),
    jobFailure: isJobFailure(error),
  }).toEqual({ duplicate: false, notFound: false, jobFailure: false, ...expected });
});

describe("the client's own errors", () => {
  let proxy: FaultProxy;
  let client: BigQuery;

  beforeAll(async () => {
    // Nothing is behind it: every request meets a fault.
    proxy = await FaultProxy.start('http://127.0.0.1:9');
    client = new BigQuery({
      projectId: 'phase3-test',
      location: 'US',
      autoRetry: false,
      apiEndpoint: proxy.url,
      authClient: new PassThroughClient(),
    });
  });

  afterAll(() => proxy.stop());

  const errorAfter = async (fault: Fault): Promise<unknown> => {
    proxy.break(() => true, fault);
    return client.createQueryJob({ query: 'SELECT 1', jobId: 'x' }).then(
      () => new Error('it went through'),
      (error: unknown) => error,
    );
  };

  const body = (code: number, reason: string, message: string) => ({
    error: { code, message, errors: [{ reason, message, domain: 'global' }] },
  });
  const ended = {
    state: 'DONE',
    errorResult: { reason: 'invalidQuery', message: 'Unrecognized name: pace' },
  };

  it.each<readonly [string, Fault, WarehouseErrorKind, string]>([
    [
      'a statement that is wrong',
      { kind: 'answer', status: 400, body: body(400, 'invalidQuery', 'Unrecognized name: pace') },
      'contract_broken',
      'BigQuery, trying: Unrecognized name: pace (invalidQuery)',
    ],
    [
      'a quota',
      { kind: 'answer', status: 403, body: body(403, 'quotaExceeded', 'Quota exceeded') },
      'unavailable',
      'BigQuery, trying: Quota exceeded (quotaExceeded)',
    ],
    [
      'credentials that are refused',
      { kind: 'answer', status: 401, body: { error: { code: 401, message: 'Invalid Credentials' } } },
      'contract_broken',
      'BigQuery, trying: Invalid Credentials',
    ],
    [
      'a job that has failed at once',
      {
        kind: 'answer',
        status: 200,
        body: {
          jobReference: { projectId: 'phase3-test', jobId: 'x', location: 'US' },
          status: { ...ended, errors: [ended.errorResult] },
        },
      },
      'contract_broken',
      'BigQuery, trying: Unrecognized name: pace (invalidQuery)',
    ],
  ])('%s', async (_, fault, kind, message) => {
    expect(toWarehouseError(await errorAfter(fault), 'trying')).toMatchObject({ kind, message });
  });

  it('a page in place of an answer, and a reset, are unavailable', async () => {
    const page = await errorAfter({ kind: 'answer', status: 502, body: '<html>Bad Gateway</html>' });
    expect(kindOf(page)).toBe('unavailable');
    expect(isJobFailure(page)).toBe(false);
    const reset = await errorAfter({ kind: 'reset' });
    expect(kindOf(reset)).toBe('unavailable');
    expect(isJobFailure(reset)).toBe(false);
  });

  it('a job that is there already is known as such', async () => {
    const error = await errorAfter({
      kind: 'answer',
      status: 409,
      body: body(409, 'duplicate', 'Already Exists: Job'),
    });
    expect(isDuplicate(error)).toBe(true);
    expect(isJobFailure(error)).toBe(false);
  });

  it('a job that has failed is known as such: its id is used up', async () => {
    const error = await errorAfter({
      kind: 'answer',
      status: 200,
      body: {
        jobReference: { projectId: 'phase3-test', jobId: 'x', location: 'US' },
        status: { ...ended, errors: [ended.errorResult] },
      },
    });
    expect(isJobFailure(error)).toBe(true);
  });
});
