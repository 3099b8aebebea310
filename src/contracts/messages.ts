/** All signals, by their wire names, and what they carry. Renaming one breaks running workflows. */
import { defineSignal } from '@temporalio/workflow';
import { isSatisfied, type Outcome, type PolicyOverrides, type ProcessorName, type RunState } from './phase3';

/**
 * Who asks, which says how long a date may wait: a backfill asks once, and so do the two that the workflow gives itself,
 * after a `recheck` and after a bypass. A restore waits for nothing. Everyone else has patience.
 */
export type RequestKind = 'trigger' | 'run' | 'rerun' | 'restore' | 'backfill' | 'recheck' | 'bypass';

/** Kinds that a message may have. */
export const askedKinds = [
  'trigger',
  'run',
  'rerun',
  'restore',
  'backfill',
] as const satisfies readonly RequestKind[];

/** Whether a request of this kind lets the date wait for what is missing. */
export function isPatient(kind: RequestKind): boolean {
  return kind === 'trigger' || kind === 'run' || kind === 'rerun';
}

/** News that a source table changed for a date. */
export interface TriggerMessage {
  /** Chosen by the sender; the same id again joins what is there and is answered once. */
  requestId: string;
  kind: RequestKind;
  /** Source table, a key of the trigger registry. */
  source: string;
  /** Restricts the request to these processors (and their published downstreams). */
  processors?: ProcessorName[];
  /** Workflow id to be told by `dateSettled`; never a run id, which changes on continue-as-new. */
  replyTo?: string;
  overrides?: PolicyOverrides;
  /** Who asks, where that is known; a rerun and a restore must say. */
  by?: string;
  /** Why: of reruns and restores, which have one. */
  reason?: string;
  /** What the sender calls the work that this is a part of; recorded, and never looked at. */
  correlationId?: string;
  /** Which kept version of its one processor's table a restore makes live again. */
  version?: number;
  /** Of reruns: build what is named even if nothing has changed. */
  force?: true;
}

/** The answer to one request. */
export interface DateReply {
  requestId: string;
  gameDate: string;
  state: RunState;
  /** One sentence: what came of it. */
  summary: string;
  /** What came of each processor that was run for it; none where nothing was. */
  outcomes: Record<ProcessorName, Outcome>;
}

/** Whether the same request, sent again, could mend what it was answered: something failed, and nothing waits. */
export function isWorthTryingAgain({ outcomes }: DateReply): boolean {
  const all = Object.values(outcomes);
  if (all.includes('upstream_failed')) return true;
  return (
    all.includes('failed') && !all.some((one) => isSatisfied(one) || one === 'blocked' || one === 'waiting')
  );
}

/** One message, or several that come together. */
export const triggerSignal = defineSignal<[TriggerMessage, ...TriggerMessage[]]>('trigger');
export const dateSettledSignal = defineSignal<[DateReply]>('dateSettled');
