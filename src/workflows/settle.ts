/** What comes of processors in a pass: what they are told before they run, and how they are settled. */
import type { ActivityFailure } from '@temporalio/workflow';
import { ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import type { Waiver } from '../contracts/decisions';
import type { ProcessorName, ProcessorResult } from '../contracts/phase3';
import { bypassOf } from './bypasses';
import { now, type DateRun } from './date-run';
import type { PassContext } from './pass-context';

/** Bypasses that gates and processors are to apply, of these processors. */
export function openWaivers(date: DateRun, names: readonly ProcessorName[]): Record<ProcessorName, Waiver> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const bypass = bypassOf(date.state, name, 'open');
      if (!bypass) return [];
      const { bypassId, by, reason, tables } = bypass;
      return [[name, { bypassId, by, reason, tables } satisfies Waiver]];
    }),
  );
}

/** Without `Processor`, for lines that have little room. */
export function shortName(name: ProcessorName): string {
  return name.replace(/Processor$/, '');
}

/** Keeps a result as that of this pass. */
export function record(context: Pick<PassContext, 'date' | 'pass'>, result: ProcessorResult): void {
  context.pass.settledNow.set(result.processor, result);
  context.date.apply({ type: 'settled', result, at: now() });
}

/** Settles a processor that did not run, keeping what is known of its live version. */
export function settle(
  context: Pick<PassContext, 'date' | 'pass'>,
  result: Pick<ProcessorResult, 'processor' | 'outcome' | 'reason'> & Partial<ProcessorResult>,
): void {
  const before = context.date.state.results[result.processor];
  record(context, {
    version: before?.version ?? null,
    rowCount: before?.rowCount ?? null,
    missing: [],
    missingGames: [],
    warnings: [],
    policyBypass: null,
    ...result,
  });
}

/** The innermost cause of a failed activity, as a sentence. */
export function sentenceOf(error: ActivityFailure): string {
  const { cause } = error;
  if (cause instanceof TimeoutFailure)
    return `${error.activityType} took longer than it may (${cause.timeoutType ?? 'time-out'})`;
  if (cause instanceof ApplicationFailure) return `${cause.type ?? 'Error'}: ${cause.message}`;
  return cause?.message ?? error.message;
}
