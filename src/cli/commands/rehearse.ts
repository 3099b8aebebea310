/**
 * `phase3 rehearse incident`: 3 February 2026 on a stack of its own, of this build or of another: what is expected is said by this
 * one. The play runs in a process of its own too, since what names a Temporal server is read from the process's environment:
 * there the asker's is not to be found.
 */
import { spawn } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { readBuildInfo } from '../../config/build-info';
import { lastLines, OtherBuild } from '../../deploy/other-build';
import { writeRehearsal, type RehearsalReport } from '../../deploy/rehearsal-report';
import { findRawFiles, readRawFile } from '../raw-files';
import { rawTables, type TableName } from '../../tables/catalogue';
import type { Row } from '../../tables/define-table';
import { abovePublished, aboveAllAtOnce, playIncident } from '../../rehearsal/incident';
import { figuresOf, incidentDate, type RawNight } from '../../rehearsal/incident-data';
import { isOwnHome, makeOwnHome, playInstants } from '../../rehearsal/own-home';
import { RehearsalError, type Step } from '../../rehearsal/play';
import { Builds } from '../../stack/builds';
import { lookingInto } from '../../stack/home-below';
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import {
  badInput,
  CommandError,
  controlOf,
  exitCodes,
  withClient,
  type Context,
  type ExitCode,
} from '../context';
import { printJson } from '../json';
import { namedBuildHelp, requireNamedBuild } from '../named-build';
import { ownPackage } from '../own-package';

interface RehearseOptions extends JsonOption {
  readonly keep?: boolean;
  /** A folder, or the id of a kept build or how that begins; of `play` always a folder. */
  readonly build?: string;
  readonly deployed?: boolean;
  /** Of `play`: the home that keeps what came of it. */
  readonly reportTo?: string;
}

/** Longer than anything in the play takes on a machine that has other things to do. */
const patienceMs = 30_000;

export const addRehearse: AddCommand = (root, context, end) => {
  const rehearse = root.command('rehearse').description('replay a past incident on a stack of its own');
  rehearse
    .command('incident')
    .exitOverride()
    .description('replay 3 February 2026: what the all-at-once run published, and what is published now')
    .option('--deployed', 'play it with the build that works on the warehouse of this home')
    .option(
      '--build <BUILD>',
      `play it with this build: ${namedBuildHelp} (default: the one of this command)`,
    )
    .option('--keep', 'keep the stack up afterwards')
    .option('--json', jsonHelp)
    .action(async (options: RehearseOptions) => {
      end(await rehearseApart(context, options));
    });
  rehearse
    .command('play', { hidden: true })
    .exitOverride()
    .description('replay it in this home, which must have been created for it')
    .option('--build <DIR>')
    .option('--report-to <HOME>')
    .option('--keep')
    .option('--json')
    .action(async (options: RehearseOptions) => {
      end(await playHere(context, options));
    });
};

/** Runs the play with a home of its own, and takes that away. */
async function rehearseApart(context: Context, options: RehearseOptions): Promise<ExitCode> {
  const { home, environment } = context.config;
  const folder = await folderOf(context, options);
  const own = await makeOwnHome(home, environment).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw badInput(`PHASE3_HOME is ${home}, in which no folder can be created (${why}).`);
  });
  let ended: Ended = { code: null, interrupted: false };
  try {
    ended = await phase3(['rehearse', 'play', ...flagsOf(options, folder, home)], own.environment);
    return ended.code === exitCodes.done ? exitCodes.done : exitCodes.failed;
  } finally {
    // Whoever was killed could not stop what it had started.
    if (ended.code === null) {
      context.say('The rehearsal was killed; its stack is stopped.');
      await phase3(['down'], own.environment, 'ignore');
    }
    if (options.keep && ended.code !== null && !ended.interrupted) {
      const look = lookingInto(own, environment);
      context.say('');
      context.say(`Kept in ${own.path}. To inspect it, and then to remove it:`);
      for (const command of [`why ${incidentDate}`, 'status', 'down'])
        context.say(`  ${look} npx phase3 ${command}`);
      context.say(`  rm -r ${own.path}`);
    } else await own.remove();
  }
}

function flagsOf({ keep, json }: RehearseOptions, folder: string | null, home: string): string[] {
  // Of a build that is named something is to be decided; whoever only looks leaves nothing.
  const build = folder === null ? [] : ['--build', folder, '--report-to', home];
  return [...build, ...(keep ? ['--keep'] : []), ...(json ? ['--json'] : [])];
}

/** Where the build is that is to be played with; null for the one of this command. */
async function folderOf(context: Context, { build, deployed }: RehearseOptions): Promise<string | null> {
  if (deployed && build !== undefined)
    throw badInput('--deployed and --build name a build each; give one of them.');
  const kept = new Builds(context.config.home);
  if (deployed) {
    const id = (await (await controlOf(context)).health())?.build.id ?? null;
    if (id === null) throw new CommandError('The worker that is up does not say which build it is.');
    if (id === readBuildInfo().id) return ownPackage;
    if (await kept.has(id)) return kept.pathOf(id);
    throw new CommandError(
      `Build ${id} is deployed, and this home does not keep it. Name the folder of it: \`--build DIR\`.`,
    );
  }
  if (build === undefined) return null;
  return (await requireNamedBuild(context.config.home, '--build', build)).folder;
}

interface Ended {
  /** Null when it was killed. */
  readonly code: number | null;
  readonly interrupted: boolean;
}

