/** The local stack of one home: Temporal, a worker and the gateway. Starting and stopping are idempotent. */
import { readFile, stat } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { InvalidConfigError, type Config } from '../config/config';
import { usualPorts } from '../config/variables';
import { configuredTemporal, localTemporal, type TemporalTarget } from '../config/temporal-connection';
import { ControlClient } from '../control/client';
import type { Health } from '../control/protocol';
import { Home } from './home';
import { canListen, freePort, isAlive, startDetached, stopProcess } from './processes';
import { findTemporal } from './temporal-binary';
import { serverArguments, setRetention, waitForServer } from './temporal-server';
import { LockedError, withLock } from './up-lock';

export interface StackStatus {
  readonly healthy: boolean;
  /** `host:port`; null when no server is known. */
  readonly temporal: string | null;
  readonly temporalUi: string | null;
  readonly temporalPid: number | null;
  readonly temporalAlive: boolean;
  /** True when the environment or a profile names the server, and this home starts none. */
  readonly temporalIsExternal: boolean;
  readonly workerPid: number | null;
  readonly worker: Health | null;
  /** Where the gateway is, without a trailing slash; null when none answers. */
  readonly gateway: string | null;
  readonly gatewayPid: number | null;
  /** Whether it asks for tokens, as it says itself; null when none answers. */
  readonly gatewayTokens: boolean | null;
}

/** The compiled processes that `up` starts. */
export interface StackScripts {
  readonly worker: string;
  readonly gateway: string;
}

/** Thrown when a part of the stack does not come up; the message names the port, file or log to look at. */
export class StackError extends Error {
  override readonly name = 'StackError';
}

const serverStartMs = 60_000;
const workerStartMs = 60_000;
const gatewayStartMs = 30_000;

export class Stack {
  readonly home: Home;

  constructor(
    private readonly config: Config,
    private readonly scripts: StackScripts,
    private readonly say: (line: string) => void,
  ) {
    this.home = new Home(config.home);
  }

