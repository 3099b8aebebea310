/**
 * BigQuery's errors in our words. Reasons and statuses are those of https://cloud.google.com/bigquery/docs/error-messages;
 * the shapes are what the client throws, and at the end its own errors are what is mapped.
 */
import { BigQuery } from '@google-cloud/bigquery';
import { Compute, PassThroughClient, type AuthClient } from 'google-auth-library';
import {
  isDuplicate,
  isJobFailure,
  isNotFound,
  toWarehouseError,
} from '../../src/warehouse/bigquery/bigquery-errors';
import { WarehouseError, type WarehouseErrorKind } from '../../src/warehouse/errors';
import { FaultProxy, type Fault } from '../support/fault-proxy';

/** An answer with an HTTP status and one error; without a status, an accepted job that has failed. */
function answered(code: number | undefined, reason: string, message = 'it did not work'): Error {
  return Object.assign(new Error(message), {
    ...(code !== undefined && { code }),
    errors: [{ reason, message, domain: 'global' }],
  });
}

/** An error with a code only: an HTTP status, or what went wrong on the way there. */
function coded(code: number | string, message = 'it did not work'): Error {
  return Object.assign(new Error(message), { code });
}

const kindOf = (error: unknown): WarehouseErrorKind => toWarehouseError(error, 'trying').kind;

const reasons: Readonly<Record<WarehouseErrorKind, readonly (readonly [string, ...number[]])[]>> = {
  unavailable: [
    ['backendError', 500, 503, 504],
    ['internalError', 500],
    ['jobBackendError', 400],
    ['jobInternalError', 400],
    ['jobRateLimitExceeded', 400],
    ['quotaExceeded', 403],
    ['rateLimitExceeded', 403, 429],
    ['resourceInUse', 400],
    ['stopped', 200],
    ['tableUnavailable', 400],
    ['timeout', 400],
  ],
  contract_broken: [
    ['accessDenied', 403],
    ['attributeError', 400],
    ['badRequest', 400],
    ['billingNotEnabled', 403],
    ['billingTierLimitExceeded', 400],
    ['blocked', 403],
    ['duplicate', 409],
    ['invalid', 400],
    ['invalidQuery', 400],
    ['invalidUser', 400],
    ['notFound', 404],
    ['notImplemented', 501],
    ['proxyAuthenticationRequired', 407],
    ['resourcesExceeded', 400],
    ['responseTooLarge', 403],
  ],
  bad_rows: [],
  needs_person: [],
};
const statuses: Readonly<Record<WarehouseErrorKind, readonly number[]>> = {
  unavailable: [401, 408, 429, 500, 502, 503, 504],
  contract_broken: [400, 403, 404, 409, 412, 413, 499],
  bad_rows: [],
  needs_person: [],
};
/** What a statement is refused for with `invalidQuery`. */
const words: Readonly<Record<WarehouseErrorKind, readonly string[]>> = {
  unavailable: [
    'Could not serialize access to table p:d.t due to concurrent update',
    'Transaction is aborted due to concurrent update against table p:d.t. Job: x',
    'Transaction aborted due to conflict',
    'Failed to commit: transaction conflict',
    'Conflict on update!',
    'Conflict on tuple deletion!',
    'UPDATE or DELETE statement over table p:d.t would affect rows in the streaming buffer, which is not supported',
  ],
  contract_broken: [
    'Unrecognized name: pace at [1:8]',
    'Not found: Table p:nba_analytics.player_game_summary',
    'Cannot query over table without a filter over column(s) game_date',
    // Words of the way there, in a statement that was heard.
    'Unrecognized name: `socket hang up`',
  ],
  bad_rows: [
    'Required field game_date cannot be null',
    'NOT NULL constraint failed: partition_manifest.checks',
    'Null value in required column at [3:4]',
  ],
  needs_person: [],
};
const onTheWay = ['ECONNRESET', 'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EPIPE'];

