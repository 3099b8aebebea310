/**
 * The workers of a home: one that works on the warehouse, and one without a warehouse for each older build that runs are open on.
 * Which build is to work is Temporal's to say; these functions make it so.
 */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { Config } from '../config/config';
import { configuredTemporal, type TemporalTarget } from '../config/temporal-connection';
import { identityOf } from '../contracts/identity';
import { ControlClient } from '../control/client';
import type { Health } from '../control/protocol';
import { judgeStart, short, takeOver, type Start, type StartVerdict } from '../builds/take-over';
import { pinnedByRollback, sayPinned } from '../builds/published-by';
import { DeploymentVersions, type Deployed } from '../builds/versions';
import { Builds, type OwnBuild } from './builds';
import type { Home } from './home';
import { launch, StackError } from './launch';
import { lastWords } from './log-files';
import { isAlive, stopProcess } from './processes';

const workerStartMs = 60_000;
/** Longer than a worker needs to end what is under way. */
const workerStopMs = 20_000;
/** Builds that were current and are kept to go back to, beside those that are needed. */
const keptToGoBack = 2;

export interface WorkersOptions {
  readonly home: Home;
  readonly config: Config;
  /** The build of whoever starts. */
  readonly own: OwnBuild;
  readonly say: (line: string) => void;
  readonly gaveUp: () => boolean;
  /** How a worker that is up differs from what is configured, as a sentence; null when it does not. */
  readonly mismatch: (health: Health) => string | null;
}

export class Workers {
  private readonly builds: Builds;

  constructor(private readonly options: WorkersOptions) {
    this.builds = new Builds(options.home.path);
  }

  /** Brings up the worker that is due when somebody starts the stack with the own build, and those of older builds. */
  async up(target: TemporalTarget): Promise<void> {
    const { own, config, say } = this.options;
    await this.builds.keep(own);
    await this.withVersions(target, async (versions) => {
      const start: Start = { build: own.id, promotion: config.promotion, isAsked: true };
      const deployed = await versions.look();
      const verdict = judgeStart(start, deployed);
      await this.run(target, await this.buildToRun(verdict, deployed));
      await this.runOlder(target, versions);
      if (verdict.kind === 'takes_over') {
        const control = await this.control();
        await takeOver(versions, start, config.user, (entries) => control.recordBuilds(entries));
        say(`Build ${short(own.id)} is current; it was ${short(deployed.current ?? '')}`);
        const pinned = sayPinned(pinnedByRollback(await control.manifests()));
        if (pinned !== null) say(pinned);
      }
      if (verdict.kind === 'waits') say(verdict.why);
      await this.prune(versions);
    });
  }

  /** Makes `build` the one whose worker works on the warehouse. Throws {@link StackError} where it is not kept or does not start. */
  async run(target: TemporalTarget, build: string): Promise<void> {
    const { home, say } = this.options;
    const { own } = this.options;
    if (build === own.id) await this.builds.keep(own);
    if (!(await this.builds.has(build)))
      throw new StackError(
        `Build ${build} is not kept in ${this.builds.pathOf('')}. Check its commit out, \`npm run build\`, and use the \`phase3\` of it.`,
      );
    const stack = await home.readStack();
    if (await isAlive(stack.worker)) {
      const health = await (await this.known())?.health();
      const mismatch = health?.ready ? this.options.mismatch(health) : null;
      if (mismatch) throw new StackError(mismatch);
      if (health?.ready && health.build.id === build) return;
      say(
        health?.ready
          ? `The worker is of build ${short(health.build.id ?? 'unknown')}; starting one of ${short(build)} in its place`
          : `The worker (process ${stack.worker?.pid ?? '?'}) does not answer; starting another`,
      );
      await stopProcess(stack.worker, health?.ready ? workerStopMs : 5_000);
    }
    await this.stopOlder(build);
    await home.forgetWorker();
    await this.launchWorker(target, build);
  }

  /** Stops the worker that works on the warehouse, so that its file is free. */
  async stop(): Promise<void> {
    const { home } = this.options;
    await stopProcess((await home.readStack()).worker, workerStopMs);
    await home.forgetWorker();
  }

  /** Starts a worker without a warehouse for each older build that runs are open on, or that is current and not run. */
  async runOlder(target: TemporalTarget, versions: DeploymentVersions): Promise<void> {
    const { home, say } = this.options;
    const running = (await (await this.control()).health())?.build.id;
    const open = new Set((await versions.openRuns()).flatMap(({ build }) => build ?? []));
    const { current } = await versions.look();
    if (current !== null) open.add(current);
    for (const build of open) {
      if (build === running) continue;
      const { olderWorkers = {} } = await home.readStack();
      if (await isAlive(olderWorkers[build] ?? null)) continue;
      if (await this.builds.has(build)) await this.launchOlder(target, build);
      else
        say(
          `Runs are open on build ${build}, which is not kept here; they wait for a worker of it (docs/how-to/release-a-version.md).`,
        );
    }
  }

