/** Asks Temporal how it is, and whether anybody works on what it has. */
import { ServiceError, type ConnectionLike } from '@temporalio/client';
import { reasonOf } from '../client';
import type { ServerProbe } from './parts';

const answerMs = 3_000;
/** A worker asks for work again every minute at the latest. */
const pollerFreshMs = 90_000;

/** The task queue that workers ask for work. */
export interface Queue {
  readonly namespace: string;
  readonly taskQueue: string;
}

/** `worker`, where it is given, says of the worker on this machine whether it works: sooner than Temporal notices. */
export function serverProbe(
  connection: Pick<ConnectionLike, 'withDeadline' | 'workflowService'>,
  { namespace, taskQueue }: Queue,
  worker: () => Promise<string | null> = async () => null,
): ServerProbe {
  const within = <T>(ms: number, work: () => Promise<T>): Promise<T> =>
    connection.withDeadline(Date.now() + ms, work);
  return {
    within,
    trouble: async () => {
      try {
        await within(answerMs, () => connection.workflowService.describeNamespace({ namespace }));
        return null;
      } catch (error) {
        return `Temporal does not answer for namespace ${namespace}: ${sentenceOf(error)}`;
      }
    },
    workerTrouble: async () => {
      const here = await worker();
      if (here !== null) return here;
      try {
        const newest = await lastPoll(connection, { namespace, taskQueue });
        return newest && Date.now() - newest.getTime() < pollerFreshMs
          ? null
          : `No worker asks for work on task queue ${taskQueue}.`;
      } catch (error) {
        return `Temporal does not say who works on task queue ${taskQueue}: ${sentenceOf(error)}`;
      }
    },
  };
}

/** When a worker asked for work last; null when Temporal knows of none. Throws when it does not answer. */
export async function lastPoll(
  connection: Pick<ConnectionLike, 'withDeadline' | 'workflowService'>,
  { namespace, taskQueue }: Queue,
): Promise<Date | null> {
  const { pollers } = await connection.withDeadline(Date.now() + answerMs, () =>
    connection.workflowService.describeTaskQueue({ namespace, taskQueue: { name: taskQueue } }),
  );
  const polls = pollers.map(({ lastAccessTime }) => 1000 * Number(lastAccessTime?.seconds ?? 0));
  return polls.length > 0 ? new Date(Math.max(...polls)) : null;
}

function sentenceOf(error: unknown): string {
  return error instanceof ServiceError || error instanceof Error ? reasonOf(error) : String(error);
}
