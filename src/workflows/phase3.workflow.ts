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
import type { Phase3Input } from '../contracts/date-state';
import { stateQuery, triggerSignal, type DateReply } from '../contracts/messages';
import type { ProcessorResult, RunState } from '../contracts/phase3';
import { recordPass } from './activity-stubs';
import { DateRun, now } from './date-run';
import { runPass } from './run-pass';
import { mayEnd, resultsOf } from './run-state';

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
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => recordEnd(date, 'cancelled'));
    throw error;
  }
}

async function live(date: DateRun): Promise<Phase3Result> {
  for (;;) {
    // The only exit: between this condition and the return below there is no await, so that a message which arrives
    // while the run completes is either in the inbox here or makes the server ask again.
    await condition(() => date.inbox.length > 0 || allHandlersFinished());
    if (date.inbox.length === 0 && mayEnd(date.state)) return resultOf(date);
    if (date.inbox.length === 0) {
      const news = await condition(() => date.inbox.length > 0, abandonAfter);
      if (!news) {
        await recordEnd(date, 'abandoned');
        return resultOf(date);
      }
    }
    // Nothing runs here, so this is where a long life goes over into a new run, with all it knows.
    if (workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof phase3Workflow>({
        gameDate: date.state.gameDate,
        carried: { state: date.state, inbox: date.inbox },
      });
    await runPass(date);
  }
}

function resultOf(date: DateRun): Phase3Result {
  const { gameDate, runState, pass, answers } = date.state;
  return { gameDate, state: runState, passes: pass, results: resultsOf(date.state), answers };
}

/** Puts an end that no pass brought about on the record, under a pass number of its own. */
async function recordEnd(date: DateRun, as: 'abandoned' | 'cancelled'): Promise<void> {
  date.apply({ type: 'ended', as, at: now() });
  const { state } = date;
  await recordPass({
    gameDate: state.gameDate,
    runId: workflowInfo().runId,
    pass: state.pass + 1,
    workflowId: workflowInfo().workflowId,
    state: as,
    requests: state.pending,
    results: resultsOf(state),
    probes: 0,
    waitedMs: 0,
    journal: state.journal.slice(-1),
    startedAt: now(),
    endedAt: now(),
  });
}
