/** Workflow ids, task queue and other names that must be made in one place only. */

export const taskQueue = 'phase3';
export const phase3WorkflowType = 'phase3Workflow';
export const backfillWorkflowType = 'backfillWorkflow';

/** Id of the one workflow that writes a game date. */
export function phase3WorkflowId(gameDate: string): string {
  return `phase3/${gameDate}`;
}

/** Id of a backfill; `requestId` tells two of the same range apart. */
export function backfillWorkflowId(from: string, to: string, requestId: string): string {
  return `phase3-backfill/${from}/${to}/${requestId}`;
}

/** Request id with which a backfill asks a date: the same on every re-ask. */
export function backfillRequestId(backfillId: string, gameDate: string): string {
  return `${backfillId}#${gameDate}`;
}
