/** The versions of a deployment as Temporal keeps them: which is current, which still have runs, and how that is changed. */
import type { Client } from '@temporalio/client';
import { defaultPayloadConverter, defineSearchAttributeKey } from '@temporalio/common';
import { setTimeout as pause } from 'node:timers/promises';
import type { Identity } from '../contracts/identity';
import { wakeSignal } from '../contracts/messages';

/**
 * `inactive`: never current · `current`: new runs begin on it · `draining`: replaced, and runs are open on it · `drained`: none is.
 * The server looks again only every few minutes, so `draining` may be old news; {@link DeploymentVersions.openRuns} is not.
 */
export type VersionStatus = 'inactive' | 'current' | 'ramping' | 'draining' | 'drained';

export interface DeployedVersion {
  readonly build: string;
  readonly status: VersionStatus;
  /** Share of new runs that begin on it, in percent; 0 where nothing is ramped. */
  readonly ramp: number;
  /** ISO 8601, UTC: since when it is current, or was last; null where it never was. */
  readonly currentSince: string | null;
  /** Why it was taken back; null where it was not. */
  readonly rolledBack: Verdict | null;
}

/** What is remembered of a build that was taken back, beside the server's own record of it. */
export interface Verdict {
  readonly by: string;
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

export interface Deployed {
  /** The build that new runs begin on; null before the first. */
  readonly current: string | null;
  /** Newest first. */
  readonly versions: readonly DeployedVersion[];
  /** What a change is conditional on: the server refuses it after another change. */
  readonly token: Uint8Array;
}

export interface OpenRun {
  readonly workflowId: string;
  readonly runId: string;
  /** The build that it is on; null before its first task, and where it began before builds were told apart. */
  readonly build: string | null;
}

/** A worker that asks for workflow tasks of this deployment. */
export interface Poller {
  /** The build it asks for; null of one that is not versioned. */
  readonly build: string | null;
  /** Process and machine, as it names itself. */
  readonly identity: string;
  /** When it last asked, ISO 8601, UTC. */
  readonly seenAt: string;
}

/** Somebody else has changed the deployment since it was looked at. */
export class CrossedError extends Error {
  override readonly name = 'CrossedError';
}

/** No worker of that build polls here. */
export class NoWorkerError extends Error {
  override readonly name = 'NoWorkerError';
}

const statuses: readonly VersionStatus[] = [
  ...(['inactive', 'inactive', 'current', 'ramping', 'draining', 'drained'] as const),
];
const grpc = { invalidArgument: 3, notFound: 5, failedPrecondition: 9, unimplemented: 12 } as const;
/** The server's own, `deployment:build`: a list of runs says it nowhere else. */
const versionAttribute = defineSearchAttributeKey('TemporalWorkerDeploymentVersion', 'KEYWORD');
const rolledBackKey = 'phase3RolledBack';

/** How long a change may take until every part of the server routes by it, ms. */
const routedWithinMs = 10_000;
const pollMs = 100;
/** Who has not asked for so long is gone, ms: a worker that is idle asks anew every minute. */
const goneAfterMs = 75_000;
/** The API's number for a worker that is about to end; it has ended with the next. */
const shuttingDown = 2;

export class DeploymentVersions {
  private readonly namespace: string;

  constructor(
    private readonly client: Client,
    private readonly identity: Pick<Identity, 'deployment' | 'taskQueue'>,
  ) {
    this.namespace = client.options.namespace;
  }

  /** What is deployed; nothing where no worker has ever polled. */
  async look(): Promise<Deployed> {
    const found = await this.describe();
    if (!found) return { current: null, versions: [], token: new Uint8Array() };
    const { workerDeploymentInfo: info, conflictToken } = found;
    const routing = info?.routingConfig;
    const ramping = routing?.rampingDeploymentVersion?.buildId;
    const versions = await Promise.all(
      (info?.versionSummaries ?? []).map(async (summary): Promise<DeployedVersion | null> => {
        const build = summary.deploymentVersion?.buildId ?? '';
        const metadata = await this.metadataOf(build);
        return (
          metadata && {
            build,
            status: statuses[summary.status ?? 0] ?? 'inactive',
            ramp: build === ramping ? (routing?.rampingVersionPercentage ?? 0) : 0,
            currentSince: instantOf(summary.currentSinceTime ?? summary.lastCurrentTime),
            rolledBack: metadata.rolledBack,
          }
        );
      }),
    );
    return {
      current: routing?.currentDeploymentVersion?.buildId || null,
      // One that is being registered is listed a moment before it can be asked about, or made current.
      versions: versions.filter((version) => version !== null),
      token: conflictToken,
    };
  }

