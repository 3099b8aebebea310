/** The local stack of one home: Temporal, a worker and the gateway. Starting and stopping are idempotent. */
import { randomInt } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '../config/config';
import { usualPorts } from '../config/variables';
import { configuredTemporal, localTemporal, type TemporalTarget } from '../config/temporal-connection';
import { ControlClient } from '../control/client';
import type { Health } from '../control/protocol';
import { accessFault } from '../observability/connection-fault';
import type { OwnBuild } from './builds';
import type { BuildProcesses } from '../builds/move';
import { Home, partsOf } from './home';
import { allDatabases, forgetLost, openKept, refuseLost, rememberLogs, type Database } from './kept-files';
import { launch, StackError } from './launch';
import { endOf, lastWords } from './log-files';
import { describeUsers, usersOf } from './open-files';
import { canListen, freePort, holdPort, isAlive, stopProcess, type DetachedProcess } from './processes';
import { startPatienceMs } from './own-process';
import { damaged, isDamaged, servingAt, statusOf, type StackStatus } from './status';
import { findTemporal } from './temporal-binary';
import { saysThatItListens, serverArguments, prepareNamespace, waitForServer } from './temporal-server';
import { LockedError, withLock } from './up-lock';
import { environmentOf, Workers } from './workers';

/** What `up` starts: workers of a build, and the gateway that is compiled beside it. */
export interface StackScripts {
  readonly build: OwnBuild;
  readonly gateway: string;
}

export interface UpOptions {
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
  /** Whether databases that are lost are begun anew; without it `up` refuses. */
  readonly startEmpty?: boolean;
}

export { StackError } from './launch';

/** What Temporal says of a port that another process has taken since it was chosen. */
const portTaken = 'address already in use';

const lockPatienceMs = 120_000;
const serverStartMs = 60_000;
const gatewayStartMs = 30_000;

/** A lock that another process holds is for people, like all that keeps a stack from coming up. */
function asStackError(error: unknown): never {
  throw error instanceof LockedError ? new StackError(error.message) : error;
}

export class Stack {
  readonly home: Home;
  /** Workers of this build and of those before it. */
  readonly workers: Workers;
  private signal: AbortSignal | undefined;
  /** Lets go of the UI's port, which nothing listens on before the gateway does: another home would take it meanwhile. */
  private releaseUi: () => Promise<void> = async () => undefined;
  private readonly gaveUp = (): boolean => this.signal?.aborted === true;

  constructor(
    private readonly config: Config,
    private readonly scripts: StackScripts,
    private readonly say: (line: string) => void,
  ) {
    this.home = new Home(config.home);
    this.workers = new Workers({
      ...{ home: this.home, config, own: scripts.build, say, gaveUp: this.gaveUp },
      mismatch: (health) => this.mismatch(health),
    });
  }

  /**
   * Starts what is not up and returns when Temporal, the worker with its warehouse and the gateway answer. Once `signal` is
   * aborted it waits for nobody any more, and throws; what it had started by then is what `down` stops.
   */
  async up({ signal, startEmpty: mayStartEmpty = false }: UpOptions = {}): Promise<StackStatus> {
    this.signal = signal;
    await this.home.create();
    const start = async (): Promise<void> => {
      if (mayStartEmpty) await this.startEmpty();
      await refuseLost(this.home, this.used());
      await this.checkAskedPorts();
      const target = (await this.configured()) ?? (await this.ownTemporal());
      await this.workers.up(target);
      await this.startGateway(target);
    };
    await withLock(this.home.lockFile, start, lockPatienceMs, this.gaveUp).catch(asStackError);
    const status = await this.status();
    if (!status.healthy)
      throw new StackError(`The stack started, but is not healthy. ${status.problems.join(' ')}`);
    return status;
  }

  /** Stops what this home has started: nothing comes in any more, then the worker drains. True when something was up. */
  async down(): Promise<boolean> {
    const stack = await this.home.readStack();
    const parts = partsOf(stack);
    if (parts.every((part) => part === null)) {
      await this.refuseUnknown();
      return false;
    }
    const wasUp = (await Promise.all(parts.map(isAlive))).includes(true);
    await stopProcess(stack.gateway ?? null, 10_000);
    const workers = [stack.worker, ...Object.values(stack.olderWorkers ?? {})];
    await Promise.all(workers.map((one) => stopProcess(one, 20_000)));
    await this.home.forgetWorker();
    await stopProcess(stack.temporal, 10_000);
    await rememberLogs(this.home);
    await this.home.forgetStack();
    return wasUp;
  }

