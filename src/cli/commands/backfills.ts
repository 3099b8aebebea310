/** `phase3 backfill list|status|pause|resume|cancel|set`: backfills that go on, and what people decide about them. */
import type { Command } from 'commander';
import { type BackfillView, type SteerRequest } from '../../contracts/backfill';
import { backfillJson, backfillLines, stateOfBackfill } from '../../explain/backfill-view';
import { requireConcurrency, requireReason, requireWho } from '../../requests/validate-request';
import { jsonHelp, type JsonOption } from '../command-types';
import { withClient, type Context } from '../context';
import { printJson } from '../json';
import { byHelp } from './control';

const nameHelp = 'the id of a backfill, or the last part of it, as `backfill list` shows it';

export function addBackfillActs(backfill: Command, context: Context): void {
  addList(backfill, context);
  addStatus(backfill, context);
  addSteer(backfill, context, 'pause', 'ask no further dates for now; what is under way goes on to its end');
  addSteer(backfill, context, 'resume', 'go on with a paused backfill');
  addSteer(backfill, context, 'cancel', 'ask no further dates, and end when those under way have ended');
  addSet(backfill, context);
}

/** Newest first; older ones are in the Temporal UI. */
const mostListed = 50;

function addList(backfill: Command, context: Context): void {
  backfill
    .command('list')
    .description('list the backfills that go on, and those that have ended and are still known')
    .option('--json', jsonHelp)
    .action(async ({ json }: JsonOption) =>
      withClient(context, async (client) => {
        const listed = await client.listBackfills({ most: mostListed });
        if (listed.length === mostListed)
          context.say(`The newest ${mostListed} are listed; older ones are in the Temporal UI.`);
        const all: BackfillView[] = [];
        for (const one of listed)
          all.push(one.status === 'RUNNING' ? await client.lookAtBackfill(one) : { ...one, progress: null });
        if (json) printJson(context.print, { backfills: all.map(backfillJson) });
        else if (all.length === 0) context.print('There are no backfills.');
        else for (const one of all) context.print(lineOf(one));
      }),
    );
}

function addStatus(backfill: Command, context: Context): void {
  backfill
    .command('status')
    .argument('<NAME>', nameHelp)
    .description('show how far a backfill is, what is under way, and what was decided about it')
    .option('--json', jsonHelp)
    .action(async (name: string, { json }: JsonOption) =>
      withClient(context, async (client) => {
        const listed = await client.namedBackfill(name);
        const progress = await client.backfillProgress(listed.workflowId);
        const shown = { ...listed, progress };
        if (json) {
          printJson(context.print, backfillJson(shown));
          return;
        }
        context.print(lineOf(shown));
        for (const line of backfillLines(progress)) context.print(`  ${line}`);
      }),
    );
}

interface SteerOptions extends JsonOption {
  readonly reason: string;
  readonly by?: string;
}

function steerCommand(backfill: Command, name: SteerRequest['what'], description: string): Command {
  return backfill
    .command(name)
    .argument('<NAME>', nameHelp)
    .description(description)
    .requiredOption('--reason <TEXT>', 'why, in at least 10 characters; it is kept with the backfill')
    .option('--by <WHO>', byHelp)
    .option('--json', jsonHelp);
}

function addSteer(
  backfill: Command,
  context: Context,
  what: Exclude<SteerRequest['what'], 'set'>,
  description: string,
): void {
  steerCommand(backfill, what, description).action((name: string, options: SteerOptions) =>
    steer(context, name, options, { what }),
  );
}

function addSet(backfill: Command, context: Context): void {
  steerCommand(backfill, 'set', 'set how many dates of a backfill run at the same time')
    .requiredOption('--concurrency <N>', 'number of dates that run at the same time from now on')
    .action((name: string, options: SteerOptions & { readonly concurrency: string }) =>
      steer(context, name, options, { what: 'set', concurrency: requireConcurrency(options.concurrency) }),
    );
}

async function steer(
  context: Context,
  name: string,
  options: SteerOptions,
  what: Pick<SteerRequest, 'what' | 'concurrency'>,
): Promise<void> {
  const by = requireWho(options.by ?? context.config.user);
  const reason = requireReason(options.reason);
  await withClient(context, async (client) => {
    const { workflowId } = await client.namedBackfill(name);
    const steered = await client.steerBackfill(workflowId, { ...what, by, reason });
    if (options.json) printJson(context.print, { workflow_id: workflowId, ...steered });
    else context.print(`${workflowId}: ${steered.summary}.`);
  });
}

function lineOf(shown: BackfillView): string {
  const { workflowId, by, startedAt, endedAt, progress } = shown;
  const far = progress
    ? `  ${Object.keys(progress.replies).length} of ${progress.total} dates, ${progress.concurrency} at once`
    : '';
  return `${workflowId}  ${stateOfBackfill(shown)}${far}  ${startedAt}${endedAt ? ` to ${endedAt}` : ''}${by === null ? '' : `, by ${by}`}`;
}
