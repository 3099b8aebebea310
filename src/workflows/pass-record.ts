/** What a pass leaves on record: who it is, what came of each processor, how long it waited. */
import type { PassToken } from '../contracts/activities';
import type { ProcessorName, ProcessorResult } from '../contracts/phase3';

export interface PassRecord {
  readonly token: PassToken;
  readonly startedAt: string;
  /** Lines of the level log before this pass, counted from the run's first. */
  readonly journalStart: number;
  /** Results of the processors that this pass has run or judged. */
  readonly settledNow: Map<ProcessorName, ProcessorResult>;
  waitedMs: number;
  probes: number;
}
