/** Asks Temporal how it is, and whether anybody works on what it has. */
import { ServiceError, type ConnectionLike } from '@temporalio/client';
import { reasonOf } from '../client';
import type { ServerProbe } from './parts';

const answerMs = 3_000;
/** A worker asks for work again every minute at the latest. */
const pollerFreshMs = 90_000;

/** `worker`, where it is given, says of the worker on this machine whether it works: sooner than Temporal notices. */
export function serverProbe(
  connection: Pick<ConnectionLike, 'withDeadline' | 'workflowService'>,
  { namespace, taskQueue }: { readonly namespace: string; readonly taskQueue: string },
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
        const { pollers } = await within(answerMs, () =>
          connection.workflowService.describeTaskQueue({
            namespace,
            taskQueue: { name: taskQueue },
          }),
        );
        const newest = Math.max(
          0,
          ...pollers.map(({ lastAccessTime }) => 1000 * Number(lastAccessTime?.seconds ?? 0)),
        );
        return Date.now() - newest < pollerFreshMs
          ? null
          : `No worker asks for work on task queue ${taskQueue}.`;
      } catch (error) {
        return `Temporal does not say who works on task queue ${taskQueue}: ${sentenceOf(error)}`;
      }
    },
  };
}

function sentenceOf(error: unknown): string {
  return error instanceof ServiceError || error instanceof Error ? reasonOf(error) : String(error);
}
