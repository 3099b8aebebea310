/** A run that closes is asked again soon; everything else is tried again as the client does it. */
import { defaultGrpcRetryOptions } from '@temporalio/client';
import { closingRetries } from '../../src/gateway/closing-retries';

const codes = { RESOURCE_EXHAUSTED: 8, UNAVAILABLE: 14 };
type Status = Parameters<ReturnType<typeof closingRetries>['delayFunction']>[1];

/** With gRPC's code of that name. */
const failure = (code: keyof typeof codes, details: string): Status =>
  JSON.parse(JSON.stringify({ code: codes[code], details })) as Status;
const closing = failure(
  'RESOURCE_EXHAUSTED',
  'workflow operation can not be applied because workflow is closing',
);
const ours = closingRetries();
const usual = defaultGrpcRetryOptions();

test('a run that closes is asked again after some tens of ms, as often as the deadline of the call allows', () => {
  for (let attempt = 1; attempt < 100; attempt += 1) {
    expect(ours.retryableDecider(attempt, closing)).toBe(true);
    expect(ours.delayFunction(attempt, closing)).toBeGreaterThanOrEqual(50);
    expect(ours.delayFunction(attempt, closing)).toBeLessThanOrEqual(150);
  }
  expect(ours.retryableDecider(200, closing)).toBe(false);
});

test.each([
  ['a server that is exhausted', failure('RESOURCE_EXHAUSTED', 'namespace rate limit exceeded')],
  ['a server that is away', failure('UNAVAILABLE', 'connect ECONNREFUSED')],
])('%s is tried again as the client does it', (_, given) => {
  for (const attempt of [1, 5, 10])
    expect(ours.retryableDecider(attempt, given)).toBe(usual.retryableDecider(attempt, given));
  // Pauses differ by chance, by a fifth at the most.
  const ratio = ours.delayFunction(3, given) / usual.delayFunction(3, given);
  expect(ratio).toBeGreaterThan(0.6);
  expect(ratio).toBeLessThan(1.6);
});
