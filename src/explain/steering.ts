/** What people decide about a backfill that goes on: what is refused, and what it does. Pure. */
import {
  isBackfillDone,
  type BackfillProgress,
  type Steered,
  type SteerRequest,
} from '../contracts/backfill';

/** Decisions that are kept, to recognise one that is sent again; all of them are in the history. */
const mostDecisions = 20;

/** Why a decision is not taken, as a clause; null where it is. One that is sent again is taken again. */
export function refuseSteer(progress: BackfillProgress, request: SteerRequest): string | null {
  const { steerId, what, concurrency } = request;
  if (progress.decisions.some((one) => one.steerId === steerId)) return null;
  const { cancelled, paused } = progress;
  if (cancelled) return `it was cancelled by ${cancelled.by}: ${cancelled.reason}`;
  if (isBackfillDone(progress)) return 'it has ended';
  if (what === 'pause' && paused) return `it was paused by ${paused.by}: ${paused.reason}`;
  if (what === 'resume' && !paused) return 'it is not paused';
  return what === 'set' && concurrency === undefined ? 'it names no number of dates' : null;
}

/** Takes a decision, and returns what it did. */
export function steer(progress: BackfillProgress, request: SteerRequest, at: string): Steered {
  const { steerId, what, by, reason, concurrency: asked } = request;
  const concurrency = asked ?? progress.concurrency;
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
  const steered: Steered = {
    ...{ steerId, what, by, reason, at, summary: summaries[what] },
    ...(asked === undefined ? {} : { concurrency: asked }),
  };
  if (what === 'pause') progress.paused = steered;
  if (what === 'resume') progress.paused = null;
  if (what === 'cancel') progress.cancelled = steered;
  progress.concurrency = concurrency;
  progress.decisions = [...progress.decisions, steered].slice(-mostDecisions);
  return steered;
}

/** How a backfill stands by its own word. */
export function standingOf(progress: BackfillProgress): 'cancelled' | 'paused' | 'done' | 'running' {
  if (progress.cancelled) return 'cancelled';
  // Paused when its last dates were under way, it has ended all the same.
  if (isBackfillDone(progress)) return 'done';
  return progress.paused ? 'paused' : 'running';
}
