/**
 * What the orchestration of a night costs, beside the least that Temporal takes for it: the product's workflow with activities
 * that answer at once what they answered in a night that was published, and a bare workflow of five activities that do
 * nothing. Same server, same worker, in turn.
 */
import { askDate } from '../../../src/activities/ask-date';
import { join } from 'node:path';
import type { Checkout } from '../checkout';
import { requireAnswer } from '../checks';
import { percentile, spreadOf, type Figure } from '../report';
import { spread, type Season } from '../season';
import { BenchFailure, System } from '../system';
import { queues } from './plain-contract';
import { answersOf, recordedNight } from './recorded-night';
import { WorkerProcess } from './worker-process';

const warmUps = 8;
const pairs = 60;

export function floorPart(checkout: Checkout, { season }: { readonly season: Season }): Promise<Figure[]> {
  return System.with(checkout, {}, async (system) => {
    await system.command('load', season.folder);
    const [gameDate = ''] = spread([...season.nights.keys()], 1);
    const answer = await system.push(gameDate);
    requireAnswer(gameDate, answer, 200, 'completed');
    const night = recordedNight(await system.closedHistory(answer), answer.runId);
    const order = {
      kind: 'noop' as const,
      bundle: join(checkout.folder, 'dist', 'workflow-bundle.js'),
      address: system.temporalAddress,
      answers: answersOf(night),
    };
    return WorkerProcess.with(order, system.environment, async () => {
      const [nights, floors]: [number[], number[]] = [[], []];
      for (let pair = 0; pair < warmUps + pairs; pair += 1) {
        const both = [
          async (): Promise<unknown> => nights.push(await nightMs(system, gameDate, pair)),
          async (): Promise<unknown> => floors.push(await floorMs(system, pair)),
        ];
        // A B B A, so that a machine whose speed drifts favours neither.
        for (const one of pair % 2 === 0 ? both : both.reverse()) await one();
      }
      const [measured, least] = [nights.slice(warmUps), floors.slice(warmUps)];
      return [
        ...spreadOf('a night whose activities do nothing', measured),
        ...spreadOf('the floor: five activities that do nothing', least),
        {
          name: 'the orchestration of a night, by the floor',
          unit: 'ratio',
          value: percentile(measured, 0.5) / percentile(least, 0.5),
        },
        {
          name: 'a night whose activities do nothing: activities',
          unit: 'count',
          value: night.activities.length,
        },
      ];
    });
  });
}

async function nightMs({ temporal }: System, gameDate: string, pair: number): Promise<number> {
  const begun = performance.now();
  const workflowId = `bench-night-${pair}`;
  const { runId } = await askDate(
    temporal,
    { taskQueue: queues.night, dateWorkflowId: () => workflowId },
    { gameDate, message: { requestId: workflowId, kind: 'trigger', source: 'nbac_gamebook_player_stats' } },
  );
  const { state } = (await temporal.workflow.getHandle(workflowId, runId).result()) as { state: string };
  if (state !== 'published') throw new BenchFailure(`A night whose activities do nothing is ${state}.`);
  return performance.now() - begun;
}

async function floorMs({ temporal }: System, pair: number): Promise<number> {
  const begun = performance.now();
  await temporal.workflow.execute('floorWorkflow', {
    workflowId: `bench-floor-${pair}`,
    taskQueue: queues.plain,
  });
  return performance.now() - begun;
}
