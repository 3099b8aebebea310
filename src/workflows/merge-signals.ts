/**
 * Signals of one name that a workflow task brings in a row are handled as one with all of their messages. Each signal costs
 * the SDK some promises, whose stacks it captures: ten thousand of them block a workflow thread for two seconds, merged for
 * a seventh of one. A replay gets the same tasks, so it merges the same.
 */
import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';

/** Signals whose handlers take any number of messages. */
const merged: readonly unknown[] = ['trigger', 'recheck'];

type Activation = Parameters<
  NonNullable<NonNullable<ReturnType<WorkflowInterceptorsFactory>['internals']>[number]['activate']>
>[0]['activation'];
type Job = NonNullable<Activation['jobs']>[number];

export const interceptors: WorkflowInterceptorsFactory = () => ({
  internals: [
    {
      activate(input, next) {
        input.activation.jobs = mergeSignals(input.activation.jobs ?? []);
        next(input);
      },
    },
  ],
});

function mergeSignals(jobs: readonly Job[]): Job[] {
  const all: Job[] = [];
  let last: NonNullable<Job['signalWorkflow']> | null = null;
  for (const job of jobs) {
    const signal = job.signalWorkflow;
    // One without a message is refused on its own.
    const isMerged = signal && merged.includes(signal.signalName) && (signal.input ?? []).length > 0;
    if (isMerged && last && last.signalName === signal.signalName) {
      for (const message of signal.input ?? []) last.input?.push(message);
      continue;
    }
    last = isMerged ? signal : null;
    if (last) last.input = [...(last.input ?? [])];
    all.push(job);
  }
  return all;
}
