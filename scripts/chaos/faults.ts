/** What befalls the processes: killed, stopped and let go on, restarted, another clock, a warehouse that somebody else has open. */
import { setTimeout as pause } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Component } from '../bench/system';
import type { Chance } from './chance';
import type { Journal } from './journal';
import type { SmallDisk } from './small-disk';
import { components, type ChaosStack } from './stack';

const hourMs = 3_600_000;

export class Faults {
  constructor(
    private readonly stack: ChaosStack,
    private readonly chance: Chance,
    private readonly journal: Journal,
    /** Where the home is; null where that is a disk for everybody. */
    private readonly disk: SmallDisk | null,
    /** Whether clocks leap under processes that run. */
    private readonly leaps: boolean,
  ) {}

  /** One fault, and its end: when this returns all is up again. */
  async one(): Promise<void> {
    const fault = this.chance.weighted({
      kill: 6,
      still: 4,
      stop: 1,
      crash: 1,
      clock: 2,
      taken: 1,
      leap: 2,
      full: this.disk ? 2 : 0,
    });
    if (fault === 'full') return this.fillDisk();
    if (fault === 'still') return this.standStill();
    if (fault === 'leap') return this.leaps ? this.leapClocks() : undefined;
    if (fault === 'kill') await this.kill([this.chance.weighted({ worker: 3, gateway: 2, temporal: 2 })]);
    if (fault === 'crash') await this.kill(components);
    if (fault === 'stop') await this.stop();
    if (fault === 'clock') await this.stepClock(this.chance.whole(-30, 72));
    if (fault === 'taken') await this.takeWarehouse();
    await pause(this.chance.whole(0, 3_000));
    await this.stack.up(this.journal);
    this.journal.note('up');
  }

  private async kill(which: readonly Component[]): Promise<void> {
    for (const component of which)
      this.journal.note('kill', { component, was: await this.stack.signal(component, 'SIGKILL') });
    for (const component of which) await this.stack.gone(component);
  }

  private async standStill(): Promise<void> {
    const component = this.chance.pick(components);
    const forMs = this.chance.whole(500, 12_000);
    this.journal.note('still', { component, forMs });
    if (!(await this.stack.signal(component, 'SIGSTOP'))) return;
    await pause(forMs);
    await this.stack.signal(component, 'SIGCONT');
  }

  private async stop(): Promise<void> {
    const component = this.chance.pick(components);
    this.journal.note('stop', { component });
    await this.stack.signal(component, 'SIGTERM');
    await this.stack.gone(component);
  }

  /** Nothing can be written for a while; then all goes on by itself. */
  private async fillDisk(): Promise<void> {
    const forMs = this.chance.whole(1_000, 8_000);
    this.journal.note('disk_full', { forMs });
    await this.disk?.fill();
    await pause(forMs);
    await this.disk?.free();
    this.journal.note('disk_free');
  }

  /** The worker starts with the new clock, and the gateway some time later or at once. */
  private async stepClock(hours: number): Promise<void> {
    this.setClock(new Date(Date.parse(this.stack.now) + hours * hourMs).toISOString());
    await this.kill(this.chance.is(0.5) ? ['worker', 'gateway'] : ['worker']);
  }

  /** The clocks of worker and gateway are other ones at once, and right again after a while: Temporal's is right all the time. */
  private async leapClocks(): Promise<void> {
    const [hours, forMs] = [this.chance.whole(-48, 72), this.chance.whole(2_000, 10_000)];
    this.journal.note('leap', { hours, forMs });
    this.stack.leap(hours);
    await pause(forMs);
    this.stack.leap(0);
  }

  /** From the next start of a process on. */
  setClock(now: string): void {
    this.journal.note('clock', { from: this.stack.now, to: now });
    this.stack.now = now;
  }

  /** Whoever looks into the file with another program keeps the worker out. */
  private async takeWarehouse(): Promise<void> {
    await this.kill(['worker']);
    const forMs = this.chance.whole(500, 4_000);
    this.journal.note('taken', { forMs });
    const instance = await DuckDBInstance.create(this.stack.home.warehouseFile).catch(() => null);
    if (!instance) return;
    const refused = this.stack.run('up', '--json');
    await pause(forMs);
    instance.closeSync();
    this.journal.note('taken_over', { code: (await refused).code });
  }
}
