/**
 * What the Temporal server does for one date: keeps its open run, hands out activities and workflow tasks, tries again, keeps
 * timers. Nothing happens by itself: whoever holds it decides what is next.
 */
import './sandbox-globals';
import { AsyncLocalStorage } from 'node:async_hooks';
import { asyncLocalStorage, Context } from '@temporalio/activity';
import { noopMetricMeter } from '@temporalio/common';
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  defaultFailureConverter,
  TimeoutFailure,
  ensureTemporalFailure,
  type TemporalFailure,
} from '@temporalio/common';
import { tsToMs } from '@temporalio/common/lib/time';
import type { Activities } from '../../src/contracts/activities';
import type { DateState, Phase3Input, Phase3Result } from '../../src/contracts/date-state';
import { triggerSignal, type DateReply } from '../../src/contracts/messages';
import { jsonPayloads } from './json-payloads';
import { gameDate } from './toy-night';
import type { VirtualClock } from './virtual-clock';
import { WorkflowRun, type Activation, type Command, type Job } from './workflow-run';

type Scheduled = NonNullable<Command['scheduleActivity']>;

/** An activity that a run has asked for. */
export interface ActivityTask {
  readonly runId: string;
  readonly seq: number;
  readonly type: string;
  readonly input: unknown;
  readonly order: Scheduled;
  /** Number of the event at which it was scheduled. */
  readonly scheduledAt: number;
  attempts: number;
  /** From when on it may be started, ms since the epoch; null while an attempt is under way. */
  startsAt: number | null;
  current: Attempt | null;
  isCancelRequested: boolean;
}

/** One go at an activity. The server may have given up on it while its code runs on. */
export interface Attempt {
  readonly task: ActivityTask;
  readonly number: number;
  readonly abort: AbortController;
  readonly startedAtMs: number;
  /** Whether the server still waits for its answer. */
  isAwaited: boolean;
  isOver: boolean;
}

/** A decision that somebody has sent, and what came of it. */
export interface SentUpdate {
  readonly id: string;
  readonly name: string;
  readonly request: object;
  readonly runId: string;
  outcome: 'sent' | 'accepted' | 'rejected' | 'completed' | 'failed' | 'lost';
}

/** A run, open or closed. */
export interface RunRecord {
  readonly runId: string;
  /** The first run of its chain: continue-as-new goes on in it. */
  readonly chainId: string;
  status: 'open' | 'completed' | 'failed' | 'cancelled' | 'continued';
  result: Phase3Result | null;
}

/** What is told of what happens. */
export interface ServerEvents {
  scheduled(task: ActivityTask): void;
  resolved(task: ActivityTask): void;
  activated(state: DateState | null, commands: readonly Command[]): void;
  replied(workflowId: string, reply: DateReply): void;
  updated(update: SentUpdate): void;
  closed(run: RunRecord): void;
}

/** A fault of what is simulated, or of the simulation; it ends the schedule. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

const workflowId = `phase3/${gameDate}`;

/** The attempt whose code has the turn. */
export const runningAttempts = new AsyncLocalStorage<Attempt>();

/** How the SDK spells that a cancelled activity is waited for. */
const waitForCancellation = 1;

/** What an attempt may know of itself: the SDK's own context, with what our activities ask of it. */
function contextOf({ task, number, abort }: Attempt): Context {
  const info = { attempt: number, activityType: task.type, activityId: String(task.seq) };
  const nothing = (): void => undefined;
  return new Context(
    info as unknown as Context['info'],
    new Promise<never>(nothing),
    abort.signal,
    nothing,
    ...([undefined, undefined, noopMetricMeter, {}] as unknown as [never, never, never, never]),
  );
}

/** What a replay must ask for again. Stacks are not part of it: their lowest frames are those of whatever goes on beside. */
function plain(commands: readonly Command[]): string {
  return JSON.stringify(commands, (key, value: unknown) => (key === 'stackTrace' ? undefined : value));
}

export class SimulatedServer {
  /** Counts what happens, so that it can be said what came first. */
  events = 0;
  nowMs: number;
  readonly runs: RunRecord[] = [];
  readonly updates: SentUpdate[] = [];
  readonly tasks = new Map<number, ActivityTask>();
  /** Attempts whose code has not ended, those that the server has given up on included. */
  readonly attempts = new Set<Attempt>();
  continueAsNewSuggested = false;
  private run: WorkflowRun | null = null;
  private jobs: Job[] = [];
  private history: Activation[] = [];
  private commands: (readonly Command[])[] = [];
  private readonly timers = new Map<number, number>();

