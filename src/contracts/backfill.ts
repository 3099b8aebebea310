/** A backfill: many dates, a bounded number at once. */
import { defineQuery } from '@temporalio/workflow';
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
}

export const backfillQuery = defineQuery<BackfillProgress>('progress');