  /**
   * Lets `work` change which builds run here, while nobody else starts this home. Where it has started no worker, the processes are
   * others' affair.
   */
  async changeBuilds<T>(work: (processes: BuildProcesses) => Promise<T>): Promise<T> {
    const target = await this.temporal();
    const { worker } = await this.home.readStack();
    const { workers } = this;
    const none = (): Promise<void> => Promise.resolve();
    const processes: BuildProcesses =
      target && worker
        ? {
            run: (build) => workers.run(target, build),
            runOlder: () => workers.withVersions(target, (versions) => workers.runOlder(target, versions)),
          }
        : { run: none, runOlder: none };
    return withLock(this.home.lockFile, () => work(processes), lockPatienceMs).catch(asStackError);
  }

  /** Throws a {@link StackError} where a process is at work in this home that it does not know of. */
  async refuseUnknown(): Promise<void> {
    const sentence = describeUsers(await usersOf(this.home.databaseFiles));
    if (sentence !== null) throw new StackError(sentence);
  }

  /** Begins anew what is lost, unless somebody still has it open: what he writes would be lost as well. */
  private async startEmpty(): Promise<void> {
    const [user] = await usersOf(this.home.databaseFiles);
    if (user)
      throw new StackError(
        `Process ${user.pid} has ${user.file} open. \`phase3 down\` first, and then again.`,
      );
    // Also one that is not in use any more: until it is forgotten, no backup can be made.
    for (const sentence of await forgetLost(this.home, allDatabases)) this.say(sentence);
  }

  /** The databases of this home that what is configured works on. */
  private used(): Database[] {
    return [
      ...(this.config.warehouse.kind === 'duckdb' ? (['warehouse.duckdb'] as const) : []),
      ...(configuredTemporal() ? [] : (['temporal.db'] as const)),
    ];
  }

  async status(): Promise<StackStatus> {
    return statusOf(this.home, this.used());
  }

  /** How the worker that is up differs from what is configured here, as a sentence; null when it does not. */
  mismatch(health: Pick<Health, 'warehouse' | 'location' | 'prefix'>): string | null {
    const { warehouse, datasetPrefix } = this.config;
    const location =
      warehouse.kind === 'bigquery'
        ? `${warehouse.projectId} (${warehouse.location})`
        : this.home.warehouseFile;
    const named = (kind: string, where: string, prefix: string | null): string =>
      `${kind}, ${where}${prefix === null ? '' : `, with the prefix ${prefix}`}`;
    const [theirs, ours] = [
      named(health.warehouse, health.location, health.prefix),
      named(warehouse.kind, location, datasetPrefix),
    ];
    if (theirs === ours) return null;
    return (
      `The worker that is up works on ${theirs}, and the environment says ${ours}. Set PHASE3_WAREHOUSE, ` +
      'PHASE3_BIGQUERY_PROJECT, PHASE3_BIGQUERY_LOCATION and PHASE3_DATASET_PREFIX as it has them, or start another ' +
      'with `phase3 down` and `phase3 up`.'
    );
  }

  /** The worker's control endpoint; null when this home has no worker, and knows what it has started. */
  async control(): Promise<ControlClient | null> {
    const worker = await this.home.readWorker();
    if (worker) return new ControlClient(worker);
    await this.home.readStack();
    return null;
  }

  /** Where this home's Temporal is; null when none is up. */
  async temporal(): Promise<TemporalTarget | null> {
    const external = configuredTemporal();
    if (external) return external;
    const { temporal } = await this.home.readStack();
    return temporal && (await isAlive(temporal)) ? localTemporal(temporal.address) : null;
  }

  /** The server that the environment or a profile names, once it answers; null when none is named. */
  private async configured(): Promise<TemporalTarget | null> {
    const target = configuredTemporal();
    if (!target || (await waitForServer(target, startPatienceMs, this.gaveUp))) return target;
    const why = await accessFault(target.connection);
    throw new StackError(
      `Temporal does not answer on ${target.connection.address}, namespace ${target.namespace} (TEMPORAL_ADDRESS or temporal.toml)` +
        `${why === null ? '. Start it, or unset it for a server of this home' : `: ${why}`}.`,
    );
  }

  /** The embedded server, started if need be, with all that our runs need of its namespace. */
  private async ownTemporal(): Promise<TemporalTarget> {
    const target = await openKept(this.home, 'temporal.db', () => this.startTemporal());
    await prepareNamespace(target);
    return target;
  }