  constructor(
    private readonly clock: VirtualClock,
    private readonly activities: Activities,
    private readonly tell: ServerEvents,
  ) {
    this.nowMs = clock.nowMs;
  }

  get open(): RunRecord | null {
    const newest = this.runs.at(-1);
    return newest?.status === 'open' ? newest : null;
  }

  /** Sends a trigger; where no run is open, one begins. */
  trigger(messages: readonly object[]): RunRecord {
    if (!this.open) this.begin({ gameDate }, null);
    this.signal(triggerSignal.name, messages);
    return this.open!;
  }

  /** Sends a signal to the open run; false where there is none. */
  signal(signalName: string, args: readonly unknown[]): boolean {
    if (!this.open) return false;
    this.jobs.push({
      variant: 'signalWorkflow',
      signalWorkflow: { signalName, input: args.map((arg) => jsonPayloads.toPayload(arg)) },
    });
    return true;
  }

  /** Sends a decision; null where no run is open. */
  update(name: string, id: string, request: object): SentUpdate | null {
    if (!this.open) return null;
    const update: SentUpdate = { id, name, request, runId: this.open.runId, outcome: 'sent' };
    this.updates.push(update);
    const place = String(this.updates.length - 1);
    this.jobs.push({
      variant: 'doUpdate',
      doUpdate: {
        ...{ id: place, protocolInstanceId: place, name, runValidator: true },
        input: [jsonPayloads.toPayload(request)],
      },
    });
    return update;
  }

  /** Cancels the open run, past our own decision. */
  cancel(): void {
    if (this.open) this.jobs.push({ variant: 'cancelWorkflow', cancelWorkflow: { reason: '' } });
  }

  /** Whether the run has something to take in. */
  get hasTask(): boolean {
    return this.run !== null && this.jobs.length > 0;
  }

  /** Gives the run what has come. */
  async workflowTask(): Promise<void> {
    const isMessage = ({ variant }: Job): boolean => variant === 'signalWorkflow' || variant === 'doUpdate';
    const given = this.jobs.splice(0);
    const start = given.filter(({ variant }) => variant === 'initializeWorkflow');
    const rest = given.filter((job) => !isMessage(job) && !start.includes(job));
    await this.activate([...start, ...given.filter(isMessage), ...rest]);
  }

  private async activate(jobs: readonly Job[]): Promise<void> {
    const { run, nowMs, continueAsNewSuggested } = this;
    if (!run) return;
    this.events += 1;
    const activation = { nowMs, jobs, continueAsNewSuggested };
    const commands = await run.activate(activation);
    const rejected = this.answerUpdates(commands);
    // A decision that was rejected leaves no trace, so a replay does not know of it.
    const isKept = (job: Job): boolean =>
      job.variant !== 'doUpdate' || !rejected.has(job.doUpdate?.protocolInstanceId ?? '');
    this.history.push({
      ...activation,
      jobs: jobs
        .filter(isKept)
        .map((job) =>
          job.variant === 'doUpdate' ? { ...job, doUpdate: { ...job.doUpdate, runValidator: false } } : job,
        ),
    });
    this.commands.push(
      commands.filter(({ updateResponse }) => !rejected.has(updateResponse?.protocolInstanceId ?? '')),
    );
    const state = run.state();
    this.tell.activated(state, commands);
    const atOnce = commands.flatMap((command) => this.carryOut(command));
    if (this.open?.runId === run.runId && atOnce.length > 0) await this.activate(atOnce);
  }

  /** Loses the run's memory: it is made again from its history, and must ask for just the same. False where none is open. */
  async replay(): Promise<boolean> {
    if (!this.run || this.history.length === 0) return false;
    const replayed = await this.run.replay(this.history);
    for (const [index, commands] of replayed.entries())
      if (plain(commands) !== plain(this.commands[index] ?? []))
        throw new Violation(
          `replayed, activation ${index} of ${this.run.runId} asks for ${plain(commands)}, before for ${plain(this.commands[index] ?? [])}`,
        );
    return true;
  }

  /** Starts an attempt of an activity that may be started. */
  startAttempt(task: ActivityTask): Attempt {
    task.attempts += 1;
    task.startsAt = null;
    const attempt: Attempt = {
      ...{ task, number: task.attempts, abort: new AbortController(), startedAtMs: this.nowMs },
      ...{ isAwaited: true, isOver: false },
    };
    task.current = attempt;
    this.attempts.add(attempt);
    const context = contextOf(attempt);
    const perform = this.activities[task.type as keyof Activities] as (input: unknown) => Promise<unknown>;
    void asyncLocalStorage
      .run(context, () => runningAttempts.run(attempt, () => perform(task.input)))
      .then(
        (result) => this.completed(attempt, result),
        (error: unknown) => this.failed(attempt, error),
      );
    return attempt;
  }

