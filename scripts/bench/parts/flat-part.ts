/** Levels against the baseline that launches all three at once, side by side: what does the order cost? */
import type { ProcessorVersions } from '../../../src/gate/judge-processor';
import { BenchStack } from '../bench-stack';
import { criticalPathMs, lastCompletion, type NightTimes } from '../night-times';
import { datesOrFail, runAll, runFlatNight, runLevelNight, spread, timesOf, type RunNight } from '../nights';
import { median } from '../percentile';
import { atLeast, atMost, type Figure } from '../report';
import type { WorkerProcess } from '../worker-process';
import { flatNames, levelNames } from './level-names';
import type { Part, PartContext } from './part';

interface Shape {
  readonly name: string;
  readonly run: RunNight;
  /** Activities that publish, level by level. */
  readonly publish: readonly (readonly string[])[];
}

const levels: Shape = { name: 'levels', run: runLevelNight, publish: levelNames };
const flat: Shape = { name: 'all at once', run: runFlatNight, publish: flatNames };

/** Whoever drifts, the machine or the growing files, is met by both: each is as often first as second. */
const rounds: readonly (readonly [Shape, Shape])[] = [
  [levels, flat],
  [flat, levels],
  [levels, flat],
  [flat, levels],
];
const nightsARound = 40;
const alonePairs = 16;

export const flatNoopPart: Part = (context) => compare(context, 'noop');
export const flatRealPart: Part = (context) => compare(context, 'real');

async function compare({ tools, options }: PartContext, processors: 'real' | 'noop'): ReturnType<Part> {
  return BenchStack.with(tools, async (stack) => {
    const worker = await stack.startWorker({ processors });
    const loaded = await worker.ask('load', { folder: options.season });
    const all = datesOrFail(loaded.dates, options.season);
    // The baseline needs an offence from before to get wrong: everything is published once, and the rounds begin warm.
    const dates = spread(all, nightsARound);
    if (processors === 'real') await runAll(stack, dates, options.window, runLevelNight);
    const releases = new Releases(worker);
    const perSecond = new Map<Shape, number[]>([
      [levels, []],
      [flat, []],
    ]);
    let flatVersion = '';
    for (const pair of rounds)
      for (const shape of pair) {
        const version = await releases.next();
        if (shape === flat) flatVersion = version;
        const seconds = await runAll(stack, dates, options.window, shape.run);
        perSecond.get(shape)?.push(dates.length / seconds);
      }
    const alone = await nightsAlone(stack, releases, spread(dates, alonePairs));
    const { players, stale } = await worker.ask('stalePlayers', { version: flatVersion });
    const [levelRates = [], flatRates = []] = [perSecond.get(levels), perSecond.get(flat)];
    return {
      title:
        'Levels against launching all three at once, ' +
        (processors === 'noop' ? 'processors that do nothing' : 'everything rebuilt by both'),
      figures: [
        ...rates(levels, levelRates, dates.length),
        ...rates(flat, flatRates, dates.length),
        {
          name: 'throughput of levels, share of the baseline’s',
          value: 100 * median(levelRates.map((rate, index) => rate / (flatRates[index] ?? rate))),
          unit: '%',
          samples: levelRates.length,
          mark: atLeast(80),
          aim: atLeast(90),
        },
        ...alone,
      ],
      notes:
        processors === 'noop'
          ? []
          : [
              `of ${players} player rows that a round of the baseline published, ${stale} stand on team rows it replaced`,
            ],
    };
  });
}

/** Ever new processor versions, so that every round has everything to build. */
class Releases {
  private count = 0;

  constructor(private readonly worker: WorkerProcess) {}

  async next(): Promise<string> {
    this.count += 1;
    const version = `bench-${this.count}`;
    const versions: ProcessorVersions = {
      TeamOffenseGameSummaryProcessor: version,
      TeamDefenseGameSummaryProcessor: version,
      PlayerGameSummaryProcessor: version,
    };
    await this.worker.ask('versions', versions);
    return version;
  }
}

/** Each date once by levels and once by the baseline, with nothing beside it. */
async function nightsAlone(
  stack: BenchStack,
  releases: Releases,
  dates: readonly string[],
): Promise<Figure[]> {
  const measured = new Map<Shape, NightTimes[]>([
    [levels, []],
    [flat, []],
  ]);
  for (const [index, date] of dates.entries())
    for (const shape of rounds[index % 2] ?? [levels, flat]) {
      await releases.next();
      measured.get(shape)?.push(await timesOf(stack, await shape.run(stack, date)));
    }
  return [...measured].flatMap(([shape, nights]) => {
    const published = nights.map(
      ({ activities, startedAt }) => lastCompletion(activities, shape.publish.flat()) - startedAt,
    );
    const beyond = nights.map(
      ({ activities }, index) => (published[index] ?? 0) - criticalPathMs(activities, shape.publish),
    );
    const ms = (name: string, values: readonly number[]): Figure => ({
      name: `${shape.name}, a night alone: ${name}, p50`,
      value: median(values),
      unit: 'ms',
      samples: values.length,
    });
    return [
      ms('started to published', published),
      { ...ms('beyond its critical path', beyond), ...(shape === levels ? { aim: atMost(50) } : {}) },
    ];
  });
}

function rates(shape: Shape, values: readonly number[], nights: number): Figure[] {
  return [
    {
      name: `${shape.name}, median of ${values.length} rounds`,
      value: median(values),
      unit: 'nights a second',
      samples: values.length * nights,
    },
  ];
}
