/** A local stack in a home of its own that is to be hurt: its processes by their ids, its clock, its commands. */
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { ControlClient, ControlError } from '../../src/control/client';
import { Home } from '../../src/stack/home';
import { freePort, isAlive } from '../../src/stack/processes';
import { ownEnvironment } from '../own-environment';
import type { Component } from '../bench/system';
import type { Journal } from './journal';
import { warehouseFaults } from './warehouse-faults';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const components: readonly Component[] = ['worker', 'gateway', 'temporal'];
/** Where Debian puts libfaketime. */
const fakeTime = ['x86_64', 'aarch64'].map((cpu) => `/usr/lib/${cpu}-linux-gnu/faketime/libfaketime.so.1`);
const maxBuffer = 2 ** 28;
/** A command that hangs for so long is a finding of its own. */
const commandMs = 180_000;
const upMs = 120_000;

export class ChaosStack {
  private client: { readonly connection: Connection; readonly client: Client } | null = null;
  /** Held while processes are started, so that no two acts start them at once. */
  private starting: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly checkout: string,
    private readonly environment: NodeJS.ProcessEnv,
    readonly home: Home,
    readonly gateway: string,
    /** The system's "now" of the processes that are started next. */
    public now: string,
  ) {}

  /** What makes the warehouse of the workers that are started next fail now and then; nothing does where it is empty. */
  private hurtful: NodeJS.ProcessEnv = {};

  /** From the next start of a worker on its warehouse fails, by this seed; what befell it is written to `file`. */
  hurtWarehouse(seed: number, file: string): void {
    this.hurtful = {
      NODE_OPTIONS: `--require ${join(__dirname, 'warehouse-faults.js')}`,
      ...{ [warehouseFaults.seed]: String(seed), [warehouseFaults.file]: file },
    };
  }

  /**
   * Lets the clock of our processes leap while they run: `offset` in hours from now on, for those that are started later too.
   * False where there is no libfaketime (Debian's package of that name).
   */
  leap(offset: number): boolean {
    const library = fakeTime.find((path) => existsSync(path));
    if (!library) return false;
    writeFileSync(this.leapFile, `${offset < 0 ? '' : '+'}${offset}h`);
    this.faked = {
      LD_PRELOAD: library,
      ...{ FAKETIME_TIMESTAMP_FILE: this.leapFile, FAKETIME_CACHE_DURATION: '1' },
      // What is measured from one moment to another goes on: a machine whose clock is set has that too.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
    return true;
  }

  private faked: NodeJS.ProcessEnv = {};

  private get leapFile(): string {
    return join(this.home.path, 'leap');
  }

  /** From the next start of a worker on its warehouse is sound. */
  spareWarehouse(): void {
    this.hurtful = {};
  }

  /** `parent`: a folder of the home. */
  static async create(checkout: string, now: string, parent: string = tmpdir()): Promise<ChaosStack> {
    const folder = await mkdtemp(join(parent, 'phase3-chaos-'));
    const [gatewayPort, temporalPort] = [await freePort(), await freePort()];
    const environment = ownEnvironment({
      PHASE3_HOME: folder,
      TEMPORAL_CONFIG_FILE: join(folder, 'no-temporal.toml'),
      PHASE3_GATEWAY_PORT: String(gatewayPort),
      PHASE3_TEMPORAL_PORT: String(temporalPort),
      // Gates ask often and give up soon, so that dates are met waiting and blocked alike.
      PHASE3_GATE_FIRST_WAIT_SECONDS: '2',
      PHASE3_GATE_LONGEST_WAIT_SECONDS: '10',
      PHASE3_GATE_DEADLINE_SECONDS: '40',
    });
    return new ChaosStack(checkout, environment, new Home(folder), `http://127.0.0.1:${gatewayPort}`, now);
  }

  /** Runs `phase3 …args` to its end, by the stack's clock. */
  run(...args: readonly string[]): Promise<Ended> {
    const script = join(this.checkout, 'bin', 'phase3.js');
    const env = { ...this.environment, ...this.hurtful, ...this.faked, PHASE3_NOW: this.now };
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [script, ...args],
        { env, maxBuffer, timeout: commandMs },
        (error, stdout, stderr) => {
          const code = error ? (typeof error.code === 'number' ? error.code : -1) : 0;
          resolve({ code, stdout, stderr });
        },
      );
    });
  }

  /** Starts what is down, again and again until all is up. Throws when that takes too long. */
  up(journal: Journal): Promise<void> {
    const started = this.starting.then(async () => {
      const end = Date.now() + upMs;
      for (;;) {
        const { code, stderr } = await this.run('up', '--json');
        if (code === 0) return;
        journal.note('up_failed', { code, stderr: stderr.slice(-400) });
        if (Date.now() > end) throw new Error(`The stack does not come up: ${stderr.slice(-1_000)}`);
        await pause(500);
      }
    });
    this.starting = started.catch(() => undefined);
    return started;
  }

  /** Signals a part of the stack; false where it is not there. */
  async signal(component: Component, name: NodeJS.Signals): Promise<boolean> {
    const started = (await this.home.readStack())[component] ?? null;
    if (!started || !(await isAlive(started))) return false;
    process.kill(started.pid, name);
    return true;
  }

  /** Waits until a part that was ended is gone. */
  async gone(component: Component): Promise<void> {
    const started = (await this.home.readStack())[component] ?? null;
    while (await isAlive(started)) await pause(20);
  }

  /** The worker's endpoint. Throws a {@link ControlError} where there is none. */
  async control(): Promise<ControlClient> {
    const worker = await this.home.readWorker().catch(() => null);
    if (!worker) throw new ControlError('There is no worker.');
    return new ControlClient(worker);
  }

  async temporal(): Promise<Client> {
    if (!this.client) {
      const address = `127.0.0.1:${this.environment['PHASE3_TEMPORAL_PORT']}`;
      const connection = await Connection.connect({ address });
      this.client = { connection, client: new Client({ connection }) };
    }
    return this.client.client;
  }

  /** Takes it down. Its home stays. */
  async down(): Promise<void> {
    await this.client?.connection.close();
    this.client = null;
    for (const component of components) await this.signal(component, 'SIGCONT').catch(() => false);
    await this.run('down');
  }

  async remove(): Promise<void> {
    await rm(this.home.path, { recursive: true, force: true });
  }
}
