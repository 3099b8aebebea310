/** `phase3 plan FROM..TO`: what a backfill would do, before anything runs. `phase3 apply FILE` does exactly that, or says what moved. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Phase3Client } from '../../client';
import { readBuildInfo } from '../../config/build-info';
import type { BuildInfo } from '../../contracts/code-identity';
import type { PlanDocument, PlannedDate } from '../../contracts/date-plan';
import { addDays, daysBetween } from '../../contracts/game-date';
import { parseJson } from '../../contracts/json-text';
import { newYorkDate } from '../../contracts/new-york';
import type { ControlClient } from '../../control/client';
import type { PlanRequest, RunningBuild } from '../../control/protocol';
import { nodesByDate, readPlan, whatMoved } from '../../dates/plan-document';
import { whatIfBy } from '../../deploy/what-if';
import { requireConcurrency, requireProcessor, requireRange } from '../../requests/validate-request';
import {
  jsonHelp,
  requireWaitMs,
  withWait,
  type AddCommand,
  type JsonOption,
  type WaitOptions,
} from '../command-types';
import {
  badInput,
  CommandError,
  controlOf,
  exitCodes,
  overridesOf,
  withClient,
  type Context,
  type ExitCode,
} from '../context';
import { showForeseen } from '../foreseen';
import { printJson } from '../json';
import { namedBuildHelp, requireNamedBuild } from '../named-build';
import { renderPlan, renderPlannedDate } from '../render-plan';
import { tryInShadow } from '../try-in-shadow';
import { followToEnd, showBackfill } from './backfill';

interface PlanOptions extends JsonOption {
  readonly processors?: string;
  readonly concurrency: string;
  readonly out?: string;
  /** A build; true for the worker's. */
  readonly whatIf?: string | true;
}

const concurrencyHelp = 'number of dates that run at the same time';

export const addPlan: AddCommand = (root, context) => {
  root
    .command('plan')
    // The parser takes what is behind `--what-if` for its value, so it is not the one that misses the dates.
    .argument('[FROM..TO]', 'game dates, both included, or one date; never left out')
    .description('show what a backfill would do of each table, and what it would cost; run nothing')
    .option('--processors <P,P>', 'only these processors, with what stands on them')
    .option('--concurrency <N>', `${concurrencyHelp}, for the estimate`, '4')
    .option('--out <FILE>', 'write the plan to a file, for `phase3 apply`')
    .option(
      '--what-if [BUILD]',
      `show instead which rows a build's code would change, everything built anew: ${namedBuildHelp} (by default the worker's)`,
    )
    .option('--json', jsonHelp)
    .action(async (typed: string | undefined, given: PlanOptions) => {
      const { range, ...options } = rangeAnd(typed, given);
      const request = requestOf(context, range, options);
      if (options.whatIf === undefined) await showPlan(context, request, options);
      else if (options.whatIf === true) await showWhatIf(context, request, options);
      else await showWhatIfBy(context, request, { ...options, build: options.whatIf });
    });
};

/** Dates that follow `--what-if` are dates, and no build. */
function rangeAnd(range: string | undefined, options: PlanOptions): PlanOptions & { readonly range: string } {
  if (range !== undefined) return { ...options, range };
  if (typeof options.whatIf !== 'string') throw badInput('FROM..TO is missing: give the dates.');
  return { ...options, range: options.whatIf, whatIf: true };
}

function requestOf(context: Context, range: string, options: PlanOptions): PlanRequest {
  if (options.whatIf && options.out !== undefined)
    throw badInput('--what-if and --out exclude each other: what is only compared cannot be applied.');
  const { processors } = options;
  return {
    ...requireRange('FROM..TO', range, newYorkDate(context.now())),
    ...(processors === undefined
      ? {}
      : { processors: processors.split(',').map((name) => requireProcessor(name, '--processors')) }),
    concurrency: requireConcurrency(options.concurrency),
    overrides: overridesOf(context.config),
  };
}

async function showPlan(
  context: Context,
  request: PlanRequest,
  { json, out }: Pick<PlanOptions, 'json' | 'out'>,
): Promise<void> {
  const control = await controlOf(context);
  const show = (date: PlannedDate): void => renderPlannedDate(date).forEach((line) => context.print(line));
  const plan = await control.plan(request, json ? undefined : show);
  if (out !== undefined) await writePlan(out, plan);
  if (json) printJson(context.print, plan);
  else for (const line of renderPlan(plan)) context.print(line);
  if (out !== undefined) context.say(`Written to ${out}; \`phase3 apply ${out}\` runs it.`);
}

/** Never over a plan that is there: somebody may be about to apply it. */
async function writePlan(path: string, plan: PlanDocument): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(plan, null, 2)}\n`, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw badInput(`${path} is there already: a plan is not overwritten.`);
    throw badInput(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function showWhatIf(context: Context, request: PlanRequest, { json }: JsonOption): Promise<void> {
  const control = await controlOf(context);
  const build = (await control.health())?.build ?? null;
  if (build) context.say(whoseCode(build, readBuildInfo()));
  const dates: object[] = [];
  for await (const date of control.whatIf(request)) {
    if (json) dates.push(date);
    else showForeseen(context, date.gameDate, date.tables, {});
  }
  if (json) printJson(context.print, { dryRun: true, build: build?.id ?? null, dates });
}

/** The same by the code of another build, in a shadow. */
async function showWhatIfBy(
  context: Context,
  { from, to, processors }: PlanRequest,
  { build: named, json }: JsonOption & { readonly build: string },
): Promise<void> {
  const { config, say } = context;
  const { id: build, folder } = await requireNamedBuild(config.home, '--what-if', named);
  const live = await controlOf(context);
  await requireSameSchema(live, folder, build);
  say(`Built by the code of build ${build}, in a shadow; nothing is published.`);
  const days = Array.from({ length: daysBetween(from, to) + 1 }, (_, day) => addDays(from, day));
  const dates = await tryInShadow((signal) =>
    whatIfBy({ config, live, folder, build, say, signal, dates: days, processors: processors ?? null }),
  );
  if (json) printJson(context.print, { dryRun: true, build, dates });
  else for (const date of dates) showForeseen(context, date.gameDate, date.tables, {});
}

/** Columns that only one of the two has would be taken for figures that moved. */
async function requireSameSchema(live: ControlClient, folder: string, build: string): Promise<void> {
  const running = (await live.health())?.build;
  const { schema } = readBuildInfo(join(folder, 'dist', 'build.json'));
  if (running && running.schema === schema) return;
  throw badInput(
    `--what-if is build ${build}, which declares its tables otherwise than the worker's build ${running?.id ?? '(unknown)'}, so that their rows are not of one kind. Expected a build with the same tables; \`phase3 deploy canary --build ${build}\` tries this one on recent dates.`,
  );
}

