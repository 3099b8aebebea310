/**
 * `datesWorkflow`: several dates of a backfill in one run. Each lives by the loop of `phase3Workflow`, with its own passes, claims and
 * records; what they ask for in one turn is one activity. A date that would have to wait, or that has a run of its own
 * meanwhile, goes on there.
 */
import {
  CancellationScope,
  CancelledFailure,
  isCancellation,
  setCurrentDetails,
  upsertMemo,
} from '@temporalio/workflow';
import type { AskDateRequest, DatesInput } from '../contracts/activities';
import type { DateMemory } from '../contracts/date-state';
import { isTrouble, stateOfResults, type RunState } from '../contracts/phase3';
import { askDates } from './activity-stubs';
import { DateRun } from './date-run';
import { GoesOnAlone } from './go-on';
import { marksOf } from './memory';
import { record, settledNow } from './night';
import { Shared } from './outside';
import { liveToTheEnd } from './phase3.workflow';

export async function datesWorkflow({ dates }: DatesInput): Promise<Record<string, RunState | null>> {
  const shared = new Shared();
  const states: Record<string, RunState | null> = {};
  const isOver = (): boolean => Object.keys(states).length === dates.length;
  const live = async (asked: AskDateRequest): Promise<void> => {
    states[asked.gameDate] = await liveTogether(asked, shared);
    setCurrentDetails(describeShared(states, dates.length));
  };
  // Whatever becomes of the run, what its dates have begun is ended as theirs would be.
  const serving = CancellationScope.nonCancellable(() => shared.serve(isOver));
  await Promise.all([serving, ...dates.map(live)]);
  // Here, and not as they come: each time is an event.
  upsertMemo(states);
  if (CancellationScope.current().consideredCancelled)
    throw new CancelledFailure('its dates have ended as cancelled');
  return states;
}

/** For the Temporal UI's details pane. */
function describeShared(states: Readonly<Record<string, RunState | null>>, total: number): string {
  const lines = Object.entries(states).map(
    ([date, state]) => `- ${date}: ${state ?? 'goes on in a run of its own'}`,
  );
  return [`**${lines.length} of ${total} dates are done**`, '', ...lines].join('\n');
}

/**
 * Returns the state that the date has come to; null where it goes on in a run of its own: one that needs a person, or of which there
 * is something remarkable, too, so that it is found by its search attributes like all others.
 */
async function liveTogether(asked: AskDateRequest, shared: Shared): Promise<RunState | null> {
  const { gameDate, message } = asked;
  const date = new DateRun({ gameDate }, shared);
  date.receive('trigger', [message]);
  let carried: DateMemory | null;
  try {
    const { state } = await liveToTheEnd({ date, life: new CancellationScope() });
    if (!isTrouble(state) && marksOf(date.memory).length === 0) return state;
    carried = date.memory;
  } catch (error) {
    // Each has ended by itself; then the run does.
    if (isCancellation(error)) return date.result.state;
    if (!(error instanceof GoesOnAlone)) throw error;
    carried = error.carried;
    await date.untilQuiet();
    // What it has published here is on record under the pass that has published it.
    const results = settledNow(date);
    if (!carried && results.length > 0) await record(date, stateOfResults(results), results);
  }
  await askDates({ dates: [{ ...asked, ...(carried ? { carried } : {}) }] });
  return null;
}
