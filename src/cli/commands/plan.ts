/** `phase3 plan FROM..TO`: what a backfill would do, before anything runs. `phase3 apply FILE` does exactly that, or says what moved. */
import { readFile, writeFile } from 'node:fs/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Phase3Client } from '../../client';
import { readBuildInfo } from '../../config/build-info';
import type { BuildInfo } from '../../contracts/code-identity';
import type { PlanDocument, PlannedDate } from '../../contracts/date-plan';
import { parseJson } from '../../contracts/json-text';
import { newYorkDate } from '../../contracts/new-york';
import type { PlanRequest, RunningBuild } from '../../control/protocol';
import { nodesByDate, readPlan, whatMoved } from '../../dates/plan-document';
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
import { renderPlan, renderPlannedDate } from '../render-plan';
import { followToEnd, showBackfill } from './backfill';

interface PlanOptions extends JsonOption {
  readonly processors?: string;
  readonly concurrency: string;
  readonly out?: string;
  readonly whatIf?: boolean;
}

const concurrencyHelp = 'number of dates that run at the same time';

export const addPlan: AddCommand = (root, context) => {
  root
    .command('plan')
    .argument('<FROM..TO>', 'game dates, both included, or one date')
    .description('show what a backfill would do of each table, and what it would cost; run nothing')
    .option('--processors <P,P>', 'only these processors, with what stands on them')
    .option('--concurrency <N>', `${concurrencyHelp}, for the estimate`, '4')
    .option('--out <FILE>', 'write the plan to a file, for `phase3 apply`')
    .option('--what-if', "show instead which rows the worker's code would change, everything built anew")
    .option('--json', jsonHelp)
    .action(async (range: string, options: PlanOptions) => {
      const request = requestOf(context, range, options);
      if (options.whatIf) await showWhatIf(context, request, options);
      else await showPlan(context, request, options);
    });
};

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

/** By which code everything is built: that of the worker, which has the warehouse open, and not that of who asks. */
function whoseCode(worker: Pick<RunningBuild, 'id' | 'commit'>, own: Pick<BuildInfo, 'id'>): string {
  const { id, commit } = worker;
  const name = id === null ? 'which nobody has named' : `build ${id}${commit === null ? '' : ` (${commit})`}`;
  const isOther = own.id !== null && own.id !== id;
  return isOther
    ? `Built by the code of the worker, ${name}; this command is of build ${own.id}. \`phase3 deploy canary\` compares what a build makes before it is the worker's.`
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
    const life = await lifeOf(client, workflowId);
    if (life === 'over')
      throw refused(`${file} was applied before, as ${workflowId}: a plan is applied once. Make a new one.`);
    if (life === null) {
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

/** Whether the plan is being applied, or was; null where it never was. */
async function lifeOf(client: Phase3Client, workflowId: string): Promise<'open' | 'over' | null> {
  try {
    return (await client.lifeOf({ workflowId })) === 'over' ? 'over' : 'open';
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
