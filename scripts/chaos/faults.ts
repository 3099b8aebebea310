/** What befalls the processes: killed, stopped and let go on, restarted, another clock, a warehouse that is not there. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Component } from '../bench/system';
import type { Chance } from './chance';
import type { Journal } from './journal';
import type { SmallDisk } from './small-disk';
import { components, type ChaosStack, type Part } from './stack';

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
    if (fault === 'kill')
      await this.kill([this.oneOf(this.chance.weighted({ worker: 3, gateway: 2, temporal: 2 }))]);
    if (fault === 'crash') await this.kill(this.stack.parts);
    if (fault === 'stop') await this.stop();
    if (fault === 'clock') await this.stepClock(this.chance.whole(-30, 72));
    if (fault === 'taken') await this.takeWarehouse();
    await pause(this.chance.whole(0, 3_000));
    await this.stack.up(this.journal);
    this.journal.note('up');
  }

  /** A part of this kind: chance decides where there are several. */
  private oneOf(component: Component): Part {
    const parts = this.stack.parts.filter((part) => part.component === component);
    const [first] = parts;
    return first && parts.length === 1 ? first : this.chance.pick(parts);
  }

  private async kill(which: readonly Part[]): Promise<void> {
    for (const part of which)
      this.journal.note('kill', { part: part.name, was: await part.signal('SIGKILL') });
    for (const part of which) await part.gone();
  }

  private async standStill(): Promise<void> {
    const part = this.oneOf(this.chance.pick(components));
    const forMs = this.chance.whole(500, 12_000);
    this.journal.note('still', { part: part.name, forMs });
    if (!(await part.signal('SIGSTOP'))) return;
    await pause(forMs);
    await part.signal('SIGCONT');
  }

  private async stop(): Promise<void> {
    const part = this.oneOf(this.chance.pick(components));
    this.journal.note('stop', { part: part.name });
    await part.signal('SIGTERM');
    await part.gone();
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

  /** A worker starts with the new clock, and a gateway, like all others, some time later or at once. */
  private async stepClock(hours: number): Promise<void> {
    this.setClock(new Date(Date.parse(this.stack.now) + hours * hourMs).toISOString());
    const which: readonly Component[] = this.chance.is(0.5) ? ['worker', 'gateway'] : ['worker'];
    await this.kill(which.map((component) => this.oneOf(component)));
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

  /** A worker comes up, or does not, while nobody can work with the warehouse. */
  private async takeWarehouse(): Promise<void> {
    await this.kill([this.oneOf('worker')]);
    const forMs = this.chance.whole(500, 4_000);
    this.journal.note('taken', { forMs });
    await this.stack.warehouse.withdraw(this.stack.warehouseFile, forMs, async () => {
      const { code } = await this.stack.run('up', '--json');
      this.journal.note('taken_over', { code });
    });
  }
}
