/** Sends rechecks to the open run of a date, each until the server takes it, and until a check has come after the last. */
import { randomUUID } from 'node:crypto';
import { ServiceError, type Client } from '@temporalio/client';
import { BusyError, NotOpenError, reasonOf } from '../../src/client';
import { recheckSignal } from '../../src/contracts/decisions';
import { atOnce, type History } from '../bench/system';
import { pause } from './askers';
import { instantOf } from './chain';
import { exactly, figure, type Row } from './rows';

const sendersAtOnce = 40;
const [firstBackOffMs, longestBackOffMs] = [1_000, 8_000];
const lookEveryMs = 1_000;

export interface SentRechecks {
  rows(begunAt: number): Row[];
  readonly refusals: ReadonlyMap<string, number>;
}

export async function sendRechecks(
  temporal: Client,
  workflowId: string,
  count: number,
  send: (requestId: string) => Promise<void>,
  mayGoOn: () => Promise<boolean>,
): Promise<SentRechecks> {
  const refusals = new Map<string, number>();
  let [accepted, refused] = [0, 0];
  const sendUntilTaken = async (): Promise<void> => {
    const requestId = randomUUID();
    for (let backOffMs = firstBackOffMs; ; backOffMs = Math.min(2 * backOffMs, longestBackOffMs))
      try {
        await send(requestId);
        accepted += 1;
        return;
      } catch (error) {
        if (!(error instanceof ServiceError || error instanceof BusyError || error instanceof NotOpenError))
          throw error;
        refused += 1;
        refusals.set(reasonOf(error), (refusals.get(reasonOf(error)) ?? 0) + 1);
        if (!(await mayGoOn())) return;
        await pause(backOffMs);
      }
  };
  await atOnce(Array.from({ length: count }), sendersAtOnce, sendUntilTaken);
  const takenAt = Date.now();
  let unchecked = await uncheckedOf(temporal, workflowId);
  while (unchecked > 0 && (await mayGoOn())) {
    await pause(lookEveryMs);
    unchecked = await uncheckedOf(temporal, workflowId);
  }
  const checkedAt = Date.now();
  return {
    refusals,
    rows: (begunAt) => [
      figure('rechecks', 'count', count),
      figure('rechecks accepted by the server', 'count', accepted),
      figure('rechecks refused by the server, then sent again', 'count', refused),
      exactly(
        0,
        figure('rechecks lost: not accepted, or no check since', 'count', count - accepted + unchecked),
      ),
      figure('until the last is accepted', 's', (takenAt - begunAt) / 1000),
      figure('until a check has come after the last', 's', (checkedAt - begunAt) / 1000),
    ],
  };
}

/** Rechecks in the date's histories that no check was begun after. */
async function uncheckedOf(temporal: Client, workflowId: string): Promise<number> {
  const events: NonNullable<History['events']> = [];
  for await (const { runId } of temporal.workflow.list({ query: `WorkflowId = '${workflowId}'` }))
    events.push(...((await temporal.workflow.getHandle(workflowId, runId).fetchHistory()).events ?? []));
  const lastCheck = Math.max(
    0,
    ...events
      .filter(
        (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'checkDependencies',
      )
      .map(instantOf),
  );
  return events.filter(
    (event) =>
      event.workflowExecutionSignaledEventAttributes?.signalName === recheckSignal.name &&
      instantOf(event) > lastCheck,
  ).length;
}
