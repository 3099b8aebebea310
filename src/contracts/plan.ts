/** The plan as a run of a date has it on record: what the registry declares, without functions. Plain JSON. */
import type { InputTableName, ProcessorName } from './phase3';

/** An upstream of a processor: another processor's table that it reads. */
export interface PlannedUpstream {
  processor: ProcessorName;
  table: InputTableName;
  /** Whether no bypass lets the processor do without it. */
  isNeeded: boolean;
}

export interface PlannedProcessor {
  name: ProcessorName;
  version: string;
  level: number;
  table: InputTableName;
  /** The raw tables that it reads. */
  inputs: InputTableName[];
  upstreams: PlannedUpstream[];
  /** What sets it off. */
  triggers: string[];
  /** Limit of one run with its retries, ms. */
  timeoutMs: number;
}

/** Every processor, in the order in which a night runs them, and the table that says which games a date has. */
export interface Plan {
  calendar: InputTableName;
  processors: PlannedProcessor[];
}

/** Processors of one level, in the order of the plan. */
export interface PlannedLevel {
  level: number;
  processors: ProcessorName[];
  /** What they build. */
  description: string;
}

/** Results, or anything else that names a processor, in the order of the plan. */
export function inPlanOrder<R extends { readonly processor: ProcessorName }>(
  plan: Plan | null,
  results: readonly R[],
): R[] {
  const names = plan?.processors.map(({ name }) => name) ?? [];
  const place = ({ processor }: R): number =>
    names.includes(processor) ? names.indexOf(processor) : names.length;
  return [...results].sort((a, b) => place(a) - place(b));
}