  /** The server gives up on an attempt: `why` is what it then tells the run, unless it is tried again. */
  giveUp(attempt: Attempt, why: 'HEARTBEAT' | 'START_TO_CLOSE'): void {
    if (!attempt.isAwaited || attempt.isOver) return;
    const failure = new TimeoutFailure(`activity ${why} timeout`, undefined, why);
    this.retryOrFail(
      attempt,
      failure,
      why === 'HEARTBEAT' ? 'TemporalTimeout:Heartbeat' : 'TemporalTimeout:StartToClose',
    );
  }

  /** Moves the clock; what is due by then is due. */
  moveTo(nowMs: number): void {
    this.nowMs = nowMs;
    for (const [seq, atMs] of [...this.timers].sort(([, a], [, b]) => a - b)) {
      if (atMs > nowMs) break;
      this.timers.delete(seq);
      this.jobs.push({ variant: 'fireTimer', fireTimer: { seq } });
    }
    for (const attempt of [...this.attempts]) {
      const limitMs = tsToMs(attempt.task.order.startToCloseTimeout);
      if (attempt.isAwaited && attempt.startedAtMs + limitMs <= nowMs) this.giveUp(attempt, 'START_TO_CLOSE');
    }
  }

  /** When something is due by the clock; null where nothing is. */
  get nextDueMs(): number | null {
    const due = [
      ...this.timers.values(),
      ...[...this.tasks.values()].flatMap(({ startsAt }) => startsAt ?? []),
    ];
    return due.length > 0 ? Math.min(...due) : null;
  }

  get startable(): ActivityTask[] {
    return [...this.tasks.values()].filter(({ startsAt }) => startsAt !== null && startsAt <= this.nowMs);
  }

  state(requestIds: readonly string[] = []): DateState | null {
    return this.run?.state(requestIds) ?? null;
  }

  private begin(input: Phase3Input, chainId: string | null): void {
    const runId = `run-${this.runs.length + 1}`;
    this.runs.push({ runId, chainId: chainId ?? runId, status: 'open', result: null });
    this.run = new WorkflowRun(runId, workflowId, input, this.clock);
    this.history = [];
    this.commands = [];
    this.jobs = [this.run.start];
  }

  private answerUpdates(commands: readonly Command[]): Set<string> {
    const rejected = new Set<string>();
    for (const { updateResponse } of commands) {
      const update = this.updates[Number(updateResponse?.protocolInstanceId ?? -1)];
      if (!updateResponse || !update) continue;
      if (updateResponse.accepted) update.outcome = 'accepted';
      else if (updateResponse.completed) update.outcome = 'completed';
      else if (update.outcome === 'accepted') update.outcome = 'failed';
      else {
        update.outcome = 'rejected';
        rejected.add(updateResponse.protocolInstanceId ?? '');
      }
      this.tell.updated(update);
    }
    return rejected;
  }

  /** Does what the run asks for, and returns what it is told at once. */
  private carryOut(command: Command): Job[] {
    if (command.scheduleActivity) this.schedule(command.scheduleActivity);
    else if (command.requestCancelActivity)
      return this.cancelActivity(command.requestCancelActivity.seq ?? 0);
    else if (command.startTimer)
      this.timers.set(
        command.startTimer.seq ?? 0,
        this.nowMs + tsToMs(command.startTimer.startToFireTimeout),
      );
    else if (command.cancelTimer) this.timers.delete(command.cancelTimer.seq ?? 0);
    else if (command.signalExternalWorkflowExecution) {
      const { seq, args, workflowExecution } = command.signalExternalWorkflowExecution;
      const [reply] = (args ?? []).map((arg) => jsonPayloads.fromPayload<DateReply>(arg));
      if (reply) this.tell.replied(workflowExecution?.workflowId ?? '', reply);
      this.jobs.push({
        variant: 'resolveSignalExternalWorkflow',
        resolveSignalExternalWorkflow: { seq: seq ?? 0 },
      });
    } else if (command.completeWorkflowExecution)
      this.close('completed', jsonPayloads.fromPayload(command.completeWorkflowExecution.result!));
    else if (command.failWorkflowExecution) this.close('failed', null);
    else if (command.cancelWorkflowExecution) this.close('cancelled', null);
    else if (command.continueAsNewWorkflowExecution) {
      const [input] = command.continueAsNewWorkflowExecution.arguments ?? [];
      const { chainId } = this.runs.at(-1)!;
      this.close('continued', null);
      this.continueAsNewSuggested = false;
      this.begin(jsonPayloads.fromPayload(input!), chainId);
    }
    return [];
  }

