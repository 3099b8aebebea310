/**
 * `sentinelWorkflow`: what the sentinel's schedule starts. One sweep looks at the newest dates; what is new of them is put on
 * record, then mended if that is the policy, then told. The sweep before is remembered by the schedule, which hands on its result.
 */
import { log, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { SentinelResult } from '../contracts/sentinel';
import { appendAudit, askDates, notify, sweepDates } from './activity-stubs';

export async function sentinelWorkflow(): Promise<SentinelResult> {
  const { lastResult, runId } = workflowInfo();
  const before = lastResult as SentinelResult | undefined;
  const { news, ...found } = await sweepDates({ suspected: before?.suspected ?? {} });
  for (const { gameDate, entry, repair, notification } of news) {
    await appendAudit({ gameDate, runId, pass: 0, entries: [entry], known: null });
    if (repair) await askDates({ dates: [{ gameDate, message: repair }] });
    // The log has it, and the record.
    if (notification)
      await notify(notification).catch((error: unknown) => {
        log.warn(`${gameDate}: nobody could be notified`, { error: String(error) });
      });
  }
  const told = news.map(({ gameDate }) => gameDate);
  setCurrentDetails(
    `**${found.verified} dates verified**\n\n${told.length === 0 ? 'nothing new' : `new: ${told.join(', ')}`}`,
  );
  return { ...found, told };
}
