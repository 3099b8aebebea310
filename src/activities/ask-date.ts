/** Asks a date for a pass: signal-with-start, so that it joins a run that is open and starts one where none is. */
import type { Client } from '@temporalio/client';
import type { AskDateRequest } from '../contracts/activities';
import { phase3WorkflowType, type Identity } from '../contracts/identity';
import { triggerSignal } from '../contracts/messages';
import { searchAttributes } from '../contracts/search-attributes';
import { traced, traceparentNow } from '../observability/traced';
import type { Phase3Input } from '../contracts/date-state';

/** Sends the message, and what goes with it, and returns the run that took it. Safe to repeat: the request id joins. */
export async function askDate(
  client: Pick<Client, 'workflow'>,
  identity: Pick<Identity, 'taskQueue' | 'dateWorkflowId'>,
  { gameDate, message, more = [] }: AskDateRequest,
): Promise<{ runId: string }> {
  const input: Phase3Input = { gameDate };
  const workflowId = identity.dateWorkflowId(gameDate);
  const attributes = { 'temporal.workflow_id': workflowId, 'phase3.request_id': message.requestId };
  return traced('send to a date', attributes, async () => {
    const handle = await client.workflow.signalWithStart(phase3WorkflowType, {
      workflowId,
      taskQueue: identity.taskQueue,
      args: [input],
      signal: triggerSignal,
      signalArgs: [{ ...message, ...traceparentNow() }, ...more],
      // A closed run is history; a new trigger starts the next one.
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      // A worker that dies in mid-task gives its dates back this soon.
      workflowTaskTimeout: '5s',
      staticSummary: `Phase 3 of ${gameDate}`,
      typedSearchAttributes: [
        { key: searchAttributes.gameDate, value: new Date(`${gameDate}T00:00:00Z`) },
        { key: searchAttributes.runState, value: 'running' },
        { key: searchAttributes.triggeredBy, value: message.source },
        { key: searchAttributes.marks, value: [] },
      ],
    });
    return { runId: handle.signaledRunId };
  });
}
