/**
 * What the levels cost on real work, beside all at once: the product's nights, and the same activities without dependency
 * checks and with all processors side by side, on one warehouse and in one worker, in turn.
 *
 * Every night is built again each time: before the product's, processors become of another version; in the other, each is
 * forced. So the work is the same, and the players find an offence that is up to date even while it is built again.
 */
import { join } from 'node:path';
import { askDate } from '../../../src/activities/ask-date';
import type { Checkout } from '../checkout';
import { percentile, type Figure } from '../report';
import { spread, type Season } from '../season';
import { atOnce, BenchFailure, System } from '../system';
import { queues, type Step } from './plain-contract';
import { recordedNight, type RecordedNight } from './recorded-night';
import { WorkerProcess } from './worker-process';

const nightsTogether = 8;
const mostNights = 60;
/** A B B A, twice, after one of each that warms up. */
const turns = ['levels', 'flat', 'flat', 'levels', 'levels', 'flat', 'flat', 'levels'] as const;

/** None of a checkout that is compared with: the worker is built from this repository's activities. */
export async function levelsPart(
  checkout: Checkout,
  { season, root }: { readonly season: Season; readonly root: string },
): Promise<Figure[]> {
  if (checkout.folder !== root) return [];
  return System.with(checkout, {}, async (system) => {
    await system.command('load', season.folder);
    // The file has one owner.
    await system.killWorker();
    const dates = spread([...season.nights.keys()], mostNights);
    const order = {
      kind: 'real' as const,
      bundle: join(checkout.folder, 'dist', 'workflow-bundle.js'),
      address: system.temporalAddress,
    };
    return WorkerProcess.with(order, system.environment, async (worker) => {
      let turn = 0;
      const recorded = new Map<string, RecordedNight>();
      const levels = async (): Promise<number> => {
        turn += 1;
        await worker.newVersion(`bench-${turn}`);
        const seconds = await secondsOf(() =>
          atOnce(dates, nightsTogether, (date) => nightByLevels(system, date, turn)),
        );
        await atOnce(dates, nightsTogether, async (date) => {
          const run = system.temporal.workflow.getHandle(idOf(date, turn));
          const { runId } = await run.describe();
          recorded.set(date, recordedNight(await run.fetchHistory(), runId));
        });
        return seconds;
      };
      const flat = (): Promise<number> => {
        turn += 1;
        return secondsOf(() =>
          atOnce(dates, nightsTogether, (date) => nightAllAtOnce(system, date, turn, recorded.get(date))),
        );
      };
      for (const warm of [levels, levels, flat]) await warm();
      const took: Record<(typeof turns)[number], number[]> = { levels: [], flat: [] };
      for (const kind of turns) took[kind].push(await { levels, flat }[kind]());
      const rate = (kind: keyof typeof took): number => dates.length / percentile(took[kind], 0.5);
      return [
        { name: 'real work, 8 at once: by levels', unit: 'nights/s', value: rate('levels') },
        { name: 'real work, 8 at once: all at once', unit: 'nights/s', value: rate('flat') },
        { name: 'real work: all at once by levels', unit: 'ratio', value: rate('flat') / rate('levels') },
      ];
    });
  });
}

function idOf(gameDate: string, turn: number): string {
  return `bench-levels-${gameDate}-${turn}`;
}

async function nightByLevels({ temporal }: System, gameDate: string, turn: number): Promise<void> {
  const workflowId = idOf(gameDate, turn);
  const { runId } = await askDate(
    temporal,
    { taskQueue: queues.night, dateWorkflowId: () => workflowId },
    { gameDate, message: { requestId: workflowId, kind: 'trigger', source: 'nbac_gamebook_player_stats' } },
  );
  const { state } = (await temporal.workflow.getHandle(workflowId, runId).result()) as { state: string };
  if (state !== 'published') throw new BenchFailure(`${gameDate} by levels is ${state}.`);
}

async function nightAllAtOnce(
  { temporal }: System,
  gameDate: string,
  turn: number,
  recorded: RecordedNight | undefined,
): Promise<void> {
  if (!recorded) throw new BenchFailure(`${gameDate} was not recorded.`);
  const answers = (await temporal.workflow.execute('stepsWorkflow', {
    workflowId: `bench-flat-${gameDate}-${turn}`,
    taskQueue: queues.plain,
    args: [stepsOf(recorded), recorded.runId],
  })) as unknown[];
  const published = answers.filter((answer) =>
    JSON.stringify(answer ?? null).includes('"outcome":"published"'),
  );
  if (published.length !== 3)
    throw new BenchFailure(`${gameDate} all at once has published ${published.length} tables, expected 3.`);
}

/** What frames a night, and all processors at once in between. */
export function stepsOf({ activities }: RecordedNight): Step[][] {
  const isBuild = ({ name }: Step): boolean => name.startsWith('build');
  const hasOpening = activities.some(({ name }) => name === 'openPass');
  const firstBuild = activities.findIndex(isBuild);
  // Where nothing else opens the night, its first check does.
  const isFrame = ({ name }: Step, index: number): boolean =>
    name !== 'checkDependencies' || (!hasOpening && index < firstBuild);
  const frame = activities.map((one, index) => ({ ...one, index })).filter((one) => isFrame(one, one.index));
  const alone = ({ name, argument }: Step): Step[] => [{ name, argument }];
  return [
    ...frame.filter(({ index }) => index < firstBuild).map(alone),
    activities.filter(isBuild).map(({ name, argument }) => ({
      name,
      argument: { ...(argument as object), forced: 'forced by the bench: built again' },
    })),
    ...frame.filter((one) => one.index > firstBuild && !isBuild(one)).map(alone),
  ];
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}
