/** Starts a worker of the bench, and ends it: it ends by itself when the bench does. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { BenchFailure } from '../system';
import type { NewVersion, WorkerOrder } from './plain-contract';

export class WorkerProcess {
  private constructor(private readonly child: ChildProcess) {}

  /** Resolves when it serves its queues. */
  static async with<T>(
    order: WorkerOrder,
    env: NodeJS.ProcessEnv,
    work: (worker: WorkerProcess) => Promise<T>,
  ): Promise<T> {
    const child = fork(join(__dirname, 'worker.js'), { env });
    const ended = once(child, 'exit');
    const died = ended.then(([code]) => {
      throw new BenchFailure(`A worker of the bench has ended with ${String(code)}.`);
    });
    // Awaited in the races below; afterwards it ends as it should.
    died.catch(() => undefined);
    try {
      child.send(order);
      await Promise.race([once(child, 'message'), died]);
      return await Promise.race([work(new WorkerProcess(child)), died]);
    } finally {
      if (child.connected) child.disconnect();
      await ended;
    }
  }

  /** From now on every processor is of this version. */
  async newVersion(version: string): Promise<void> {
    const order: NewVersion = { version };
    const done = once(this.child, 'message');
    this.child.send(order);
    await done;
  }
}
