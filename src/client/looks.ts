/** Looks at dates: a state, an outlook, all that are open. */
import {
  isGrpcDeadlineError,
  WorkflowContinuedAsNewError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type WorkflowExecutionInfo,
} from '@temporalio/client';
import {
  outlookOfResult,
  outlookQuery,
  stateQuery,
  type DateOutlook,
  type DateState,
  type Phase3Result,
} from '../contracts/date-state';
import { addDays } from '../contracts/game-date';
import { datesWorkflowType, phase3WorkflowType } from '../contracts/identity';
import type { RunState } from '../contracts/phase3';
import { searchAttributes, type DateMark } from '../contracts/search-attributes';
import type { Deployment } from './deployment';
import { NoWorkerError } from './errors';
import { lastOfChain, type RunRef } from './run-chain';

/** How long a run that has ended may take to say what it came to: the record says it as well. */
const closedMs = 2_000;
/** How long a person waits for the whole state: a worker that has just come up has a history to replay. */
const stateMs = 10_000;

/** A date whose run is open. */
export interface OpenDate {
  readonly gameDate: string;
  readonly state: RunState;
  /** Tables that hold it up. */
  readonly blockedOn: readonly string[];
  readonly marks: readonly DateMark[];
  /** When the run began, ISO 8601, UTC. */
  readonly since: string;
}

/** A date whose run is open, or was until lately. */
export interface RecentDate extends OpenDate {
  readonly runId: string;
  readonly isOpen: boolean;
}

/** A run of a date that is not open any more. */
export interface EndedRun extends Pick<RecentDate, 'gameDate' | 'runId' | 'state' | 'since'> {
  /** Whether another run of the date has what this one had. */
  readonly wentOn: boolean;
}

/** A date's newest run. */
export interface LastRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly isOpen: boolean;
  /** Events in its history: while it is the same run with as many, nothing has happened to it. */
  readonly events: number;
}

/** What a date's newest run says of itself. */
export interface KnownState {
  readonly state: DateState;
  readonly isOpen: boolean;
  readonly runId: string;
}

/** How long one request waits for the end of a run. */
const endMs = 30_000;

export class Looks {
  constructor(private readonly at: Deployment) {}

