/** What the steps of one pass share. */
import type { OpenPassResult } from '../contracts/activities';
import type { PolicyOverrides, ProcessorName } from '../contracts/phase3';
import type { DateRun } from './date-run';
import type { PassRecord } from './pass-record';

export interface PassContext {
  readonly date: DateRun;
  readonly pass: PassRecord;
  /** What the requests of the pass override of the configured policy. */
  readonly overrides: PolicyOverrides;
  /** What was on record when the pass began, and the policy that it goes by. */
  readonly opened: OpenPassResult;
  /** False when only a backfill asked: the gate is asked once. */
  readonly patient: boolean;
  /** Processors that run only to be rid of a bypass they stand on: where they cannot, they go on standing. */
  readonly freed: Set<ProcessorName>;
  /** Replans left for upstreams that were not current or moved. */
  replansLeft: number;
}
