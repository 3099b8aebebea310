/** Pushes at a rising rate, until the gateway refuses and further, beside clients that are slow or broken. */
import { System, until, type PushAnswer } from '../bench/system';
import { percentile } from '../bench/report';
import { pause } from './askers';
import { BrokenClients } from './broken-clients';
import { load, openRuns, recorded, wrongTables, type Flooded, type FloodContext } from './nights';
import { atLeast, atMost, exactly, figure, type Row } from './rows';

const firstRate = 25;
/** Beyond this nothing is learnt, whatever the machine. */
const lastRate = 3_200;
const brokenOfEach = 5;
const tickMs = 20;
const lookEveryMs = 250;
const source = 'nbac_gamebook_player_stats';
/** What its memory may grow by from the lowest rate to the end, MB: an answer that waits costs some kilobytes. */
const mostGrowth = 150;
/** A question of a load balancer meanwhile, ms: most give up after some seconds. */
const longestHealthMs = 5_000;
/** What has not come by then does not come; whoever asks is busy with pushes as well. */
const healthPatienceMs = 60_000;

interface Step {
  readonly rate: number;
  readonly answers: readonly PushAnswer[];
}

/** A small flood comes to its end on any machine, where the gateway takes fewer. */
const fewer = { PHASE3_GATEWAY_MAX_PER_SECOND: '100' };

/** The date is published before, so that what is measured is the gateway. */
export async function risingRate({ checkout, options, flooded }: FloodContext): Promise<Flooded> {
  const [night] = flooded.rows;
  if (!night) throw new Error('there is no night to flood');
  const [date] = night;
  return System.with(checkout, options.isShort ? fewer : {}, async (system) => {
    await load(system, flooded);
    await system.push(date);
    const broken = new BrokenClients(system.gateway, brokenOfEach);
    const watch = new Watch(system);
    const steps: Step[] = [];
    const sent = new Set<string>();
    let isRefused = false;
    // One step further than the first that is refused: what comes after it is not to hurt either.
    for (let rate = firstRate; rate <= lastRate; rate *= 2) {
      steps.push(await step(system, { date, rate, ms: options.stepMs, sent }));
      if (rate === firstRate) await watch.begin();
      if (isRefused) break;
      isRefused = (steps.at(-1)?.answers ?? []).some(({ httpStatus }) => httpStatus === 429);
    }
    broken.stop();
    await until('end of every run', async () => ((await openRuns(system)) === 0 ? true : null));
    await watch.end();
    const known = await recorded(system, [date]);
    const taken = steps.flatMap(({ answers }) => answers.filter(isTaken));
    const lost = [...sent].filter((id) => !known.has(`pubsub/${source}/${id}`));
    return {
      rows: [
        ...steps.flatMap(rowsOf),
        ...rowsOfRefusals(steps),
        figure('pushes that were taken', 'count', taken.length),
        exactly(0, figure('pushes lost: taken, and on the record of no pass', 'count', lost.length)),
        figure('connections of broken clients that were closed', 'count', broken.closed),
        ...watch.rows(),
        exactly(0, await wrongTables(system, [night])),
      ],
      notes: notesOf(steps),
    };
  });
}

const isTaken = ({ httpStatus }: PushAnswer): boolean => httpStatus === 200 || httpStatus === 202;

/** So many new pushes a second, none of which waits for another's answer. `sent` has the ids of those that were taken. */
async function step(
  system: System,
  { date, rate, ms, sent }: { date: string; rate: number; ms: number; sent: Set<string> },
): Promise<Step> {
  const under: Promise<PushAnswer>[] = [];
  const begunAt = performance.now();
  for (let passed = 0; passed < ms; passed = performance.now() - begunAt) {
    while (under.length < (rate * passed) / 1000)
      under.push(pushOne(system, date, `${rate}-${under.length}`, sent));
    await pause(tickMs);
  }
  return { rate, answers: await Promise.all(under) };
}

async function pushOne(system: System, date: string, id: string, sent: Set<string>): Promise<PushAnswer> {
  const answer = await system.push(date, source, `rising-${id}`);
  if (isTaken(answer)) sent.add(`rising-${id}`);
  return answer;
}

function rowsOf({ rate, answers }: Step): Row[] {
  const refused = answers.filter(({ httpStatus }) => httpStatus === 429).length;
  const times = answers.filter(isTaken).map(({ ms }) => ms);
  return [
    figure(`${rate} a second: taken`, `of ${answers.length}`, times.length),
    figure(`${rate} a second: refused with 429`, 'count', refused),
    figure(`${rate} a second: to the answer, p95`, 'ms', times.length === 0 ? null : percentile(times, 0.95)),
  ];
}

function rowsOfRefusals(steps: readonly Step[]): Row[] {
  const all = steps.flatMap(({ answers }) => answers);
  const refused = all.filter(({ httpStatus }) => httpStatus === 429);
  const neither = all.filter((answer) => !isTaken(answer) && answer.httpStatus !== 429);
  const first = steps.find(({ answers }) => answers.some(({ httpStatus }) => httpStatus === 429));
  return [
    figure('the first rate that it refuses', 'a second', first?.rate ?? null),
    atLeast(1, figure('pushes refused', 'count', refused.length)),
    exactly(
      0,
      figure(
        'refusals that do not say when to come again',
        'count',
        refused.filter((one) => !((one.retryAfter ?? 0) > 0)).length,
      ),
    ),
    exactly(0, figure('pushes answered otherwise', 'count', neither.length)),
  ];
}

function notesOf(steps: readonly Step[]): string[] {
  const kinds = new Map<string, number>();
  for (const answer of steps.flatMap(({ answers }) => answers))
    if (!isTaken(answer) && answer.httpStatus !== 429) {
      const what = `${answer.httpStatus ?? 'not at all'} ${answer.status}`;
      kinds.set(what, (kinds.get(what) ?? 0) + 1);
    }
  return [...kinds].map(([what, times]) => `${times} pushes were answered ${what}`);
}

/** The gateway's memory, and whether a load balancer would still think it alive. */
class Watch {
  private readonly health: number[] = [];
  private unhealthy = 0;
  private before: number | null = null;
  private after: number | null = null;
  private isOver = false;
  private looking: Promise<void> = Promise.resolve();

  constructor(private readonly system: System) {}

  /** From here on its memory must not grow: code and connections are warm. */
  async begin(): Promise<void> {
    this.before = await this.memory();
    this.looking = this.look();
  }

  async end(): Promise<void> {
    this.isOver = true;
    await this.looking;
    this.after = await this.memory();
  }

  rows(): Row[] {
    const growth = this.before === null || this.after === null ? null : this.after - this.before;
    return [
      figure('memory of the gateway after the lowest rate', 'MB', this.before),
      figure('… when all is over', 'MB', this.after),
      atMost(mostGrowth, figure('… grown by', 'MB', growth)),
      exactly(0, figure('`/health/live`, without an answer', `of ${this.health.length}`, this.unhealthy)),
      atMost(longestHealthMs, figure('`/health/live`, longest', 'ms', Math.max(...this.health))),
    ];
  }

  private async look(): Promise<void> {
    while (!this.isOver) {
      const begun = performance.now();
      const answer = await fetch(`${this.system.gateway}/health/live`, {
        signal: AbortSignal.timeout(healthPatienceMs),
      }).catch(() => null);
      if (answer?.status !== 200) this.unhealthy += 1;
      await answer?.arrayBuffer();
      this.health.push(performance.now() - begun);
      await pause(lookEveryMs);
    }
  }

  private async memory(): Promise<number | null> {
    return (await this.system.figuresOf('gateway'))?.memory ?? null;
  }
}
