/** The deployment that is asked, and what every part of the client needs of it. */
import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure, type QueryDefinition, type UpdateDefinition } from '@temporalio/common';
import { setTimeout as pause } from 'node:timers/promises';
import type { Identity } from '../contracts/identity';
import { failureTypes } from '../contracts/failures';
import { newYorkDate } from '../contracts/new-york';
import { requireGameDate } from '../requests/validate-request';
import { FailedError, isUnprocessed, NoWorkerError, RefusedError, signalFault } from './errors';
import { TurnsOfEach } from './turns';

/** How long whoever can ask again waits for one answer. */
const questionMs = 5_000;
/** Longer than the audit may take to be written. */
const decisionMs = 180_000;
/** How often a run is looked at by whoever follows it. */
export const pollMs = 100;
/**
 * Signals of one date that go together. The server lets them into the run one after another, and each that stands in line there
 * has read from its database ahead of what other dates need; what comes together is also one workflow task (ADR 55).
 */
const signalsAtOnce = 8;

export class Deployment {
  private readonly turns = new TurnsOfEach(signalsAtOnce);

  constructor(
    readonly client: Client,
    readonly identity: Identity,
    private readonly now: () => Date,
    private readonly onSilence: (sentence: string) => void,
  ) {}

  /** Now, by the clock of whoever asks. */
  instant(): Date {
    return this.now();
  }

  /** The date in New York now. */
  today(): string {
    return newYorkDate(this.now());
  }

  /** A game date that somebody has named. Throws {@link InvalidRequestError}. */
  requireDate(given: string): string {
    return requireGameDate('DATE', given, this.today());
  }

  /** The newest run of a date. */
  runOf(gameDate: string): WorkflowHandle {
    return this.client.workflow.getHandle(this.identity.dateWorkflowId(gameDate));
  }

  /** Without a deadline a question waits for a worker for ever. */
  soon<T>(ask: () => Promise<T>, withinMs = questionMs): Promise<T> {
    return this.client.connection.withDeadline(Date.now() + withinMs, ask);
  }

  /** Signals a date, when it is this one's turn. Throws a {@link BusyError} where its run may get no more. */
  async signal<T>(gameDate: string, send: () => Promise<T>): Promise<T> {
    try {
      return await this.turns.take(gameDate, send);
    } catch (error) {
      throw signalFault(gameDate, error);
    }
  }

  /**
   * Brings a decision to a run, and returns what it says to it. Throws {@link RefusedError}, and {@link NoWorkerError} where
   * nobody has taken it in time; `shownBy` is the command that shows it if somebody takes it after all.
   */
  async decide<T, A>(
    handle: WorkflowHandle,
    update: UpdateDefinition<T, [A]>,
    { message, updateId, shownBy }: { message: A; updateId: string; shownBy: string },
  ): Promise<T> {
    const send = (): Promise<T> => handle.executeUpdate(update, { args: [message], updateId });
    try {
      return await this.soon(() => untilProcessed(send), decisionMs);
    } catch (error) {
      if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError)
        throw new NoWorkerError(
          `No worker accepted the decision within ${decisionMs / 1000} s. One may still accept it: \`${shownBy}\` shows it then.`,
          { cause: error },
        );
      const cause = error instanceof WorkflowUpdateFailedError ? error.cause : null;
      if (cause instanceof ApplicationFailure && cause.type === failureTypes.overrideRefused)
        throw new RefusedError(cause.message, { cause: error });
      if (cause instanceof ApplicationFailure) throw new FailedError(cause.message, { cause: error });
      throw error;
    }
  }

  /**
   * Asks a run, and goes on asking while no worker is there to answer: a worker's absence changes nothing but time.
   * `onSilence` is called once per silence.
   */
  async query<T, A extends unknown[]>(
    handle: WorkflowHandle,
    query: QueryDefinition<T, A>,
    ...args: A
  ): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await handle.query(query, ...args);
      } catch (error) {
        // A run that is not there is no silence.
        if (error instanceof WorkflowNotFoundError) throw error;
        await handle.describe();
        if (attempt === 1)
          this.onSilence(
            'No worker answers; still waiting (`phase3 status` shows what runs, `phase3 up` starts a worker)',
          );
        await pause(10 * pollMs);
      }
    }
  }
}

/**
 * Sends an update again for as long as the server says that the run's task came to nothing, or that it ended without looking at it.
 * That happens where a run is about to end as the update arrives; under its id it is one update.
 */
async function untilProcessed<T>(send: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (!isUnprocessed(error)) throw error;
      await pause(pollMs);
    }
  }
}
