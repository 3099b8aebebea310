/** From pending requests to levels of processors. Pure: the same requests always give the same plan. */
import type { RequestKind } from '../contracts/messages';
import { isSatisfied, type ProcessorName, type ProcessorResult } from '../contracts/phase3';
import { downstreamsOf, levelOf } from './levels';
import { groupByLevel, processorOf, processors, processorsOf, type PlannedLevel } from './registry';

export interface PlanRequest {
  /** Source table of a trigger. */
  readonly source: string;
  /** Restricts the trigger to these processors. */
  readonly processors?: readonly ProcessorName[];
  /** A rerun brings all downstreams of what it names, published or not. */
  readonly kind?: RequestKind;
}

export interface PlanInput {
  readonly requests: readonly PlanRequest[];
  /** Processors left unfinished by an earlier pass, or added by a gate. */
  readonly also: readonly ProcessorName[];
  /** Processors with a published partition for the date. */
  readonly published: readonly ProcessorName[];
  /** Processors that an earlier run was asked for and did not satisfy. */
  readonly unsatisfied: readonly ProcessorName[];
  /** Results of this run so far. */
  readonly results: Readonly<Record<ProcessorName, ProcessorResult>>;
  /** Whether an open bypass waives an upstream of a processor. */
  readonly isWaived?: (name: ProcessorName, upstream: ProcessorName) => boolean;
}

/**
 * Plans a pass: what the requests name, with every downstream that is published already (or it would be left standing on
 * an older upstream) or was asked for on this date and is not satisfied yet. Upstreams are never pulled in: a run whose
 * upstream is not published waits for it.
 */
export function planPass(input: PlanInput): PlannedLevel[] {
  const planned = new Set<ProcessorName>(input.also);
  for (const request of input.requests)
    for (const name of request.processors ?? processorsOf(request.source)) {
      planned.add(name);
      if (request.kind === 'rerun')
        for (const downstream of downstreamsOf(processors, name)) planned.add(downstream.name);
    }

  for (const name of [...planned])
    for (const { name: downstream } of downstreamsOf(processors, name)) {
      const result = input.results[downstream];
      const owed = result
        ? !isSatisfied(result.outcome) && result.outcome !== 'skipped'
        : input.unsatisfied.includes(downstream);
      if (input.published.includes(downstream) || owed) planned.add(downstream);
    }

  return groupByLevel([...planned], (name) => levelOf(processorOf(name), input.isWaived));
}