  private async startTemporal(): Promise<TemporalTarget> {
    const stack = await this.home.readStack();
    if (stack.temporal && (await isAlive(stack.temporal))) {
      if (await waitForServer(localTemporal(stack.temporal.address), 10_000, this.gaveUp))
        return localTemporal(stack.temporal.address);
      throw new StackError(
        `Temporal (process ${stack.temporal.pid}) runs but does not answer on ${stack.temporal.address}.`,
      );
    }
    const command = await findTemporal(
      this.config.toolCache,
      this.config.path,
      this.say,
      this.config.environment,
      this.signal,
    );
    for (let attempt = 1; ; attempt += 1) {
      const { address, failure } = await this.tryTemporal(command, attempt === 1);
      if (failure === null) return localTemporal(address);
      // Between choosing a port and listening on it another process may take it; some ports it chooses itself.
      if (attempt === 3 || this.gaveUp() || !failure.includes(portTaken)) throw new StackError(failure);
    }
  }

  /** Starts Temporal, on the usual ports where they are free. The failure is null once it answers. */
  private async tryTemporal(
    command: string,
    onUsualPorts: boolean,
  ): Promise<{ readonly address: string; readonly failure: string | null }> {
    const usual = onUsualPorts ? usualPorts.temporal : undefined;
    const port = await this.choosePort('PHASE3_TEMPORAL_PORT', this.config.temporalPort, usual);
    const ui = await this.holdUi(onUsualPorts ? usualPorts.temporalUi : undefined);
    const behind = { ip: hiddenIp(), port: await freePort() };
    const address = `127.0.0.1:${port}`;
    const child = await launch(
      this.home,
      'temporal',
      [command, ...serverArguments({ port, ui: behind, file: this.home.temporalFile })],
      this.config.environment,
      (temporal) => ({
        temporal: { ...temporal, address, ui, uiBehind: `http://${behind.ip}:${behind.port}` },
      }),
    );
    const gaveUp = (): boolean => child.hasExited() || this.gaveUp();
    if (await waitForServer(localTemporal(address), serverStartMs, gaveUp, () => this.listens(child, port))) {
      return { address, failure: null };
    }
    await stopProcess(child, 2_000);
    return { address, failure: await this.whyNoTemporal(address, child) };
  }

  /**
   * Whether it is this process that answers on the port. Another home's server may have taken it since it was chosen; ours is
   * then about to say so and to end, and what we do with the other's would be done to its dates.
   */
  private async listens(
    { log, logStart, hasExited }: DetachedProcess & { readonly log: string; readonly logStart: number },
    port: number,
  ): Promise<boolean> {
    return saysThatItListens(await endOf(log, logStart), port) && !hasExited();
  }

  private async whyNoTemporal(
    address: string,
    { log, logStart }: { readonly log: string; readonly logStart: number },
  ): Promise<string> {
    const file = this.home.temporalFile;
    const said = await endOf(log, logStart);
    if (isDamaged(said)) return damaged(file);
    if (said.includes(portTaken))
      return `Temporal could not listen on ${address}, or on a port of its own: ${portTaken}.`;
    if (said.includes('database is locked'))
      return `${file} is in use by a Temporal that this home does not know of. End that process (\`fuser ${file}\` names it), and use \`phase3 up\` again.`;
    return `Temporal did not come up on ${address} with ${file}. The end of its log (${log}):\n${await lastWords(log, logStart)}`;
  }

  private async startGateway(target: TemporalTarget): Promise<void> {
    const { gateway: known = null } = await this.home.readStack();
    if (known && (await isAlive(known))) {
      const serving = await servingAt(known.url);
      if (serving?.pid === known.pid) {
        const { auth, port: asked } = this.config.gateway;
        const asks = auth !== null;
        const port = portOf(known.url);
        if (asked !== null && asked !== port)
          throw new StackError(
            `The gateway that is up is on port ${port}, and the environment sets PHASE3_GATEWAY_PORT to ${asked}. Set it to the same, or restart the gateway with \`phase3 down\` and \`phase3 up\`.`,
          );
        if (serving.tokens !== asks)
          throw new StackError(
            `The gateway that is up requires ${serving.tokens ? 'tokens' : 'no tokens'}, and the environment ${asks ? 'sets' : 'sets no'} PHASE3_OIDC_AUDIENCE. Set it to the same, or restart the gateway with \`phase3 down\` and \`phase3 up\`.`,
          );
        if ((serving.build ?? 'unbuilt') === this.scripts.build.id) return;
        // It keeps nothing, so that any build of it serves as well as another, and people see one.
        this.say('The gateway is of another build; starting this one');
      } else this.say(`The gateway (process ${known.pid}) does not answer; starting another`);
      await stopProcess(known, 5_000);
    }
    const { port: asked } = this.config.gateway;
    // Between choosing a port and listening on it another process may take it: then others are tried.
    for (let attempt = 1; ; attempt += 1) {
      const port = await this.choosePort(
        'PHASE3_GATEWAY_PORT',
        asked,
        // Whoever pushes knows the address that it had.
        attempt > 1 ? undefined : known ? portOf(known.url) : usualPorts.gateway,
      );
      const said = await this.tryGateway(target, port);
      if (said === null) return;
      if (said.includes('PHASE3_TEMPORAL_UI_PORT') && this.config.temporalUiPort === null && attempt < 3) {
        const stack = await this.home.readStack();
        const temporal = stack.temporal && { ...stack.temporal, ui: await this.holdUi(undefined) };
        await this.home.writeStack({ ...stack, temporal });
        continue;
      }
      // What it says, and not whether the port can be had now: who took it may have let it go since.
      const wasTaken = said.includes('PHASE3_GATEWAY_PORT');
      if (asked !== null || attempt === 3 || this.gaveUp() || !wasTaken)
        throw new StackError(
          `The gateway did not come up. The end of its log (${join(this.home.logs, 'gateway.log')}):\n${said}`,
        );
    }
  }

