/** Phase3Client: the typed way to ask for work and to hear what came of it. Used by the command line and scripts. */
import { randomUUID } from 'node:crypto';
import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
  type WorkflowExecutionInfo,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure, type QueryDefinition, type UpdateDefinition } from '@temporalio/common';
import { askDate } from './activities/ask-date';
import { backfillQuery, type BackfillInput, type BackfillProgress } from './contracts/backfill';
import {
  outlookOfResult,
  outlookQuery,
  stateQuery,
  type DateOutlook,
  type DateState,
  type Phase3Result,
} from './contracts/date-state';
import {
  backfillRequestId,
  backfillWorkflowType,
  identityOf,
  phase3WorkflowType,
  type Identity,
} from './contracts/identity';
import { failureTypes } from './contracts/failures';
import type { DateReply, RequestKind, TriggerMessage } from './contracts/messages';
import {
  bypassUpdate,
  cancelUpdate,
  extendUpdate,
  recheckSignal,
  type BypassRequest,
  type Decided,
  type RecheckMessage,
} from './contracts/overrides';
import { newYorkDate } from './contracts/new-york';
import { isTrouble, type PolicyOverrides, type RunState } from './contracts/phase3';
import { searchAttributes } from './contracts/search-attributes';
import { defaultSource } from './plan/registry';
import {
  requireGameDate,
  requireInputTable,
  requireProcessor,
  requireReason,
  requireVersion,
  requireWho,
  validateRange,
  validateRun,
} from './requests/validate-request';

/** A run that is known to Temporal but cannot be asked, since no worker is there. */
export class NoWorkerError extends Error {
  override readonly name = 'NoWorkerError';
}

/** A decision that the date does not take; the message says why. Nothing of it is on record. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** A decision that could not be carried out, by no fault of who sent it. */
export class FailedError extends Error {
  override readonly name = 'FailedError';
}

/** Nothing of the date is open, so nobody can decide about it. */
export class NotOpenError extends Error {
  override readonly name = 'NotOpenError';
}

/** How long whoever can ask again waits for one answer. */
const questionMs = 5_000;
/** How long a person waits for the whole state: a worker that has just come up has a history to replay. */
const stateMs = 10_000;
/** Longer than the audit may take to be written. */
const decisionMs = 180_000;

export interface RunRequest {
  readonly gameDate: string;
  readonly source?: string;
  readonly processors?: readonly string[];
  readonly kind?: RequestKind;
  /** Sent again under the same id, a request joins itself. */
  readonly requestId?: string;
  readonly overrides?: PolicyOverrides;
  /** Who asks, where that is known. */
  readonly by?: string;
  /** What the sender calls the work that this is a part of. */
  readonly correlationId?: string;
}

/** A request that was accepted: the run that took it, and the id to find its answer by. */
export interface AcceptedRun {
  readonly gameDate: string;
  readonly requestId: string;
  readonly workflowId: string;
  readonly runId: string;
}

/** A date whose run is open. */
export interface OpenDate {
  readonly gameDate: string;
  readonly state: RunState;
  /** Tables that hold it up. */
  readonly blockedOn: readonly string[];
  readonly isBypassed: boolean;
  /** When the run began, ISO 8601, UTC. */
  readonly since: string;
}

/** What an asker sees while it waits: the state, and the answer once it is there. */
export interface RunProgress {
  readonly state: DateState;
  readonly answer: DateReply | null;
}

const pollMs = 100;

/** What Temporal's list says of a run, for which no worker has to answer. */
function listed({
  typedSearchAttributes,
}: Pick<WorkflowExecutionInfo, 'typedSearchAttributes'>): Pick<
  OpenDate,
  'state' | 'blockedOn' | 'isBypassed'
