/** Nights whose processors do nothing: what the orchestration alone costs, to be held against other orchestrators. */
import { BenchStack } from '../bench-stack';
import { datesOrFail, runAll, runLevelNight, spread } from '../nights';
import { median, percentile } from '../percentile';
import { atLeast, type Figure } from '../report';
import type { Part } from './part';

const warmUps = 5;
const atOnceNights = 160;

export const noopPart: Part = ({ tools, options }) =>
  BenchStack.with(tools, async (stack) => {
    const worker = await stack.startWorker({ processors: 'noop' });
    const loaded = await worker.ask('load', { folder: options.season });
    const dates = datesOrFail(loaded.dates, options.season);
    const took: number[] = [];
    for (const [index, date] of spread(dates, options.nights + warmUps).entries()) {
      const { askedAt, answeredAt } = await runLevelNight(stack, date);
      if (index >= warmUps) took.push(answeredAt - askedAt);
    }
    const many = Array.from({ length: atOnceNights }, (_, index) => dates[index % dates.length] ?? '');
    await worker.ask('figures', null);
    const serverBefore = await stack.serverFigures();
    const seconds = await runAll(stack, many, options.window, runLevelNight);
    const work = await worker.ask('figures', null);
    const server = await stack.serverFigures();
    const cpu = (name: string, total: number): Figure => ({
      name,
      value: (1000 * total) / atOnceNights,
      unit: 'ms a night',
      samples: atOnceNights,
    });
    const ms = (name: string, value: number): Figure => ({ name, value, unit: 'ms', samples: took.length });
    return {
      title: 'Nights whose processors do nothing',
      figures: [
        ms('one at a time, trigger to answered, p50', median(took)),
        ms('one at a time, trigger to answered, p95', percentile(took, 0.95)),
        {
          name: `${options.window} at once`,
          value: atOnceNights / seconds,
          unit: 'nights a second',
          samples: atOnceNights,
          aim: atLeast(25),
        },
        ...(server.cpuSeconds === null || serverBefore.cpuSeconds === null
          ? []
          : [cpu('  processor time of the server', server.cpuSeconds - serverBefore.cpuSeconds)]),
        cpu('  processor time of the worker', work.cpuSeconds),
      ],
      notes: [
        'on this machine, by their own defaults: ../shared/design/temporal-notes.md has those of others',
      ],
    };
  });
