/** How the stack of a home is, and what is wrong with it. */
import { join } from 'node:path';
import { configuredTemporal, localTemporal } from '../config/temporal-connection';
import { ControlClient } from '../control/client';
import type { Health } from '../control/protocol';
import type { Home, StackFile } from './home';
import { lostFiles, type Database } from './kept-files';
import { endOf } from './log-files';
import { isAlive } from './processes';
import { waitForServer } from './temporal-server';

export interface StackStatus {
  readonly healthy: boolean;
  /** What is wrong, a sentence each; none where it is healthy. */
  readonly problems: readonly string[];
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

/** With less the next checkpoint of a database may fail. */
const leastFreeBytes = 16 * 1024 * 1024;

/** Asks each part, and looks for the databases that are `used`. Throws a `HomeError` where the home's files cannot be read. */
export async function statusOf(home: Home, used: readonly Database[]): Promise<StackStatus> {
  const stack = await home.readStack();
  const [temporal, worker, gateway] = await Promise.all([
    temporalOf(home, stack),
    workerOf(home, stack),
    gatewayOf(home, stack),
  ]);
  const parts = [await diskProblem(home), temporal.problem, worker.problem, gateway.problem];
  // A process that has such a file open goes on, and what it writes is lost when it ends.
  const problems = [...(await lostFiles(home, used)), ...parts.filter((problem) => problem !== null)];
  return {
    ...{ healthy: problems.length === 0, problems },
    ...temporal.found,
    ...{ workerPid: worker.found?.pid ?? null, worker: worker.found },
    ...gateway.found,
  };
}

/** What was found, and what is wrong with it. */
interface Look<T> {
  readonly found: T;
  readonly problem: string | null;
}

async function diskProblem(home: Home): Promise<string | null> {
  // Without a folder nothing was started, and there is nothing to fill.
  const free = await home.freeBytes().catch(() => Infinity);
  if (free >= leastFreeBytes) return null;
  return (
    `The disk of ${home.path} is full: ${Math.floor(free / 1024)} KiB are left. Nothing is published until there are ` +
    `${leastFreeBytes / 1024 / 1024} MiB; then the stack goes on by itself.`
  );
}

type TemporalPart = Pick<
  StackStatus,
  'temporal' | 'temporalUi' | 'temporalPid' | 'temporalAlive' | 'temporalIsExternal'
>;

async function temporalOf(home: Home, { temporal: started }: StackFile): Promise<Look<TemporalPart>> {
  const external = configuredTemporal();
  if (external) {
    const { address } = external.connection;
    const answers = await waitForServer(external, 1_000, () => false);
    return {
      found: {
        ...{ temporal: address, temporalUi: null, temporalPid: started?.pid ?? null },
        ...{ temporalAlive: answers, temporalIsExternal: true },
      },
      problem: answers
        ? null
        : `Temporal does not answer on ${address}, namespace ${external.namespace} (TEMPORAL_ADDRESS or temporal.toml).`,
    };
  }
  const alive = started !== null && (await isAlive(started));
  return {
    found: {
      ...{ temporal: alive ? started.address : null, temporalUi: alive ? started.ui : null },
      ...{ temporalPid: started?.pid ?? null, temporalAlive: alive, temporalIsExternal: false },
    },
    problem: await temporalProblem(home, started, alive),
  };
}

async function temporalProblem(
  home: Home,
  started: StackFile['temporal'],
  alive: boolean,
): Promise<string | null> {
  if (!started) return 'Temporal was not started. `phase3 up` starts it.';
  const log = join(home.logs, 'temporal.log');
  if (!alive)
    return `Temporal (process ${started.pid}) has ended; see ${log}. \`phase3 up\` starts it again.`;
  // It answers all the same, and fails where it comes to the page that is damaged.
  if (isDamaged(await endOf(log))) return damaged(home.temporalFile);
  if (await waitForServer(localTemporal(started.address), 1_000, () => false)) return null;
  return `Temporal (process ${started.pid}) does not answer on ${started.address}; see ${log}.`;
}

/** Whether a log of Temporal says that its database is damaged. */
export function isDamaged(log: string): boolean {
  return /database disk image is malformed|file is not a database/.test(log);
}

/** What to do about a database of Temporal that is damaged. */
export function damaged(file: string): string {
  return (
    `${file} is damaged. Stop the stack with \`phase3 down\`, move ${file}* away, and use \`phase3 up\`: what was published is ` +
    'in the warehouse, and only runs that had not ended are lost; run their dates again.'
  );
}

async function workerOf(home: Home, { worker: started }: StackFile): Promise<Look<Health | null>> {
  const file = await home.readWorker();
  const found = file ? await new ControlClient(file).health() : null;
  const log = join(home.logs, 'worker.log');
  if (found?.ready) return { found, problem: null };
  if (found) return { found, problem: `The worker (process ${found.pid}) is ${found.worker}.` };
  const who = started ? `The worker (process ${started.pid})` : null;
  const problem = who
    ? `${who} ${(await isAlive(started)) ? 'does not answer' : 'has ended'}; see ${log}. \`phase3 up\` starts it again.`
    : 'The worker was not started. `phase3 up` starts it.';
  return { found, problem };
}

type GatewayPart = Pick<StackStatus, 'gateway' | 'gatewayPid' | 'gatewayTokens'>;

async function gatewayOf(home: Home, stack: StackFile): Promise<Look<GatewayPart>> {
  const { gateway: started = null, worker } = stack;
  const alive = started !== null && (await isAlive(started));
  const serving = alive ? await servingAt(started.url) : null;
  if (alive && serving?.pid === started.pid)
    return {
      found: { gateway: started.url, gatewayPid: started.pid, gatewayTokens: serving.tokens },
      problem: null,
    };
  const found = { gateway: null, gatewayPid: null, gatewayTokens: null };
  const log = join(home.logs, 'gateway.log');
  if (started)
    return {
      found,
      problem: `The gateway (process ${started.pid}) ${alive ? `does not answer on ${started.url}` : 'has ended'}; see ${log}. \`phase3 up\` starts it again.`,
    };
  // A home that started no worker either has it elsewhere, as where each process is a container.
  return { found, problem: worker ? 'The gateway was not started. `phase3 up` starts it.' : null };
}

/** What the gateway that answers there says of itself; null when none does. */
export async function servingAt(
  url: string,
): Promise<{ pid: number; tokens: boolean; build: string | null } | null> {
  try {
    const response = await fetch(`${url}/health/live`, { signal: AbortSignal.timeout(3_000) });
    const said = (await response.json()) as { pid?: number; tokens?: boolean; build?: string | null };
    return { pid: said.pid ?? 0, tokens: said.tokens ?? false, build: said.build ?? null };
  } catch {
    return null;
  }
}
