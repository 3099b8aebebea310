/** A backfill: many dates, a bounded number at once, and what people decide about it while it goes on. */
import { defineQuery, defineUpdate } from '@temporalio/workflow';
import * as v from 'valibot';
import { concurrency, id, reason, who } from './fields';
import { closed } from './schema';
import type { DateReply } from './messages';
import type { PolicyOverrides, ProcessorName } from './phase3';

export interface BackfillInput {
  from: string;
  to: string;
  /** How many dates may be under way at once. */
  concurrency: number;
  source: string;
  /** What each date is asked as: a backfill asks once, a run has patience. A backfill where it is left out. */
  kind?: 'backfill' | 'run';
  /** Restricts every date to these processors. */
  processors?: ProcessorName[];
  /** The only dates that are asked, ascending, each for these processors: a plan's. All of the range where it is left out. */
  only?: Record<string, ProcessorName[]>;
  /** Set where each date is to have a run of its own, since somebody follows each of them. Those of a run always have. */
  ownRuns?: true;
  /** Who asks, where that is known. */
  by?: string;
  correlationId?: string;
  overrides?: PolicyOverrides;
  /** Dates that one run asks before it continues as the next; 400 where it is left out. */
  datesOfRun?: number;
  /** What continue-as-new carries. */
  carried?: BackfillProgress;
}

export interface BackfillProgress {
  /** Next date to ask; null when all were asked. */
  next: string | null;
  /** Dates asked and not answered, with the instant they were last asked. */
  asked: Record<string, string>;
  /** Answers by date. */
  replies: Record<string, Pick<DateReply, 'state' | 'summary'>>;
  total: number;
  /** How many dates may be under way at once now. */
  concurrency: number;
  /** Who has it ask no further dates for now; null while it asks. */
  paused: Steered | null;
  /** Who has ended it: no further date is asked, and what was asked goes on to its answer. */
  cancelled: Steered | null;
  /** What people decided about it, newest last. */
  decisions: Steered[];
}

/** A backfill as Temporal lists it. */
export interface ListedBackfill {
  readonly workflowId: string;
  readonly from: string;
  readonly to: string;
  /** What tells it from others of the range. */
  readonly name: string;
  /** Who has started it; null where that is not known. */
  readonly by: string | null;
  /** Temporal's word for what has become of it: `RUNNING`, `COMPLETED`, … */
  readonly status: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** ISO 8601, UTC; null while it goes on. */
  readonly endedAt: string | null;
}

/** The same with what it says of itself. */
export interface BackfillView extends ListedBackfill {
  /** Null where nobody says: no worker answers, or it was ended from outside. */
  readonly progress: BackfillProgress | null;
}

/** What a person decided about a backfill. */
export interface Steered {
  steerId: string;
  what: 'pause' | 'resume' | 'cancel' | 'set';
  by: string;
  reason: string;
  /** ISO 8601, UTC. */
  at: string;
  /** What it did, as a sentence. */
  summary: string;
  /** Of `set`: how many dates at once. */
  concurrency?: number;
}

export const steerSchema = v.pipe(
  closed({
    /** Made by the client and used again on every retry. */
    steerId: id,
    what: v.picklist(['pause', 'resume', 'cancel', 'set']),
    by: who,
    reason,
    /** Of `set`: how many dates may be under way at once from now on. */
    concurrency: v.exactOptional(concurrency),
  }),
  v.description('an object of a decision about a backfill'),
);
export type SteerRequest = v.InferOutput<typeof steerSchema>;

/** Whether all that a backfill still has to do is done. */
export function isBackfillDone({ replies, total, cancelled, asked }: BackfillProgress): boolean {
  if (cancelled && Object.keys(asked).length === 0) return true;
  return Object.keys(replies).length >= total;
}

/** How many of its dates have come to which state. */
export function countsOf({ replies }: Pick<BackfillProgress, 'replies'>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of Object.values(replies)
    .map(({ state }) => state)
    .sort())
    counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

export const backfillQuery = defineQuery<BackfillProgress>('progress');
export const steerUpdate = defineUpdate<Steered, [SteerRequest]>('steer');
