/**
 * `phase3Workflow`: the only writer of a game date. It is started by the date's first trigger, runs passes until its inbox
 * is empty and the date is settled, then completes. A date that needs attention stays open and idle.
 */
import {
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import {
  outlookOf,
  outlookQuery,
  resultsOf,
  stateQuery,
  type Phase3Input,
  type Phase3Result,
} from '../contracts/date-state';
import { triggerSignal } from '../contracts/messages';
import { bypassUpdate, cancelUpdate, extendUpdate, recheckSignal } from '../contracts/decisions';
import { explainState } from '../explain/explain-date';
import { inOrderOfPlan } from '../plan/registry';
import { DateRun, now } from './date-run';
import {
  bypass,
  cancel,
  extendDeadline,
  recheck,
  validateBypass,
  validateCancel,
  validateExtension,
} from './decisions';
import { answerLate, endRun, runPass } from './run-pass';
import { afterCancellation, hasOnlyRefused, mayEnd } from './run-state';

export async function phase3Workflow(input: Phase3Input): Promise<Phase3Result> {
  const date = new DateRun(input);
  const life = new CancellationScope();
  setHandler(stateQuery, () => date.state);
  setHandler(outlookQuery, (requestIds) => outlookOf(date.state, requestIds));
  setHandler(triggerSignal, (...messages) => date.receive(messages));
  setHandler(recheckSignal, (message) => recheck(date, message));
  setHandler(bypassUpdate, (request) => bypass(date, request), {
    validator: (request) => validateBypass(date, request),
  });
  setHandler(extendUpdate, (request) => extendDeadline(date, request), {
    validator: (request) => validateExtension(date, request),
  });
  setHandler(cancelUpdate, (request) => cancel(date, request, () => life.cancel()), {
    validator: (request) => validateCancel(date, request),
  });
  try {
    return await life.run(() => live(date));
  } catch (error) {
    if (!isCancellation(error)) throw error;
    const decided = date.cancelled;
    const why = decided
      ? `by ${decided.by.trim()}: ${decided.reason.trim()}`
      : 'by a cancel request sent directly to Temporal; the history of the run shows who sent it';
    await CancellationScope.nonCancellable(() => endCancelled(date, why));
    // Whoever decided it through us gets a run that has ended as it should.
    if (decided) return resultOf(date);
    throw error;
  }
}

/**
 * Ends a run that was cancelled. What was asked before that ends with it. What is asked afterwards, while this run is still
 * ending, goes on in a next one, as it would have if it had come a moment later.
 */
async function endCancelled(date: DateRun, why: string): Promise<void> {
  date.isEnding = true;
  date.takeInbox();
  await endRun(date, 'cancelled', why);
  for (;;) {
    await condition(() => date.hasToAnswer() || date.isQuiet());
    if (!date.hasToAnswer()) break;
    await answerLate(date, 'cancelled', why);
  }
  if (!date.hasNews()) return;
  date.apply({ type: 'wentOn', requests: date.inbox.length, at: now() });
  await continueAsNew<typeof phase3Workflow>({
    gameDate: date.state.gameDate,
    carried: { state: afterCancellation(date.state), inbox: date.inbox },
  });
}

/**
 * A run that news reaches as it completes is not completed, and its worker has to replay it whole: the longer it is, the
 * longer that takes, until on a busy worker it takes longer than a task may. So where pass follows upon pass, a run that is
 * done stays for as long as the next message would take to come.
 */
const passesOfBusyRun = 3;
const lingerMs = 3_000;

async function live(date: DateRun): Promise<Phase3Result> {
  let passes = 0;
  let hasLingered = false;
  for (;;) {
    // The only exit: between this condition and the return below there is no await, so that a message which arrives
    // while the run completes is either in the inbox here or makes the server ask again.
    await condition(() => date.hasNews() || date.isQuiet());
    const isDone = mayEnd(date.state) || hasOnlyRefused(date.state);
    if (!date.hasNews() && isDone && !date.owesAudit()) {
      if (hasLingered || passes < passesOfBusyRun) return resultOf(date);
      hasLingered = true;
      await condition(() => date.hasNews(), lingerMs, {
        summary: 'all is done; waiting for further requests',
      });
      continue;
    }
    const idle = date.hasNews() ? 'news' : await newsInTime(date);
    if (idle === 'audited') continue;
    if (idle === 'too late') {
      // A decision that is being taken is news in a moment.
      await condition(() => date.hasNews() || date.isQuiet());
    }
    if (idle === 'too late' && !date.hasNews()) {
      await endRun(date, 'abandoned', `it waited ${daysOf(date.policy.abandonAfterMs)} days for a person`);
      await condition(() => date.hasNews() || date.isQuiet());
      if (!date.hasNews()) return resultOf(date);
    }
    // Nothing runs here, so this is where a long run continues as a new one, with its whole state.
    if (workflowInfo().continueAsNewSuggested) {
      await condition(() => date.isQuiet());
      await continueAsNew<typeof phase3Workflow>({
        gameDate: date.state.gameDate,
        carried: { state: date.state, inbox: date.inbox },
      });
    }
    date.idleSince = null;
    await runPass(date);
    passes += 1;
    hasLingered = false;
  }
}

/** How often what could not be written to the audit is tried again. */
const auditAgainMs = 5 * 60_000;

/**
 * Waits, idle, for somebody to act, and reminds once of a date in trouble. `too late` when nobody did for as long as an
 * unsettled date is kept open; `audited` when what was owed to the audit has been tried again.
 */
async function newsInTime(date: DateRun): Promise<'news' | 'too late' | 'audited'> {
  date.idleSince ??= Date.now();
  const giveUpAt = date.idleSince + date.policy.abandonAfterMs;
  for (;;) {
    const { trouble } = date.state;
    const remindAt =
      trouble && !trouble.remindedAt ? Date.parse(trouble.since) + date.policy.digestAfterMs : giveUpAt;
    // At least a millisecond: a wait of none would be one without end.
    const auditAt = date.owesAudit() ? Date.now() + auditAgainMs : giveUpAt;
    const waitMs = Math.max(1, Math.min(remindAt, giveUpAt, auditAt) - Date.now());
    const summary =
      auditAt < Math.min(remindAt, giveUpAt)
        ? 'writing to the audit is retried'
        : remindAt < giveUpAt
          ? 'a reminder that the date still needs a person'
          : 'the date is abandoned then';
    if (await condition(() => date.hasNews(), waitMs, { summary })) return 'news';
    if (Date.now() >= giveUpAt) return 'too late';
    if (Date.now() >= auditAt) {
      await date.tryAudit();
      return 'audited';
    }
    date.tell('still_in_trouble', explainState(date.state, true).headline);
  }
}

function daysOf(ms: number): number {
  return Math.round(ms / 86_400_000);
}

function resultOf(date: DateRun): Phase3Result {
  const { gameDate, runState, pass, answers } = date.state;
  return { gameDate, state: runState, passes: pass, results: inOrderOfPlan(resultsOf(date.state)), answers };
}