  private schedule(order: Scheduled): void {
    this.events += 1;
    const task: ActivityTask = {
      ...{ runId: this.run?.runId ?? '', seq: order.seq ?? 0, type: order.activityType ?? '', order },
      input: jsonPayloads.fromPayload((order.arguments ?? [])[0]!),
      ...{
        scheduledAt: this.events,
        attempts: 0,
        startsAt: this.nowMs,
        current: null,
        isCancelRequested: false,
      },
    };
    this.tasks.set(task.seq, task);
    this.tell.scheduled(task);
  }

  private cancelActivity(seq: number): Job[] {
    const task = this.tasks.get(seq);
    if (!task) return [];
    task.isCancelRequested = true;
    const isWaitedFor = Number(task.order.cancellationType) === waitForCancellation && task.current !== null;
    if (isWaitedFor) return [];
    if (task.current) {
      task.current.isAwaited = false;
      task.current.abort.abort();
    }
    return [
      this.resolution(task, {
        cancelled: { failure: this.failureOf(task, new CancelledFailure('cancelled')) },
      }),
    ];
  }

  private completed(attempt: Attempt, result: unknown): void {
    this.over(attempt);
    if (!attempt.isAwaited) return;
    this.jobs.push(this.resolution(attempt.task, { completed: { result: jsonPayloads.toPayload(result) } }));
  }

  private failed(attempt: Attempt, error: unknown): void {
    this.over(attempt);
    if (attempt.isAwaited) this.retryOrFail(attempt, ensureTemporalFailure(error), null);
  }

  private over(attempt: Attempt): void {
    attempt.isOver = true;
    this.attempts.delete(attempt);
  }

  private retryOrFail(attempt: Attempt, failure: TemporalFailure, timeoutType: string | null): void {
    const { task } = attempt;
    const { retryPolicy } = task.order;
    attempt.isAwaited = false;
    task.current = null;
    const isFinal =
      (failure instanceof ApplicationFailure && failure.nonRetryable === true) ||
      (timeoutType !== null && (retryPolicy?.nonRetryableErrorTypes ?? []).includes(timeoutType)) ||
      task.attempts >= (retryPolicy?.maximumAttempts ?? Infinity) ||
      task.isCancelRequested;
    if (isFinal) {
      this.jobs.push(this.resolution(task, { failed: { failure: this.failureOf(task, failure) } }));
      return;
    }
    const backOff =
      tsToMs(retryPolicy?.initialInterval) * (retryPolicy?.backoffCoefficient ?? 1) ** (task.attempts - 1);
    task.startsAt = this.nowMs + Math.min(backOff, tsToMs(retryPolicy?.maximumInterval));
  }

  private failureOf({ type, seq }: ActivityTask, cause: TemporalFailure) {
    return defaultFailureConverter.errorToFailure(
      new ActivityFailure(
        'Activity task failed',
        type,
        String(seq),
        'NON_RETRYABLE_FAILURE',
        'simulated',
        cause,
      ),
      jsonPayloads,
    );
  }

  private resolution(
    task: ActivityTask,
    result: NonNullable<NonNullable<(Job & { variant: 'resolveActivity' })['resolveActivity']>['result']>,
  ): Job {
    this.events += 1;
    this.tasks.delete(task.seq);
    this.tell.resolved(task);
    return { variant: 'resolveActivity', resolveActivity: { seq: task.seq, result } };
  }

  private close(status: RunRecord['status'], result: Phase3Result | null): void {
    const record = this.runs.at(-1);
    if (!record) return;
    record.status = status;
    record.result = result;
    this.run = null;
    this.jobs = [];
    this.timers.clear();
    // What is left of it goes on for nobody.
    for (const attempt of this.attempts) attempt.isAwaited = false;
    this.tasks.clear();
    for (const update of this.updates)
      if (update.runId === record.runId && ['sent', 'accepted'].includes(update.outcome)) {
        update.outcome = 'lost';
        this.tell.updated(update);
      }
    this.tell.closed(record);
  }
}
