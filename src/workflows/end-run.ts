/** How a run ends otherwise than by being done: somebody cancels it, or nobody acts for too long. */
import { continueAsNew } from '@temporalio/workflow';
import { resultsOf } from '../contracts/date-state';
import { inPlanOrder } from '../contracts/plan';
import { now, type DateRun } from './date-run';
import { afterCancellation } from './memory';
import { record, settle, settledNow } from './night';
import type { phase3Workflow } from './phase3.workflow';
import { answersTo } from './reduce';
import type { Arrival } from './take-in';

/** A bypass has lapsed with the run that granted it. What else comes to a run that ends goes on in a next one. */
const endsHere = (arrival: Arrival): boolean => arrival.kind === 'own';

/**
 * Ends the run. What is under way is recorded under its own pass, so that its fence is released with it; what was planned and
 * not settled stays owed; whoever asked is notified.
 */
export async function endRun(date: DateRun, as: 'abandoned' | 'cancelled', why: string): Promise<void> {
  const wasOpen = date.memory.passStartedAt !== null;
  for (const processor of date.memory.open)
    settle(date, { processor, outcome: 'waiting', reason: `the run was ${as}` });
  // What a person decided is in the audit by now. What nobody did is written there too.
  const byNobody = as === 'abandoned' || !date.cancelled;
  date.apply({ type: 'ending', as, why, byNobody, at: now() });
  await date.tryAudit();
  const all = inPlanOrder(date.memory.plan, resultsOf(date.memory));
  await record(date, as, wasOpen ? settledNow(date) : all);
  answerAll(date, as);
}

function answerAll(date: DateRun, as: 'abandoned' | 'cancelled'): void {
  const { memory } = date;
  const pending = memory.pending.flatMap(({ message, isAnswered }) => (isAnswered ? [] : [message]));
  date.answer(
    answersTo(memory, pending, (outcomes) => {
      const parts = Object.entries(outcomes).map(([name, outcome]) => `${name} ${outcome}`);
      const came = parts.length > 0 ? `: ${parts.join(', ')}` : '';
      return { state: as, summary: `${memory.gameDate} ${as}${came}` };
    }),
  );
  date.apply({ type: 'ended', as, at: now() });
  date.tellNews();
}

/**
 * Ends a run that was cancelled. What was asked before that ends with it. What is asked afterwards, while this run is still
 * ending, goes on in a next one, as it would have if it had come a moment later.
 */
export async function endCancelled(date: DateRun, why: string): Promise<void> {
  date.isEnding = true;
  while (date.hasCome()) date.takeIn();
  await date.untilRunsOver();
  await endRun(date, 'cancelled', why);
  await date.untilQuiet();
  if (date.hasCome(endsHere)) {
    date.takeIn(endsHere);
    date.apply({ type: 'ending', as: 'cancelled', why, byNobody: false, at: now() });
    await date.tryAudit();
    answerAll(date, 'cancelled');
    await date.untilQuiet();
  }
  // A recheck begins nothing.
  date.takeIn(({ kind }) => kind === 'recheck');
  if (!date.hasCome()) return;
  date.memory = afterCancellation(date.memory);
  while (date.hasCome()) date.takeIn();
  date.apply({ type: 'wentOn', requests: date.memory.pending.length, at: now() });
  await continueAsNew<typeof phase3Workflow>({ gameDate: date.memory.gameDate, carried: date.memory });
}
