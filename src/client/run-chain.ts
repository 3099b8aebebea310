/** Runs that went on as others: one that is asked for anew under the same workflow id is none of them, and knows nothing of them. */
import type { Client, WorkflowExecutionStatusName, WorkflowHandle } from '@temporalio/client';

/** A run of a workflow; without its id, the newest. */
export interface RunRef {
  readonly workflowId: string;
  readonly runId?: string;
}

/** The run that has what another had, and how it stands. */
export interface LastOfChain {
  readonly handle: WorkflowHandle;
  readonly runId: string;
  readonly status: WorkflowExecutionStatusName;
}

/** The run that has what this one had: itself, or the last of those that it went on as. */
export async function lastOfChain(client: Client, { workflowId, runId }: RunRef): Promise<LastOfChain> {
  for (let at = runId; ;) {
    const handle = client.workflow.getHandle(workflowId, at, { followRuns: false });
    const { runId: known, status } = await handle.describe();
    const next = status.name === 'CONTINUED_AS_NEW' ? await wentOnAs(client, workflowId, known) : null;
    if (next === null) return { handle, runId: known, status: status.name };
    at = next;
  }
}

/** The last event of a run that went on says as which; null where it does not. */
async function wentOnAs(client: Client, workflowId: string, runId: string): Promise<string | null> {
  const { workflowService, options } = client;
  const { history } = await workflowService.getWorkflowExecutionHistoryReverse({
    ...{ namespace: options.namespace, execution: { workflowId, runId }, maximumPageSize: 1 },
  });
  const [last] = history?.events ?? [];
  return last?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? null;
}