describe.each<WarehouseErrorKind>(['unavailable', 'contract_broken', 'bad_rows'])('%s', (kind) => {
  const cases: (readonly [string, unknown])[] = [
    ...reasons[kind].flatMap(([reason, ...codes]) => [
      ...codes.map((code) => [`${reason} with ${code}`, answered(code, reason)] as const),
      // What the status says must not be needed: an accepted job that fails has none.
      [`a job that ended in ${reason}`, answered(undefined, reason)] as const,
    ]),
    ...statuses[kind].flatMap((code) => [
      [`a ${code} without a reason`, coded(code)] as const,
      [`a ${code} with empty errors`, Object.assign(coded(code), { errors: [] })] as const,
      [`a ${code} of a reason that nobody knows`, answered(code, 'somethingNew')] as const,
    ]),
    ...words[kind].flatMap((text) => [
      [`a 400 that says: ${text}`, answered(400, 'invalidQuery', text)] as const,
      [`a job that says: ${text}`, answered(undefined, 'invalidQuery', text)] as const,
    ]),
  ];
  if (cases.length > 0)
    it.each(cases)('is %s', (_, error) => {
      expect(kindOf(error)).toBe(kind);
    });
});

it.each<readonly [string, unknown, WarehouseErrorKind]>([
  ...onTheWay.map((code) => [`${code} on the way there`, coded(code), 'unavailable'] as const),
  // Status and reason count before words that mean something elsewhere.
  ['a 403 about a null', answered(403, 'accessDenied', 'cannot be null'), 'contract_broken'],
  ['a 503 about a null', answered(503, 'backendError', 'cannot be null'), 'unavailable'],
  ['a 404 about a conflict', answered(404, 'notFound', 'Conflict on x'), 'contract_broken'],
  ['a 400 about a hang-up', coded(400, 'socket hang up'), 'contract_broken'],
  ['no credentials', new Error('Could not load the default credentials. Browse to …'), 'contract_broken'],
  [
    'the first reason that is a text',
    Object.assign(coded(403), {
      errors: [{ message: 'x' }, { reason: '' }, { reason: 'quotaExceeded' }, { reason: 'accessDenied' }],
    }),
    'unavailable',
  ],
])('%s counts', (_, error, kind) => {
  expect(kindOf(error)).toBe(kind);
});

it.each<readonly [string, unknown, string]>([
  ['a text', 'out of order', 'out of order'],
  ['nothing', undefined, 'undefined'],
  ['null', null, 'null'],
  ['a number', 503, '503'],
  ['an object without words', {}, '[object Object]'],
  ['an error without words', new Error(''), 'Error'],
])('%s that was thrown is unavailable, and named', (_, thrown, said) => {
  const error = toWarehouseError(thrown, 'trying');
  expect(error).toBeInstanceOf(WarehouseError);
  expect(error).toMatchObject({ kind: 'unavailable', message: `BigQuery, trying: ${said}`, cause: thrown });
});

it('the sentence says what was tried, the first line of what came back, and the reason', () => {
  const cause = answered(400, 'invalidQuery', 'Unrecognized name: pace\nat [1:8]\n  more of it');
  const error = toWarehouseError(cause, 'publish');
  expect(error.message).toBe('BigQuery, publish: Unrecognized name: pace (invalidQuery)');
  expect(error.cause).toBe(cause);
});

it('what a streaming buffer refuses says that it passes', () => {
  const refused = answered(400, 'invalidQuery', 'DELETE would affect rows in the streaming buffer');
  expect(toWarehouseError(refused, 'publish').message).toContain('it can be written to once they have left');
});

it('an error of ours passes through as it is', () => {
  const ours = new WarehouseError('contract_broken', 'Could not serialize, cannot be null');
  expect(toWarehouseError(ours, 'trying')).toBe(ours);
});

