/** What a backfill hands from run to run, and how it says in the Temporal UI how far it is. Pure. */
import type { BackfillProgress } from '../contracts/backfill';
import { isTrouble } from '../contracts/phase3';
import { backfillLines } from '../explain/backfill-view';
import { standingOf } from '../explain/steering';
import { visibleMarkdown } from '../contracts/visible-text';

/** Sentences of dates that a run hands to the next. A run may hand on two megabytes. */
const mostSummaries = 1_000;

/** What a run hands to the next: every date's state, and the sentences of those that need somebody. */
export function carriedProgress(progress: BackfillProgress): BackfillProgress {
  let left = mostSummaries;
  const replies = Object.entries(progress.replies).map(([gameDate, { state, summary }]) => {
    const isKept = isTrouble(state) && left > 0;
    if (isKept) left -= 1;
    return [gameDate, { state, summary: isKept ? summary : '' }] as const;
  });
  return { ...progress, replies: Object.fromEntries(replies) };
}

/** How far it is, for the Temporal UI's details pane. */
export function describeBackfill(progress: BackfillProgress, workflowId: string): string {
  const { replies, total, paused, concurrency } = progress;
  const standing = standingOf(progress);
  const acts = standing === 'cancelled' || standing === 'done' ? [] : [paused ? 'resume' : 'pause', 'cancel'];
  return [
    `**${standing}: ${Object.keys(replies).length} of ${total} dates are done, ${concurrency} at once**`,
    '',
    ...acts.map((act) => `- \`phase3 backfill ${act} ${workflowId} --reason "WHY"\``),
    ...backfillLines(progress).map((line) => `- ${visibleMarkdown(line)}`),
  ].join('\n');
}
