/** Every act with its time: what a failure is read from. */
import { appendFileSync, readFileSync } from 'node:fs';

interface Act {
  /** Seconds since it began; acts within a worker have none. */
  readonly at?: number;
  readonly act: string;
  readonly [field: string]: unknown;
}

export class Journal {
  private readonly begunAt = Date.now();

  constructor(
    readonly file: string,
    private readonly isLoud: boolean,
  ) {}

  /** Writes an act down at once: what happens next may be the end. */
  note(act: string, fields: Readonly<Record<string, unknown>> = {}): void {
    const at = Math.round((Date.now() - this.begunAt) / 10) / 100;
    const line = JSON.stringify({ at, act, ...fields });
    appendFileSync(this.file, `${line}\n`);
    if (this.isLoud) process.stderr.write(`${line}\n`);
  }

  /** How often each act was done: those of other processes are in the file too. */
  counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const line of readFileSync(this.file, 'utf8').split('\n').filter(Boolean)) {
      const { act } = JSON.parse(line) as Act;
      counts[act] = (counts[act] ?? 0) + 1;
    }
    return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
