/** Follows a request to its answer, and a date as it changes. */
import { setTimeout as pause } from 'node:timers/promises';
import { stateQuery, type DateState } from '../contracts/date-state';
import type { DateReply } from '../contracts/messages';
import { isTrouble } from '../contracts/phase3';
import { pollMs, type Deployment } from './deployment';
import { BusyError } from './errors';
import type { Looks } from './looks';
import type { AcceptedRun } from './requests';
import { lastOfChain } from './run-chain';
import { RunEnd } from './run-end';

/**
 * How long a run may say nothing of a request before it counts as not taken. What is sent while a check is under way is taken
 * in after it; one that cannot reach the warehouse takes a minute.
 */
const usualNotTakenMs = 75_000;

/** What an asker sees while it waits: the state, and the answer once it is there. */
export interface RunProgress {
  readonly state: DateState;
  readonly answer: DateReply | null;
}

export class Follower {
  constructor(
    private readonly at: Deployment,
    private readonly looks: Looks,
    private readonly notTakenMs = usualNotTakenMs,
  ) {}

  /**
   * Yields the date's state as it changes, and ends once the request is answered or the run has ended without it. Throws a
   * {@link BusyError} where the run has not taken the request.
   */
  async *follow(accepted: AcceptedRun): AsyncGenerator<RunProgress> {
    let { runId } = accepted;
    let end = new RunEnd(this.looks, { ...accepted, runId });
    let last = '';
    let closed = false;
    let knownAt = Date.now();
    try {
      for (;;) {
        const handle = this.at.client.workflow.getHandle(accepted.workflowId, runId);
        const state = await this.at.query(handle, stateQuery, [accepted.requestId]);
        const answer = state.answers.find((candidate) => candidate.requestId === accepted.requestId) ?? null;
        const now = JSON.stringify([state.journal.length, state.journalDropped, state.runState, answer]);
        if (now !== last) {
          last = now;
          yield { state, answer };
        }
        if (answer || closed) return;
        if (state.pending.some(({ requestId }) => requestId === accepted.requestId)) knownAt = Date.now();
        else if (Date.now() - knownAt >= this.notTakenMs)
          throw new BusyError(
            `${accepted.gameDate} has more requests than it can hold and did not take this one. Send it again in a minute.`,
          );
        const { runId: lastId, status } = await lastOfChain(this.at.client, { ...accepted, runId });
        // What has gone on or just ended is asked at once: its answer may be younger than the question above.
        if (status !== 'RUNNING') closed = true;
        else if (lastId === runId) await end.within(pollMs);
        else {
          end.stop();
          end = new RunEnd(this.looks, { ...accepted, runId: lastId });
        }
        runId = lastId;
      }
    } finally {
      end.stop();
    }
  }

  /** Yields the state of a date's open run as it changes, until the run ends or the date is idle and needs a person. */
  async *watch(gameDate: string): AsyncGenerator<DateState> {
    let last = '';
    for (;;) {
      const known = await this.looks.state(gameDate);
      if (!known) return;
      const { state, isOpen } = known;
      const now = JSON.stringify([state.journal.length, state.journalDropped, state.runState, state.gate]);
      if (now !== last) yield state;
      last = now;
      if (!isOpen || (isTrouble(state.runState) && state.pending.length === 0)) return;
      await pause(2 * pollMs);
    }
  }
}
