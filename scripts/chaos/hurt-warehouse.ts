/** A warehouse that can be made to fail, refuse, dawdle and lose its answers. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { emulatorVariables, startEmulator, type Emulator } from '../emulator/emulator';
import { FaultProxy, type Fault } from '../emulator/fault-proxy';
import { Chance } from './chance';
import { warehouseFaults } from './warehouse-faults';

export interface HurtWarehouse {
  /** How many machines work with it. */
  readonly machines: number;
  /** What everybody who works with it is told. */
  readonly settings: NodeJS.ProcessEnv;
  /** What makes it fail in processes that are started next; nothing does where it is empty. */
  readonly hurtful: NodeJS.ProcessEnv;
  /** From the next start of a worker on at the latest it fails now and then, by this seed; what befell it is written to `file`. */
  hurt(seed: number, file: string): void;
  /** From the next start of a worker on at the latest it is sound. */
  spare(): void;
  /** Nobody of ours can work with it for so long, and `meanwhile` happens. `file`: where it would be. */
  withdraw(file: string, forMs: number, meanwhile: () => Promise<unknown>): Promise<void>;
  close(): Promise<void>;
}

/** A file that one worker has open: what fails are operations within it. */
export class HurtDuckDb implements HurtWarehouse {
  readonly machines = 1;
  readonly settings = {};
  hurtful: NodeJS.ProcessEnv = {};

  hurt(seed: number, file: string): void {
    this.hurtful = {
      NODE_OPTIONS: `--require ${join(__dirname, 'warehouse-faults.js')}`,
      ...{ [warehouseFaults.seed]: String(seed), [warehouseFaults.file]: file },
    };
  }

  spare(): void {
    this.hurtful = {};
  }

  /** Whoever looks into the file with another program keeps the worker out. */
  async withdraw(file: string, forMs: number, meanwhile: () => Promise<unknown>): Promise<void> {
    const instance = await DuckDBInstance.create(file).catch(() => null);
    if (!instance) return;
    const happened = meanwhile();
    await pause(forMs);
    instance.closeSync();
    await happened;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Weights of what befalls a request, and how it is done. `hang` ends with the limit of a request, a minute, so it is rare. */
const faults = { none: 900, refused: 20, busy: 15, slow: 40, lost: 15, half: 9, hang: 1 };

/** The emulator, with two machines before it, behind a proxy that fails requests. */
export class HurtBigQuery implements HurtWarehouse {
  readonly machines = 2;
  readonly hurtful = {};
  private isAway = false;

  private constructor(
    private readonly emulator: Emulator,
    private readonly proxy: FaultProxy,
  ) {}

  /** `root`: the checkout whose emulator it is. */
  static async start(root: string): Promise<HurtBigQuery> {
    const emulator = await startEmulator(root);
    return new HurtBigQuery(emulator, await FaultProxy.start(emulator.endpoint));
  }

  get settings(): NodeJS.ProcessEnv {
    return emulatorVariables({ endpoint: this.proxy.url });
  }

  hurt(seed: number, file: string): void {
    const chance = new Chance(seed, 'requests');
    this.proxy.breakEach(({ method, path }) => {
      if (this.isAway) return { kind: 'reset' };
      const what = chance.weighted(faults);
      if (what === 'none') return null;
      appendFileSync(
        file,
        `${JSON.stringify({ act: `warehouse_${what}`, operation: `${method} ${path.slice(0, 120)}` })}\n`,
      );
      return this.faultOf(what, chance);
    });
  }

  spare(): void {
    this.isAway = false;
    this.proxy.mend();
  }

  /** As after a fault of the network: every connection is cut. */
  async withdraw(_file: string, forMs: number, meanwhile: () => Promise<unknown>): Promise<void> {
    this.isAway = true;
    const happened = meanwhile();
    await pause(forMs);
    this.isAway = false;
    await happened;
  }

  async close(): Promise<void> {
    await this.proxy.stop();
    await this.emulator.stop();
  }

  private faultOf(what: Exclude<keyof typeof faults, 'none'>, chance: Chance): Fault {
    const made: Readonly<Record<typeof what, () => Fault>> = {
      refused: () => ({ kind: 'reset' }),
      busy: () => ({ kind: 'answer', status: 503, body: { error: { code: 503, message: 'by the chaos' } } }),
      slow: () => ({ kind: 'slow_answer', ms: chance.whole(100, 6_000) }),
      lost: () => ({ kind: 'lost_answer' }),
      half: () => ({ kind: 'half_answer' }),
      hang: () => ({ kind: 'hang' }),
    };
    return made[what]();
  }
}