  /**
   * The state of a date's newest run; null when Temporal knows none, or one that has ended on a build that nobody runs any more
   * (then the record is the place to look). Throws after ten seconds: a {@link NoWorkerError} that says what Temporal's list knows of the run, or what Temporal itself said.
   */
  async state(gameDate: string): Promise<KnownState | null> {
    const handle = this.at.runOf(gameDate);
    try {
      return await this.at.soon(async () => {
        const described = await handle.describe();
        const isOpen = described.status.name === 'RUNNING';
        const asking = isOpen
          ? handle.query(stateQuery)
          : this.at.soon(() => handle.query(stateQuery), closedMs);
        const state = await asking.catch((error: unknown) => {
          if (!isOpen) return null;
          const { state: last, blockedOn } = listed(described);
          const missing = blockedOn.length > 0 ? `, missing ${blockedOn.join(', ')}` : '';
          throw new NoWorkerError(
            `No worker answers for ${gameDate}. According to Temporal its run is open and ${last}${missing}. \`phase3 up\` starts one.`,
            { cause: error },
          );
        });
        return state && { state, isOpen, runId: described.runId };
      }, stateMs);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
  }

  /** What Temporal's list says of a date's newest run, for which no worker has to answer; null when it knows none. */
  async listed(gameDate: string): Promise<(Pick<OpenDate, 'state' | 'marks'> & { isOpen: boolean }) | null> {
    try {
      const described = await this.at.soon(() => this.at.runOf(gameDate).describe());
      const { state, marks } = listed(described);
      return { state, marks, isOpen: described.status.name === 'RUNNING' };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
  }

  /**
   * How a run stands for the requests with these ids. One that has completed is not asked: its worker would have to replay
   * it, and its result says as much. Throws where no worker answers, or no such run is known.
   */
  async outlook(run: RunRef, requestIds: readonly string[]): Promise<DateOutlook> {
    return this.at.soon(async () => {
      const { handle, status } = await lastOfChain(this.at.client, run);
      return status === 'COMPLETED'
        ? outlookOfResult((await handle.result()) as Phase3Result, requestIds)
        : handle.query(outlookQuery, [...requestIds]);
    });
  }

  /** The run that has what this one had: itself, or the last of those that it went on as. Without a run id, the newest is followed. */
  async lastOf(run: RunRef): Promise<Omit<LastRun, 'events'>> {
    const { handle, runId, status } = await this.at.soon(() => lastOfChain(this.at.client, run));
    return { workflowId: handle.workflowId, runId, isOpen: status === 'RUNNING' };
  }

  /**
   * Resolves once this run has ended, also as another, for which the server is asked and not the run. Rejects where that cannot
   * be told, and when `signal` says that nobody waits for it any more. It is one long request of the server, which takes 1,200
   * of a namespace at a time.
   */
  async untilEnd(run: RunRef, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const stopped = new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
    );
    await Promise.race([this.end(run, signal), stopped]);
  }

  /** A request that was tried again hears no signal to stop; so each has a deadline. */
  private async end({ workflowId, runId }: RunRef, signal: AbortSignal): Promise<void> {
    const { client } = this.at;
    const handle = client.workflow.getHandle(workflowId, runId, { followRuns: false });
    while (!signal.aborted)
      try {
        await client.connection.withAbortSignal(signal, () => this.at.soon(() => handle.result(), endMs));
        return;
      } catch (error) {
        if (error instanceof WorkflowFailedError || error instanceof WorkflowContinuedAsNewError) return;
        if (!isGrpcDeadlineError(error)) throw error;
      }
  }

  /** The newest run of a date and how far it is, for which no worker has to answer; null where Temporal knows none. */
  async lastRun(gameDate: string): Promise<LastRun | null> {
    try {
      const { workflowId, runId, status, historyLength } = await this.at.soon(() =>
        this.at.runOf(gameDate).describe(),
      );
      return { workflowId, runId, isOpen: status.name === 'RUNNING', events: historyLength };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
  }

  /** Dates whose run is open, by what the server's list says of them: no run is asked, however many there are. */
  async open(): Promise<OpenDate[]> {
    const which = "ExecutionStatus = 'Running'";
    return oneEach(await this.allListed(which), await this.allShared(which));
  }

  /** Dates whose run is open or has ended since an instant (ISO 8601), by the same list. */
  async openOrEndedSince(instant: string): Promise<RecentDate[]> {
    const which = `(ExecutionStatus = 'Running' OR CloseTime > '${instant}')`;
    return oneEach(await this.allListed(which), await this.allShared(which));
  }

  /** Runs of these dates that have ended, or went on as another, as far back as Temporal keeps them. Both ends are included. */
  async ended(from: string, to: string): Promise<EndedRun[]> {
    // Up to the day after: the embedded server's SQLite compares texts, of which the stored one is longer than ours.
    const between = `GameDate >= '${from}T00:00:00Z' AND GameDate < '${addDays(to, 1)}T00:00:00Z'`;
    const which = "ExecutionStatus IN ('Completed', 'ContinuedAsNew')";
    const shared = await this.allShared(which);
    return [
      ...(await this.allListed(`${which} AND ${between}`)),
      ...shared.filter(({ gameDate }) => from <= gameDate && gameDate <= to),
    ].sort(byDate);
  }

  private async allListed(which: string): Promise<(RecentDate & EndedRun)[]> {
    const dates: (RecentDate & EndedRun)[] = [];
    for await (const run of this.list(`WorkflowType = '${phase3WorkflowType}' AND ${which}`)) {
      const at = run.typedSearchAttributes.get(searchAttributes.gameDate);
      const gameDate = at ? at.toISOString().slice(0, 10) : run.workflowId.slice(-'YYYY-MM-DD'.length);
      dates.push({ gameDate, ...listed(run), ...lifeOf(run) });
    }
    return dates.sort(byDate);
  }

  /** Dates that share a run: each by what that run says has come of it. */
  private async allShared(which: string): Promise<(RecentDate & EndedRun)[]> {
    const dates: (RecentDate & EndedRun)[] = [];
    for await (const run of this.list(`WorkflowType = '${datesWorkflowType}' AND ${which}`))
      for (const [gameDate, state] of Object.entries((run.memo ?? {}) as Record<string, RunState | null>))
        // Without a state it goes on in a run of its own.
        if (state !== null) dates.push({ gameDate, state, blockedOn: [], marks: [], ...lifeOf(run) });
    return dates.sort(byDate);
  }

  private list(query: string): AsyncIterable<WorkflowExecutionInfo> {
    return this.at.client.workflow.list({
      query: `${query} AND TaskQueue = '${this.at.identity.taskQueue}'`,
    });
  }
}

/** Of a date that is listed more than once the open run, else the newest. */
function oneEach(own: readonly RecentDate[], shared: readonly RecentDate[]): RecentDate[] {
  const found = new Map<string, RecentDate>();
  for (const one of [...own, ...shared]) {
    const other = found.get(one.gameDate);
    const isFirst = !other || (one.isOpen === other.isOpen ? one.since > other.since : one.isOpen);
    if (isFirst) found.set(one.gameDate, one);
  }
  return [...found.values()].sort(byDate);
}

function byDate(a: RecentDate, b: RecentDate): number {
  return a.gameDate < b.gameDate ? -1 : 1;
}

function lifeOf({
  runId,
  startTime,
  status,
}: WorkflowExecutionInfo): Pick<RecentDate & EndedRun, 'runId' | 'since' | 'isOpen' | 'wentOn'> {
  const isOpen = status.name === 'RUNNING';
  return { runId, since: startTime.toISOString(), isOpen, wentOn: status.name === 'CONTINUED_AS_NEW' };
}

/** What Temporal's list says of a run, for which no worker has to answer. */
function listed({
  typedSearchAttributes,
}: Pick<WorkflowExecutionInfo, 'typedSearchAttributes'>): Pick<OpenDate, 'state' | 'blockedOn' | 'marks'> {
  return {
    state: (typedSearchAttributes.get(searchAttributes.runState) ?? 'running') as RunState,
    blockedOn: typedSearchAttributes.get(searchAttributes.blockedOn) ?? [],
    marks: (typedSearchAttributes.get(searchAttributes.marks) ?? []) as DateMark[],
  };
}
