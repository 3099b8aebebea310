/** Starts backfills and follows them. */
import { WorkflowNotFoundError, type WorkflowExecutionInfo } from '@temporalio/client';
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  backfillQuery,
  isBackfillDone,
  steerUpdate,
  type BackfillInput,
  type BackfillProgress,
  type BackfillView,
  type ListedBackfill,
  type Steered,
  type SteerRequest,
} from '../contracts/backfill';
import { backfillRequestId, backfillWorkflowType } from '../contracts/identity';
import type { PolicyOverrides, ProcessorName } from '../contracts/phase3';
import { backfillKey, isOfBackfill } from '../contracts/urgency';
import { defaultSource } from '../plan/registry';
import { requireProcessor, requireReason, requireWho, validateRange } from '../requests/validate-request';
import { pollMs, type Deployment } from './deployment';
import { NotOpenError, RefusedError } from './errors';

/** A decision about a backfill. Without an id of the sender's it is another each time. */
export type SteerAsked = Omit<SteerRequest, 'steerId'> & { readonly steerId?: string };

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
    /** Whether to refuse one that overlaps another that goes on, and to join one of the same dates. */
    readonly isAlone?: boolean;
    /** Whether each date is to have a run of its own, for who follows each of them. */
    readonly ownRuns?: boolean;
    readonly by?: string;
    /** Whom the list names as the one who has started it; by default `by`, which goes into the messages to the dates. */
    readonly startedBy?: string;
    readonly correlationId?: string;
  }): Promise<{ workflowId: string; isJoined: boolean }> {
    const { from, to } = validateRange(request, this.at.today());
    const input: BackfillInput = {
      from,
      to,
      concurrency: request.concurrency,
      source: defaultSource,
      ...(request.overrides ? { overrides: request.overrides } : {}),
      ...(request.kind ? { kind: request.kind } : {}),
      ...(request.ownRuns ? { ownRuns: true } : {}),
      ...(request.processors ? { processors: request.processors.map((name) => requireProcessor(name)) } : {}),
      ...(request.only ? { only: onlyOf(request.only) } : {}),
      ...(request.by === undefined ? {} : { by: request.by }),
      ...(request.correlationId === undefined ? {} : { correlationId: request.correlationId }),
    };
    const other = request.isAlone ? await this.overlapping(from, to) : null;
    if (other && (await this.isSame(other, input))) return { workflowId: other.workflowId, isJoined: true };
    if (other)
      throw new RefusedError(
        `The backfill of ${other.from} to ${other.to} goes on, and has dates of ${from} to ${to}: \`phase3 backfill status ${other.workflowId}\` shows it, \`phase3 backfill cancel ${other.workflowId} --reason "WHY"\` ends it.`,
      );
    const startedBy = request.startedBy ?? request.by;
    const workflowId = this.idOf(from, to, request.id ?? randomUUID().slice(0, 8));
    await this.at.client.workflow.start(backfillWorkflowType, {
      workflowId,
      taskQueue: this.at.identity.taskQueue,
      args: [input],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowTaskTimeout: '5s',
      ...(isOfBackfill(input.kind ?? 'backfill') ? { priority: { priorityKey: backfillKey } } : {}),
      staticSummary: `Backfill of ${from} to ${to}`,
      memo: { asks: asksOf(input), ...(startedBy === undefined ? {} : { by: startedBy }) },
    });
    return { workflowId, isJoined: false };
  }

  /** The id of its workflow. */
  idOf(from: string, to: string, id: string): string {
    return this.at.identity.backfillWorkflowId(from, to, id);
  }

  /** Whether a backfill asks for the same, and still goes on to ask for it. */
  private async isSame({ workflowId }: ListedBackfill, input: BackfillInput): Promise<boolean> {
    const { memo } = await this.at.client.workflow.getHandle(workflowId).describe();
    if (memo?.['asks'] !== asksOf(input)) return false;
    // Where no worker says, what it was started for decides.
    const progress = await this.progress(workflowId).catch(() => null);
    return !progress?.paused && !progress?.cancelled;
  }

  /** One that goes on and has dates of a range; the same range first. Visibility follows after a moment. */
  private async overlapping(from: string, to: string): Promise<ListedBackfill | null> {
    const running = await this.list({ query: " AND ExecutionStatus = 'Running'" });
    const others = running.filter((other) => other.from <= to && other.to >= from);
    return others.find((other) => other.from === from && other.to === to) ?? others[0] ?? null;
  }

  /**
   * Backfills that go on, and those that the server still knows, newest first. What continued as another is listed once, as what
   * it is now. `query`: what else must be true of them.
   */
  async list({ most = 1_000, query = '' } = {}): Promise<ListedBackfill[]> {
    const { backfillPrefix: prefix } = this.at.identity;
    const found: ListedBackfill[] = [];
    const all =
      `WorkflowType = '${backfillWorkflowType}' AND WorkflowId STARTS_WITH '${prefix}' ` +
      `AND ExecutionStatus != 'ContinuedAsNew'${query}`;
    for await (const one of this.at.client.workflow.list({ query: all })) {
      if (found.length === most) break;
      found.push(this.listed(one));
    }
    return found;
  }

  /** The backfill with this id; null where the server knows none. */
  async known(workflowId: string): Promise<ListedBackfill | null> {
    try {
      return this.listed(await this.at.client.workflow.getHandle(workflowId).describe());
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
  }

  private listed({
    workflowId,
    status,
    startTime,
    closeTime,
    memo,
  }: Omit<WorkflowExecutionInfo, 'raw'>): ListedBackfill {
    const [from = '', to = '', ...name] = workflowId.slice(this.at.identity.backfillPrefix.length).split('/');
    const by = memo?.['by'];
    return {
      ...{ workflowId, from, to, name: name.join('/'), status: status.name },
      by: typeof by === 'string' ? by : null,
      ...{ startedAt: startTime.toISOString(), endedAt: closeTime?.toISOString() ?? null },
    };
  }

  /** The backfill that is named by its id, or by the last part of it. Throws {@link NotOpenError}. */
  async named(name: string): Promise<ListedBackfill> {
    const known = (await this.list()).filter((one) => one.workflowId === name || one.name === name);
    const [one, another] = known;
    if (one && !another) return one;
    const which = known.map(({ workflowId }) => workflowId).join(', ');
    if (one) throw new NotOpenError(`${name} names several backfills: ${which}.`);
    throw new NotOpenError(`There is no backfill ${name}. \`phase3 backfill list\` lists them.`);
  }

  /** The same with what it says of itself, which a list is of use without. One that was ended from outside has said nothing. */
  async look(listed: ListedBackfill): Promise<BackfillView> {
    const says = listed.status === 'RUNNING' || listed.status === 'COMPLETED';
    const progress = says ? await this.progress(listed.workflowId).catch(() => null) : null;
    return { ...listed, progress };
  }

  /**
   * Pauses, resumes or cancels a backfill, or sets how many dates are under way at once. Sent again under the same id it is one
   * decision, also after the backfill has ended, as long as it is among the newest that are kept. Throws {@link RefusedError}.
   */
  async steer(workflowId: string, request: SteerAsked): Promise<Steered> {
    const message: SteerRequest = {
      ...request,
      steerId: request.steerId ?? randomUUID(),
      ...{ by: requireWho(request.by), reason: requireReason(request.reason) },
    };
    const steered = await this.decide(workflowId, message);
    const fields = ['what', 'by', 'reason', 'concurrency'] as const;
    const isIts = fields.every((field) => steered[field] === message[field]);
    if (isIts) return steered;
    throw new RefusedError(
      `${message.steerId} is the id of another decision: ${steered.what} by ${steered.by} (${steered.reason})`,
    );
  }

  private async decide(workflowId: string, message: SteerRequest): Promise<Steered> {
    const handle = this.at.client.workflow.getHandle(workflowId);
    const shownBy = `phase3 backfill status ${workflowId}`;
    try {
      return await this.at.decide(handle, steerUpdate, { message, updateId: message.steerId, shownBy });
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      const ended = await this.progress(workflowId).catch(() => null);
      const known = ended?.decisions.find(({ steerId }) => steerId === message.steerId);
      if (known) return known;
      // As it is refused in the moment between its last date and its end.
      throw new RefusedError(`The backfill ${workflowId} does not take the decision: it has ended.`, {
        cause: error,
      });
    }
  }

  /** Yields a backfill's progress until every date has answered. */
  async *follow(workflowId: string): AsyncGenerator<BackfillProgress> {
    const handle = this.at.client.workflow.getHandle(workflowId);
    for (;;) {
      const progress = await this.at.query(handle, backfillQuery);
      yield progress;
      if (isBackfillDone(progress)) return;
      const { status } = await handle.describe();
      if (status.name !== 'RUNNING' && status.name !== 'COMPLETED')
        throw new Error(`The backfill ${workflowId} ended ${status.name.toLowerCase()}.`);
      await pause(2 * pollMs);
    }
  }

  /** How far a backfill is, as it says itself. */
  async progress(workflowId: string): Promise<BackfillProgress> {
    return this.at.soon(async () => {
      const handle = this.at.client.workflow.getHandle<() => Promise<BackfillProgress>>(workflowId);
      // What it came to is its result, which needs no worker of its build.
      const { status } = await handle.describe();
      return status.name === 'COMPLETED' ? handle.result() : handle.query(backfillQuery);
    });
  }

  /** The id of the workflow that writes a date, and of its request in a backfill. */
  requestOf(workflowId: string, gameDate: string): { workflowId: string; requestId: string } {
    return {
      workflowId: this.at.identity.dateWorkflowId(gameDate),
      requestId: backfillRequestId(workflowId, gameDate),
    };
  }
}

/** What a backfill asks for, hashed: two that ask for the same are one. */
function asksOf({ from, to, concurrency, kind, processors, only, overrides }: BackfillInput): string {
  const asks = JSON.stringify([from, to, concurrency, kind, processors, only, overrides]);
  return createHash('sha256').update(asks).digest('hex');
}

/** Dates ascending: the workflow asks them in the order in which they come. */
function onlyOf(only: Readonly<Record<string, readonly string[]>>): Record<string, ProcessorName[]> {
  const dates = Object.entries(only).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    dates.map(([date, names]) => [date, names.map((name) => requireProcessor(name))]),
  );
}
