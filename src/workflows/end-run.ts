/** How a run ends otherwise than by being done: somebody cancels it, or nobody acts for too long. */
import { resultsOf } from '../contracts/date-state';
import { inPlanOrder } from '../contracts/plan';
import type { DateRun } from './date-run';
import { goOn } from './go-on';
import { dueIn } from './memory';
import { record, settledNow, waitOf } from './night';
import type { phase3Workflow } from './phase3.workflow';

/**
 * Ends the run. What is under way is recorded under its own pass, so that its fence is released with it; what was planned and
 * not settled stays owed; whoever asked is notified.
 */
export async function endRun(date: DateRun, as: 'abandoned' | 'cancelled', why: string): Promise<void> {
  const { passStartedAt } = date.memory;
  const waited = waitOf(date.memory);
  // What a person decided is in the audit by now. What nobody did is written there too.
  date.apply('ending', { as, why, byNobody: as === 'abandoned' || !date.cancelled });
  const seen = date.memory.clock;
  await date.tryAudit(dueIn);
  const all = inPlanOrder(date.memory.plan, resultsOf(date.memory));
  await record(date, as, passStartedAt === null ? all : settledNow(date), waited);
  // The pass is recorded for as long as it takes: what could not be written before can be by now, and nobody comes after it.
  await date.tryAudit(dueIn);
  date.apply('ended', { as, seen });
  date.tellNews();
}

/**
 * Ends a run that was cancelled. What was asked before that ends with it, and so does a bypass that was being granted. What is
 * asked afterwards, while this run is still ending, goes on in a next one, as it would have if it had come a moment later.
 */
export async function endCancelled(date: DateRun, why: string): Promise<void> {
  date.isEnding = true;
  date.takeAllIn();
  await date.untilQuiet();
  await endRun(date, 'cancelled', why);
  await date.untilQuiet();
  date.takeAllIn();
  if (date.memory.pending.length === 0) return;
  date.apply('wentOn', {});
  await goOnAsNew(date);
}

/** Ends this run with the next one, which remembers what this one does. */
export async function goOnAsNew({ memory }: DateRun): Promise<void> {
  await goOn<typeof phase3Workflow>({ gameDate: memory.gameDate, carried: memory });
}
