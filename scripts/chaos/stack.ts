/** A local stack that is to be hurt, on one machine or on two before one Temporal server: its parts, its clock, its commands. */
import { existsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { ControlError, type ControlClient } from '../../src/control/client';
import { freePort } from '../../src/stack/processes';
import type { Component } from '../bench/system';
import type { HurtWarehouse } from './hurt-warehouse';
import type { Journal } from './journal';
import { Machine, type Ended } from './machine';

export const components: readonly Component[] = ['worker', 'gateway', 'temporal'];
/** Where Debian puts libfaketime. */
const fakeTime = ['x86_64', 'aarch64'].map((cpu) => `/usr/lib/${cpu}-linux-gnu/faketime/libfaketime.so.1`);

/** A process that can be hurt. */
export interface Part {
  readonly component: Component;
  /** `worker`, `gateway 2` … */
  readonly name: string;
  /** False where it is not there. */
  signal(name: NodeJS.Signals): Promise<boolean>;
  /** Waits until it is gone, after it was ended. */
  gone(): Promise<void>;
}

export class ChaosStack {
  private client: { readonly connection: Connection; readonly client: Client } | null = null;
  /** Held while processes are started, so that no two acts start them at once. */
  private starting: Promise<unknown> = Promise.resolve();
  private faked: NodeJS.ProcessEnv = {};
  /** Of questions to workers and messages to gateways: each goes to the next. */
  private turn = 0;

  private constructor(
    private readonly machines: readonly [Machine, ...Machine[]],
    private readonly temporalAddress: string,
    readonly warehouse: HurtWarehouse,
    /** The system's "now" of the processes that are started next. */
    public now: string,
  ) {}

  /** `parent`: a folder of the homes. */
  static async create(
    checkout: string,
    now: string,
    warehouse: HurtWarehouse,
    parent: string = tmpdir(),
  ): Promise<ChaosStack> {
    const port = await freePort();
    const address = `127.0.0.1:${port}`;
    const settings = {
      ...warehouse.settings,
      PHASE3_TEMPORAL_PORT: String(port),
      // Gates ask often and give up soon, so that dates are met waiting and blocked alike.
      PHASE3_GATE_FIRST_WAIT_SECONDS: '2',
      PHASE3_GATE_LONGEST_WAIT_SECONDS: '10',
      PHASE3_GATE_DEADLINE_SECONDS: '40',
    };
    const first = await Machine.create(checkout, parent, { suffix: '', temporal: null, settings });
    const others: Machine[] = [];
    for (let number = 2; number <= warehouse.machines; number += 1)
      others.push(
        await Machine.create(checkout, parent, { suffix: ` ${number}`, temporal: address, settings }),
      );
    return new ChaosStack([first, ...others], address, warehouse, now);
  }

  /** All that can be hurt. */
  get parts(): readonly Part[] {
    return this.machines.flatMap((machine) =>
      machine.components.map((component) => ({
        component,
        name: `${component}${machine.suffix}`,
        signal: (name: NodeJS.Signals) => machine.signal(component, name),
        gone: () => machine.gone(component),
      })),
    );
  }

  /** Where messages and decisions go next: to one gateway after the other. */
  get gateway(): string {
    return this.next().gateway;
  }

  get homes(): readonly string[] {
    return this.machines.map(({ home }) => home.path);
  }

  /** The file of a warehouse that is one. */
  get warehouseFile(): string {
    return this.machines[0].home.warehouseFile;
  }

  /**
   * Lets the clock of our processes leap while they run: `offset` in hours from now on, for those that are started later too.
   * False where there is no libfaketime (Debian's package of that name).
   */
  leap(offset: number): boolean {
    const library = fakeTime.find((path) => existsSync(path));
    if (!library) return false;
    const file = join(this.machines[0].home.path, 'leap');
    writeFileSync(file, `${offset < 0 ? '' : '+'}${offset}h`);
    this.faked = {
      LD_PRELOAD: library,
      ...{ FAKETIME_TIMESTAMP_FILE: file, FAKETIME_CACHE_DURATION: '1' },
      // What is measured from one moment to another goes on: a machine whose clock is set has that too.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
    return true;
  }

  /** Runs `phase3 …args` to its end, by the stack's clock, on the machine that has Temporal. */
  run(...args: readonly string[]): Promise<Ended> {
    return this.machines[0].run(args, this.present);
  }

  /** Starts what is down, again and again until all is up. Throws when that takes too long. */
  up(journal: Journal): Promise<void> {
    const started = this.starting.then(async () => {
      for (const machine of this.machines) await machine.up(journal, () => this.present);
    });
    this.starting = started.catch(() => undefined);
    return started;
  }

  /** The endpoint of one worker after the other. Throws a {@link ControlError} where it has none. */
  async control(): Promise<ControlClient> {
    const control = await this.next().control();
    if (!control) throw new ControlError('There is no worker.');
    return control;
  }

  async temporal(): Promise<Client> {
    if (!this.client) {
      const connection = await Connection.connect({ address: this.temporalAddress });
      this.client = { connection, client: new Client({ connection }) };
    }
    return this.client.client;
  }

  /** Takes it down. Its homes stay. */
  async down(): Promise<void> {
    await this.client?.connection.close();
    this.client = null;
    for (const machine of [...this.machines].reverse()) await machine.down(this.present);
  }

  async remove(): Promise<void> {
    for (const machine of this.machines) await machine.remove();
  }

  private get present(): NodeJS.ProcessEnv {
    return { ...this.warehouse.hurtful, ...this.faked, PHASE3_NOW: this.now };
  }

  private next(): Machine {
    this.turn += 1;
    return this.machines[this.turn % this.machines.length] ?? this.machines[0];
  }
}
