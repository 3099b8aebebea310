/** The dates of a list: what Temporal says of open ones over what is on record. Pure. */
import type { OpenDate } from '../client';
import { isTrouble, type RunState } from '../contracts/phase3';
import type { RecordedStanding } from '../control/protocol';

/** A line of the list. */
export interface ListedDate {
  readonly gameDate: string;
  readonly state: RunState | 'unknown';
  readonly isOpen: boolean;
  readonly missing: readonly string[];
  readonly bypassed: boolean;
  readonly bypassIds: readonly string[];
  /** Which of these are decisions about games, and of what kind. */
  readonly decisions: RecordedStanding['decisions'];
  /** Of an open run, when it began; of a closed one, when its newest pass ended. */
  readonly since: string | null;
  readonly reasons: readonly string[];
  /** Games that are lacking from what is live, or contradicted. */
  readonly lacking: readonly string[];
  /** Those of them that no published table has. */
  readonly without: readonly string[];
  /** Those of them that break a blocking rule and are kept back. */
  readonly held: readonly string[];
  /** Processors whose live version is pinned. */
  readonly pinned: readonly string[];
  /** Whether a live version is not what a run would build now; null where nobody looked. */
  readonly isStale: boolean | null;
}

/** Whether somebody has to see to a date, or to what it stands on; one that waits may come by itself, and may not. */
export function needsPerson({
  state,
  isStale,
  bypassed,
  isOpen,
}: Pick<ListedDate, 'state' | 'isStale' | 'bypassed' | 'isOpen'>): boolean {
  if (state === 'unknown') return false;
  return (
    isTrouble(state) || (isOpen && state === 'waiting') || state === 'partial' || isStale === true || bypassed
  );
}

/** What Temporal says of open dates goes before what was recorded of them. */
export function mergeStandings(
  open: readonly OpenDate[],
  recorded: readonly RecordedStanding[],
): ListedDate[] {
  const byDate = new Map<string, ListedDate>(
    recorded.map(({ missing, lacking, without, held, pinned, isStale, ...standing }) => [
      standing.gameDate,
      {
        ...{ gameDate: standing.gameDate, state: standing.state, isOpen: false, missing },
        ...{ bypassed: standing.bypassIds.length > 0, bypassIds: standing.bypassIds },
        decisions: standing.decisions,
        ...{ since: standing.endedAt, reasons: standing.reasons, lacking, without, held, pinned, isStale },
      },
    ]),
  );
  for (const { gameDate, state, blockedOn, marks, since } of open) {
    const known = byDate.get(gameDate);
    const isIdle = state === known?.state;
    byDate.set(gameDate, {
      ...{ gameDate, state, isOpen: true, missing: blockedOn, since },
      ...{
        bypassed: marks.includes('bypassed') || known?.bypassed === true,
        bypassIds: known?.bypassIds ?? [],
      },
      decisions: known?.decisions ?? {},
      reasons: isIdle ? known.reasons : [],
      lacking: known?.lacking ?? [],
      without: known?.without ?? [],
      held: known?.held ?? [],
      pinned: known?.pinned ?? [],
      isStale: known?.isStale ?? null,
    });
  }
  return [...byDate.values()].sort((a, b) => (a.gameDate < b.gameDate ? -1 : 1));
}
