/** A backfill as lists show it: what Temporal says of it, and what it says of itself. Pure. */
import { countsOf, type BackfillProgress, type BackfillView } from '../contracts/backfill';
import { standingOf } from './steering';

/**
 * How it stands, in a word. Where it says nothing of itself: `unknown` while it goes on, and once it has ended what Temporal knows of
 * it, which is `completed` of one that is done and of one that was cancelled.
 */
export function stateOfBackfill({ status, progress }: BackfillView): string {
  if (status !== 'RUNNING' && status !== 'COMPLETED') return status.toLowerCase();
  if (progress) return standingOf(progress);
  return status === 'RUNNING' ? 'unknown' : 'completed';
}

/** How far it is and what was decided about it, for the terminal and the Temporal UI. */
export function backfillLines(progress: BackfillProgress): string[] {
  const underWay = Object.keys(progress.asked).sort();
  return [
    ...Object.entries(countsOf(progress)).map(([state, count]) => `${state}: ${count}`),
    ...(underWay.length > 0 ? [`under way: ${underWay.join(', ')}`] : []),
    ...progress.decisions.map(({ at, by, reason, summary }) => `${at} ${summary}, by ${by}: ${reason}`),
  ];
}

/** What scripts get of it, in the terminal and over HTTP. */
export function backfillJson(view: BackfillView): object {
  const { workflowId, from, to, name, by, startedAt, endedAt, progress } = view;
  return {
    ...{ workflowId, from, to, name, by, state: stateOfBackfill(view), startedAt, endedAt },
    progress: progress && {
      ...{ done: Object.keys(progress.replies).length, total: progress.total, counts: countsOf(progress) },
      ...{ concurrency: progress.concurrency, underWay: Object.keys(progress.asked).sort() },
      ...{ paused: progress.paused, cancelled: progress.cancelled, decisions: progress.decisions },
    },
  };
}
