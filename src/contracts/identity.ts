/** Workflow ids, task queue and other names that must be made in one place only. */

export const phase3WorkflowType = 'phase3Workflow';
export const backfillWorkflowType = 'backfillWorkflow';
export const datesWorkflowType = 'datesWorkflow';

/**
 * Names of one deployment on a Temporal server. A deployment with a dataset prefix writes tables of its own, so its dates
 * are other dates: on a server that both share, neither may take up the other's work.
 */
export interface Identity {
  readonly taskQueue: string;
  /** Name of its worker deployment, whose versions are the builds. */
  readonly deployment: string;
  /** Id of the one workflow that writes a game date. */
  dateWorkflowId(gameDate: string): string;
  /** Id of a backfill; `requestId` tells two of the same range apart. */
  backfillWorkflowId(from: string, to: string, requestId: string): string;
  /** Id of the run that several dates of a backfill share; `first` is the first of them. */
  datesWorkflowId(backfillId: string, first: string): string;
  /** What the ids of all its backfills begin with. */
  readonly backfillPrefix: string;
}

/** The names of the deployment with this dataset prefix; null for the one without. */
export function identityOf(prefix: string | null): Identity {
  const taskQueue = prefix === null ? 'phase3' : `phase3-${prefix}`;
  const backfillPrefix = `${taskQueue}-backfill/`;
  return {
    taskQueue,
    deployment: taskQueue,
    dateWorkflowId: (gameDate) => `${taskQueue}/${gameDate}`,
    backfillWorkflowId: (from, to, requestId) => `${backfillPrefix}${from}/${to}/${requestId}`,
    datesWorkflowId: (backfillId, first) => `${taskQueue}-dates/${first}/of/${backfillId}`,
    backfillPrefix,
  };
}

/** Request id with which a backfill asks a date: the same on every re-ask. */
export function backfillRequestId(backfillId: string, gameDate: string): string {
  return `${backfillId}#${gameDate}`;
}

/** What the run ids of adoptions begin with: they are on record beside those of runs. */
export const adoptionPrefix = 'adopt/';