  /** Starts a gateway on a port. Null once it answers; else its last words. */
  private async tryGateway(target: TemporalTarget, port: number): Promise<string | null> {
    // Where it listens on every address, this machine reaches it by its own.
    const { host } = this.config.gateway;
    const reached = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
    const url = `http://${isIPv6(reached) ? `[${reached}]` : reached}:${port}`;
    const { temporal } = await this.home.readStack();
    await this.releaseUi();
    const child = await launch(
      this.home,
      'gateway',
      [process.execPath, '--enable-source-maps', this.scripts.gateway],
      {
        ...environmentOf(this.config, target),
        PHASE3_GATEWAY_PORT: String(port),
        ...(temporal && !configuredTemporal()
          ? { PHASE3_TEMPORAL_UI_PORT: String(portOf(temporal.ui)) }
          : {}),
      },
      (gateway) => ({ gateway: { ...gateway, url } }),
    );
    const until = Date.now() + gatewayStartMs;
    while (Date.now() < until && !child.hasExited() && !this.gaveUp()) {
      // Another gateway may have the port; ours is then about to say so.
      if ((await servingAt(url))?.pid === child.pid) return null;
      await pause(50);
    }
    await stopProcess(child, 2_000);
    return lastWords(child.log, child.logStart);
  }

  /** Before anything is started: whoever asks for a port that is taken would find half a stack. */
  private async checkAskedPorts(): Promise<void> {
    const { temporal, gateway = null } = await this.home.readStack();
    const { temporalPort, gateway: settings } = this.config;
    if (!configuredTemporal() && !(await isAlive(temporal))) {
      await this.choosePort('PHASE3_TEMPORAL_PORT', temporalPort, undefined);
      await this.chooseUi(undefined);
    }
    if (!(await isAlive(gateway))) await this.choosePort('PHASE3_GATEWAY_PORT', settings.port, undefined);
  }

  /** Where the UI is to be found. A gateway that is up has its port, and keeps it when Temporal is started again. */
  private async chooseUi(preferred: number | undefined): Promise<string> {
    const { temporal, gateway = null } = await this.home.readStack();
    const asked = this.config.temporalUiPort;
    const own = temporal && (await isAlive(gateway)) ? temporal.ui : null;
    if (own !== null && (asked === null || asked === portOf(own))) return own;
    return `http://127.0.0.1:${await this.choosePort('PHASE3_TEMPORAL_UI_PORT', asked, preferred)}`;
  }

  /** The same, kept from others until the gateway takes it. */
  private async holdUi(preferred: number | undefined): Promise<string> {
    await this.releaseUi();
    const ui = await this.chooseUi(preferred);
    this.releaseUi = (await holdPort(portOf(ui))) ?? this.releaseUi;
    return ui;
  }

  private async choosePort(
    variable: string,
    asked: number | null,
    preferred: number | undefined,
  ): Promise<number> {
    if (asked === null) return freePort(preferred);
    if (await canListen(asked)) return asked;
    throw new StackError(
      `Port ${asked} (${variable}) is in use. Choose another, or unset ${variable} for a free one.`,
    );
  }
}

/**
 * A loopback address that is as good as a secret: no page can try 16 million of them, at 30,000 ports each. Elsewhere than on
 * Linux there is but one, and only the port is not told.
 */
function hiddenIp(): string {
  if (process.platform !== 'linux') return '127.0.0.1';
  return ['127', ...Array.from({ length: 3 }, () => randomInt(1, 255))].join('.');
}

/** A URL does not name port 80, since it is HTTP's own. */
function portOf(url: string): number {
  return Number(new URL(url).port || 80);
}
