/** One machine of a stack that is to be hurt: a home, its processes by their ids, and its commands. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ControlClient } from '../../src/control/client';
import { Home } from '../../src/stack/home';
import { freePort, isAlive } from '../../src/stack/processes';
import { ownEnvironment } from '../own-environment';
import type { Component } from '../bench/system';
import type { Journal } from './journal';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const maxBuffer = 2 ** 28;
/** A command that hangs for so long is a finding of its own. */
const commandMs = 180_000;
const upMs = 120_000;

export class Machine {
  private constructor(
    private readonly checkout: string,
    private readonly environment: NodeJS.ProcessEnv,
    /** What its processes are called beside those of others. */
    readonly suffix: string,
    readonly home: Home,
    readonly gateway: string,
    /** What can be hurt on it. */
    readonly components: readonly Component[],
  ) {}

  /** `temporal`: where the server is that this machine is to ask; null for one of its own, on `settings`' port. */
  static async create(
    checkout: string,
    parent: string,
    { suffix, temporal, settings }: { suffix: string; temporal: string | null; settings: NodeJS.ProcessEnv },
  ): Promise<Machine> {
    const folder = await mkdtemp(join(parent, 'phase3-chaos-'));
    const port = await freePort();
    const environment = ownEnvironment({
      ...settings,
      PHASE3_HOME: folder,
      TEMPORAL_CONFIG_FILE: join(folder, 'no-temporal.toml'),
      PHASE3_GATEWAY_PORT: String(port),
      ...(temporal === null ? {} : { TEMPORAL_ADDRESS: temporal }),
    });
    const components: readonly Component[] =
      temporal === null ? ['worker', 'gateway', 'temporal'] : ['worker', 'gateway'];
    const gateway = `http://127.0.0.1:${port}`;
    return new Machine(checkout, environment, suffix, new Home(folder), gateway, components);
  }

  /** Runs `phase3 …args` to its end. */
  run(args: readonly string[], more: NodeJS.ProcessEnv): Promise<Ended> {
    const script = join(this.checkout, 'bin', 'phase3.js');
    const env = { ...this.environment, ...more };
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
  async up(journal: Journal, more: () => NodeJS.ProcessEnv): Promise<void> {
    const end = Date.now() + upMs;
    for (;;) {
      const { code, stderr } = await this.run(['up', '--json'], more());
      if (code === 0) return;
      journal.note('up_failed', { code, stderr: stderr.slice(-400) });
      if (Date.now() > end)
        throw new Error(`The stack${this.suffix} does not come up: ${stderr.slice(-1_000)}`);
      await pause(500);
    }
  }

  /** Signals a part of it; false where it is not there. */
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

  /** The worker's endpoint; null where it has none. */
  async control(): Promise<ControlClient | null> {
    const worker = await this.home.readWorker().catch(() => null);
    return worker && new ControlClient(worker);
  }

  /** Takes it down. Its home stays. */
  async down(more: NodeJS.ProcessEnv): Promise<void> {
    for (const component of this.components) await this.signal(component, 'SIGCONT').catch(() => false);
    await this.run(['down'], more);
  }

  async remove(): Promise<void> {
    await rm(this.home.path, { recursive: true, force: true });
  }
}