/** Runs this very command with another environment. Ctrl-C is its to heed; here it is waited for. */
function phase3(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  stdio: 'inherit' | 'ignore' = 'inherit',
): Promise<Ended> {
  const [, script = ''] = process.argv;
  const child = spawn(process.execPath, [...process.execArgv, script, ...args], { env, stdio });
  let interrupted = false;
  const passOn = (signal: NodeJS.Signals): void => {
    interrupted = true;
    child.kill(signal);
  };
  process.on('SIGINT', passOn);
  process.on('SIGTERM', passOn);
  return new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, interrupted }));
  }).finally(() => {
    process.off('SIGINT', passOn);
    process.off('SIGTERM', passOn);
  });
}

/** Brings the stack of this home up, plays, and takes it down. */
async function playHere(context: Context, options: RehearseOptions): Promise<ExitCode> {
  const { config, stack } = context;
  // Rows are loaded and published here.
  if (!(await isOwnHome(config.home)))
    throw badInput(
      `${config.home} was not created for a rehearsal; \`phase3 rehearse incident\` creates one.`,
    );
  const tell = options.json ? context.say : context.print;
  const interruption = new AbortController();
  // Once is enough: what the first has begun is not broken off by a second.
  const interrupt = (): void => interruption.abort();
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    return await play(context, options, tell, interruption.signal);
  } catch (error) {
    if (interruption.signal.aborted) throw new CommandError('Interrupted; the stack is stopped.');
    throw error;
  } finally {
    if (!options.keep || interruption.signal.aborted) await stack.down();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

async function play(
  context: Context,
  options: RehearseOptions,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { keep, json } = options;
  const begunMs = Date.now();
  const seconds = (): number => Math.round((Date.now() - begunMs) / 100) / 10;
  const figures = await readNight(context);
  tell(`${incidentDate}, replayed on a stack of its own; your warehouse is not changed.`);
  tell(
    `The figures are those of ${figuresOf} (${figures.nbac_schedule.length} games of the demo data), moved to that date; the placeholder rows are invented. The order of events is that of 3 February.`,
  );
  tell(
    `It runs ${playInstants.factor} times as fast, and so do the retry interval and the deadline. The times on the left are those of the replay; times in sentences, and milliseconds, are real.`,
  );
  await bringUp(context, options, signal);
  const { temporalUi } = await context.stack.status();
  signal.throwIfAborted();
  const ui = `${temporalUi ?? ''}/namespaces/default/workflows`;
  tell(`The stack is up after ${seconds()} s. Temporal UI: ${ui}`);
  let control = await controlOf(context);
  const build = (await control.health())?.build.id ?? null;
  tell(`What is played with is build ${build ?? 'that does not say which it is'}.`);
  let steps: readonly Step[] = [];
  let failure: RehearsalError | null = null;
  try {
    steps = await withClient(context, (client) =>
      playIncident(
        {
          ...{ client, tell, signal, patienceMs, instants: playInstants },
          get control() {
            return control;
          },
          changeByHand: async (statement) => {
            await context.stack.workers.stop();
            const changed = await context.changeByHand(context.stack.home.warehouseFile, statement);
            await bringUp(context, options, signal);
            // Another worker has another address.
            control = await controlOf(context);
            return changed;
          },
        },
        figures,
      ),
    );
  } catch (error) {
    if (!(error instanceof RehearsalError)) throw error;
    failure = error;
    steps = error.steps;
  }
  if (options.reportTo !== undefined && build !== null)
    await writeRehearsal(options.reportTo, reportOf(build, steps, failure));
  const took = seconds();
  if (json)
    printJson(context.print, {
      ...{ build, gameDate: incidentDate, figuresOf, factor: playInstants.factor, seconds: took },
      outcome: failure ? 'not_as_promised' : 'as_promised',
      failedStep: failure?.failed ?? null,
      reason: failure?.message ?? null,
      keptIn: keep ? context.config.home : null,
      temporalUi: keep ? temporalUi : null,
      steps,
    });
  if (failure) throw new CommandError(failure.message);
  tell('');
  tell(`Replayed in ${took} s; all steps went as expected.`);
  if (!keep)
    tell(
      `To inspect it with \`phase3 why ${incidentDate}\` and in the Temporal UI: \`phase3 rehearse incident --keep\`.`,
    );
  return exitCodes.done;
}

function reportOf(build: string, steps: readonly Step[], failure: RehearsalError | null): RehearsalReport {
  const above = { aboveAllAtOnce: aboveAllAtOnce(steps), above: abovePublished(steps) };
  const [load = 0] = loadavg();
  return {
    ...{ build, at: new Date().toISOString(), steps: steps.length, ...above },
    failed: failure && { step: failure.failed, reason: failure.message },
    load: Math.round((100 * load) / cpus().length) / 100,
  };
}

/** Starts what is not up of this home's stack, by the build that is played with: its command knows how. */
async function bringUp(
  { stack, config }: Context,
  { build }: RehearseOptions,
  signal: AbortSignal,
): Promise<void> {
  if (build === undefined) {
    await stack.up();
    return;
  }
  const { code, stderr } = await new OtherBuild(build, config.environment).run(['up'], { signal });
  signal.throwIfAborted();
  if (code !== 0)
    throw new CommandError(`The stack of the build in ${build} does not come up: ${lastLines(stderr)}`);
}

/** The night of the demo data, table by table. */
async function readNight({ demoData }: Context): Promise<RawNight> {
  const night = Object.fromEntries(Object.keys(rawTables).map((name): [TableName, Row[]] => [name, []]));
  for (const file of await findRawFiles(demoData))
    for await (const row of readRawFile(file, () => undefined))
      if (row['game_date'] === figuresOf) night[file.table]?.push(row);
  // Decoded by the tables' declarations, from which the row types follow.
  return night as unknown as RawNight;
}
