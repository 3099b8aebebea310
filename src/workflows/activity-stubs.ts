/**
 * Activities as workflows call them: one block per profile, each limit with its reason.
 *
 * Totals are bounded by attempts and never by schedule-to-close: that would count the time in which no worker is up, and a
 * worker's death must change nothing but time.
 */
import { ActivityCancellationType, proxyActivities, type ActivityInterfaceFor } from '@temporalio/workflow';
import type { Activities } from '../contracts/activities';
import { buildActivityOf } from '../contracts/build-activity';
import type { PlannedProcessor } from '../contracts/plan';

/**
 * What is alive heartbeats every two seconds, so ten silent ones mean a dead worker, whose dates come back this soon
 * (docs/adr/0004). Without it, a limit that a slow warehouse needs would also be how long a death goes unnoticed.
 */
const heartbeatTimeout = '10s';

/**
 * Short writes that somebody waits for: decisions on their way to the record, and the look that opens a pass, which claims the
 * date. An attempt stands in the queue of the worker's writes, so it may take longer than a question; after two minutes and a
 * half the decision is not taken, and `why` says that the date cannot be opened.
 */
export const { appendAudit, checkDependencies: openPass } = proxyActivities<
  Pick<Activities, 'appendAudit' | 'checkDependencies'>
>({
  startToCloseTimeout: '45s',
  heartbeatTimeout,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '10s', maximumAttempts: 3 },
});

/**
 * Looks at a date whose pass is open. Four attempts of 15 s are about a minute, after which the verdict is `check_failed`
 * and the workflow's own back-off takes over.
 */
export const { checkDependencies } = proxyActivities<Pick<Activities, 'checkDependencies'>>({
  startToCloseTimeout: '15s',
  heartbeatTimeout,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '10s', maximumAttempts: 4 },
});

/** News to people. A webhook that is down for longer than some minutes misses it; the log has it all the same. */
export const { notify } = proxyActivities<Pick<Activities, 'notify'>>({
  startToCloseTimeout: '15s',
  heartbeatTimeout,
  retry: { initialInterval: '1s', backoffCoefficient: 3, maximumInterval: '2 minutes', maximumAttempts: 6 },
});

/** A sweep of the sentinel reads and writes nothing, and another follows. */
export const { sweepDates } = proxyActivities<Pick<Activities, 'sweepDates'>>({
  startToCloseTimeout: '15m',
  heartbeatTimeout,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s', maximumAttempts: 5 },
});

const longestRetryMs = 30_000;

/** How long the writes that frame a pass are tried. */
const frameLimitMs = 30 * 60_000;

/** Attempts that fit into a time when each fails at once: waits of 1, 2, 4, 8, 16 and then 30 seconds. */
function attemptsWithin(limitMs: number): number {
  return 6 + Math.ceil((limitMs - 31_000) / longestRetryMs);
}

/**
 * Short writes that frame a pass, a restore, and what hands dates over. Nothing can be said to have happened before they are
 * through, so they are tried for as long as a level may run.
 */
export const { restoreVersion, recordPass, askDates, planNightly } = proxyActivities<
  Pick<Activities, 'restoreVersion' | 'recordPass' | 'askDates' | 'planNightly'>
>({
  // A script of several statements takes BigQuery some seconds, and it stands in a queue of the worker's writes.
  startToCloseTimeout: frameLimitMs,
  heartbeatTimeout,
  retry: {
    initialInterval: '1s',
    backoffCoefficient: 2,
    maximumInterval: longestRetryMs,
    maximumAttempts: attemptsWithin(frameLimitMs),
  },
});

type BuildFunction = Activities[ReturnType<typeof buildActivityOf>];

/**
 * The activity of a processor. Its limit bounds one attempt, which is then not repeated, and the attempts that fail at once. A
 * cancelled processor is waited for: nothing of it may go on behind a run that has ended.
 */
export function processorActivity({
  name,
  timeoutMs,
}: PlannedProcessor): ActivityInterfaceFor<{ build: BuildFunction }>['build'] {
  const activities = proxyActivities<Pick<Activities, `build${string}`>>({
    startToCloseTimeout: timeoutMs,
    heartbeatTimeout,
    retry: {
      initialInterval: '1s',
      backoffCoefficient: 2,
      maximumInterval: longestRetryMs,
      maximumAttempts: attemptsWithin(timeoutMs),
      // The server's name for an attempt that used up the whole limit.
      nonRetryableErrorTypes: ['TemporalTimeout:StartToClose'],
    },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
  const activity = activities[buildActivityOf(name)];
  if (!activity) throw new Error(`the proxy has no activity for ${name}`);
  return activity;
}
