/** `phase3 backfill FROM TO`: every date between, both ends included, a window at a time. */
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { printJson } from '../json';
import { exitCodeOf } from '../results';
import { newYorkDate } from '../../contracts/new-york';
import { requireConcurrency, validateRange } from '../../requests/validate-request';
import { SingleBar } from 'cli-progress';
import type { BackfillProgress } from '../../contracts/backfill';
import { exitCodes, overridesOf, withClient, type Context } from '../context';

export interface BackfillOptions {
  readonly concurrency: string;
  readonly wait: boolean;
}

export interface BackfillOutcome {
  readonly workflowId: string;
  /** Null without `--wait`. */
  readonly progress: BackfillProgress | null;
}

async function backfill(
  context: Context,
  from: string,
  to: string,
  options: BackfillOptions,
): Promise<BackfillOutcome> {
  const concurrency = requireConcurrency(options.concurrency);
  validateRange({ from, to }, newYorkDate(context.now()));
  return withClient(context, async (client) => {
    const { workflowId } = await client.backfill({
      from,
      to,
      concurrency,
      overrides: overridesOf(context.config),
    });
    if (!options.wait) return { workflowId, progress: null };
    const bar = process.stderr.isTTY
      ? new SingleBar({
          format: '{bar} {value} of {total} dates, {percentage} %, {eta_formatted} left',
          stream: process.stderr,
        })
      : null;
    let last: BackfillProgress | null = null;
    let saidAt = Date.now();
    try {
      for await (const progress of client.followBackfill(workflowId)) {
        if (!last) bar?.start(progress.total, 0);
        last = progress;
        bar?.update(Object.keys(progress.replies).length);
        if (!bar && Date.now() - saidAt >= sayEveryMs) {
          saidAt = Date.now();
          context.say(describeProgress(progress));
        }
      }
    } finally {
      bar?.stop();
    }
    return { workflowId, progress: last };
  });
}

export const addBackfill: AddCommand = (root, context, end) => {
  root
    .command('backfill')
    .argument('<FROM>', 'the first game date, YYYY-MM-DD')
    .argument('<TO>', 'the last game date, included')
    .description('run every date of a range, both ends included')
    .option('--concurrency <N>', 'number of dates that run at the same time', '4')
    .option('--wait', 'show the progress, and end with the exit code of the outcome', false)
    .option('--json', jsonHelp)
    .action(async (from: string, to: string, options: JsonOption & BackfillOptions) => {
      const { print } = context;
      const { workflowId, progress } = await backfill(context, from, to, options);
      if (!progress) {
        if (options.json) printJson(print, { workflowId, state: 'accepted' });
        else print(`Accepted: ${workflowId}`);
        return;
      }
      const states = Object.values(progress.replies).map((reply) => reply.state);
      const counts = countBy(states);
      const dates = Object.fromEntries(Object.entries(progress.replies).sort(([a], [b]) => (a < b ? -1 : 1)));
      if (options.json) printJson(print, { workflowId, total: progress.total, counts, dates });
      else {
        const summary = Object.entries(counts).map(([state, count]) => `${count} ${state}`);
        print(`${progress.total} dates: ${summary.join(', ')}`);
        for (const reply of Object.values(dates))
          if (exitCodeOf([reply.state]) !== exitCodes.done) print(`  ${reply.summary}`);
      }
      end(exitCodeOf(states));
    });
};

/** Where there is no terminal for a bar, a line this often says that it goes on. */
const sayEveryMs = 10_000;

function describeProgress({ replies, asked, total }: BackfillProgress): string {
  const underWay = Object.keys(asked).sort();
  return `${Object.keys(replies).length} of ${total} dates are done; running: ${underWay.join(', ') || 'none'}`;
}

function countBy(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of [...words].sort()) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
