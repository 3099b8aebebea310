/**
 * How calls to Temporal are tried again. While a run closes its messages are refused for a moment, with the code of an exhausted
 * server, for which the client's own pauses grow to seconds: in a storm of pushes a few of them are all the time there is.
 */
import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor, type GrpcRetryOptions } from '@temporalio/client';

/** A run closes within the time of one task; the deadline of the call ends this earlier. */
const mostTries = 200;

/** The client's own options, but for a run that closes: it is asked again soon. Pauses are in ms. */
export function closingRetries(): GrpcRetryOptions {
  const usual = defaultGrpcRetryOptions();
  return {
    delayFunction: (attempt, status) =>
      isClosing(status) ? 50 + 100 * Math.random() : usual.delayFunction(attempt, status),
    retryableDecider: (attempt, status) =>
      isClosing(status) ? attempt < mostTries : usual.retryableDecider(attempt, status),
  };
}

export function closingRetryInterceptor(): ReturnType<typeof makeGrpcRetryInterceptor> {
  return makeGrpcRetryInterceptor(closingRetries());
}

/** The code alone would not tell it from a server that has too much to do. */
function isClosing({ details }: Parameters<GrpcRetryOptions['delayFunction']>[1]): boolean {
  return details.includes('workflow is closing');
}
