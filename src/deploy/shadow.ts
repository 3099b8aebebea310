/** A shadow: the build to be tried with a stack of its own, below the live home, and what is seen of it there. */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import type { Config } from '../config/config';
import { shadowPrefix } from '../contracts/shadow-prefix';
import type { TableName } from '../tables/catalogue';
import type { Row } from '../tables/define-table';
import { Home } from '../stack/home';
import { makeHomeBelow, type HomeBelow } from '../stack/home-below';
import { lastWords } from '../stack/log-files';
import { isAlive } from '../stack/processes';
import type { Live } from './live';
import { lastLines, OtherBuild, type CommandEnd } from './other-build';

/** What shapes rows holds in the shadow as well; what tells people, and where the live stack is, does not. */
const shapesRows =
  /^PHASE3_(READY_SHARE|REBUILD_TEAM_ROWS|NOW|KEEP_VERSIONS|MAX_ACTIVITIES|MAX_CACHED_WORKFLOWS)$/;
/** In BigQuery the shadow reads the live raw tables, and so with the same rights. */
const reachesBigQuery = /^(PHASE3_WAREHOUSE|PHASE3_BIGQUERY_\w+|GOOGLE_\w+)$/;

/** All that a date needs is there already: what waits for more will not get it. In seconds. */
const waits = {
  PHASE3_GATE_FIRST_WAIT_SECONDS: '1',
  PHASE3_GATE_LONGEST_WAIT_SECONDS: '1',
  PHASE3_GATE_DEADLINE_SECONDS: '5',
};

const pollMs = 300;
/** Longer than a date takes on a machine that has other things to do. */
const dateLimitMs = 120_000;

/** What a shadow is made for. */
export interface ShadowPurpose {
  readonly config: Config;
  readonly live: Pick<Live, 'removeShadow'>;
  /** The folder of the build that is tried. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** How a date is built anew. */
export interface Rebuilding {
  readonly by: string;
  readonly reason: string;
  /** ISO 8601, UTC: the instant that the rules of age judge by; null for the present one. */
  readonly now: string | null;
  /** Only these, and what stands on them; null for all. */
  readonly processors: readonly string[] | null;
}

/** Something of a shadow is still there, where nobody would look for it; the sentence names it. */
export class ShadowLeftError extends Error {
  override readonly name = 'ShadowLeftError';
}

export class Shadow {
  private readonly home: Home;

  private constructor(
    private readonly below: HomeBelow,
    private readonly build: OtherBuild,
    private readonly signal: AbortSignal,
    /** Takes away what it has in a warehouse that is shared; nothing where it has its own. */
    private readonly clear: () => Promise<void>,
  ) {
    this.home = new Home(below.path);
  }

  static async create({ config, live, folder, signal }: ShadowPurpose): Promise<Shadow> {
    const isEmbedded = config.warehouse.kind === 'duckdb';
    const keeps = isEmbedded ? shapesRows : new RegExp(`${shapesRows.source}|${reachesBigQuery.source}`);
    // Of its own, so that two at once do not publish into each other.
    const token = randomBytes(3).toString('hex');
    const name = shadowPrefix(config.datasetPrefix, token);
    const prefix = isEmbedded ? {} : { PHASE3_DATASET_PREFIX: name };
    const below = await makeHomeBelow(config.home, config.environment, {
      ...{ folder: 'canaries', name: 'shadow-', keeps },
      marker: { file: 'canary.json', says: { folder } },
      settings: { ...waits, ...prefix },
    });
    const clear = async (): Promise<void> => {
      if (isEmbedded) return;
      await live.removeShadow(token).catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        throw new ShadowLeftError(
          `The datasets ${name}_* of the shadow are still there; remove them by hand: ${why}`,
        );
      });
    };
    return new Shadow(below, new OtherBuild(folder, below.environment), signal, clear);
  }

  /** Where a copy of the live warehouse belongs. */
  get warehouseFile(): string {
    return this.home.warehouseFile;
  }

  /** Starts the stack. A sentence where it does not come up; null where it does. */
  async up(): Promise<string | null> {
    const { code, stderr } = await this.build.run(['up'], { signal: this.signal });
    return code === 0 ? null : `the stack does not come up: ${lastLines(stderr)}`;
  }

  /**
   * Builds every table of a date anew and waits for the end. A sentence where it came to none; null otherwise, whatever came of
   * the date.
   */
  async rebuild(gameDate: string, { by, reason, now, processors }: Rebuilding): Promise<string | null> {
    const over = new AbortController();
    const stop = (): void => over.abort();
    this.signal.addEventListener('abort', stop, { once: true });
    const settings = now === null || 'PHASE3_NOW' in this.below.environment ? {} : { PHASE3_NOW: now };
    const only = processors === null ? [] : ['--processors', processors.join(',')];
    const args = ['rerun', gameDate, '--force', '--by', by, '--reason', reason, '--wait', '--json', ...only];
    const timeout = `${dateLimitMs / 1000}s`;
    const running = this.build.run([...args, '--timeout', timeout], { settings, signal: over.signal });
    const ended: CommandEnd | 'worker' = await Promise.race([running, this.workerEnds(over.signal)]);
    this.signal.removeEventListener('abort', stop);
    over.abort();
    if (ended === 'worker') {
      await running;
      const log = join(this.home.logs, 'worker.log');
      return `the worker ended while it ran ${gameDate}: ${lastLines(await lastWords(log))}`;
    }
    // It said what came of the date, good or bad; otherwise there is only an error.
    return /^\{\s*"error"/.test(ended.stdout) || ended.stdout === ''
      ? `${gameDate}: ${lastLines(ended.stderr)}`
      : null;
  }

  /** Rows of a table between two dates, as the shadow has them. */
  async rows(table: TableName, from: string, to: string): Promise<Row[]> {
    const args = ['export', table, '--from', from, '--to', to, '--format', 'ndjson'];
    const { code, stdout, stderr } = await this.build.run(args, { signal: this.signal });
    if (code !== 0) throw new Error(`The shadow does not give its rows of ${table}: ${lastLines(stderr)}`);
    // Written by our own command line, by the table's declaration.
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Row);
  }

  /** Takes the stack down, and away what it has in the warehouse, and the home. */
  async remove(): Promise<void> {
    try {
      await this.build.run(['down']);
      await this.below.remove();
    } finally {
      // Whatever stands in the way at home: what is elsewhere nobody would find.
      await this.clear();
    }
  }

  /** Resolves once the worker is not there any more; never after `signal`. */
  private async workerEnds(signal: AbortSignal): Promise<'worker'> {
    for (;;) {
      await pause(pollMs, undefined, { signal }).catch(() => new Promise<never>(() => undefined));
      const { worker } = await this.home.readStack();
      if (!(await isAlive(worker))) return 'worker';
    }
  }
}
