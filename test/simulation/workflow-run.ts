/**
 * One run of the date's workflow, driven as a worker drives it: the SDK's own runtime takes activations and gives commands.
 * Only the sandbox is left out, so one run at a time has the floor.
 */
import { setActivator } from './sandbox-globals';
import { log } from '@temporalio/workflow';
import { Activator } from '@temporalio/workflow/lib/internals';
import {
  activate,
  concludeActivation,
  initialize,
  tryUnblockConditions,
} from '@temporalio/workflow/lib/worker-interface';
import { stateQuery, type DateState, type Phase3Input } from '../../src/contracts/date-state';
import { phase3WorkflowType } from '../../src/contracts/identity';
import { phase3Workflow } from '../../src/workflows';
import { jsonPayloads } from './json-payloads';
import type { VirtualClock } from './virtual-clock';

/** What a run asks the server for. */
export type Command = ReturnType<Activator['concludeActivation']>['commands'][number];
type Given = Parameters<typeof activate>[0];
type Jobs = NonNullable<Given['jobs']>[number];
/** A job of an activation, of one kind. */
export type Job = { [K in keyof Jobs]-?: { readonly variant: K } & Pick<Jobs, K> }[keyof Jobs];

/** What was given to a run at once. */
export interface Activation {
  readonly nowMs: number;
  readonly jobs: readonly Job[];
  readonly continueAsNewSuggested: boolean;
}

// Nobody hears what is logged, and each line would be cloned for the worker.
Object.assign(log, Object.fromEntries(Object.keys(log).map((level) => [level, () => undefined])));

/** Lets everything that can go on without news go on. */
export function drained(): Promise<void> {
  return new Promise(setImmediate);
}

export class WorkflowRun {
  private activator: Activator;

  constructor(
    readonly runId: string,
    readonly workflowId: string,
    private readonly input: Phase3Input,
    private readonly clock: VirtualClock,
  ) {
    this.activator = this.begin(clock.nowMs);
  }

  /** Gives the run its jobs, lets it go as far as it can, and returns its commands. Throws what fails a workflow task. */
  async activate({ nowMs, jobs, continueAsNewSuggested }: Activation): Promise<readonly Command[]> {
    const { activator, clock } = this;
    const before = clock.nowMs;
    clock.nowMs = nowMs;
    setActivator(activator);
    try {
      activator.now = nowMs;
      activator.mutateWorkflowInfo((info) => ({ ...info, continueAsNewSuggested }));
      const given = [...jobs];
      const [start] = given;
      if (start?.variant === 'initializeWorkflow') initialize(start.initializeWorkflow ?? {});
      activate({ jobs: given });
      do await drained();
      while (tryUnblockConditions() > 0);
      activator.getAndResetSinkCalls();
      const { successful } = concludeActivation();
      return successful?.commands ?? [];
    } finally {
      clock.nowMs = before;
    }
  }

  /** Begins the run anew from its history, as a worker does that has lost it; returns the commands of each activation. */
  async replay(history: readonly Activation[]): Promise<(readonly Command[])[]> {
    const [first] = history;
    this.activator = this.begin(first?.nowMs ?? 0);
    const replayed = [];
    for (const activation of history) replayed.push(await this.activate(activation));
    return replayed;
  }

  /** The date as the `state` query shows it; null before the run has begun. */
  state(requestIds: readonly string[] = []): DateState | null {
    setActivator(this.activator);
    const handler = this.activator.queryHandlers.get(stateQuery.name)?.handler;
    return handler ? (handler(requestIds) as DateState) : null;
  }

  private begin(nowMs: number): Activator {
    const activator = new Activator({
      info: {
        ...{ workflowId: this.workflowId, runId: this.runId, workflowType: phase3WorkflowType },
        ...{ taskQueue: 'simulated', namespace: 'simulated', attempt: 1, historyLength: 0, historySize: 0 },
        ...{ firstExecutionRunId: this.runId, originalExecutionRunId: this.runId, searchAttributes: {} },
        ...{ startTime: new Date(nowMs), runStartTime: new Date(nowMs), taskTimeoutMs: 5_000 },
        ...{ continueAsNewSuggested: false, targetWorkerDeploymentVersionChanged: false },
        // Replaying would only keep logs and metrics still, and nobody hears them.
        unsafe: { isReplaying: false, isReplayingHistoryEvents: false, now: () => nowMs },
      } as unknown as Activator['info'],
      ...{
        now: nowMs,
        showStackTraceSources: false,
        stackTracesEnabled: false,
        failureExceptionTypeNames: [],
      },
      ...{ getTimeOfDay: () => 0n, randomnessSeed: [1, 2, 3], registeredActivityNames: new Set<string>() },
      sourceMap: undefined as never,
    });
    activator.payloadConverter = jsonPayloads;
    activator.workflow = phase3Workflow;
    return activator;
  }

  /** The job that starts the run. */
  get start(): Job {
    return {
      variant: 'initializeWorkflow',
      initializeWorkflow: {
        ...{ workflowId: this.workflowId, workflowType: phase3WorkflowType },
        arguments: [jsonPayloads.toPayload(this.input)],
      },
    };
  }
}
