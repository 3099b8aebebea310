/** Single nights, asked for and awaited as a client does it. */
import { randomUUID } from 'node:crypto';
import { identityOf } from '../../src/contracts/identity';
import type { RunState } from '../../src/contracts/phase3';
import type { BenchStack } from './bench-stack';
import { BenchFailure } from './failure';
import { flatWorkflowType, type FlatInput, type FlatResult } from './flat/flat-contract';
import { nightTimes, type NightTimes } from './night-times';

/** A night that was published. Instants are ms since the epoch; server and client share the machine's clock. */
export interface Night {
  readonly gameDate: string;
  readonly workflowId: string;
  readonly runId: string;
  /** Just before the request was sent. */
  readonly askedAt: number;
  /** When the client held the result of the run. */
  readonly answeredAt: number;
}

/** Of a deployment without prefix, as the bench's is. */
export const identity = identityOf(null);

export type RunNight = (stack: BenchStack, gameDate: string) => Promise<Night>;

/** A night by levels: the product's own trigger. Throws {@link BenchFailure} unless it was published. */
export async function runLevelNight({ phase3, temporal }: BenchStack, gameDate: string): Promise<Night> {
  const askedAt = Date.now();
  const { workflowId, runId } = await phase3.run({ gameDate });
  const { state } = (await temporal.workflow.getHandle(workflowId, runId).result()) as { state: RunState };
  const answeredAt = Date.now();
  if (state !== 'published') throw new BenchFailure(`${gameDate} ended ${state}.`);
  return { gameDate, workflowId, runId, askedAt, answeredAt };
}

/** A night of the baseline. Throws {@link BenchFailure} unless all three were published. */
export async function runFlatNight({ temporal }: BenchStack, gameDate: string): Promise<Night> {
  const askedAt = Date.now();
  const input: FlatInput = { gameDate };
  const handle = await temporal.workflow.start(flatWorkflowType, {
    workflowId: `flat-${identity.dateWorkflowId(gameDate)}-${randomUUID()}`,
    taskQueue: identity.taskQueue,
    args: [input],
    workflowTaskTimeout: '5s',
  });
  const { results } = (await handle.result()) as FlatResult;
  const answeredAt = Date.now();
  if (!results.every((result) => result.outcome === 'published'))
    throw new BenchFailure(`${gameDate} of the baseline was not published.`);
  return { gameDate, workflowId: handle.workflowId, runId: handle.firstExecutionRunId, askedAt, answeredAt };
}

/** Runs every date, at most `window` at once. Resolves to the seconds it took. */
export async function runAll(
  stack: BenchStack,
  dates: readonly string[],
  window: number,
  run: RunNight,
): Promise<number> {
  const begun = performance.now();
  const left = [...dates];
  const runNext = async (): Promise<void> => {
    for (let date = left.shift(); date !== undefined; date = left.shift()) await run(stack, date);
  };
  await Promise.all(Array.from({ length: window }, runNext));
  return (performance.now() - begun) / 1000;
}

export async function timesOf({ temporal }: BenchStack, { workflowId, runId }: Night): Promise<NightTimes> {
  return nightTimes(await temporal.workflow.getHandle(workflowId, runId).fetchHistory());
}

/** `count` dates, evenly spread over all of them. */
export function spread(dates: readonly string[], count: number): string[] {
  const taken = Math.min(count, dates.length);
  return Array.from({ length: taken }, (_, index) => dates[Math.floor((index * dates.length) / taken)] ?? '');
}

export function datesOrFail(dates: readonly string[], folder: string): readonly string[] {
  if (dates.length === 0) throw new BenchFailure(`${folder} has no dates with games.`);
  return dates;
}
