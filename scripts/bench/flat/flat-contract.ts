/** The baseline that failed in production: all three processors at once, no gate, no levels. Its names and messages. */
import type { RunProcessorRequest } from '../../../src/contracts/activities';
import type { ProcessorResult } from '../../../src/contracts/phase3';

export const flatWorkflowType = 'flatWorkflow';

export interface FlatInput {
  gameDate: string;
}

export interface FlatResult {
  gameDate: string;
  results: ProcessorResult[];
}

/** What the baseline does in place of a judged build. */
export interface FlatActivities {
  buildUngated(request: RunProcessorRequest): Promise<ProcessorResult>;
}
