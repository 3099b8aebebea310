/**
 * `sentinelWorkflow`: what the sentinel's schedule starts. One sweep looks at the newest dates; what is new of them is put on
 * record, then told, then mended if that is the policy. The sweep before is remembered by the schedule, which hands on its result.
 */
import { log, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { SentinelResult } from '../contracts/sentinel';
import { appendAudit, askDates, notify, sweepDates } from './activity-stubs';

export async function sentinelWorkflow(): Promise<SentinelResult> {
  const { lastResult, runId } = workflowInfo();
  const before = lastResult as SentinelResult | undefined;
  const { news, ...found } = await sweepDates({ suspected: before?.suspected ?? {} });
  for (const { gameDate, entry, repair, notification } of news) {
    await appendAudit.ofOne({ gameDate, runId, pass: 0, entries: [entry], known: null });
    // It is on record by now: whatever else fails keeps nothing from the other dates.
    if (notification)
      await notify(notification).catch((error: unknown) => {
        log.warn(`${gameDate}: nobody could be notified`, { error: String(error) });
      });
    if (repair)
      await askDates({ dates: [{ gameDate, message: repair }] }).catch((error: unknown) => {
        log.error(`${gameDate}: its repair could not be asked for`, { error: String(error) });
      });
  }
  const told = news.map(({ gameDate }) => gameDate);
  setCurrentDetails(
    `**${found.verified} dates verified**\n\n${told.length === 0 ? 'nothing new' : `new: ${told.join(', ')}`}`,
  );
  return { ...found, told };
}
