/** Asks a date for a pass: signal-with-start, so that it joins a run that is open and starts one where none is. */
import type { Client } from '@temporalio/client';
import type { AskDateRequest, AskDatesRequest, DatesInput } from '../contracts/activities';
import { datesWorkflowType, phase3WorkflowType, type Identity } from '../contracts/identity';
import { triggerSignal } from '../contracts/messages';
import { backfillKey, givesWay, isOfBackfill, liveKey } from '../contracts/urgency';
import { searchAttributes } from '../contracts/search-attributes';
import { traced, traceparentNow } from '../observability/traced';
import type { Phase3Input } from '../contracts/date-state';

/**
 * Sends the message, and what goes with it, and returns the run that took it. Safe to repeat: the request id joins. A run that a
 * backfill has begun gives way to live work until somebody else asks for its date.
 */
export async function askDate(
  client: Pick<Client, 'workflow'>,
  identity: Pick<Identity, 'taskQueue' | 'dateWorkflowId'>,
  { gameDate, message, more = [], carried }: AskDateRequest,
): Promise<{ runId: string }> {
  const input: Phase3Input = carried ? { gameDate, carried, wasShared: true } : { gameDate };
  const workflowId = identity.dateWorkflowId(gameDate);
  const attributes = { 'temporal.workflow_id': workflowId, 'phase3.request_id': message.requestId };
  const giveWay = [message, ...more].every(({ kind }) => isOfBackfill(kind));
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
      ...(giveWay ? { priority: { priorityKey: backfillKey } } : {}),
      staticSummary: `Phase 3 of ${gameDate}`,
      typedSearchAttributes: [
        { key: searchAttributes.gameDate, value: new Date(`${gameDate}T00:00:00Z`) },
        { key: searchAttributes.runState, value: 'running' },
        { key: searchAttributes.triggeredBy, value: message.source },
        { key: searchAttributes.marks, value: [] },
      ],
    });
    if (!giveWay) await raise(client.workflow, workflowId, handle.signaledRunId);
    return { runId: handle.signaledRunId };
  });
}

/** Asks several dates, each in a run of its own or all in one that they share. Safe to repeat. */
export async function askAll(
  client: Pick<Client, 'workflow'>,
  identity: Pick<Identity, 'taskQueue' | 'dateWorkflowId' | 'datesWorkflowId'>,
  { dates, shareFor }: AskDatesRequest,
): Promise<void> {
  const [first] = dates;
  if (shareFor === undefined || first === undefined || dates.length === 1) {
    await Promise.all(dates.map((date) => askDate(client, identity, date)));
    return;
  }
  const last = dates.at(-1)?.gameDate ?? first.gameDate;
  const trace = traceparentNow();
  const input: DatesInput = {
    dates: dates.map((date) => ({ ...date, message: { ...date.message, ...trace } })),
  };
  await client.workflow.start(datesWorkflowType, {
    workflowId: identity.datesWorkflowId(shareFor, first.gameDate),
    taskQueue: identity.taskQueue,
    args: [input],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowTaskTimeout: '5s',
    priority: { priorityKey: backfillKey },
    staticSummary: `Phase 3 of ${dates.length} dates, ${first.gameDate} to ${last}`,
    // By date, what has come of it so far: the list says it for each of them.
    memo: Object.fromEntries(dates.map(({ gameDate }) => [gameDate, 'running'])),
    typedSearchAttributes: [{ key: searchAttributes.triggeredBy, value: first.message.source }],
  });
}

/** Whether a run of the date's own workflow is open. */
export async function hasOwnRun(
  client: Pick<Client, 'workflow'>,
  identity: Pick<Identity, 'dateWorkflowId'>,
  gameDate: string,
): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(identity.dateWorkflowId(gameDate)).describe();
    return status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return false;
    throw error;
  }
}

/** Runs that are known to give way to nobody, the newest last. A run that takes thousands of messages is asked about once. */
const live = new Set<string>();
const mostLive = 1_000;

/**
 * Makes a run that gives way live: its workflow tasks and activities, those too that wait in the queue. The request is taken
 * already, so that a server that cannot do it, or a run that has ended meanwhile, is no failure.
 */
async function raise(client: Client['workflow'], workflowId: string, runId: string): Promise<void> {
  if (live.has(runId)) return;
  try {
    const { priority } = await client.getHandle(workflowId, runId).describe();
    if (givesWay(priority?.priorityKey))
      await client.workflowService.updateWorkflowExecutionOptions({
        namespace: client.options.namespace,
        workflowExecution: { workflowId, runId },
        workflowExecutionOptions: { priority: { priorityKey: liveKey } },
        updateMask: { paths: ['priority'] },
      });
    const [oldest] = live.add(runId);
    if (live.size > mostLive && oldest !== undefined) live.delete(oldest);
  } catch {
    // Then it is as fast as the backfill.
  }
}