> {
  return {
    state: (typedSearchAttributes.get(searchAttributes.runState) ?? 'running') as RunState,
    blockedOn: typedSearchAttributes.get(searchAttributes.blockedOn) ?? [],
    isBypassed: typedSearchAttributes.get(searchAttributes.bypassed) ?? false,
  };
}

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
    return this.send(request, {});
  }

  /** The message that {@link run} sends. Throws {@link InvalidRequestError}. */
  messageOf(request: RunRequest): { readonly gameDate: string; readonly message: TriggerMessage } {
    const { gameDate, source, processors: named } = validateRun(request, newYorkDate(this.now()));
    return {
      gameDate,
      message: {
        requestId: request.requestId ?? randomUUID(),
        kind: request.kind ?? 'run',
        source,
        ...(named ? { processors: named } : {}),
        ...(request.overrides ? { overrides: request.overrides } : {}),
        ...(request.by === undefined ? {} : { by: request.by }),
        ...(request.correlationId === undefined ? {} : { correlationId: request.correlationId }),
      },
    };
  }

  /** Sends messages of one date in one signal, and returns the run that took them. Each is a request of its own. */
  async sendTogether(
    gameDate: string,
    [message, ...more]: readonly [TriggerMessage, ...TriggerMessage[]],
  ): Promise<Pick<AcceptedRun, 'workflowId' | 'runId'>> {
    const { runId } = await askDate(this.client, this.identity, {
      ...{ gameDate, message },
      ...(more.length > 0 ? { more } : {}),
    });
    return { workflowId: this.identity.dateWorkflowId(gameDate), runId };
  }

  private async send(
    request: RunRequest,
    decided: Pick<TriggerMessage, 'by' | 'reason' | 'version' | 'force'>,
  ): Promise<AcceptedRun> {
    const { gameDate, message } = this.messageOf(request);
    const run = await this.sendTogether(gameDate, [{ ...message, ...decided }]);
    return { gameDate, requestId: message.requestId, ...run };
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

  /**
   * Sends a rerun: a trigger that says who wants it and why, and goes into the audit. What it names brings its downstream.
   * Throws {@link InvalidRequestError}; then nothing was sent.
   */
  async rerun(request: {
    readonly gameDate: string;
    readonly reason: string;
    readonly by: string;
    readonly processors?: readonly string[];
    readonly requestId?: string;
    readonly overrides?: PolicyOverrides;
    /** Build what is named even if nothing has changed. */
    readonly force?: boolean;
  }): Promise<AcceptedRun> {
    const [by, reason] = [requireWho(request.by), requireReason(request.reason)];
    return this.send(
      { ...request, kind: 'rerun' },
      { by, reason, ...(request.force ? { force: true } : {}) },
    );
  }

  /**
   * Makes a kept version of a processor's table live again, as a new version. It says who wants it and why, and goes into
   * the audit. Throws {@link InvalidRequestError}; then nothing was sent. A version that there is not is in the answer.
   */
  async restore(request: {
    readonly gameDate: string;
    readonly processor: string;
    readonly version: number;
    readonly reason: string;
    readonly by: string;
    readonly requestId?: string;
  }): Promise<AcceptedRun> {
    const { gameDate, requestId, version } = request;
    const [by, reason] = [requireWho(request.by), requireReason(request.reason)];
    const processors = [requireProcessor(request.processor, '--processor')];
    return this.send(
      { gameDate, processors, kind: 'restore', ...(requestId === undefined ? {} : { requestId }) },
      { by, reason, version: requireVersion(version) },
    );
  }

  /** Makes a date look again, at once. Throws {@link NotOpenError} when nothing of it is open. */
  async recheck(request: { readonly gameDate: string; readonly by: string }): Promise<void> {
    const gameDate = requireGameDate('DATE', request.gameDate, newYorkDate(this.now()));
    const message: RecheckMessage = { requestId: randomUUID(), by: requireWho(request.by) };
    await this.onOpenRun(gameDate, (handle) => handle.signal(recheckSignal, message));
  }

  /**
   * Lets a processor run without inputs that are missing, once. Returns when it is on record and the gate is open. Throws
   * {@link RefusedError} with the reason; then nothing of it is on record.
   */
  async bypass(request: {
    readonly gameDate: string;
    readonly processor: string;
    readonly reason: string;
    readonly by: string;
    readonly missing?: readonly string[];
    /** Sent again under the same id, it is one bypass. */
    readonly bypassId?: string;
  }): Promise<Decided & { readonly bypassId: string }> {
    const gameDate = requireGameDate('DATE', request.gameDate, newYorkDate(this.now()));
    const bypassId = request.bypassId ?? randomUUID();
    const message: BypassRequest = {
      bypassId,
      processor: requireProcessor(request.processor, '--processor'),
      reason: requireReason(request.reason),
      by: requireWho(request.by),
      ...(request.missing ? { missing: request.missing.map((table) => requireInputTable(table)) } : {}),
    };
    return { ...(await this.decide(gameDate, bypassUpdate, message, bypassId)), bypassId };
  }

  /** Moves the deadline of a date that waits. Throws {@link RefusedError}. */
  async extend(request: {
    readonly gameDate: string;
    readonly byMs: number;
    readonly by: string;
    readonly reason: string;
  }): Promise<Decided> {
    const gameDate = requireGameDate('DATE', request.gameDate, newYorkDate(this.now()));
    const [by, reason] = [requireWho(request.by), requireReason(request.reason)];
    const extendId = randomUUID();
    return this.decide(gameDate, extendUpdate, { extendId, by, reason, byMs: request.byMs }, extendId);
  }

  /** Ends a date's run, whatever it is at; what is published stays. Throws {@link RefusedError}. */
  async cancel(request: {
    readonly gameDate: string;
    readonly by: string;
    readonly reason: string;
  }): Promise<Decided> {
    const gameDate = requireGameDate('DATE', request.gameDate, newYorkDate(this.now()));
    const [by, reason] = [requireWho(request.by), requireReason(request.reason)];
    const cancelId = randomUUID();
    return this.decide(gameDate, cancelUpdate, { cancelId, by, reason }, cancelId);
  }

  private async decide<A>(
    gameDate: string,
    update: UpdateDefinition<Decided, [A]>,
    message: A,
    updateId: string,
  ): Promise<Decided> {
    return this.onOpenRun(gameDate, async (handle) => {
      try {
        return await this.client.connection.withDeadline(Date.now() + decisionMs, () =>
          handle.executeUpdate(update, { args: [message], updateId }),
        );
      } catch (error) {
        if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError)
          throw new NoWorkerError(
            `No worker has taken it within ${decisionMs / 1000} s. It may still take it: \`phase3 audit ${gameDate}\` says.`,
            { cause: error },
          );
        const cause = error instanceof WorkflowUpdateFailedError ? error.cause : null;
        if (cause instanceof ApplicationFailure && cause.type === failureTypes.overrideRefused)
          throw new RefusedError(cause.message, { cause: error });
        if (cause instanceof ApplicationFailure) throw new FailedError(cause.message, { cause: error });
        throw error;
      }
    });
  }

  /** Speaks to the date's run, which must be open: a decision never starts one. */
  private async onOpenRun<T>(gameDate: string, work: (handle: WorkflowHandle) => Promise<T>): Promise<T> {
    try {
      return await work(this.client.workflow.getHandle(this.identity.dateWorkflowId(gameDate)));
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      throw new NotOpenError(
        `No run of ${gameDate} is open, so there is nothing to decide. \`phase3 rerun ${gameDate} --reason …\` starts one.`,
        { cause: error },
      );
    }
  }

  /** Starts a backfill of every date from `from` to `to`, both included. */
  async backfill(request: {
    readonly from: string;
    readonly to: string;
    readonly concurrency: number;
    readonly overrides?: PolicyOverrides;
    /** What each date is asked as; a backfill, which asks once, where it is left out. */
    readonly kind?: 'backfill' | 'run';
    readonly processors?: readonly string[];
    readonly by?: string;
    readonly correlationId?: string;
  }): Promise<{ workflowId: string }> {
    const { from, to } = validateRange(request, newYorkDate(this.now()));
    const input: BackfillInput = {
      from,
      to,
      concurrency: request.concurrency,
      source: defaultSource,
      ...(request.overrides ? { overrides: request.overrides } : {}),
      ...(request.kind ? { kind: request.kind } : {}),
      ...(request.processors ? { processors: request.processors.map((name) => requireProcessor(name)) } : {}),
      ...(request.by === undefined ? {} : { by: request.by }),
      ...(request.correlationId === undefined ? {} : { correlationId: request.correlationId }),
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

  /**
   * The state of a date's newest run; null when Temporal knows none (then the record is the place to look). Throws after ten
   * seconds: a {@link NoWorkerError} that says what Temporal's list knows of the run, or what Temporal itself said.
   */
  async state(gameDate: string): Promise<{ state: DateState; isOpen: boolean } | null> {
    const handle = this.client.workflow.getHandle(this.identity.dateWorkflowId(gameDate));
    try {
      return await this.soon(async () => {
        const described = await handle.describe();
        const isOpen = described.status.name === 'RUNNING';
        const state = await handle.query(stateQuery).catch((error: unknown) => {
          const { state: last, blockedOn } = listed(described);
          const missing = blockedOn.length > 0 ? `, missing ${blockedOn.join(', ')}` : '';
          throw new NoWorkerError(
            `No worker answers for ${gameDate}. By Temporal's list its run is ${isOpen ? 'open' : 'over'} and ${last}${missing}.`,
            { cause: error },
          );
        });
        return { state, isOpen };
      }, stateMs);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
  }

  /**
   * How a run stands for the requests with these ids. One that has completed is not asked: its worker would have to replay
   * it, and its result says as much. Throws where no worker answers, or no such run is known.
   */
  async outlook(
    { workflowId, runId }: { readonly workflowId: string; readonly runId?: string },
    requestIds: readonly string[],
  ): Promise<DateOutlook> {
    const { workflow } = this.client;
    const handle = workflow.getHandle(workflowId, runId, { followRuns: false });
    return this.soon(async () => {
      const { status } = await handle.describe();
      if (status.name === 'COMPLETED')
        return outlookOfResult((await handle.result()) as Phase3Result, requestIds);
      // The newest run of the date has what its predecessors carried over.
      const asked = status.name === 'CONTINUED_AS_NEW' ? workflow.getHandle(workflowId) : handle;
      return asked.query(outlookQuery, [...requestIds]);
    });
  }

  /** Whether a run is open, over, or goes on as another. */
  async lifeOf({
    workflowId,
    runId,
  }: {
    readonly workflowId: string;
    readonly runId?: string;
  }): Promise<'open' | 'over' | 'continued'> {
    const { status } = await this.soon(() => this.client.workflow.getHandle(workflowId, runId).describe());
    if (status.name === 'RUNNING') return 'open';
    return status.name === 'CONTINUED_AS_NEW' ? 'continued' : 'over';
  }

  /** How far a backfill is, as it says itself. */
  async backfillProgress(workflowId: string): Promise<BackfillProgress> {
    return this.soon(() => this.client.workflow.getHandle(workflowId).query(backfillQuery));
  }

  /** Without a deadline a question waits for a worker for ever. */
  private soon<T>(ask: () => Promise<T>, withinMs = questionMs): Promise<T> {
    return this.client.connection.withDeadline(Date.now() + withinMs, ask);
  }

  /** The id of the workflow that writes a date, and of its request in a backfill. */
  inBackfill(workflowId: string, gameDate: string): { workflowId: string; requestId: string } {
    return {
      workflowId: this.identity.dateWorkflowId(gameDate),
      requestId: backfillRequestId(workflowId, gameDate),
    };
  }

  /** Yields the state of a date's open run as it changes, until the run ends or the date is idle and needs somebody. */
  async *watch(gameDate: string): AsyncGenerator<DateState> {
    let last = '';
    for (;;) {
      const known = await this.state(gameDate);
      if (!known) return;
      const { state, isOpen } = known;
      const now = JSON.stringify([state.journal.length, state.journalDropped, state.runState, state.gate]);
      if (now !== last) yield state;
      last = now;
      if (!isOpen || (isTrouble(state.runState) && state.pending.length === 0)) return;
      await new Promise((resolve) => setTimeout(resolve, 2 * pollMs));
    }
  }

  /** Dates whose run is open, by what the server's list says of them: no run is asked, however many there are. */
  async open(): Promise<OpenDate[]> {
    const query = `WorkflowType = '${phase3WorkflowType}' AND ExecutionStatus = 'Running' AND TaskQueue = '${this.identity.taskQueue}'`;
    const dates: OpenDate[] = [];
    for await (const run of this.client.workflow.list({ query })) {
      const at = run.typedSearchAttributes.get(searchAttributes.gameDate);
      dates.push({
        gameDate: at ? at.toISOString().slice(0, 10) : run.workflowId.slice(-'YYYY-MM-DD'.length),
        ...listed(run),
        since: run.startTime.toISOString(),
      });
    }
    return dates.sort((a, b) => (a.gameDate < b.gameDate ? -1 : 1));
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
