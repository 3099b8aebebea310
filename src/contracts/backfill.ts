/** A backfill: many dates, a bounded number at once. */
import { defineQuery } from '@temporalio/workflow';
import type { DateReply } from './messages';
import type { PolicyOverrides } from './phase3';

export interface BackfillInput {
  from: string;
  to: string;
  /** How many dates may be under way at once. */
  concurrency: number;
  source: string;
  overrides?: PolicyOverrides;
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