  /** Waits until the server knows a build; a worker that polls makes it known. False when it does not in time. */
  async untilKnown(build: string, withinMs: number): Promise<boolean> {
    const until = Date.now() + withinMs;
    for (;;) {
      const { versions } = await this.look();
      if (versions.some((version) => version.build === build)) return true;
      if (Date.now() >= until) return false;
      await pause(pollMs);
    }
  }

  /** The workers that ask for workflow tasks. One that was killed, and could not say so, is among them for {@link goneAfterMs}. */
  async pollers(): Promise<Poller[]> {
    const { namespace } = this;
    const { pollers } = await this.client.workflowService.describeTaskQueue({
      // Left out, the type is that of workflow tasks.
      ...{ namespace, taskQueue: { name: this.identity.taskQueue } },
    });
    const ended = await this.endedWorkers();
    return pollers.flatMap(({ deploymentOptions, identity, lastAccessTime }): Poller[] => {
      const build = deploymentOptions?.buildId || null;
      const seenAt = instantOf(lastAccessTime);
      if (seenAt === null || Date.now() - Date.parse(seenAt) > goneAfterMs) return [];
      const endedAt = ended.get(nameOf(build, identity));
      return endedAt !== undefined && endedAt >= seenAt ? [] : [{ build, identity: identity ?? '', seenAt }];
    });
  }

  /** When workers that have said that they end said so; none on a server that is not told. */
  private async endedWorkers(): Promise<Map<string, string>> {
    const { namespace } = this;
    try {
      const { workersInfo } = await this.client.workflowService.listWorkers({ namespace, pageSize: 1000 });
      return new Map(
        workersInfo.flatMap(({ workerHeartbeat: last }): [string, string][] => {
          const at = instantOf(last?.heartbeatTime);
          const status: number = last?.status ?? 0;
          const isOurs = last?.taskQueue === this.identity.taskQueue;
          return isOurs && status >= shuttingDown && at !== null
            ? [[nameOf(last.deploymentVersion?.buildId, last.workerIdentity), at]]
            : [];
        }),
      );
    } catch (error) {
      if ((error as { code?: number }).code === grpc.unimplemented) return new Map();
      throw error;
    }
  }

  /** Waits until a worker of a build polls. False when none does in time. */
  async untilPolled(build: string, withinMs: number): Promise<boolean> {
    const until = Date.now() + withinMs;
    for (;;) {
      if ((await this.pollers()).some((poller) => poller.build === build)) return true;
      if (Date.now() >= until) return false;
      await pause(pollMs);
    }
  }

  /**
   * Lets new runs begin on `build`, and returns when the whole server goes by it. Throws {@link CrossedError} when `token` is of
   * another state, {@link NoWorkerError} where no worker of it has ever polled.
   */
  async setCurrent(build: string, token: Uint8Array, by: string): Promise<void> {
    const { namespace, client } = this;
    try {
      await client.workflowService.setWorkerDeploymentCurrentVersion({
        ...{ namespace, deploymentName: this.identity.deployment, buildId: build },
        ...{ conflictToken: token, identity: by },
      });
    } catch (error) {
      const { code, message } = error as Error & { code?: number };
      if (code === grpc.failedPrecondition && message.includes('conflict token'))
        throw new CrossedError('somebody else has changed the deployment meanwhile', { cause: error });
      if (code === grpc.notFound || code === grpc.invalidArgument)
        throw new NoWorkerError(`no worker of it has ever polled`, { cause: error });
      throw error;
    }
    const until = Date.now() + routedWithinMs;
    const inProgress = 1;
    while (Date.now() < until) {
      // It is current by now: that the server does not say so changes nothing.
      const found = await this.describe().catch(() => undefined);
      if (found !== undefined && Number(found?.workerDeploymentInfo?.routingConfigUpdateState) !== inProgress)
        return;
      await pause(pollMs);
    }
  }

