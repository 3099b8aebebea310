/** Judges what became of backfills: each date that one has asked has its answer, and each decision about it was taken once. Pure. */
import type { BackfillProgress } from '../../src/contracts/backfill';
import { addDays } from '../../src/contracts/game-date';
import { backfillRequestId } from '../../src/contracts/identity';
import type { SteeredBackfill } from './backfills';
import { found, type Finding, type PromiseName } from './findings';
import type { Acknowledged } from './pusher';

export interface BackfillEvidence {
  readonly workflowId: string;
  readonly from: string;
  readonly to: string;
  /** Temporal's word for what has become of it. */
  readonly status: string;
  /** Null where it does not say. */
  readonly progress: BackfillProgress | null;
}

/** So many decisions a backfill remembers: of one with more, some are in its history only. */
const mostDecisions = 20;

/** `accepted`: ids of those whose start was accepted. */
export function judgeBackfills(
  backfills: readonly BackfillEvidence[],
  accepted: readonly string[],
  decisions: readonly SteeredBackfill[],
): Finding[] {
  const known = new Set(backfills.map(({ workflowId }) => workflowId));
  return [
    ...[...new Set(accepted)]
      .filter((workflowId) => !known.has(workflowId))
      .map((workflowId) => found('nothing lost', null, `${workflowId} was accepted, and nobody knows it`)),
    ...backfills.flatMap((one) => [...judgeAnswers(one), ...judgeSteering(one, decisions)]),
  ];
}

/** What a backfill says was answered, which is to be on record like what its sender believes to be heeded. */
export function answeredDates(backfills: readonly BackfillEvidence[]): Acknowledged[] {
  return backfills.flatMap(({ workflowId, progress }) =>
    Object.keys(progress?.replies ?? {}).map((gameDate) => ({
      gameDate,
      requestId: backfillRequestId(workflowId, gameDate),
    })),
  );
}

function judgeAnswers({ workflowId, from, to, status, progress }: BackfillEvidence): Finding[] {
  const [promise, how]: [PromiseName, string] =
    status === 'RUNNING'
      ? ['nothing stuck', 'goes on']
      : ['nothing lost', `has ended ${status.toLowerCase()}`];
  if (!progress) return [found(promise, null, `${workflowId} ${how}, and does not say how far it came`)];
  const { next, cancelled, replies } = progress;
  // Of one that was cancelled, those that it had asked by then.
  const isAsked = (date: string): boolean => !cancelled || next === null || date < next;
  const without = datesOf(from, to).filter((date) => isAsked(date) && !Object.hasOwn(replies, date));
  const isOver = without.length === 0 && status === 'RUNNING';
  return [
    ...without.map((date) => found(promise, date, `${workflowId} ${how} without an answer of it`)),
    ...(isOver ? [found(promise, null, `${workflowId} ${how}, and all of its dates have answered`)] : []),
  ];
}

function judgeSteering(
  { workflowId, progress }: BackfillEvidence,
  decisions: readonly SteeredBackfill[],
): Finding[] {
  if (!progress || progress.decisions.length >= mostDecisions) return [];
  const own = decisions.filter((one) => one.workflowId === workflowId);
  const ids = progress.decisions.map(({ steerId }) => steerId);
  const odd = own.filter(({ steerId, told }) => {
    const times = ids.filter((id) => id === steerId).length;
    return told === 'accepted' ? times !== 1 : told === 'refused' ? times !== 0 : times > 1;
  });
  const foreign = ids.filter((id) => !own.some(({ steerId }) => steerId === id));
  return [
    ...odd.map(({ steerId, what, told }) =>
      found(
        'decisions',
        null,
        `${what} ${steerId} of ${workflowId} was ${told}, and it knows ${ids.join(', ')}`,
      ),
    ),
    ...foreign.map((id) => found('decisions', null, `${workflowId} took ${id}, which nobody decided`)),
  ];
}

function datesOf(from: string, to: string): string[] {
  const dates: string[] = [];
  for (let date = from; date <= to; date = addDays(date, 1)) dates.push(date);
  return dates;
}
