/** The season: loaded, backfilled, and backfilled again when nothing has changed. */
import { BenchStack } from '../bench-stack';
import { datesOrFail } from '../nights';
import { atMost, type Figure } from '../report';
import type { WorkerFigures } from '../worker-protocol';
import { rangeOf, requireCounts, startBackfill } from './backfill';
import type { Part } from './part';

export const seasonPart: Part = ({ tools, options }) =>
  BenchStack.with(tools, async (stack) => {
    const worker = await stack.startWorker({ processors: options.noop ? 'noop' : 'real' });
    const loaded = await worker.ask('load', { folder: options.season });
    const dates = datesOrFail(loaded.dates, options.season);
    await worker.ask('figures', null);
    const serverBefore = await stack.serverFigures();

    const run = async (): Promise<Awaited<Awaited<ReturnType<typeof startBackfill>>['done']>> =>
      (await startBackfill(stack, rangeOf(dates), options.window)).done;
    const first = await run();
    const work = await worker.ask('figures', null);
    const server = await stack.serverFigures();
    if (!options.noop) requireCounts(first, 'published', dates.length);
    const again = await run();
    if (!options.noop) requireCounts(again, 'unchanged', dates.length);
    const againWork = await worker.ask('figures', null);

    const nights = dates.length;
    const seconds = (name: string, value: number): Figure => ({ name, value, unit: 's', samples: 1 });
    const serverCpu =
      server.cpuSeconds === null || serverBefore.cpuSeconds === null
        ? []
        : [seconds('  processor time of the server', server.cpuSeconds - serverBefore.cpuSeconds)];
    return {
      title: `The season, ${nights} nights, ${options.window} at once${options.noop ? ', processors that do nothing' : ''}`,
      figures: [
        seconds('load', loaded.seconds),
        { ...seconds('backfill', first.seconds), mark: atMost(25), aim: atMost(10) },
        ...serverCpu,
        seconds('  processor time of the worker', work.cpuSeconds),
        { ...seconds('again, nothing changed', again.seconds), mark: atMost(20) },
        { name: 'nights', value: nights / first.seconds, unit: 'a second', samples: nights },
        ...workFigures(work, nights),
        {
          name: 'statements when unchanged',
          value: againWork.statements / nights,
          unit: 'a night',
          samples: nights,
        },
        ...memoryFigures(againWork, (await stack.serverFigures()).peakMemory),
      ],
      notes: ['every date of the range is asked, those without games too: they are skipped'],
    };
  });

function workFigures(work: WorkerFigures, nights: number): Figure[] {
  const figure = (name: string, value: number, unit: string): Figure => ({
    name,
    value,
    unit,
    samples: nights,
  });
  return [
    figure('warehouse statements', work.statements / nights, 'a night'),
    figure('  and of transactions', work.transactionStatements / nights, 'a night'),
    figure('event-loop lag, p50', work.lag.p50, 'ms'),
    figure('event-loop lag, p99', work.lag.p99, 'ms'),
    figure('event-loop lag, longest', work.lag.max, 'ms'),
  ];
}

function memoryFigures({ peakMemory }: WorkerFigures, ofServer: number | null): Figure[] {
  const figure = (name: string, bytes: number): Figure => ({
    name,
    value: bytes / 2 ** 20,
    unit: 'MB',
    samples: 1,
  });
  return [
    figure('peak memory of the worker', peakMemory),
    ...(ofServer === null ? [] : [figure('peak memory of the server', ofServer)]),
  ];
}