/** By which code everything is built: that of the worker, which has the warehouse open, and not that of who asks. */
function whoseCode(worker: Pick<RunningBuild, 'id' | 'commit'>, own: Pick<BuildInfo, 'id'>): string {
  const { id, commit } = worker;
  const name = id === null ? 'which nobody has named' : `build ${id}${commit === null ? '' : ` (${commit})`}`;
  const isOther = own.id !== null && own.id !== id;
  return isOther
    ? `Built by the code of the worker, ${name}; this command is of build ${own.id}. \`--what-if BUILD\` shows what another makes.`
    : `Built by the code of the worker, ${name}.`;
}

interface ApplyOptions extends JsonOption, WaitOptions {
  readonly concurrency?: string;
}

export const addApply: AddCommand = (root, context, end) => {
  withWait(
    root
      .command('apply')
      .argument('<FILE>', 'a plan that `phase3 plan --out` has written')
      .description('run what a plan lists, and nothing else; refused with exit code 3 if it no longer holds')
      .option('--concurrency <N>', `${concurrencyHelp}; by default as planned`),
    'show the progress, and end with the exit code of the outcome',
  )
    .option('--json', jsonHelp)
    .action(async (file: string, options: ApplyOptions) => {
      end(await apply(context, file, options));
    });
};

async function apply(context: Context, file: string, options: ApplyOptions): Promise<ExitCode> {
  const plan = await planIn(file);
  const concurrency =
    options.concurrency === undefined ? plan.estimate.concurrency : requireConcurrency(options.concurrency);
  // Before anything is connected to.
  requireWaitMs(options);
  return withClient(context, async (client) => {
    const id = plan.hash.slice(0, 12);
    let workflowId = client.backfillId(plan.from, plan.to, id);
    const run = await lastOf(client, workflowId);
    if (run?.isOpen === false)
      throw refused(`${file} was applied before, as ${workflowId}: a plan is applied once. Make a new one.`);
    if (run === null) {
      await requireHolds(context, file, plan);
      const only = nodesByDate(plan);
      if (Object.keys(only).length === 0) {
        if (options.json) printJson(context.print, { workflowId: null, state: 'nothing_to_run', total: 0 });
        else context.print('There is nothing to run.');
        return exitCodes.done;
      }
      const { from, to } = plan;
      const overrides = plan.now === null ? {} : { now: plan.now };
      const started = await client.backfill({
        ...{ from, to, concurrency, overrides, only, id, startedBy: context.config.user },
        isAlone: true,
      });
      ({ workflowId } = started);
      if (started.isJoined) context.say(`${workflowId} goes on already and asks for the same: it is joined.`);
    } else context.say(`${workflowId} is under way already.`);
    const progress = options.wait ? await followToEnd(context, client, workflowId, options) : null;
    return showBackfill(context, { workflowId, progress }, options);
  });
}

async function planIn(file: string): Promise<PlanDocument> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw badInput(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  const parsed = parseJson(text);
  if (!parsed.ok) throw badInput(`${file} ${parsed.problem}.`);
  const found = readPlan(parsed.value);
  if (!found.ok) throw badInput(`${file} is no plan: ${found.faults.join(' ')}`);
  return found.plan;
}

/** The run that applies the plan, or did; null where there was none. */
async function lastOf(client: Phase3Client, workflowId: string): Promise<{ isOpen: boolean } | null> {
  try {
    return await client.lastOf({ workflowId });
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** So many sentences are printed; further dates have usually moved for the same reason. */
const mostShown = 20;

/** Judges every date of the plan again, and refuses it if one is not as it was. */
async function requireHolds(context: Context, file: string, plan: PlanDocument): Promise<void> {
  const { from, to, processors, now } = plan;
  const control = await controlOf(context);
  const present = await control.plan({
    ...{ from, to, concurrency: plan.estimate.concurrency },
    ...(processors ? { processors: processors.map((name) => requireProcessor(name, 'processors')) } : {}),
    overrides: now === null ? overridesOf(context.config) : { now },
  });
  const moved = whatMoved(plan, present);
  if (moved.length === 0) return;
  for (const { sentence } of moved.slice(0, mostShown)) context.say(sentence);
  if (moved.length > mostShown) context.say(`And ${moved.length - mostShown} more.`);
  const what = moved.length === 1 ? '1 thing moved' : `${moved.length} things moved`;
  throw refused(
    `${file} no longer holds: ${what}, the first of ${moved[0]?.gameDate ?? 'all dates'}. Nothing was started. Make a new plan.`,
  );
}

function refused(message: string): CommandError {
  return new CommandError(message, exitCodes.notReady, 'plan_refused');
}
