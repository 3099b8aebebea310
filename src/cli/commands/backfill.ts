/** `phase3 backfill FROM..TO`: every date between, both ends included, a window at a time. */
import {
  jsonHelp,
  requireWaitMs,
  withWait,
  type AddCommand,
  type JsonOption,
  type WaitOptions,
} from '../command-types';
import { printJson } from '../json';
import { exitCodeOf } from '../results';
import { newYorkDate } from '../../contracts/new-york';
import { lastHelp, rangeHelp, requireArguments } from '../ranges';
import { requireConcurrency } from '../../requests/validate-request';
import { SingleBar } from 'cli-progress';
import { countsOf, type BackfillProgress } from '../../contracts/backfill';
import type { Phase3Client } from '../../client';
import { CommandError, exitCodes, overridesOf, withClient, type Context, type ExitCode } from '../context';
import { within } from '../within';
import { addBackfillActs } from './backfills';

export interface BackfillOptions extends WaitOptions {
  readonly concurrency: string;
}

export interface BackfillOutcome {
  readonly workflowId: string;
  /** Null without `--wait`. */
  readonly progress: BackfillProgress | null;
}

async function backfill(
  context: Context,
  first: string,
  last: string | undefined,
  options: BackfillOptions,
): Promise<BackfillOutcome> {
  const concurrency = requireConcurrency(options.concurrency);
  // Before anything is connected to.
  requireWaitMs(options);
  const { from, to } = requireArguments(first, last, newYorkDate(context.now()));
  return withClient(context, async (client) => {
    const { workflowId, isJoined } = await client.backfill({
      from,
      to,
      concurrency,
      overrides: overridesOf(context.config),
      startedBy: context.config.user,
      isAlone: true,
    });
    if (isJoined) context.say(`${workflowId} goes on already and asks for the same: it is joined.`);
    const progress = options.wait ? await followToEnd(context, client, workflowId, options) : null;
    return { workflowId, progress };
  });
}

/** Shows how far a backfill is until it has ended; null where it never said. */
export async function followToEnd(
  context: Context,
  client: Phase3Client,
  workflowId: string,
  options: WaitOptions,
): Promise<BackfillProgress | null> {
  const bar = process.stderr.isTTY
    ? new SingleBar({
        format: '{bar} {value} of {total} dates, {percentage} %, {eta_formatted} left',
        stream: process.stderr,
      })
    : null;
  let newest: BackfillProgress | null = null;
  const startedAt = Date.now();
  let saidAt = startedAt;
  const interrupted = (): void => {
    bar?.stop();
    context.say(
      `${workflowId} goes on without this command. \`phase3 backfill status ${workflowId}\` shows how far it is, \`phase3 backfill cancel ${workflowId} --reason "WHY"\` ends it.`,
    );
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  try {
    const late = (): Error =>
      new CommandError(
        `${workflowId} is not done within ${options.timeout ?? ''}: ${newest ? describeProgress(newest) : 'it has not begun'}. It goes on.`,
        exitCodes.notReady,
        'timeout',
      );
    for await (const progress of within(client.followBackfill(workflowId), requireWaitMs(options), late)) {
      if (!newest) bar?.start(progress.total, 0);
      newest = progress;
      bar?.update(Object.keys(progress.replies).length);
      if (!bar && Date.now() - saidAt >= sayEveryMs) {
        saidAt = Date.now();
        context.say(`${describeProgress(progress)}${etaOf(progress, startedAt, Date.now())}`);
      }
    }
  } finally {
    process.off('SIGINT', interrupted);
    bar?.stop();
  }
  return newest;
}

export const addBackfill: AddCommand = (root, context, end) => {
  const command = root.command('backfill');
  addBackfillActs(command, context);
  withWait(
    command
      .argument('<FROM..TO>', rangeHelp)
      .argument('[TO]', lastHelp)
      .description('run every date of a range, both ends included')
      .option('--concurrency <N>', 'number of dates that run at the same time', '4'),
    'show the progress, and end with the exit code of the outcome',
  )
    .option('--json', jsonHelp)
    .action(async (first: string, last: string | undefined, options: JsonOption & BackfillOptions) => {
      end(showBackfill(context, await backfill(context, first, last, options), options));
    });
};

/** Shows what came of a backfill and returns how the command ends. */
export function showBackfill(
  { print }: Pick<Context, 'print'>,
  { workflowId, progress }: BackfillOutcome,
  { json }: JsonOption,
): ExitCode {
  if (!progress) {
    if (json) printJson(print, { workflowId, state: 'accepted' });
    else print(`Accepted: ${workflowId}`);
    return exitCodes.done;
  }
  const states = Object.values(progress.replies).map((reply) => reply.state);
  const counts = countsOf(progress);
  const { cancelled } = progress;
  const dates = Object.fromEntries(Object.entries(progress.replies).sort(([a], [b]) => (a < b ? -1 : 1)));
  if (json) printJson(print, { workflowId, total: progress.total, counts, cancelled, dates });
  else {
    const summary = Object.entries(counts).map(([state, count]) => `${count} ${state}`);
    print(`${progress.total} dates: ${summary.join(', ')}`);
    if (cancelled) print(`Cancelled by ${cancelled.by}: ${cancelled.reason}`);
    for (const reply of Object.values(dates))
      if (exitCodeOf([reply.state]) !== exitCodes.done) print(`  ${reply.summary}`);
  }
  return cancelled ? exitCodes.failed : exitCodeOf(states);
}

/** Where there is no terminal for a bar, a line this often says that it goes on. */
const sayEveryMs = 10_000;

function describeProgress({ replies, asked, total }: BackfillProgress): string {
  const underWay = Object.keys(asked).sort();
  return `${Object.keys(replies).length} of ${total} dates are done; running: ${underWay.join(', ') || 'none'}`;
}

/** When the rest will be done if it goes on as it went since `startedAt` (ms since the epoch); empty before a date is done. */
export function etaOf(
  { replies, total }: Pick<BackfillProgress, 'replies' | 'total'>,
  startedAt: number,
  now: number,
): string {
  const done = Object.keys(replies).length;
  if (done === 0) return '';
  const leftSeconds = Math.round((((now - startedAt) / done) * (total - done)) / 1000);
  const left = leftSeconds < 90 ? `${leftSeconds} s` : `${Math.round(leftSeconds / 60)} min`;
  return `; about ${left} left`;
}
