/** BigQuery's errors in our words: what is told apart, in which order, and the sentence. Each answer: bigquery-answers.test.ts. */
import { byReason, unreadable } from '../../src/warehouse/bigquery/bigquery-answers';
import {
  isDuplicate,
  isJobFailure,
  isNotFound,
  toWarehouseError,
} from '../../src/warehouse/bigquery/bigquery-errors';
import { WarehouseError, type WarehouseErrorKind } from '../../src/warehouse/errors';

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

it.each<readonly [string, unknown, WarehouseErrorKind]>([
  // Status and reason count before words that mean something elsewhere.
  ['a 403 about a null', answered(403, 'accessDenied', 'cannot be null'), 'needs_person'],
  ['a 503 about a null', answered(503, 'backendError', 'cannot be null'), 'unavailable'],
  ['a 404 about a conflict', answered(404, 'notFound', 'Conflict on x'), 'contract_broken'],
  ['a 400 about a hang-up', coded(400, 'socket hang up'), 'contract_broken'],
  ['a 401 with a reason of its own', answered(401, 'backendError'), 'needs_person'],
  ['a job of an unknown reason', answered(undefined, 'somethingNew'), 'unavailable'],
  [
    'the first reason that is a text',
    Object.assign(coded(403), {
      errors: [{ message: 'x' }, { reason: '' }, { reason: 'backendError' }, { reason: 'accessDenied' }],
    }),
    'unavailable',
  ],
])('%s counts', (_, error, kind) => {
  expect(toWarehouseError(error, 'trying').kind).toBe(kind);
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
  expect(error).toMatchObject({
    kind: 'unavailable',
    message: `BigQuery, trying: ${said}. ${unreadable.says}`,
    cause: thrown,
  });
});

it('the sentence says what was tried, the first line of what came back, and the reason', () => {
  const cause = answered(400, 'invalidQuery', 'Unrecognized name: pace\nat [1:8]\n  more of it');
  const error = toWarehouseError(cause, 'publish');
  expect(error.message).toBe(
    `BigQuery, publish: Unrecognized name: pace (invalidQuery). ${byReason['invalidQuery']?.says}`,
  );
  expect(error.cause).toBe(cause);
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
