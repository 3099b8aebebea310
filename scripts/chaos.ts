/**
 * Hurts a throw-away local stack while rows, messages and decisions come, and judges what it has left behind:
 * `npm run chaos [-- --seed N --minutes M]`. Every choice is drawn from the seed; a failure prints it.
 * Exit codes: 0 every promise is kept · 1 one is not, or nothing could be judged · 2 bad arguments.
 */
import { randomInt } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { circumstances, describeMachine, machineUse } from './bench/machine';
import { BadOptionError } from './options';
import { readSeason } from './bench/season';
import { HurtBigQuery, HurtDuckDb } from './chaos/hurt-warehouse';
import { Journal } from './chaos/journal';
import { copyHomes } from './chaos/keep-homes';
import { readOptions, type ChaosOptions } from './chaos/options';
import { clockAtFirst, Play, type Outcome } from './chaos/play';
import { SmallDisk } from './chaos/small-disk';
import { ChaosStack } from './chaos/stack';

/** The compiled script lies in dist/scripts. */
const root = join(__dirname, '..', '..');
const mostSeed = 1_000_000;

interface Played extends Outcome {
  readonly acts: Readonly<Record<string, number>>;
  readonly kills: number;
  readonly acceptedAnHour: number;
  /** Homes that are kept, because there is something to look into; none where every promise is kept. */
  readonly homes: readonly string[];
}

/** A play that broke off: nothing was judged, and what it has left behind is kept. */
class BrokenOffError extends Error {
  constructor(
    cause: unknown,
    readonly homes: readonly string[],
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

async function play(options: ChaosOptions, journal: Journal): Promise<Played> {
  const begunAt = Date.now();
  const season = readSeason(join(root, 'data', 'demo'));
  const disk = options.diskMegabytes === null ? null : await SmallDisk.mount(options.diskMegabytes);
  const warehouse = options.isBigQuery ? await HurtBigQuery.start(root) : new HurtDuckDb();
  const stack = await ChaosStack.create(options.build ?? root, clockAtFirst(), warehouse, disk?.path);
  journal.note('begun', { seed: options.seed, minutes: options.minutes, homes: stack.homes });
  const down = async (): Promise<void> => {
    await stack.down();
    await warehouse.close();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void down().finally(() => process.exit(1)));
  let outcome: Outcome;
  try {
    outcome = await new Play(stack, season, journal, options, disk).play();
    await down();
  } catch (error) {
    await down();
    throw new BrokenOffError(error, await keep(stack, disk));
  } finally {
    journal.note('ended', { seconds: Math.round((Date.now() - begunAt) / 1000), load: loadavg()[0] });
  }
  const homes = outcome.findings.length > 0 ? await keep(stack, disk) : await remove(stack, disk);
  const acts = journal.counts();
  const acceptedAnHour = Math.round(outcome.accepted / (options.minutes / 60));
  return { ...outcome, acts, kills: acts['kill'] ?? 0, acceptedAnHour, homes };
}

/** Where its homes are to be found. A disk that is not theirs alone goes, unless there is no room for them elsewhere. */
async function keep({ homes }: ChaosStack, disk: SmallDisk | null): Promise<readonly string[]> {
  if (!disk) return homes;
  try {
    const copies = await copyHomes(homes);
    await disk.unmount();
    return copies;
  } catch (error) {
    process.stderr.write(`The homes stay on the small disk: ${String(error)}\n`);
    return homes;
  }
}

async function remove(stack: ChaosStack, disk: SmallDisk | null): Promise<readonly string[]> {
  await stack.remove();
  await disk?.unmount();
  return [];
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), () => randomInt(mostSeed));
  const file = join(mkdtempSync(join(tmpdir(), 'phase3-chaos-acts-')), 'acts.ndjson');
  const journal = new Journal(file, options.isLoud);
  const again = `npm run chaos -- --seed ${options.seed} --minutes ${options.minutes}${options.isBigQuery ? ' --bigquery' : ''}`;
  const before = await machineUse();
  try {
    const played = await play(options, journal);
    const machine = `${describeMachine()} (${circumstances(before, await machineUse())})`;
    report({ options, played, machine, file, again });
    if (played.findings.length > 0) process.exitCode = 1;
  } catch (error) {
    const homes = error instanceof BrokenOffError ? linesOf(error.homes) : '';
    throw new Error(
      `${error instanceof Error ? error.message : String(error)}\nAgain: ${again}\nActs: ${file}${homes}`,
      { cause: error },
    );
  }
}

interface Reported {
  readonly options: ChaosOptions;
  readonly played: Played;
  readonly machine: string;
  readonly file: string;
  readonly again: string;
}

function report({ options, played, machine, file, again }: Reported): void {
  const { seed, minutes } = options;
  const { findings, dates, runs, sharedRuns, accepted, acceptedAnHour, acts, kills, homes } = played;
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ seed, minutes, machine, file, ...played }, null, 2)}\n`);
    return;
  }
  const lines = [
    machine,
    `seed ${seed}, ${minutes} minutes: ${dates} dates, ${runs} runs (${sharedRuns} shared), ${kills} kills, ${accepted} decisions accepted (${acceptedAnHour} an hour)`,
    Object.entries(acts)
      .map(([act, count]) => `${act} ${count}`)
      .join(', '),
    ...findings.map(
      ({ promise, gameDate, sentence }) => `${promise.toUpperCase()}  ${gameDate ?? ''}  ${sentence}`,
    ),
    findings.length === 0
      ? 'Every promise is kept.'
      : `${findings.length} findings. Again: ${again}\nActs: ${file}${linesOf(homes)}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function linesOf(homes: readonly string[]): string {
  return homes.map((home) => `\nHome: ${home}`).join('');
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`, () =>
    process.exit(error instanceof BadOptionError ? 2 : 1),
  );
});