  /** Starts what is not up and returns when Temporal, the worker with its warehouse and the gateway answer. */
  async up(): Promise<StackStatus> {
    await this.home.create().catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      throw new InvalidConfigError([
        {
          code: 'wrong_value',
          field: 'PHASE3_HOME',
          problem: `is ${this.home.path}, which cannot be created (${why})`,
        },
      ]);
    });
    await withLock(this.home.lockFile, async () => {
      const target = (await this.configured()) ?? (await this.startTemporal());
      await this.startWorker(target);
      await this.startGateway(target);
    }).catch((error: unknown) => {
      throw error instanceof LockedError ? new StackError(error.message) : error;
    });
    const status = await this.status();
    if (!status.healthy)
      throw new StackError(
        `The stack started but does not answer; see the logs in ${this.home.logs}. \`phase3 status\` shows what runs.`,
      );
    return status;
  }

  /** Stops what this home has started: nothing comes in any more, then the worker drains. True when something was up. */
  async down(): Promise<boolean> {
    const stack = await this.home.readStack();
    const { temporal, worker, gateway = null } = stack;
    const parts = [temporal, worker, gateway];
    const wasUp = (await Promise.all(parts.map(isAlive))).includes(true);
    await stopProcess(gateway, 10_000);
    await stopProcess(stack.worker, 20_000);
    await this.home.forgetWorker();
    await stopProcess(stack.temporal, 10_000);
    if (parts.some((part) => part !== null))
      await this.home.writeStack({ temporal: null, worker: null, gateway: null });
    return wasUp;
  }

  async status(): Promise<StackStatus> {
    const stack = await this.home.readStack();
    const external = configuredTemporal();
    const temporalAlive = external
      ? await waitForServer(external, 1_000, () => false)
      : await isAlive(stack.temporal);
    const control = await this.control();
    const worker = (await control?.health().catch(() => null)) ?? null;
    const { gateway = null } = stack;
    const serving = gateway !== null && (await isAlive(gateway)) ? await servingAt(gateway.url) : null;
    const gatewayAlive = gateway !== null && serving?.pid === gateway.pid;
    return {
      // A home that started none has it elsewhere, as where each process is a container.
      healthy: temporalAlive && worker?.ready === true && (gateway === null || gatewayAlive),
      temporal: external?.connection.address ?? (temporalAlive ? (stack.temporal?.address ?? null) : null),
      temporalUi: external ? null : temporalAlive ? (stack.temporal?.ui ?? null) : null,
      temporalPid: stack.temporal?.pid ?? null,
      temporalAlive,
      temporalIsExternal: external !== null,
      workerPid: worker?.pid ?? null,
      worker,
      gateway: gatewayAlive ? gateway.url : null,
      gatewayPid: gatewayAlive ? gateway.pid : null,
      gatewayTokens: gatewayAlive ? serving.tokens : null,
    };
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
    if (!target || (await waitForServer(target, 5_000, () => false))) return target;
    throw new StackError(
      `Temporal does not answer on ${target.connection.address}, namespace ${target.namespace} (TEMPORAL_ADDRESS or temporal.toml). ` +
        'Start it, or unset it for a server of this home.',
    );
  }

  private async startTemporal(): Promise<TemporalTarget> {
    const stack = await this.home.readStack();
    if (stack.temporal && (await isAlive(stack.temporal))) {
      if (await waitForServer(localTemporal(stack.temporal.address), serverStartMs, () => false))
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
    );
    const port = await this.choosePort('PHASE3_TEMPORAL_PORT', this.config.temporalPort, usualPorts.temporal);
    const uiPort = await this.choosePort(
      'PHASE3_TEMPORAL_UI_PORT',
      this.config.temporalUiPort,
      usualPorts.temporalUi,
    );
    const log = join(this.home.logs, 'temporal.log');
    const {
      exited: _,
      hasExited,
      ...started
    } = await startDetached(
      command,
      serverArguments({ port, uiPort, file: this.home.temporalFile }),
      log,
      this.config.environment,
    );
    const address = `127.0.0.1:${port}`;
    await this.home.writeStack({
      ...stack,
      temporal: { ...started, address, ui: `http://127.0.0.1:${uiPort}` },
    });
    if (!(await waitForServer(localTemporal(address), serverStartMs, hasExited))) {
      await stopProcess(started, 2_000);
      throw new StackError(
        `Temporal did not come up on ${address} with ${this.home.temporalFile}. The end of its log (${log}):\n${await tail(log)}`,
      );
    }
    await setRetention(address);
    return localTemporal(address);
  }

  private async startWorker(target: TemporalTarget): Promise<void> {
    const stack = await this.home.readStack();
    if (await isAlive(stack.worker)) {
      const health = await (await this.control())?.health();
      if (health?.ready) {
        const mismatch = this.mismatch(health);
        if (mismatch) throw new StackError(mismatch);
        return;
      }
      this.say(`The worker (process ${stack.worker?.pid ?? '?'}) does not answer; starting another`);
      await stopProcess(stack.worker, 5_000);
    }
    await this.home.forgetWorker();
    const log = join(this.home.logs, 'worker.log');
    const logStart = await sizeOf(log);
    const {
      exited: _,
      hasExited,
      ...started
    } = await startDetached(process.execPath, ['--enable-source-maps', this.scripts.worker], log, {
      ...this.environmentOf(target),
      // The server that we have started has its UI where nobody could have known before.
      ...(stack.temporal && !configuredTemporal() && !this.config.environment['PHASE3_TEMPORAL_UI']
        ? { PHASE3_TEMPORAL_UI: stack.temporal.ui }
        : {}),
    });
    await this.home.writeStack({ ...(await this.home.readStack()), worker: started });
    const until = Date.now() + workerStartMs;
    while (Date.now() < until && !hasExited()) {
      const file = await this.home.readWorker();
      if (file?.pid === started.pid && (await new ControlClient(file).health())?.ready) return;
      await pause(50);
    }
    await stopProcess(started, 2_000);
    throw new StackError(
      `The worker did not come up. The end of its log (${log}):\n${await tail(log, logStart)}`,
    );
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
        if (serving.tokens === asks) return;
        throw new StackError(
          `The gateway that is up requires ${serving.tokens ? 'tokens' : 'no tokens'}, and the environment ${asks ? 'sets' : 'sets no'} PHASE3_OIDC_AUDIENCE. Set it to the same, or restart the gateway with \`phase3 down\` and \`phase3 up\`.`,
        );
      }
      this.say(`The gateway (process ${known.pid}) does not answer; starting another`);
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
      const lastWords = await this.tryGateway(target, port);
      if (lastWords === null) return;
      if (asked !== null || attempt === 3 || (await canListen(port)))
        throw new StackError(
          `The gateway did not come up. The end of its log (${join(this.home.logs, 'gateway.log')}):\n${lastWords}`,
        );
    }
  }

  /** Starts a gateway on a port. Null once it answers; else its last words. */
  private async tryGateway(target: TemporalTarget, port: number): Promise<string | null> {
    const log = join(this.home.logs, 'gateway.log');
    const logStart = await sizeOf(log);
    const {
      exited: _,
      hasExited,
      ...started
    } = await startDetached(process.execPath, ['--enable-source-maps', this.scripts.gateway], log, {
      ...this.environmentOf(target),
      PHASE3_GATEWAY_PORT: String(port),
    });
    // Where it listens on every address, this machine reaches it by its own.
    const { host } = this.config.gateway;
    const reached = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
    const url = `http://${isIPv6(reached) ? `[${reached}]` : reached}:${port}`;
    await this.home.writeStack({ ...(await this.home.readStack()), gateway: { ...started, url } });
    const until = Date.now() + gatewayStartMs;
    while (Date.now() < until && !hasExited()) {
      // Another gateway may have the port; ours is then about to say so.
      if ((await servingAt(url))?.pid === started.pid) return null;
      await pause(50);
    }
    await stopProcess(started, 2_000);
    return tail(log, logStart);
  }

  /** What processes of ours inherit. */
  private environmentOf(target: TemporalTarget): NodeJS.ProcessEnv {
    return {
      ...this.config.environment,
      PHASE3_HOME: this.config.home,
      TEMPORAL_ADDRESS: target.connection.address,
      TEMPORAL_NAMESPACE: target.namespace,
    };
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

/** A URL does not name port 80, since it is HTTP's own. */
function portOf(url: string): number {
  return Number(new URL(url).port || 80);
}

/** What the gateway that answers there says of itself; null when none does. */
async function servingAt(url: string): Promise<{ pid: number; tokens: boolean } | null> {
  try {
    const response = await fetch(`${url}/health/live`, { signal: AbortSignal.timeout(3_000) });
    const { pid = 0, tokens = false } = (await response.json()) as { pid?: number; tokens?: boolean };
    return { pid, tokens };
  } catch {
    return null;
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (found) => found.size,
    () => 0,
  );
}

/** The last lines of a log, from `start` on, with JSON lines reduced to their message. */
async function tail(path: string, start = 0): Promise<string> {
  const text = (await readFile(path).catch(() => Buffer.alloc(0))).subarray(start).toString('utf8');
  return text
    .trim()
    .split('\n')
    .slice(-12)
    .map((line) => `  ${messageOf(line)}`)
    .join('\n');
}

function messageOf(line: string): string {
  try {
    const { level, message, error } = JSON.parse(line) as {
      level?: string;
      message?: string;
      error?: string;
    };
    return [level, message, error].filter(Boolean).join(' ');
  } catch {
    return line;
  }
}
