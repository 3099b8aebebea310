/**
 * A night as it was before there were levels: the date is opened, all three processors are launched side by side, what
 * came of them is recorded. Nobody looks whether anything is ready, and the players read whatever offence is there.
 */
import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../../src/contracts/activities';
import { processorNames } from '../../../src/contracts/phase3';
import type { FlatActivities, FlatInput, FlatResult } from './flat-contract';

const { openPass, recordPass, buildUngated } = proxyActivities<
  Pick<Activities, 'openPass' | 'recordPass'> & FlatActivities
>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '10s', maximumAttempts: 5 },
});

export async function flatWorkflow({ gameDate }: FlatInput): Promise<FlatResult> {
  const { runId, workflowId } = workflowInfo();
  const token = { gameDate, runId, pass: 1 };
  const startedAt = new Date().toISOString();
  const { policy } = await openPass({ ...token, overrides: {} });
  const results = await Promise.all(
    processorNames.map((processor) => buildUngated({ ...token, processor, policy })),
  );
  await recordPass({
    ...token,
    workflowId,
    state: 'published',
    requests: [],
    results,
    probes: 0,
    waitedMs: 0,
    journal: [],
    startedAt,
    endedAt: new Date().toISOString(),
  });
  return { gameDate, results };
}
