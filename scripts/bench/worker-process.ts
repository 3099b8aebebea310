/** The bench's end of a worker process: starts it, asks it, ends it. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchFailure } from './failure';
import {
  ready,
  type Answer,
  type Question,
  type QuestionName,
  type Questions,
  type WorkerSetup,
} from './worker-protocol';

const script = join(__dirname, 'bench-worker.js');

export class WorkerProcess {
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private lastId = 0;

  private constructor(
    private readonly child: ChildProcess,
    private readonly logFile: string,
    private readonly exited: Promise<unknown>,
  ) {
    child.on('message', (answer: Answer | typeof ready) => {
      if (answer === ready) return;
      this.waiting.get(answer.id)?.(answer);
      this.waiting.delete(answer.id);
    });
    void exited.then(() => {
      for (const [id, tell] of this.waiting) tell({ id, ok: false, why: `it has ended; see ${logFile}` });
      this.waiting.clear();
    });
  }

  /** Starts a worker and returns when it polls. What it logs goes to `logFile`, as in the product. */
  static async start(setup: WorkerSetup, logFile: string): Promise<WorkerProcess> {
    const log = await open(logFile, 'a');
    try {
      const child = fork(script, [JSON.stringify(setup)], {
        // A profiler that is asked for by the bench's own arguments is asked for here too.
        execArgv: [...process.execArgv, '--enable-source-maps'],
        stdio: ['ignore', log.fd, log.fd, 'ipc'],
      });
      const exited = once(child, 'exit').catch(() => undefined);
      const first = await Promise.race([once(child, 'message'), exited.then(() => null)]);
      if (first === null) throw new BenchFailure(`The worker did not come up; see ${logFile}.`);
      return new WorkerProcess(child, logFile, exited);
    } finally {
      await log.close();
    }
  }

  /** Asks the worker. Throws {@link BenchFailure} when it cannot answer. */
  async ask<Q extends QuestionName>(name: Q, given: Questions[Q]['takes']): Promise<Questions[Q]['brings']> {
    const id = (this.lastId += 1);
    const question: Question<Q> = { id, name, given };
    const answer = await new Promise<Answer>((resolve) => {
      this.waiting.set(id, resolve);
      this.child.send(question, (error) => {
        if (error) resolve({ id, ok: false, why: error.message });
      });
    });
    if (!answer.ok) throw new BenchFailure(`The worker could not answer "${name}": ${answer.why}`);
    // The protocol says what a question brings; both ends are of one build.
    return answer.brings as Questions[Q]['brings'];
  }

  /** Lets it drain and waits for its end. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    await this.ask('stop', null).catch(() => undefined);
    const deadline = setTimeout(() => this.child.kill('SIGKILL'), 15_000);
    await this.exited;
    clearTimeout(deadline);
  }

  /** Ends it in the middle of whatever it does. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  /** Where its last words are. */
  get log(): string {
    return this.logFile;
  }
}
