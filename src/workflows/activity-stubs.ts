/** Activities as workflows call them: one block per profile, each limit with its reason. */
import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../contracts/activities';
import { levelLimitMs } from '../plan/triggers';

/**
 * Short questions to the warehouse. Ten seconds an attempt, so that the dates of a killed worker come back soon; a minute
 * in all, after which the verdict is `check_failed` and the workflow's own back-off takes over.
 */
export const { checkDependencies } = proxyActivities<Pick<Activities, 'checkDependencies'>>({
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '1 minute',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '10s' },
});

/**
 * Short writes that frame a pass. Nothing can be said to have happened before they are through, so they are tried for
 * as long as a level may run.
 */
export const { openPass, recordPass, askDate } = proxyActivities<
  Pick<Activities, 'openPass' | 'recordPass' | 'askDate'>
>({
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '30 minutes',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
});

type ProcessorActivities = Pick<
  Activities,
  'buildTeamOffenseGameSummary' | 'buildTeamDefenseGameSummary' | 'buildPlayerGameSummary'
>;

/**
 * A level's processors. The level's limit covers execution with its retries; what is alive heartbeats every two seconds,
 * so ten silent ones mean a dead worker (docs/adr/0004). A cancelled processor is waited for: nothing of it may go on
 * behind a run that has ended.
 */
export function processorActivities(level: number): ProcessorActivities {
  return proxyActivities<ProcessorActivities>({
    scheduleToCloseTimeout: levelLimitMs(level),
    heartbeatTimeout: '10s',
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
}
