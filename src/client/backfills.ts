/** Starts backfills and follows them. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { backfillQuery, type BackfillInput, type BackfillProgress } from '../contracts/backfill';
import { backfillRequestId, backfillWorkflowType } from '../contracts/identity';
import type { PolicyOverrides, ProcessorName } from '../contracts/phase3';
import { defaultSource } from '../plan/registry';
import { requireProcessor, validateRange } from '../requests/validate-request';
import { pollMs, type Deployment } from './deployment';

export class Backfills {
  constructor(private readonly at: Deployment) {}

  /** Starts a backfill of every date from `from` to `to`, both included. */
  async start(request: {
    readonly from: string;
    readonly to: string;
    readonly concurrency: number;
    readonly overrides?: PolicyOverrides;
    /** What each date is asked as; a backfill, which asks once, where it is left out. */
    readonly kind?: 'backfill' | 'run';
    readonly processors?: readonly string[];
    /** The only dates that are asked, each for these processors. */
    readonly only?: Readonly<Record<string, readonly string[]>>;
    /** What tells it from others of the range; by default nothing that is known. Of one id there is one, ever: it is joined. */
    readonly id?: string;
    readonly by?: string;
    readonly correlationId?: string;
  }): Promise<{ workflowId: string }> {
    const { from, to } = validateRange(request, this.at.today());
    const input: BackfillInput = {
      from,
      to,
      concurrency: request.concurrency,
      source: defaultSource,
      ...(request.overrides ? { overrides: request.overrides } : {}),
      ...(request.kind ? { kind: request.kind } : {}),
      ...(request.processors ? { processors: request.processors.map((name) => requireProcessor(name)) } : {}),
      ...(request.only ? { only: onlyOf(request.only) } : {}),
      ...(request.by === undefined ? {} : { by: request.by }),
      ...(request.correlationId === undefined ? {} : { correlationId: request.correlationId }),
    };
    const workflowId = this.idOf(from, to, request.id ?? randomUUID().slice(0, 8));
    await this.at.client.workflow.start(backfillWorkflowType, {
      workflowId,
      taskQueue: this.at.identity.taskQueue,
      args: [input],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowTaskTimeout: '5s',
      staticSummary: `Backfill of ${from} to ${to}`,
    });
    return { workflowId };
  }

  /** The id of its workflow. */
  idOf(from: string, to: string, id: string): string {
    return this.at.identity.backfillWorkflowId(from, to, id);
  }

  /** Yields a backfill's progress until every date has answered. */
  async *follow(workflowId: string): AsyncGenerator<BackfillProgress> {
    const handle = this.at.client.workflow.getHandle(workflowId);
    for (;;) {
      const progress = await this.at.query(handle, backfillQuery);
      yield progress;
      if (Object.keys(progress.replies).length >= progress.total) return;
      const { status } = await handle.describe();
      if (status.name !== 'RUNNING' && status.name !== 'COMPLETED')
        throw new Error(`The backfill ${workflowId} ended ${status.name.toLowerCase()}.`);
      await pause(2 * pollMs);
    }
  }

  /** How far a backfill is, as it says itself. */
  async progress(workflowId: string): Promise<BackfillProgress> {
    return this.at.soon(() => this.at.client.workflow.getHandle(workflowId).query(backfillQuery));
  }

  /** The id of the workflow that writes a date, and of its request in a backfill. */
  requestOf(workflowId: string, gameDate: string): { workflowId: string; requestId: string } {
    return {
      workflowId: this.at.identity.dateWorkflowId(gameDate),
      requestId: backfillRequestId(workflowId, gameDate),
    };
  }
}

/** Dates ascending: the workflow asks them in the order in which they come. */
function onlyOf(only: Readonly<Record<string, readonly string[]>>): Record<string, ProcessorName[]> {
  const dates = Object.entries(only).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    dates.map(([date, names]) => [date, names.map((name) => requireProcessor(name))]),
  );
}
