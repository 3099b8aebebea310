/** A system of one part's own: Temporal as the local stack starts it, an empty warehouse, a worker. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { Phase3Client } from '../../src/client';
import { localTemporal } from '../../src/config/temporal-connection';
import { Home } from '../../src/stack/home';
import { freePort } from '../../src/stack/processes';
import { serverArguments, setRetention, waitForServer } from '../../src/stack/temporal-server';
import { endProcess } from './end-process';
import { BenchFailure } from './failure';
import { processFigures, type ProcessFigures } from './machine';
import { Product } from './product';
import { WorkerProcess } from './worker-process';
import type { WorkerSetup } from './worker-protocol';

export interface Tools {
  /** Path of `temporal`. */
  readonly temporal: string;
  readonly bundle: string;
}

export type WorkerOptions = Pick<WorkerSetup, 'processors'> &
  Partial<Pick<WorkerSetup, 'versions' | 'policy'>>;

export class BenchStack {
  private worker: WorkerProcess | null = null;
  private product: Product | null = null;

  private constructor(
    private readonly tools: Tools,
    private readonly home: Home,
    private readonly address: string,
    private readonly server: ChildProcess,
    private readonly connection: Connection,
    readonly temporal: Client,
    readonly phase3: Phase3Client,
  ) {}

  /** Starts a stack, does `work` with it and takes everything down, whatever happens. */
  static async with<T>(tools: Tools, work: (stack: BenchStack) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), 'phase3-bench-'));
    try {
      const stack = await BenchStack.open(tools, folder);
      try {
        return await work(stack);
      } finally {
        await stack.close();
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private static async open(tools: Tools, folder: string): Promise<BenchStack> {
    const home = new Home(folder);
    await home.create();
    const [port, uiPort] = [await freePort(), await freePort()];
    const log = await open(join(home.logs, 'temporal.log'), 'a');
    const server = spawn(tools.temporal, serverArguments({ port, uiPort, file: home.temporalFile }), {
      stdio: ['ignore', log.fd, log.fd],
    });
    await log.close();
    const address = `127.0.0.1:${port}`;
    try {
      const isUp = await waitForServer(localTemporal(address), 30_000, () => server.exitCode !== null);
      if (!isUp) throw new BenchFailure(`Temporal did not come up on ${address}.`);
      await setRetention(address);
      const connection = await Connection.connect({ address });
      const temporal = new Client({ connection });
      return new BenchStack(tools, home, address, server, connection, temporal, new Phase3Client(temporal));
    } catch (error) {
      await endProcess(server);
      throw error;
    }
  }

  /** Starts a worker, after the present one has drained. */
  async startWorker(options: WorkerOptions): Promise<WorkerProcess> {
    await this.worker?.stop();
    const { bundle } = this.tools;
    const setup: WorkerSetup = {
      versions: {},
      policy: {},
      ...options,
      home: this.home.path,
      address: this.address,
      bundle,
    };
    this.worker = await WorkerProcess.start(setup, join(this.home.logs, 'worker.log'));
    return this.worker;
  }

  /** Starts what `phase3 up` would, instead of the bench's worker: one process may have the warehouse open. */
  async startProduct(): Promise<Product> {
    await this.worker?.stop();
    this.product = await Product.start(this.home, this.address);
    return this.product;
  }

  /** What the server's process has used so far. */
  async serverFigures(): Promise<ProcessFigures> {
    return processFigures(this.server.pid ?? 0);
  }

  private async close(): Promise<void> {
    await this.worker?.stop();
    await this.product?.stop();
    await this.connection.close();
    await endProcess(this.server);
  }
}
