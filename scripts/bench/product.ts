/** Worker and gateway as `phase3 up` starts them: what is built, each a process of its own in the stack's home. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { ControlClient } from '../../src/control/client';
import type { Home } from '../../src/stack/home';
import { freePort, pause } from '../../src/stack/processes';
import { endProcess } from './end-process';
import { BenchFailure } from './failure';

/** The compiled bench lies in dist/scripts/bench. */
const built = join(__dirname, '..', '..', 'src');
const collector = join(__dirname, 'collect-on-signal.js');
const startMs = 60_000;

export class Product {
  private constructor(
    private readonly workerProcess: ChildProcess,
    private readonly gatewayProcess: ChildProcess,
    /** The gateway's address. */
    readonly url: string,
    readonly control: ControlClient,
  ) {}

  get worker(): number {
    return this.workerProcess.pid ?? 0;
  }

  get gateway(): number {
    return this.gatewayProcess.pid ?? 0;
  }

  /** Starts both and returns when the gateway finds all that it needs. `address` is Temporal's. */
  static async start(home: Home, address: string): Promise<Product> {
    const port = await freePort();
    // Of the asker's own settings nothing is measured, and no profile of theirs names another server.
    const environment = {
      PATH: process.env['PATH'],
      USER: 'bench',
      HOME: home.path,
      PHASE3_HOME: home.path,
      PHASE3_GATEWAY_PORT: String(port),
      TEMPORAL_ADDRESS: address,
    };
    const worker = await startScript('worker.js', join(home.logs, 'worker.log'), environment);
    const gatewayLog = join(home.logs, 'gateway.log');
    const gateway = await startScript(join('gateway', 'main.js'), gatewayLog, environment);
    try {
      const url = `http://127.0.0.1:${port}`;
      const until = Date.now() + startMs;
      while (!(await isReady(url))) {
        const hasEnded = [worker, gateway].some(({ exitCode }) => exitCode !== null);
        if (hasEnded || Date.now() > until)
          throw new BenchFailure(`The worker or the gateway did not come up; see ${home.logs}.`);
        await pause(100);
      }
      const file = await home.readWorker();
      if (!file) throw new BenchFailure(`The worker has not said where it is; see ${home.logs}.`);
      return new Product(worker, gateway, url, new ControlClient(file));
    } catch (error) {
      await Promise.all([endProcess(worker), endProcess(gateway)]);
      throw error;
    }
  }

  /** Makes both collect their garbage, so that what they hold is what they need. */
  collect(): void {
    this.gatewayProcess.kill('SIGURG');
    this.workerProcess.kill('SIGURG');
  }

  async stop(): Promise<void> {
    await endProcess(this.gatewayProcess);
    await endProcess(this.workerProcess, 20_000);
  }
}

async function startScript(script: string, logFile: string, env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const log = await open(logFile, 'a');
  try {
    const args = ['--enable-source-maps', '--expose-gc', '--require', collector, join(built, script)];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', log.fd, log.fd] });
    await once(child, 'spawn');
    return child;
  } finally {
    await log.close();
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch {
    return false;
  }
}