  /** Remembers with a build that it was taken back; null forgets that. */
  async mark(build: string, verdict: Verdict | null): Promise<void> {
    const { namespace } = this;
    await this.client.workflowService.updateWorkerDeploymentVersionMetadata({
      namespace,
      deploymentVersion: this.version(build),
      ...(verdict === null
        ? { removeEntries: [rolledBackKey] }
        : { upsertEntries: { [rolledBackKey]: defaultPayloadConverter.toPayload(verdict) } }),
    });
  }

  /** Every run of this deployment that is open. */
  async openRuns(): Promise<OpenRun[]> {
    const runs: OpenRun[] = [];
    const query = `ExecutionStatus = "Running" AND TaskQueue = "${this.identity.taskQueue}"`;
    const prefix = `${this.identity.deployment}:`;
    for await (const { workflowId, runId, typedSearchAttributes } of this.client.workflow.list({ query })) {
      const version = typedSearchAttributes.get(versionAttribute);
      runs.push({
        workflowId,
        runId,
        build: version?.startsWith(prefix) ? version.slice(prefix.length) : null,
      });
    }
    return runs;
  }

  /** Runs that are open on a build. */
  async openRunsOn(build: string): Promise<number> {
    return (await this.openRuns()).filter((run) => run.build === build).length;
  }

  /** Wakes every open run that is on another build than `build`; each goes on when nothing of it is under way. Returns them. */
  async wakeOthers(build: string): Promise<OpenRun[]> {
    const others = (await this.openRuns()).filter((run) => run.build !== build);
    for (const { workflowId, runId } of others)
      // It may have ended, or gone on, since it was listed.
      await this.client.workflow
        .getHandle(workflowId, runId)
        .signal(wakeSignal)
        .catch((error: unknown) => {
          if ((error as Error).name !== 'WorkflowNotFoundError') throw error;
        });
    return others;
  }

  /** Makes the server forget a build on which nothing is open. It refuses where something is, which is as well. */
  async forget(build: string): Promise<boolean> {
    const { namespace } = this;
    try {
      await this.client.workflowService.deleteWorkerDeploymentVersion({
        namespace,
        deploymentVersion: this.version(build),
      });
      return true;
    } catch {
      return false;
    }
  }

  private version(build: string): { deploymentName: string; buildId: string } {
    return { deploymentName: this.identity.deployment, buildId: build };
  }

  private async describe() {
    const { namespace } = this;
    try {
      return await this.client.workflowService.describeWorkerDeployment({
        namespace,
        deploymentName: this.identity.deployment,
      });
    } catch (error) {
      if ((error as { code?: number }).code === grpc.notFound) return null;
      throw error;
    }
  }

  /** What is remembered with a build; null where the server does not know it. */
  private async metadataOf(build: string): Promise<Pick<DeployedVersion, 'rolledBack'> | null> {
    const { namespace } = this;
    try {
      const { workerDeploymentVersionInfo: info } =
        await this.client.workflowService.describeWorkerDeploymentVersion({
          namespace,
          deploymentVersion: this.version(build),
        });
      const payload = info?.metadata?.entries?.[rolledBackKey];
      // Written by us, so the shape is ours.
      return { rolledBack: payload ? defaultPayloadConverter.fromPayload<Verdict>(payload) : null };
    } catch (error) {
      if ((error as { code?: number }).code === grpc.notFound) return null;
      throw error;
    }
  }
}

/** A worker, among all of the task queue. */
function nameOf(build: string | null | undefined, identity: string | null | undefined): string {
  return `${build ?? ''} ${identity ?? ''}`;
}

/** The server's instants: seconds, which may be a `Long`. */
function instantOf(time: { seconds?: unknown; nanos?: number | null } | null | undefined): string | null {
  const seconds = Number(time?.seconds ?? 0);
  return seconds === 0 ? null : new Date(seconds * 1000 + (time?.nanos ?? 0) / 1e6).toISOString();
}
