/** A checkout's local stack in a throw-away home, driven through what users have: the command line, HTTP and Temporal. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { isAlive } from '../../src/stack/processes';
import { ownEnvironment } from '../own-environment';
import type { Checkout } from './checkout';
import { processFigures, type ProcessFigures } from './machine';

/** Thrown when what was measured went wrong: then the figures are worth nothing, and the bench exits 1. */
export class BenchFailure extends Error {
  override readonly name = 'BenchFailure';
}

export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

export interface PushAnswer {
  /** Null where the connection broke. */
  readonly httpStatus: number | null;
  /** What the answer begins with, or what broke. */
  readonly status: string;
  readonly ms: number;
  /** When it is to be sent again, in seconds, where the answer says so. */
  readonly retryAfter: number | null;
  readonly workflowId: string;
  readonly runId: string;
  /** Rows that each processor has published or found as they should be. */
  readonly rows: ReadonlyMap<string, number>;
}

export type Component = 'temporal' | 'worker' | 'gateway';

/** What `up --json` prints, as far as it is needed. */
interface Status {
  readonly temporal: string;
  readonly gateway: string;
  readonly components: Readonly<Record<Component, { readonly pid: number }>>;
}

/** A season's export is tens of megabytes. */
const maxBuffer = 2 ** 30;
const answerMs = 120_000;
/** What hangs for so long does not come. */
const commandMs = 20 * 60_000;
const everyMs = 50;

/** How to take down every stack that was asked to come up. */
const open = new Set<() => Promise<unknown>>();
/** Since the process started: the ids of messages are of one run of the bench. */
let pushes = 0;

export class System {
  private constructor(
    readonly checkout: Checkout,
    /** Of every process that works in its home. */
    readonly environment: NodeJS.ProcessEnv,
    private status: Status,
    readonly temporal: Client,
    readonly home: string,
  ) {}

  /** Starts a stack, does `work` with it and takes it down. The home of one that failed is kept, and named. */
  static async with<T>(
    checkout: Checkout,
    settings: NodeJS.ProcessEnv,
    work: (system: System) => Promise<T>,
  ): Promise<T> {
    const home = await mkdtemp(join(tmpdir(), 'phase3-bench-'));
    // Of the asker's own settings nothing is measured, and no profile of theirs names another server.
    const environment = ownEnvironment({
      ...settings,
      PHASE3_HOME: home,
      TEMPORAL_CONFIG_FILE: join(home, 'no-temporal.toml'),
    });
    const starting = phase3(checkout, environment, ['up', '--json']);
    // One that is coming up is taken down when it is up.
    const down = (): Promise<unknown> =>
      starting
        .catch(() => undefined)
        .then(() => phase3(checkout, environment, ['down']))
        .catch(() => undefined);
    open.add(down);
    let connection: Connection | null = null;
    try {
      const status = JSON.parse(await starting) as Status;
      connection = await Connection.connect({ address: status.temporal });
      const done = await work(new System(checkout, environment, status, new Client({ connection }), home));
      await down();
      await rm(home, { recursive: true, force: true });
      return done;
    } catch (error) {
      await down();
      const why = error instanceof Error ? error.message : String(error);
      throw new BenchFailure(`${checkout.name}: ${why}\nIts home, with its logs: ${home}`, { cause: error });
    } finally {
      open.delete(down);
      await connection?.close();
    }
  }

