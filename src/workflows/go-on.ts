/** How a run goes on as the next one, on the build that is current then. A run never changes its build while it lives. */
import type { DateMemory } from '../contracts/date-state';
import { makeContinueAsNewFunc, workflowInfo, type Workflow } from '@temporalio/workflow';

/** Ends this run with the next one of the same workflow. */
export function goOn<F extends Workflow>(...input: Parameters<F>): Promise<never> {
  return makeContinueAsNewFunc<F>({ initialVersioningBehavior: 'AUTO_UPGRADE' })(...input);
}

/** The server suggests it at 4,096 events. */
const longestHistory = 1_000;

/**
 * Whether a history is long enough to go on as the next run. A run that is flooded as it does is not completed, and its worker
 * replays it whole. Meanwhile the server keeps a hundred signals, then cuts the task off and has the run replayed once more: the
 * replay has to be shorter than that takes.
 */
export function isLong(): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || historyLength >= longestHistory;
}

/** Whether another build is current than the one that this run is on. The server says so with each workflow task. */
export function isOutdated(): boolean {
  return workflowInfo().targetWorkerDeploymentVersionChanged;
}

/** Thrown by a date that shares its run and cannot go on there: it goes on in a run of its own, with what it remembers. */
export class GoesOnAlone extends Error {
  constructor(readonly carried: DateMemory | null) {
    super('the date goes on in a run of its own');
  }
}
