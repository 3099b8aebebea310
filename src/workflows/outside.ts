/** What a run of a date has to do with the world: the activities that it asks, who gets its answers, and what people see. */
import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  log,
  setCurrentDetails,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { SearchAttributeUpdatePair } from '@temporalio/common';
import type { DateStanding } from '../contracts/date-state';
import { dateSettledSignal, type DateReply } from '../contracts/messages';
import type { DateActivity } from './activity-stubs';
import { describeState } from './describe-state';

export interface Outside {
  /** Whether it is other dates' too: then a date that would have to wait goes on in a run of its own. */
  readonly isShared: boolean;
  ask<R, A>(activity: DateActivity<R, A>, request: R, summary?: string): Promise<A>;
  /** Tells who asked. An asker that is gone needs no answer; the log says so. */
  reply(to: string, answer: DateReply): Promise<void>;
  describe(state: DateStanding): void;
  attribute(attributes: SearchAttributeUpdatePair[]): void;
}

/** Of a date that has a run of its own. */
export const alone: Outside = {
  isShared: false,
  ask: askAlone,
  reply: (to, answer) => replyTo(to, [answer]),
  describe: (state) => {
    setCurrentDetails(describeState(state));
  },
  attribute: upsertSearchAttributes,
};

/** Without a summary, its name says it all. */
function askAlone<R, A>({ ofOne }: DateActivity<R, A>, request: R, summary?: string): Promise<A> {
  return ofOne.executeWithOptions(summary === undefined ? {} : { summary }, [request]);
}

async function replyTo(workflowId: string, answers: readonly DateReply[]): Promise<void> {
  const [first, ...more] = answers;
  if (!first) return;
  try {
    // Who asked hears what came of it, whatever becomes of the run.
    await CancellationScope.nonCancellable(() =>
      getExternalWorkflowHandle(workflowId).signal(dateSettledSignal, first, ...more),
    );
  } catch (error) {
    const requestIds = answers.map(({ requestId }) => requestId);
    log.warn('the sender no longer waits for an answer', { requestIds, workflowId, error: String(error) });
  }
}

interface Waiting {
  readonly activity: DateActivity<unknown, unknown>;
  readonly request: unknown;
  readonly summary: string | undefined;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Of dates that share a run: what they ask for in one turn is one activity, and those who asked for them are told at once. A date
 * whose part of it fails asks alone, with the retries and the outcome of a run of its own.
 */
export class Shared implements Outside {
  readonly isShared = true;
  private waiting: Waiting[] = [];
  private replies: { to: string; answer: DateReply; sent: () => void }[] = [];

  ask<R, A>(activity: DateActivity<R, A>, request: R, summary?: string): Promise<A> {
    return new Promise<A>((resolve, reject) => {
      this.waiting.push({ activity, request, summary, resolve, reject } as Waiting);
    });
  }

  reply(to: string, answer: DateReply): Promise<void> {
    return new Promise((sent) => {
      this.replies.push({ to, answer, sent });
    });
  }

  /** The run says it of all of them. */
  describe(): void {}
  attribute(): void {}

  /** Sends what the dates have asked for, turn by turn, until `isOver`. */
  async serve(isOver: () => boolean): Promise<void> {
    for (;;) {
      await condition(() => this.waiting.length > 0 || this.replies.length > 0 || isOver());
      if (isOver() && this.waiting.length === 0 && this.replies.length === 0) return;
      const [waiting, replies] = [this.waiting, this.replies];
      [this.waiting, this.replies] = [[], []];
      for (const asked of groupsBy(waiting, ({ activity }) => activity.key)) void send(asked);
      for (const told of groupsBy(replies, ({ to }) => to)) {
        const answers = told.map(({ answer }) => answer);
        void replyTo(told[0]?.to ?? '', answers).finally(() => {
          for (const { sent } of told) sent();
        });
      }
    }
  }
}

async function send(asked: readonly Waiting[]): Promise<void> {
  const [first] = asked;
  if (!first) return;
  const { activity } = first;
  const answers =
    asked.length === 1
      ? []
      : await activity.ofSeveral
          .executeWithOptions({ summary: severalSummary(asked) }, [asked.map(({ request }) => request)])
          .catch(() => []);
  for (const [at, { request, summary, resolve, reject }] of asked.entries()) {
    const own = answers[at];
    if (own && 'answer' in own) resolve(own.answer);
    else void askAlone(activity, request, summary).then(resolve, reject);
  }
}

function severalSummary(asked: readonly Waiting[]): string {
  return [`${asked.length} dates`, ...new Set(asked.flatMap(({ summary }) => summary ?? []))]
    .join(' · ')
    .slice(0, 200);
}

function groupsBy<T>(all: readonly T[], keyOf: (one: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return [...groups.values()];
}
