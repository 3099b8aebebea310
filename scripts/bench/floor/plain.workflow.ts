/** What a night is measured against: workflows that do the same activities and know nothing. */
import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { NoopActivities, Step } from './plain-contract';

const noop = proxyActivities<NoopActivities>({ startToCloseTimeout: '1 minute' });

/** The floor: five activities in the order of a night. */
export async function floorWorkflow(): Promise<void> {
  await noop.check();
  await Promise.all([noop.offense(), noop.defense()]);
  await noop.check();
  await noop.players();
}

/** The proxy has an activity for every name. */
const real = proxyActivities<Record<string, (argument: unknown) => Promise<unknown>>>({
  startToCloseTimeout: '10 minutes',
});

/**
 * Steps one after another, the activities of each side by side. Their arguments were recorded of another run; its id in them
 * becomes this one's. Returns what each answered.
 */
export async function stepsWorkflow(steps: readonly Step[][], recordedRunId: string): Promise<unknown[]> {
  const { runId } = workflowInfo();
  const answers: unknown[] = [];
  for (const together of steps) {
    const run = async ({ name, argument }: Step): Promise<unknown> => {
      const own: unknown = JSON.parse(JSON.stringify(argument).replaceAll(recordedRunId, runId));
      return real[name]?.(own);
    };
    answers.push(...(await Promise.all(together.map(run))));
  }
  return answers;
}
