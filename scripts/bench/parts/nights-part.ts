/** One night at a time: from the trigger to what was published, and where the time goes. */
import { BenchStack } from '../bench-stack';
import { median, percentile } from '../percentile';
import { datesOrFail, runLevelNight, spread, timesOf, type Night } from '../nights';
import { criticalPathMs, lastCompletion, stretches, type NightTimes } from '../night-times';
import { atMost, type Figure } from '../report';
import type { WorkerFigures } from '../worker-protocol';
import { levelNames } from './level-names';
import type { Part } from './part';

/** Nights before the first that counts: code and caches are warm after them. */
const warmUps = 3;

interface Measured {
  readonly night: Night;
  readonly times: NightTimes;
}

export const nightsPart: Part = ({ tools, options }) =>
  BenchStack.with(tools, async (stack) => {
    const worker = await stack.startWorker({ processors: options.noop ? 'noop' : 'real' });
    const { dates } = await worker.ask('load', { folder: options.season });
    const picked = spread(datesOrFail(dates, options.season), options.nights + warmUps);
    const measured: Measured[] = [];
    for (const [index, date] of picked.entries()) {
      if (index === Math.min(warmUps, picked.length - 1)) await worker.ask('figures', null);
      const night = await runLevelNight(stack, date);
      if (index >= Math.min(warmUps, picked.length - 1))
        measured.push({ night, times: await timesOf(stack, night) });
    }
    const work = await worker.ask('figures', null);
    return {
      title: `One night at a time${options.noop ? ', processors that do nothing' : ''}`,
      figures: [...timeFigures(measured), ...workFigures(measured, work)],
      notes: [
        'trigger: just before the client sends it · published: the player activity is completed (history)',
        'recorded: recordPass is completed (history) · answered: the client holds the result of the run',
        ...activityNotes(measured.map(({ times }) => times)),
      ],
    };
  });

function timeFigures(measured: readonly Measured[]): Figure[] {
  const samples = measured.length;
  const published = measured.map(
    ({ night, times }) => lastCompletion(times.activities, ['buildPlayerGameSummary']) - night.askedAt,
  );
  const recorded = measured.map(
    ({ night, times }) => lastCompletion(times.activities, ['recordPass']) - night.askedAt,
  );
  const answered = measured.map(({ night }) => night.answeredAt - night.askedAt);
  const overhead = measured.map(
    ({ times }, index) => (published[index] ?? 0) - criticalPathMs(times.activities, levelNames),
  );
  const ms = (name: string, value: number): Figure => ({ name, value, unit: 'ms', samples });
  return [
    { ...ms('trigger to published, p50', median(published)), mark: atMost(200) },
    ms('trigger to published, p95', percentile(published, 0.95)),
    ms('trigger to recorded, p50', median(recorded)),
    { ...ms('trigger to answered, p50', median(answered)), mark: atMost(200) },
    ms('trigger to answered, p95', percentile(answered, 0.95)),
    { ...ms('beyond the critical path, p50', median(overhead)), aim: atMost(50) },
    ...stretches.map((stretch) =>
      ms(`  ${stretch}, p50`, median(measured.map(({ times }) => times.spent[stretch]))),
    ),
  ];
}

function workFigures(measured: readonly Measured[], work: WorkerFigures): Figure[] {
  const samples = measured.length;
  const figure = (name: string, value: number, unit = 'a night'): Figure => ({ name, value, unit, samples });
  return [
    figure('activities', median(measured.map(({ times }) => times.activities.length))),
    figure('history events', median(measured.map(({ times }) => times.events))),
    figure('warehouse operations', work.operations / samples),
    figure('warehouse statements', work.statements / samples),
    figure('  and of transactions', work.transactionStatements / samples),
    figure('event-loop lag, p99', work.lag.p99, 'ms'),
  ];
}

/** How long each activity waits and runs, in the order of a night. */
function activityNotes(nights: readonly NightTimes[]): string[] {
  const [first] = nights;
  const spans = nights.flatMap((night) => night.activities);
  const names = [...new Set([...(first?.activities ?? [])].map(({ name }) => name))];
  return names.map((name) => {
    const own = spans.filter((span) => span.name === name);
    const waits = median(own.map(({ scheduledAt, startedAt }) => startedAt - scheduledAt));
    const runs = median(own.map(({ startedAt, completedAt }) => completedAt - startedAt));
    return `${name}: waits ${waits.toFixed(1)} ms, runs ${runs.toFixed(1)} ms (p50 of ${own.length})`;
  });
}
