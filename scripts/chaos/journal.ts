/** Every act with its time: what a failure is read from. */
import { appendFileSync } from 'node:fs';

export interface Act {
  /** Seconds since it began. */
  readonly at: number;
  readonly act: string;
  readonly [field: string]: unknown;
}

export class Journal {
  private readonly begunAt = Date.now();
  private readonly counts = new Map<string, number>();

  constructor(
    readonly file: string,
    private readonly isLoud: boolean,
  ) {}

  /** Writes an act down at once: what happens next may be the end. */
  note(act: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.counts.set(act, (this.counts.get(act) ?? 0) + 1);
    const at = Math.round((Date.now() - this.begunAt) / 10) / 100;
    const line = JSON.stringify({ at, act, ...fields });
    appendFileSync(this.file, `${line}\n`);
    if (this.isLoud) process.stderr.write(`${line}\n`);
  }

  count(...acts: readonly string[]): number {
    return acts.reduce((sum, act) => sum + (this.counts.get(act) ?? 0), 0);
  }

  /** How often each act was done. */
  get all(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
