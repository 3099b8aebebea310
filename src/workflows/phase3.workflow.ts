/**
 * `phase3Workflow`: the only writer of a game date. It is started by the date's first trigger, runs passes until its inbox
 * is empty and the date is settled, then completes. A date that needs attention stays open and idle.
 */
import {
  CancellationScope,
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { resultsOf, stateQuery, type Phase3Input } from '../contracts/date-state';
import { triggerSignal, type DateReply } from '../contracts/messages';
import type { ProcessorResult, RunState } from '../contracts/phase3';
import { DateRun } from './date-run';
import { endRun, runPass } from './run-pass';
import { mayEnd } from './run-state';

export interface Phase3Result {
  gameDate: string;
  state: RunState;
  passes: number;
  results: ProcessorResult[];
  answers: DateReply[];
}

/** How long an unsettled date is kept open for somebody to act. */
const abandonAfter = '14 days';

export async function phase3Workflow(input: Phase3Input): Promise<Phase3Result> {
  const date = new DateRun(input);
  setHandler(stateQuery, () => date.state);
  setHandler(triggerSignal, (message) => date.receive(message));
  try {
    return await live(date);
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => endRun(date, 'cancelled'));
    throw error;
  }
}

async function live(date: DateRun): Promise<Phase3Result> {
  for (;;) {
    // The only exit: between this condition and the return below there is no await, so that a message which arrives
    // while the run completes is either in the inbox here or makes the server ask again.
    await condition(() => date.hasNews() || allHandlersFinished());
    if (!date.hasNews() && mayEnd(date.state)) return resultOf(date);
    if (!date.hasNews()) {
      const news = await condition(() => date.hasNews(), abandonAfter);
      if (!news) {
        await endRun(date, 'abandoned');
        await condition(() => date.hasNews() || allHandlersFinished());
        if (!date.hasNews()) return resultOf(date);
      }
    }
    // Nothing runs here, so this is where a long life goes over into a new run, with all it knows.
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof phase3Workflow>({
        gameDate: date.state.gameDate,
        carried: { state: date.state, inbox: date.inbox },
      });
    }
    await runPass(date);
  }
}

function resultOf(date: DateRun): Phase3Result {
  const { gameDate, runState, pass, answers } = date.state;
  return { gameDate, state: runState, passes: pass, results: resultsOf(date.state), answers };
}
