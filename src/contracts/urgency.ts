/** Which work goes first where both wait for a worker: a night that was asked for as it is played, before a backfill. */
import type { RequestKind } from './messages';

/**
 * Temporal's priority keys: the lower goes first. Live work has the server's own default, so that on a server without
 * priorities nothing is different. There are no fairness keys: a backfill has no more dates under way than it may, and so cannot
 * fill the queue before another.
 */
export const liveKey = 3;
export const backfillKey = 4;

/** Whether work with this priority key gives way to live work; none is the default. */
export function givesWay(priorityKey: number | undefined): boolean {
  return (priorityKey ?? 0) > liveKey;
}

/** Whether a request of this kind gives way: whoever else asks waits for an answer. */
export function isOfBackfill(kind: RequestKind): boolean {
  return kind === 'backfill';
}
