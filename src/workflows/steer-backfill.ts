/** What people decide about a backfill that goes on, and how it says so in the Temporal UI. Pure. */
import {
  isBackfillDone,
  type BackfillProgress,
  type Steered,
  type SteerRequest,
} from '../contracts/backfill';
import { isTrouble } from '../contracts/phase3';
import { visibleMarkdown } from '../contracts/visible-text';

/** Decisions that are kept, to recognise one that is sent again; all of them are in the history. */
const mostDecisions = 20;

/** Why a decision is not taken, as a clause; null where it is. One that is sent again is taken again. */
export function refuseSteer(progress: BackfillProgress, request: SteerRequest): string | null {
  const { steerId, what, concurrency } = request;
  if (progress.decisions.some((one) => one.steerId === steerId)) return null;
  const { cancelled, paused } = progress;
  if (cancelled) return `it was cancelled by ${cancelled.by}: ${cancelled.reason}`;
  if (isBackfillDone(progress)) return 'it is done';
  if (what === 'pause' && paused) return `it was paused by ${paused.by}: ${paused.reason}`;
  if (what === 'resume' && !paused) return 'it is not paused';
  return what === 'set' && concurrency === undefined ? 'it names no number of dates' : null;
}

/** Takes a decision, and returns what it did. */
export function steer(progress: BackfillProgress, request: SteerRequest, at: string): Steered {
  const { steerId, what, by, reason, concurrency = progress.concurrency } = request;
  const known = progress.decisions.find((one) => one.steerId === steerId);
  if (known) return known;
  const underWay = Object.keys(progress.asked).length;
  const goOn = underWay === 0 ? 'Nothing is under way' : `${underWay} dates under way go on to their end`;
  const summaries = {
    pause: `Paused: no further date is asked. ${goOn}`,
    resume: 'Resumed: further dates are asked',
    cancel: `Cancelled: no further date is asked. ${goOn}; what is published stays`,
    set: `${concurrency} dates at once from now on, ${progress.concurrency} before`,
  };
  const steered: Steered = { steerId, what, by, reason, at, summary: summaries[what] };
  if (what === 'pause') progress.paused = steered;
  if (what === 'resume') progress.paused = null;
  if (what === 'cancel') progress.cancelled = steered;
  progress.concurrency = concurrency;
  progress.decisions = [...progress.decisions, steered].slice(-mostDecisions);
  return steered;
}

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
  const { replies, total, asked, paused, cancelled, concurrency, decisions } = progress;
  const counts = new Map<string, number>();
  for (const { state } of Object.values(replies)) counts.set(state, (counts.get(state) ?? 0) + 1);
  const standing = cancelled
    ? 'cancelled'
    : paused
      ? 'paused'
      : isBackfillDone(progress)
        ? 'done'
        : 'running';
  const command = (act: string, more = ''): string => `\`phase3 backfill ${act} ${workflowId}${more}\``;
  const reason = ' --reason "WHY"';
  const acts =
    cancelled || standing === 'done'
      ? []
      : [paused ? command('resume', reason) : command('pause', reason), command('cancel', reason)];
  return [
    `**${standing}: ${Object.keys(replies).length} of ${total} dates are done, ${concurrency} at once**`,
    '',
    ...[...counts].sort().map(([state, count]) => `- ${state}: ${count}`),
    `- under way: ${Object.keys(asked).sort().join(', ') || 'none'}`,
    ...acts.map((act) => `- ${act}`),
    ...decisions.map(
      ({ at, by, reason: why, summary }) => `- ${at} ${visibleMarkdown(`${summary}, by ${by}: ${why}`)}`,
    ),
  ].join('\n');
}
