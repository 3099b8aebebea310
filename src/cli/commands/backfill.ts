/** `phase3 backfill FROM TO`: every date between, both ends included, a window at a time. */
import { SingleBar } from 'cli-progress';
import type { BackfillProgress } from '../../contracts/backfill';
import { badInput, overridesOf, withClient, type Context } from '../context';

export interface BackfillOptions {
  readonly concurrency: string;
  readonly wait: boolean;
}

export interface BackfillOutcome {
  readonly workflowId: string;
  /** Null without `--wait`. */
  readonly progress: BackfillProgress | null;
}

const mostConcurrency = 64;

export async function backfill(
  context: Context,
  from: string,
  to: string,
  options: BackfillOptions,
): Promise<BackfillOutcome> {
  const concurrency = Number(options.concurrency);
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > mostConcurrency)
    throw badInput(
      `--concurrency is "${options.concurrency}", expected a whole number from 1 to ${mostConcurrency}.`,
    );
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
    try {
      for await (const progress of client.followBackfill(workflowId)) {
        if (!last) bar?.start(progress.total, 0);
        last = progress;
        bar?.update(Object.keys(progress.replies).length);
      }
    } finally {
      bar?.stop();
    }
    return { workflowId, progress: last };
  });
}
