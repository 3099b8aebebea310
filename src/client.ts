/** Phase3Client: the typed way to ask for work and to hear what came of it. Used by the command line and scripts. */
import { randomUUID } from 'node:crypto';
import { WorkflowNotFoundError, type Client, type WorkflowHandle } from '@temporalio/client';
import type { QueryDefinition } from '@temporalio/common';
import { askDate } from './activities/ask-date';
import { backfillQuery, type BackfillInput, type BackfillProgress } from './contracts/backfill';
import { stateQuery, type DateState } from './contracts/date-state';
import { backfillWorkflowType, identityOf, type Identity } from './contracts/identity';
import type { DateReply, RequestKind } from './contracts/messages';
import { newYorkDate } from './contracts/new-york';
import type { PolicyOverrides } from './contracts/phase3';
import { defaultSource } from './plan/triggers';
import { validateRange, validateRun } from './requests/validate-request';

/** A run that is known to Temporal but cannot be asked, since no worker is there. */
export class NoWorkerError extends Error {
  override readonly name = 'NoWorkerError';
}

export interface RunRequest {
  readonly gameDate: string;
  readonly source?: string;
  readonly processors?: readonly string[];
  readonly kind?: RequestKind;
  /** Sent again under the same id, a request joins itself. */
  readonly requestId?: string;
  readonly overrides?: PolicyOverrides;
}

/** A request that was accepted: the run that took it, and the id to find its answer by. */
export interface AcceptedRun {
  readonly gameDate: string;
  readonly requestId: string;
  readonly workflowId: string;
  readonly runId: string;
}

/** What an asker sees while it waits: the state, and the answer once it is there. */
export interface RunProgress {
  readonly state: DateState;
  readonly answer: DateReply | null;
}

const pollMs = 100;

export class Phase3Client {
  constructor(
    private readonly client: Client,
    /** "Now" for what judges the future: `PHASE3_NOW` sets it. */
    private readonly now: () => Date = () => new Date(),
    /** Told when a worker that should answer does not. */
    private readonly onSilence: (sentence: string) => void = () => undefined,
    /** Of the deployment that is asked. */
    private readonly identity: Identity = identityOf(null),
  ) {}

  /** Sends a trigger for a date. Throws {@link InvalidRequestError}; then nothing was sent. */
  async run(request: RunRequest): Promise<AcceptedRun> {
    const { gameDate, source, processors: named } = validateRun(request, newYorkDate(this.now()));
    const requestId = request.requestId ?? randomUUID();
    const { runId } = await askDate(this.client, this.identity, {
      gameDate,
      message: {
        requestId,
        kind: request.kind ?? 'run',
        source,
        ...(named ? { processors: named } : {}),
        ...(request.overrides ? { overrides: request.overrides } : {}),
      },
    });
    return { gameDate, requestId, workflowId: this.identity.dateWorkflowId(gameDate), runId };
  }

  /** Yields the date's state as it changes, and ends once the request is answered or the run has ended without it. */
  async *follow(accepted: AcceptedRun): AsyncGenerator<RunProgress> {
    let handle = this.client.workflow.getHandle(accepted.workflowId, accepted.runId);
    let last = '';
    let closed = false;
    for (;;) {
      const state = await this.query(handle, stateQuery);
      const answer = state.answers.find((candidate) => candidate.requestId === accepted.requestId) ?? null;
      const now = JSON.stringify([state.journal.length, state.journalDropped, state.runState, answer]);
      if (now !== last) {
        last = now;
        yield { state, answer };
      }
      if (answer || closed) return;
      const { status } = await handle.describe();
      // The newest run of the date has what its predecessors carried over.
      if (status.name === 'CONTINUED_AS_NEW') handle = this.client.workflow.getHandle(accepted.workflowId);
      // A run that has just ended is asked once more: the answer may be younger than the question above.
      else if (status.name !== 'RUNNING') closed = true;
      else await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }

  /** Starts a backfill of every date from `from` to `to`, both included. */
  async backfill(request: {
    readonly from: string;
    readonly to: string;
    readonly concurrency: number;
    readonly overrides?: PolicyOverrides;
  }): Promise<{ workflowId: string }> {
    const { from, to } = validateRange(request, newYorkDate(this.now()));
    const input: BackfillInput = {
      from,
      to,
      concurrency: request.concurrency,
      source: defaultSource,
      ...(request.overrides ? { overrides: request.overrides } : {}),
    };
    const workflowId = this.identity.backfillWorkflowId(from, to, randomUUID().slice(0, 8));
    await this.client.workflow.start(backfillWorkflowType, {
      workflowId,
      taskQueue: this.identity.taskQueue,
      args: [input],
      workflowTaskTimeout: '5s',
      staticSummary: `Backfill of ${from} to ${to}`,
    });
    return { workflowId };
  }

  /** Yields a backfill's progress until every date has answered. */
  async *followBackfill(workflowId: string): AsyncGenerator<BackfillProgress> {
    const handle = this.client.workflow.getHandle(workflowId);
    for (;;) {
      const progress = await this.query(handle, backfillQuery);
      yield progress;
      if (Object.keys(progress.replies).length >= progress.total) return;
      const { status } = await handle.describe();
      if (status.name !== 'RUNNING' && status.name !== 'COMPLETED')
        throw new Error(`The backfill ${workflowId} ended ${status.name.toLowerCase()}.`);
      await new Promise((resolve) => setTimeout(resolve, 2 * pollMs));
    }
  }

  /** The state of a date's newest run; null when Temporal knows none (then the record is the place to look). */
  async state(gameDate: string): Promise<{ state: DateState; isOpen: boolean } | null> {
    const handle = this.client.workflow.getHandle(this.identity.dateWorkflowId(gameDate));
    try {
      const { status } = await handle.describe();
      const state = await handle.query(stateQuery).catch((error: unknown) => {
        throw new NoWorkerError(
          `${gameDate} is ${status.name.toLowerCase()}, but no worker answers for it.`,
          { cause: error },
        );
      });
      return { state, isOpen: status.name === 'RUNNING' };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
  }

  /**
   * Asks a run, and goes on asking while no worker is there to answer: a worker's absence changes nothing but time.
   * `onSilence` is told once a silence.
   */
  private async query<T>(handle: WorkflowHandle, query: QueryDefinition<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await handle.query(query);
      } catch (error) {
        // A run that is not there is no silence.
        if (error instanceof WorkflowNotFoundError) throw error;
        await handle.describe();
        if (attempt === 1)
          this.onSilence('No worker answers; still waiting (`phase3 status` says what is up)');
        await new Promise((resolve) => setTimeout(resolve, 10 * pollMs));
      }
    }
  }
}
