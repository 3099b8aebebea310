/** What goes on beside a flood: nights of other dates, people who look at the flooded date, and the worker's own figures. */
import { stateQuery } from '../../src/contracts/date-state';
import { requireAnswer, requireRows } from '../bench/checks';
import { percentile } from '../bench/report';
import type { NightRows } from '../bench/season';
import type { System } from '../bench/system';
import { pause } from './askers';
import { mostPayloadBytes } from './chain';
import { atMost, exactly, figure, type Row } from './rows';
import { workerFigures } from './worker-metrics';

const nightEveryMs = 100;
const usualLookEveryMs = 3_000;
const metricsEveryMs = 2_000;
/** The command line gives up after ten seconds; it also has to start. */
const longestLookMs = 10_000;
const longestBlockMs = 1_000;
const mostTimesSlower = 2;

/** How long each of several things took, ms; a sentence for each that went wrong. */
interface Taken {
  readonly ms: number[];
  readonly faults: string[];
}

/** Nights that are published one after another; those of the dates that have been taken are gone. */
export class OtherNights {
  private readonly left: [string, NightRows][];

  constructor(nights: ReadonlyMap<string, NightRows>) {
    this.left = [...nights];
  }

  /** Publishes nights while `mayGoOn`, and returns how long each took, ms, and what went wrong. */
  async run(system: System, mayGoOn: (done: number) => boolean): Promise<{ ms: number[]; faults: string[] }> {
    const [ms, faults]: [number[], string[]] = [[], []];
    while (mayGoOn(ms.length + faults.length)) {
      const [date, rows] = this.left.shift() ?? [];
      if (date === undefined || rows === undefined) break;
      try {
        const answer = await system.push(date);
        requireAnswer(date, answer, 200, 'completed');
        requireRows(date, answer, rows);
        ms.push(answer.ms);
      } catch (error) {
        faults.push(wordsOf(error));
        // Without a worker each would wait in vain, and no more is to be learnt.
        if (!(await system.isWorkerAlive())) break;
      }
      await pause(nightEveryMs);
    }
    return { ms, faults };
  }
}

/** Runs beside a flood from `start` to `stop`. */
export class Bystanders {
  private isOver = false;
  private readonly looked: Record<'why' | 'status' | 'state', Taken> = {
    why: { ms: [], faults: [] },
    status: { ms: [], faults: [] },
    state: { ms: [], faults: [] },
  };
  private stateBytes = 0;
  private longestBlock: number | null = null;
  private slowTasks = 0;
  private tasks = 0;
  private readonly running: Promise<unknown>;
  /** Null while they still run. */
  private during: Taken | null = null;
  private leastNights = 0;

  private constructor(
    private readonly system: System,
    private readonly gameDate: string,
    private readonly workflowId: string,
    nights: Pick<OtherNights, 'run'>,
    lookEveryMs: number,
  ) {
    this.running = Promise.all([
      nights
        .run(system, (done) => !this.isOver || done < this.leastNights)
        .then((during) => (this.during = during)),
      this.repeat(lookEveryMs, () => this.look()),
      this.repeat(metricsEveryMs, () => this.measure()),
    ]);
  }

  static start(
    system: System,
    gameDate: string,
    workflowId: string,
    nights: Pick<OtherNights, 'run'>,
    lookEveryMs = usualLookEveryMs,
  ): Bystanders {
    return new Bystanders(system, gameDate, workflowId, nights, lookEveryMs);
  }

  /** Ends it, when `leastNights` have run: of fewer a percentile says nothing. Returns how long these took, ms. */
  async stop(leastNights: number): Promise<readonly number[]> {
    this.leastNights = leastNights;
    this.isOver = true;
    await this.running;
    await this.measure();
    return this.nights.ms;
  }

  private get nights(): Taken {
    return this.during ?? { ms: [], faults: [] };
  }

  /** Sentences of what went wrong, a few of each kind. */
  faults(): string[] {
    const looked = Object.entries(this.looked).flatMap(([name, { faults }]) =>
      faults.slice(0, 2).map((fault) => `${name}: ${fault}`),
    );
    return [...looked, ...this.nights.faults.slice(0, 3).map((fault) => `a night: ${fault}`)];
  }

  /** `quiet`: how long nights took before, ms. */
  async rows(quiet: readonly number[]): Promise<Row[]> {
    const { ms, faults } = this.nights;
    const before = percentile(quiet, 0.95);
    const p95 = ms.length === 0 ? null : percentile(ms, 0.95);
    const slower = figure('other dates: p95 during by before', 'ratio', p95 === null ? null : p95 / before);
    return [
      exactly(1, figure('the worker is alive', 'yes = 1', (await this.system.isWorkerAlive()) ? 1 : 0)),
      atMost(
        longestBlockMs,
        figure(
          'the longest block of its event loop',
          'ms',
          this.longestBlock === null ? null : 1000 * this.longestBlock,
        ),
      ),
      figure('its workflow tasks', 'count', this.tasks),
      figure('… of which over a second', 'count', this.slowTasks),
      figure('other dates: nights before, p95', 'ms', before),
      figure('other dates: nights during, p95', 'ms', p95),
      figure('other dates: nights during', 'count', ms.length),
      atMost(mostTimesSlower, slower),
      exactly(0, figure('other dates: nights that went wrong', 'count', faults.length)),
      ...(['why', 'status', 'state'] as const).flatMap((name) => this.lookRows(name)),
      atMost(mostPayloadBytes / 1e3, figure('the largest state that was shown', 'kB', this.stateBytes / 1e3)),
    ];
  }

  private lookRows(name: keyof typeof this.looked): Row[] {
    const { ms, faults } = this.looked[name];
    const what = name === 'state' ? 'the state query' : `\`phase3 ${name}\``;
    return [
      figure(`${what}, p50`, 'ms', ms.length === 0 ? null : percentile(ms, 0.5)),
      atMost(longestLookMs, figure(`${what}, longest`, 'ms', ms.length === 0 ? null : Math.max(...ms))),
      exactly(0, figure(`${what}, without an answer`, `of ${ms.length + faults.length}`, faults.length)),
    ];
  }

  /** For as long as nights run: those before the flood are compared with those during it. */
  private async repeat(everyMs: number, work: () => Promise<void>): Promise<void> {
    do {
      await work();
      await pause(everyMs);
    } while (!this.isOver || !this.during);
  }

  private async look(): Promise<void> {
    await this.timed('why', () => this.system.command('why', this.gameDate));
    await this.timed('status', () => this.system.command('status', this.gameDate));
    await this.timed('state', async () => {
      const { temporal } = this.system;
      const state = await temporal.connection.withDeadline(Date.now() + longestLookMs, () =>
        temporal.workflow.getHandle(this.workflowId).query(stateQuery),
      );
      this.stateBytes = Math.max(this.stateBytes, Buffer.byteLength(JSON.stringify(state)));
    });
  }

  private async timed(name: keyof typeof this.looked, work: () => Promise<unknown>): Promise<void> {
    const begun = performance.now();
    try {
      await work();
      this.looked[name].ms.push(performance.now() - begun);
    } catch (error) {
      this.looked[name].faults.push(wordsOf(error));
    }
  }

  private async measure(): Promise<void> {
    const now = await workerFigures(this.system.home);
    if (!now) return;
    this.longestBlock = Math.max(this.longestBlock ?? 0, now.longestBlock);
    ({ slowTasks: this.slowTasks, tasks: this.tasks } = now);
  }
}

function wordsOf(error: unknown): string {
  const { cause } = error as { cause?: { details?: string } };
  return cause?.details ?? (error instanceof Error ? error.message : String(error));
}