  /** Removes kept builds that nothing needs any more. */
  async prune(versions: DeploymentVersions): Promise<void> {
    const { own } = this.options;
    const { current, versions: known } = await versions.look();
    const open = (await versions.openRuns()).flatMap(({ build }) => build ?? []);
    const former = known
      .filter(({ build, currentSince }) => build !== current && currentSince !== null)
      .sort((a, b) => ((a.currentSince ?? '') < (b.currentSince ?? '') ? 1 : -1))
      .slice(0, keptToGoBack)
      .map(({ build }) => build);
    const { olderWorkers = {} } = await this.options.home.readStack();
    const needed = [own.id, ...(current === null ? [] : [current]), ...former, ...open];
    const gone = await this.builds.prune(new Set([...needed, ...Object.keys(olderWorkers)]));
    // The server remembers with a build that it was taken back: it must not take over because it is started again.
    const isBad = new Set(known.flatMap(({ build, rolledBack }) => (rolledBack ? [build] : [])));
    for (const build of gone) if (!isBad.has(build)) await versions.forget(build);
  }

  /** Does `work` with the versions of this deployment. */
  async withVersions<T>(
    target: TemporalTarget,
    work: (versions: DeploymentVersions) => Promise<T>,
  ): Promise<T> {
    const connection = await Connection.connect(target.connection);
    try {
      const client = new Client({ connection, namespace: target.namespace });
      return await work(new DeploymentVersions(client, identityOf(this.options.config.datasetPrefix)));
    } finally {
      await connection.close();
    }
  }

  /** Which build is to work on the warehouse: the one that is current or becomes it. */
  private async buildToRun(verdict: StartVerdict, { current }: Deployed): Promise<string> {
    const { own, say } = this.options;
    if (verdict.kind !== 'waits' || current === null) return own.id;
    if (await this.builds.has(current)) return current;
    say(`Build ${current} is current and is not kept here, so the worker that starts is of ${short(own.id)}`);
    return own.id;
  }

  private async known(): Promise<ControlClient | null> {
    const file = await this.options.home.readWorker();
    return file ? new ControlClient(file) : null;
  }

  private async control(): Promise<ControlClient> {
    const control = await this.known();
    if (!control) throw new StackError('The worker has gone. `phase3 up` starts it again.');
    return control;
  }

  private async launchWorker(target: TemporalTarget, build: string): Promise<void> {
    const { home, config, gaveUp } = this.options;
    const { temporal } = await home.readStack();
    const child = await launch(
      home,
      'worker',
      [process.execPath, '--enable-source-maps', this.script(build, 'worker.js')],
      {
        ...environmentOf(config, target),
        // Whoever starts it decides whether it becomes current; one that nobody ran before it does by itself.
        PHASE3_PROMOTION: 'by-hand',
        // The server that we have started has its UI where nobody could have known before.
        ...(temporal && !configuredTemporal() && !config.environment['PHASE3_TEMPORAL_UI']
          ? { PHASE3_TEMPORAL_UI: temporal.ui }
          : {}),
      },
      (worker) => ({ worker }),
    );
    const until = Date.now() + workerStartMs;
    while (Date.now() < until && !child.hasExited() && !gaveUp()) {
      const file = await home.readWorker();
      if (file?.pid === child.pid && (await new ControlClient(file).health())?.ready) return;
      await pause(50);
    }
    await stopProcess(child, 2_000);
    throw new StackError(
      `The worker did not come up. The end of its log (${child.log}):\n${await lastWords(child.log, child.logStart)}`,
    );
  }

  private async launchOlder(target: TemporalTarget, build: string): Promise<void> {
    const { home, config } = this.options;
    await launch(
      home,
      'workflow-worker',
      [process.execPath, '--enable-source-maps', this.script(build, 'workflow-worker.js')],
      environmentOf(config, target),
      (started, { olderWorkers = {} }) => ({ olderWorkers: { ...olderWorkers, [build]: started } }),
    );
  }

  /** A build that gets its worker back needs none without a warehouse. */
  private async stopOlder(build: string): Promise<void> {
    const { home } = this.options;
    const stack = await home.readStack();
    const { [build]: older, ...others } = stack.olderWorkers ?? {};
    if (!older) return;
    await stopProcess(older, workerStopMs);
    await home.writeStack({ ...stack, olderWorkers: others });
  }

  private script(build: string, name: string): string {
    return join(this.builds.pathOf(build), 'dist', 'src', name);
  }
}

/** What processes of ours inherit. */
export function environmentOf(config: Config, target: TemporalTarget): NodeJS.ProcessEnv {
  return {
    ...config.environment,
    PHASE3_HOME: config.home,
    TEMPORAL_ADDRESS: target.connection.address,
    TEMPORAL_NAMESPACE: target.namespace,
  };
}