  /** Ends the process at a signal, with every stack that is up: they would outlive it. */
  static closeOnSignals(): void {
    const close = (): Promise<unknown> => Promise.all([...open].map((down) => down()));
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => void close().finally(() => process.exit(1)));
  }

  /** Runs `phase3 …args` and returns its stdout. Throws unless it ends with 0. */
  command(...args: string[]): Promise<string> {
    return phase3(this.checkout, this.environment, args);
  }

  /** Runs a command with `--json`; its document is of the shape that interface and README promise. */
  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.command(...args, '--json')) as T;
  }

  /** The lines of an export. */
  async export(table: string, from: string, to: string): Promise<string[]> {
    const text = await this.command('export', table, '--from', from, '--to', to);
    return text.split('\n').filter((line) => line !== '');
  }

  /** `host:port` of its Temporal server. */
  get temporalAddress(): string {
    return this.status.temporal;
  }

  get gateway(): string {
    return this.status.gateway;
  }

  figuresOf(component: Component): Promise<ProcessFigures | null> {
    return processFigures(this.status.components[component].pid);
  }

  /** Ends the worker in the middle of whatever it does and starts another. */
  async replaceWorker(): Promise<void> {
    await this.killWorker();
    await this.startWorker();
  }

  /** Ends the worker in the middle of whatever it does. */
  async killWorker(): Promise<void> {
    process.kill(this.status.components.worker.pid, 'SIGKILL');
    await until('end of the worker', async () => ((await this.isWorkerAlive()) ? null : true));
  }

  /** Starts what is not up, and returns when it answers. Throws when it does not come up. */
  async startWorker(): Promise<void> {
    this.status = await this.json<Status>('up');
  }

  /** Whether the worker that was started last still runs. */
  isWorkerAlive(): Promise<boolean> {
    return isAlive({ pid: this.status.components.worker.pid, startedAt: '' });
  }

  /** Sends a message as a Pub/Sub push subscription does; without an id of its own it is a new one. */
  async push(
    gameDate: string,
    source = 'nbac_gamebook_player_stats',
    messageId = `bench-${(pushes += 1)}`,
  ): Promise<PushAnswer> {
    const message = { output_table: `nba_raw.${source}`, game_date: gameDate, status: 'success' };
    const begun = performance.now();
    const broken = {
      httpStatus: null,
      retryAfter: null,
      workflowId: '',
      runId: '',
      rows: new Map<string, number>(),
    };
    try {
      const response = await fetch(`${this.status.gateway}/process`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        signal: AbortSignal.timeout(answerMs),
        body: JSON.stringify({
          message: {
            data: Buffer.from(JSON.stringify(message)).toString('base64'),
            messageId,
            publishTime: new Date().toISOString(),
            attributes: {},
          },
          subscription: 'projects/bench/subscriptions/phase3',
        }),
      });
      const body = (await response.json()) as {
        status?: string;
        workflow_id?: string;
        run_id?: string;
        results?: readonly { processor: string; row_count: number | null }[];
      };
      return {
        httpStatus: response.status,
        status: body.status ?? 'without a status',
        ms: performance.now() - begun,
        retryAfter: secondsOf(response.headers.get('retry-after')),
        workflowId: body.workflow_id ?? '',
        runId: body.run_id ?? '',
        rows: new Map((body.results ?? []).map((result) => [result.processor, result.row_count ?? 0])),
      };
    } catch (error) {
      const status = error instanceof Error ? error.message : String(error);
      return { ...broken, status, ms: performance.now() - begun };
    }
  }

  /** A run's history, when the run is closed. */
  async closedHistory({ workflowId, runId }: PushAnswer): Promise<History> {
    const handle = this.temporal.workflow.getHandle(workflowId, runId, { followRuns: false });
    await handle.result();
    return handle.fetchHistory();
  }
}

function secondsOf(header: string | null): number | null {
  return header === null ? null : Number(header);
}

/** Asks until there is an answer. Throws when there is none for long; `what` says what was waited for. */
export async function until<T>(what: string, ask: () => Promise<T | null>, limitMs = answerMs): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (performance.now() > end) throw new BenchFailure(`No ${what} within ${limitMs / 1000} s.`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** Does `work` with every item, at most `window` at once; results in the items' order. */
export async function atOnce<T, R>(
  items: readonly T[],
  window: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const left = [...items.entries()];
  const done: R[] = [];
  const doNext = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) done[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: window }, doNext));
  return done;
}

function phase3(checkout: Checkout, env: NodeJS.ProcessEnv, args: readonly string[]): Promise<string> {
  const script = join(checkout.folder, 'bin', 'phase3.js');
  return new Promise((resolve, reject) => {
    const options = { env, maxBuffer, timeout: commandMs };
    execFile(process.execPath, [script, ...args], options, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else {
        const words = `${stdout.slice(-2_000)}\n${stderr.slice(-2_000)}`.trim();
        const how = error.code ?? error.signal ?? 'a fault';
        reject(new BenchFailure(`\`phase3 ${args.join(' ')}\` ended with ${how}: ${words}`));
      }
    });
  });
}
