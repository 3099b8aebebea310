/**
 * Activities as workflows call them: one block per profile, each limit with its reason.
 *
 * Totals are bounded by attempts and never by schedule-to-close: that would count the time in which no worker is up, and a
 * worker's death must change nothing but time.
 */
import {
  ActivityCancellationType,
  proxyActivities,
  type ActivityFunction,
  type ActivityInterfaceFor,
  type RetryPolicy,
} from '@temporalio/workflow';
import type {
  Activities,
  AppendAuditRequest,
  AppendAuditResult,
  CheckDependenciesRequest,
  Look,
  OfDate,
  RecordPassRequest,
  RecordPassResult,
  RunProcessorRequest,
  RunProcessorResult,
} from '../contracts/activities';
import { buildActivityOf, ofDates } from '../contracts/build-activity';
import type { PlannedProcessor } from '../contracts/plan';

/**
 * What is alive heartbeats every two seconds, so ten silent ones mean a dead worker, whose dates come back this soon
 * (docs/adr/0004). Without it, a limit that a slow warehouse needs would also be how long a death goes unnoticed.
 */
const heartbeatTimeout = '10s';

const backOff = { initialInterval: '1s', backoffCoefficient: 2 } as const;

/** An activity of a date, and the same for several dates at once. */
export interface DateActivity<R, A> {
  /** Tells it, with its limits, from others. */
  readonly key: string;
  readonly ofOne: Callable<(request: R) => Promise<A>>;
  readonly ofSeveral: Callable<(requests: readonly R[]) => Promise<OfDate<A>[]>>;
}

type Callable<F extends ActivityFunction> = ActivityInterfaceFor<{ one: F }>['one'];

interface Limits {
  /** Of one attempt, ms. */
  readonly startToCloseTimeout: number;
  readonly retry: RetryPolicy;
  readonly cancellationType?: ActivityCancellationType;
}

/** Several dates take as long as one after another, and one that fails among them is tried again alone. */
const attemptsOfSeveral = 3;

function dateActivity<R, A>(
  type: string,
  { startToCloseTimeout, retry, ...how }: Limits,
  ofSeveralMs = startToCloseTimeout,
): DateActivity<R, A> {
  const options = { ...how, heartbeatTimeout };
  const one = proxyActivities<Record<string, (request: R) => Promise<A>>>({
    ...options,
    startToCloseTimeout,
    retry,
  });
  const several = proxyActivities<Record<string, (requests: readonly R[]) => Promise<OfDate<A>[]>>>({
    ...options,
    startToCloseTimeout: ofSeveralMs,
    retry: { ...retry, maximumAttempts: attemptsOfSeveral },
  });
  const [ofOne, ofSeveral] = [one[type], several[ofDates(type)]];
  if (!ofOne || !ofSeveral) throw new Error(`the proxy has no activity ${type}`);
  return { key: `${type} ${startToCloseTimeout}`, ofOne, ofSeveral };
}

/**
 * Short writes that somebody waits for: decisions on their way to the record, and the look that opens a pass, which claims the
 * date. An attempt stands in the queue of the worker's writes, so it may take longer than a question; after two minutes and a
 * half the decision is not taken, and `why` says that the date cannot be opened.
 */
const decisionOptions = {
  startToCloseTimeout: 45_000,
  retry: { ...backOff, maximumInterval: '10s', maximumAttempts: 3 },
} as const;
/** Several dates stand in the queue of the worker's writes one after another. */
const severalWritesMs = 10 * 60_000;
export const appendAudit = dateActivity<AppendAuditRequest, AppendAuditResult>(
  'appendAudit',
  decisionOptions,
  severalWritesMs,
);
export const openPass = dateActivity<CheckDependenciesRequest, Look>(
  'checkDependencies',
  decisionOptions,
  severalWritesMs,
);

/**
 * Looks at a date whose pass is open. Four attempts of 15 s are about a minute, after which the verdict is `check_failed`
 * and the workflow's own back-off takes over.
 */
export const checkDependencies = dateActivity<CheckDependenciesRequest, Look>(
  'checkDependencies',
  {
    startToCloseTimeout: 15_000,
    retry: { ...backOff, maximumInterval: '10s', maximumAttempts: 4 },
  },
  2 * 60_000,
);

/** News to people. A webhook that is down for longer than two minutes misses it; the log has it all the same. */
export const { notify } = proxyActivities<Pick<Activities, 'notify'>>({
  startToCloseTimeout: '15s',
  heartbeatTimeout,
  retry: { ...backOff, maximumInterval: '2 minutes', maximumAttempts: 8 },
});

/** A sweep of the sentinel reads and writes nothing, and another follows. */
export const { sweepDates } = proxyActivities<Pick<Activities, 'sweepDates'>>({
  startToCloseTimeout: '15m',
  heartbeatTimeout,
  retry: { ...backOff, maximumInterval: '30s', maximumAttempts: 5 },
});

/** How long the writes that frame a pass are tried. */
const frameLimitMs = 30 * 60_000;

/** As many attempts as fit into a time when each fails at once: after waits of 1, 2, 4, 8, 16 and then 30 seconds. */
function retryWithin(limitMs: number): RetryPolicy {
  const maximumAttempts = 6 + Math.ceil((limitMs - 31_000) / 30_000);
  return { ...backOff, maximumInterval: '30s', maximumAttempts };
}

/**
 * Short writes that frame a pass, a restore, and what hands dates over. Nothing can be said to have happened before they are
 * through, so they are tried for as long as a level may run.
 */
const frameOptions = {
  // A script of several statements takes BigQuery some seconds, and it stands in a queue of the worker's writes.
  startToCloseTimeout: frameLimitMs,
  heartbeatTimeout,
  retry: retryWithin(frameLimitMs),
} as const;
export const { restoreVersion, askDates, planNightly } =
  proxyActivities<Pick<Activities, 'restoreVersion' | 'askDates' | 'planNightly'>>(frameOptions);
export const recordPass = dateActivity<RecordPassRequest, RecordPassResult>('recordPass', frameOptions);

/**
 * The activity of a processor. Its limit bounds one attempt, which is then not repeated, and the attempts that fail at once. A
 * cancelled processor is waited for: nothing of it may go on behind a run that has ended.
 */
export function processorActivity({
  name,
  timeoutMs,
}: PlannedProcessor): DateActivity<RunProcessorRequest, RunProcessorResult> {
  return dateActivity(buildActivityOf(name), {
    startToCloseTimeout: timeoutMs,
    // The server's name for an attempt that used up the whole limit.
    retry: { ...retryWithin(timeoutMs), nonRetryableErrorTypes: ['TemporalTimeout:StartToClose'] },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
}