it.each<readonly [string, unknown, Partial<Record<'duplicate' | 'notFound' | 'jobFailure', true>>]>([
  ['a 409 duplicate', answered(409, 'duplicate'), { duplicate: true }],
  ['a 409 without more', coded(409), { duplicate: true }],
  ['a 409 of another reason', answered(409, 'resourceInUse'), {}],
  ['a 400 duplicate', answered(400, 'duplicate'), {}],
  ['a 404 notFound', answered(404, 'notFound'), { notFound: true }],
  ['a 404 without more', coded(404), { notFound: true }],
  ['a 404 of whoever gives out tokens', Object.assign(coded(404), { status: 404 }), {}],
  ['a 400 notFound', answered(400, 'notFound'), {}],
  ['a job that failed', answered(undefined, 'invalidQuery'), { jobFailure: true }],
  ['a job that failed because something is not there', answered(undefined, 'notFound'), { jobFailure: true }],
  [
    'a job that failed, with a code of null',
    Object.assign(answered(400, 'stopped'), { code: null }),
    { jobFailure: true },
  ],
  ['an error with no errors in it', Object.assign(new Error('x'), { errors: [] }), {}],
  ['a 500', answered(500, 'backendError'), {}],
  ['a reset', coded('ECONNRESET'), {}],
  ['a text', '409', {}],
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
  let ownMetadata: string | undefined;

  beforeAll(async () => {
    // Nothing is behind it: every request meets a fault. It stands for BigQuery, and for whoever gives out tokens.
    proxy = await FaultProxy.start('http://127.0.0.1:9');
    ownMetadata = process.env['GCE_METADATA_HOST'];
    process.env['GCE_METADATA_HOST'] = new URL(proxy.url).host;
  });

  afterAll(async () => {
    if (ownMetadata === undefined) delete process.env['GCE_METADATA_HOST'];
    else process.env['GCE_METADATA_HOST'] = ownMetadata;
    await proxy.stop();
  });

  afterEach(() => proxy.mend());

  /** The error of a job that is created where each request meets the fault. */
  const errorAfter = async (fault: Fault, authClient: AuthClient): Promise<unknown> => {
    proxy.break(() => true, fault, 10);
    const client = new BigQuery({
      ...{ projectId: 'phase3-test', location: 'US', autoRetry: false },
      ...{ apiEndpoint: proxy.url, useAuthWithCustomEndpoint: true, authClient },
    });
    return client.createQueryJob({ query: 'SELECT 1', jobId: 'x' }).then(
      () => new Error('it went through'),
      (error: unknown) => error,
    );
  };

  const answer = (status: number, body: unknown): Fault => ({ kind: 'answer', status, body });
  const refused = (code: number, reason: string, message: string): Fault =>
    answer(code, { error: { code, message, errors: [{ reason, message, domain: 'global' }] } });
  const errorResult = { reason: 'invalidQuery', message: 'Unrecognized name: pace' };
  const failed = answer(200, {
    jobReference: { projectId: 'phase3-test', jobId: 'x', location: 'US' },
    status: { state: 'DONE', errorResult, errors: [errorResult] },
  });

  it.each<readonly [string, Fault, WarehouseErrorKind, string, 'duplicate' | 'job failure' | 'neither']>([
    [
      'a statement that is wrong',
      refused(400, 'invalidQuery', 'Unrecognized name: pace'),
      ...(['contract_broken', 'Unrecognized name: pace (invalidQuery)', 'neither'] as const),
    ],
    [
      'a quota',
      refused(403, 'quotaExceeded', 'Quota exceeded'),
      ...(['unavailable', 'Quota exceeded (quotaExceeded)', 'neither'] as const),
    ],
    [
      'a token that has run out',
      answer(401, { error: { code: 401, message: 'Invalid Credentials' } }),
      ...(['unavailable', 'Invalid Credentials', 'neither'] as const),
    ],
    [
      'a job that has failed at once',
      failed,
      ...(['contract_broken', 'Unrecognized name: pace (invalidQuery)', 'job failure'] as const),
    ],
    [
      'a job that is there already',
      refused(409, 'duplicate', 'Already Exists: Job'),
      ...(['contract_broken', 'Already Exists: Job (duplicate)', 'duplicate'] as const),
    ],
    ['a page in place of an answer', answer(502, '<html>Bad</html>'), 'unavailable', '', 'neither'],
    ['a reset', { kind: 'reset' }, 'unavailable', '', 'neither'],
  ])('%s', async (_, fault, kind, said, what) => {
    const error = await errorAfter(fault, new PassThroughClient());
    expect(toWarehouseError(error, 'trying')).toMatchObject({
      ...{ kind, message: expect.stringContaining(`BigQuery, trying: ${said}`) as string },
    });
    expect([isDuplicate(error), isJobFailure(error)]).toEqual([what === 'duplicate', what === 'job failure']);
  });

  it.each<readonly [string, Fault, WarehouseErrorKind]>([
    ...[500, 503, 429].map((code) => [`a ${code}`, answer(code, {}), 'unavailable'] as const),
    ['a hang-up', { kind: 'reset' }, 'unavailable'],
    ['a 403: the account may not', answer(403, {}), 'contract_broken'],
    ['a 404: there is no account', answer(404, {}), 'contract_broken'],
  ])('%s of the server that gives the token', async (_, fault, kind) => {
    const error = await errorAfter(fault, new Compute());
    expect(proxy.faulted.every(({ path }) => path.includes('/service-accounts/'))).toBe(true);
    expect([kindOf(error), isNotFound(error)]).toEqual([kind, false]);
  });
});
