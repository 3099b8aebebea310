/** A worker is killed in the middle of a backfill and another started at once: when is what it held settled? */
import { pause } from '../../../src/stack/processes';
import { BenchStack } from '../bench-stack';
import { BenchFailure } from '../failure';
import { datesOrFail, identity } from '../nights';
import { atMost } from '../report';
import { rangeOf, requireCounts, startBackfill } from './backfill';
import type { Part } from './part';

const mostDates = 30;

export const killedPart: Part = ({ tools, options }) =>
  BenchStack.with(tools, async (stack) => {
    const processors = options.noop ? 'noop' : 'real';
    const worker = await stack.startWorker({ processors });
    const loaded = await worker.ask('load', { folder: options.season });
    const dates = datesOrFail(loaded.dates, options.season).slice(0, mostDates);
    const { done } = await startBackfill(stack, rangeOf(dates), options.window);
    await untilSettled(stack, dates[Math.floor(dates.length / 2)] ?? '');
    const killedAt = Date.now();
    await worker.kill();
    await stack.startWorker({ processors });
    const upAgainAfter = (Date.now() - killedAt) / 1000;
    const ended = await done;
    if (!options.noop) requireCounts(ended, 'published', dates.length);

    const backAfter = (await closesOf(stack, dates))
      .filter(({ startedAt, closedAt }) => startedAt < killedAt && closedAt > killedAt)
      .map(({ closedAt }) => (closedAt - killedAt) / 1000);
    if (backAfter.length === 0) throw new BenchFailure('The worker was killed when it held no date.');
    return {
      title: `A worker killed in a backfill of ${dates.length} nights, ${options.window} at once`,
      figures: [
        { name: 'another worker polls', value: upAgainAfter, unit: 's', samples: 1 },
        {
          name: 'its dates are settled, the last',
          value: Math.max(...backAfter),
          unit: 's',
          samples: backAfter.length,
          mark: atMost(15),
        },
        {
          name: 'its dates are settled, the first',
          value: Math.min(...backAfter),
          unit: 's',
          samples: backAfter.length,
        },
      ],
      notes: ['counted from the SIGKILL; settled: the run of the date is closed'],
    };
  });

async function untilSettled({ temporal }: BenchStack, gameDate: string): Promise<void> {
  for (;;) {
    const description = await temporal.workflow
      .getHandle(identity.dateWorkflowId(gameDate))
      .describe()
      .catch(() => null);
    if (description?.closeTime) return;
    await pause(20);
  }
}

async function closesOf(
  { temporal }: BenchStack,
  dates: readonly string[],
): Promise<{ startedAt: number; closedAt: number }[]> {
  return Promise.all(
    dates.map(async (date) => {
      const { startTime, closeTime } = await temporal.workflow
        .getHandle(identity.dateWorkflowId(date))
        .describe();
      if (!closeTime) throw new BenchFailure(`${date} is not settled.`);
      return { startedAt: startTime.getTime(), closedAt: closeTime.getTime() };
    }),
  );
}
