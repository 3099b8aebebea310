/** The product's processes while something is asked of them: their memory, their processor time, what they say of themselves. */
import { pause } from '../../src/stack/processes';
import type { BenchStack } from './bench-stack';
import { processFigures } from './machine';
import { growthPerMinute, nearestTo, type Sample } from './memory-curve';
import { median, percentile } from './percentile';
import type { Product } from './product';
import { growthOf, meanBetween, sumOf } from './prometheus-text';
import { atMost, type Figure } from './report';

const processes = ['gateway', 'worker', 'server'] as const;
type ProcessName = (typeof processes)[number];

/** What a process may grow whose memory is called flat: its heap breathes by as much. */
const flatMbPerMinute = 10;
/** How often memory is looked at. */
const everyMs = 500;
/** A collection is over by then. */
const collectMs = 2_000;

export class ProductWatch {
  /** How long the gateway took for what needs no run, in ms. */
  private readonly alone: number[] = [];
  private readonly memory: Record<ProcessName, Sample[]> = { gateway: [], worker: [], server: [] };
  private begunAt = 0;
  private ownBefore = process.cpuUsage();
  private cpuBefore: Record<ProcessName, number | null> = { gateway: null, worker: null, server: null };
  private metricsBefore = '';
  private readonly afterwards: Figure[] = [];
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly stack: BenchStack,
    private readonly product: Product,
  ) {}

  /** Begins to look, with nothing in memory that is not needed. */
  async begin(): Promise<void> {
    await this.collect();
    // The lag that it tells of is that since it was asked last.
    this.metricsBefore = await this.metrics();
    for (const name of processes) this.cpuBefore[name] = (await this.figuresOf(name)).cpuSeconds;
    this.ownBefore = process.cpuUsage();
    this.begunAt = performance.now();
    await this.look();
    this.timer = setInterval(() => void this.look(), everyMs);
  }

  /** Since the beginning. */
  seconds(): number {
    return (performance.now() - this.begunAt) / 1000;
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
  }

  /** Looks for the last time, before and after garbage is collected. */
  async end(): Promise<void> {
    this.stop();
    await this.look();
    await this.collect();
    for (const name of ['gateway', 'worker'] as const) {
      const { memory } = await this.figuresOf(name);
      if (memory !== null)
        this.afterwards.push(figure(`memory of the ${name}, its garbage collected`, memory / 2 ** 20, 'MB'));
    }
    const heap = 'phase3_gateway_nodejs_heap_size_used_bytes';
    for (const [when, text] of [
      ['before', this.metricsBefore],
      ['afterwards', await this.metrics()],
    ] as const)
      this.afterwards.push(
        figure(
          `heap of the gateway, its garbage collected, ${when}`,
          (sumOf(text, heap) ?? 0) / 2 ** 20,
          'MB',
        ),
      );
  }

  private async collect(): Promise<void> {
    this.product.collect();
    await pause(collectMs);
  }

  private async look(): Promise<void> {
    const at = this.seconds();
    for (const name of processes) {
      const { memory } = await this.figuresOf(name);
      if (memory !== null) this.memory[name].push({ at, bytes: memory });
    }
    const askedAt = performance.now();
    // A gateway that does not answer is seen by whoever sends to it.
    const text = await fetch(`${this.product.url}/health/live`).then(
      (response) => response.text(),
      () => null,
    );
    if (text !== null) this.alone.push(performance.now() - askedAt);
  }

  private async figuresOf(name: ProcessName): ReturnType<typeof processFigures> {
    return name === 'server' ? this.stack.serverFigures() : processFigures(this.product[name]);
  }

  /** The gateway's metrics, and the worker's behind them. */
  private async metrics(): Promise<string> {
    return (await fetch(`${this.product.url}/metrics`)).text();
  }

  /** What it has cost since the beginning. */
  async costFigures(): Promise<Figure[]> {
    const wall = this.seconds();
    const own = process.cpuUsage(this.ownBefore);
    const figures: Figure[] = [];
    for (const name of processes) {
      const [before, { cpuSeconds }] = [this.cpuBefore[name], await this.figuresOf(name)];
      if (before !== null && cpuSeconds !== null)
        figures.push(figure(`processor time of the ${name}`, (cpuSeconds - before) / wall, 'cores'));
    }
    figures.push(figure('processor time of the sender', (own.user + own.system) / 1e6 / wall, 'cores'));
    const after = await this.metrics();
    const add = (name: string, value: number | null, unit: string, times = 1): void => {
      if (value !== null) figures.push(figure(name, value * times, unit));
    };
    const lag = 'phase3_gateway_nodejs_eventloop_lag';
    add("the gateway's event-loop lag, mean", sumOf(after, `${lag}_mean_seconds`), 'ms', 1000);
    add("the gateway's event-loop lag, p99", sumOf(after, `${lag}_p99_seconds`), 'ms', 1000);
    add("the gateway's event-loop lag, longest", sumOf(after, `${lag}_max_seconds`), 'ms', 1000);
    for (const [kind, metric] of [
      ['a workflow task', 'temporal_workflow_task_schedule_to_start_latency'],
      ['an activity', 'temporal_activity_schedule_to_start_latency'],
    ] as const)
      add(`${kind} waits to be picked up, mean`, meanBetween(this.metricsBefore, after, metric), 'ms', 1000);
    for (const [name, metric] of [
      ['workflow tasks', 'temporal_workflow_task_execution_latency_count'],
      ['activities', 'temporal_activity_execution_latency_count'],
      ['histories fetched again (cache misses)', 'temporal_sticky_cache_miss'],
    ] as const)
      add(name, growthOf(this.metricsBefore, after, metric), 'in all');
    return figures;
  }

  /** What the gateway answers by itself, beside what waits for a run. */
  aloneFigures(): Figure[] {
    const { length } = this.alone;
    if (length === 0) return [];
    return [
      figure('the gateway alone (/health/live): p50', median(this.alone), 'ms', length),
      figure('the gateway alone: p99', percentile(this.alone, 0.99), 'ms', length),
    ];
  }

  /** How memory went while it was asked for `seconds`, until all was answered, and what is left of it. */
  memoryFigures(seconds: number, drainedAt: number): Figure[] {
    const overTime = processes.flatMap((name) => {
      const samples = this.memory[name];
      const when: readonly (readonly [string, number])[] = [
        ['before', 0],
        ['at a third', seconds / 3],
        ['at two thirds', (2 * seconds) / 3],
        ['at the end', seconds],
        ['all answered', drainedAt],
        ['after a quiet spell', Infinity],
      ];
      const growth = growthPerMinute(samples, (2 * seconds) / 3, seconds);
      return [
        ...when.flatMap(([words, at]) => {
          const sample = at === Infinity ? samples.at(-1) : nearestTo(samples, at);
          return sample ? [figure(`memory of the ${name}, ${words}`, sample.bytes / 2 ** 20, 'MB')] : [];
        }),
        ...(growth === null
          ? []
          : [
              {
                ...figure(`  and its growth in the last third`, growth / 2 ** 20, 'MB a minute'),
                // The worker's goes with the runs that it has in its cache.
                ...(name === 'gateway' ? { mark: atMost(flatMbPerMinute) } : {}),
              },
            ]),
      ];
    });
    return [...overTime, ...this.afterwards];
  }
}

function figure(name: string, value: number, unit: string, samples = 1): Figure {
  return { name, value, unit, samples };
}
