/**
 * `nightlyWorkflow`: what the schedules start. It hands the day before over to that date's own workflow and ends: a schedule
 * puts a timestamp behind the ids of what it starts, so it could never join a date's workflow itself.
 */
import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import { nightlyRequestId, type NightlyInput, type NightlyResult } from '../contracts/schedules';
import { visibleMarkdown } from '../contracts/visible-text';
import { askDates, planNightly } from './activity-stubs';

/** The instant that the schedule meant, set by the server: a launch that comes late has it too. */
const scheduledStartTime = defineSearchAttributeKey('TemporalScheduledStartTime', 'DATETIME');

export async function nightlyWorkflow({ schedule, ask }: NightlyInput): Promise<NightlyResult> {
  const { typedSearchAttributes, startTime } = workflowInfo();
  // Started by hand it has no schedule; both instants are in the history, so a replay finds the same.
  const scheduledAt = (typedSearchAttributes.get(scheduledStartTime) ?? startTime).toISOString();
  const { gameDate, isDue, source, reason } = await planNightly({ scheduledAt, ask });
  if (isDue)
    await askDates({
      dates: [
        {
          gameDate,
          message: { requestId: nightlyRequestId(schedule, scheduledAt), kind: 'run', source },
        },
      ],
    });
  setCurrentDetails(`**${gameDate}: ${isDue ? 'asked' : 'not asked'}**\n\n${visibleMarkdown(reason)}`);
  return { gameDate, asked: isDue, reason };
}
