/** Which recent dates a new build is tried on. Not a share of the traffic: see docs/adr/0047. Pure. */
import { unusualKinds, type Unusual, type UnusualKind } from '../games/unusual';

/** A cohort is so many of the dates that are looked at, rounded up, and no fewer than {@link fewestDates}. */
const cohortShare = 0.1;
export const fewestDates = 3;
/** So many of the newest dates with games are looked at. */
export const datesLookedAt = 30;

/** A recent date by what is known of it. */
export interface RecentDate {
  readonly gameDate: string;
  /** Why its live rows are no measure for a new build, as a clause; null where they are. */
  readonly unfit: string | null;
  readonly unusual: Unusual;
}

export interface ChosenDate {
  readonly gameDate: string;
  /** Why it was chosen, as a clause. */
  readonly why: string;
}

export interface Cohort {
  readonly chosen: readonly ChosenDate[];
  /** Dates that could not be taken, with the reason. */
  readonly unfit: readonly { readonly gameDate: string; readonly why: string }[];
}

/** How many dates a cohort has by default. */
export function cohortSize(looked: number): number {
  return Math.max(fewestDates, Math.ceil(cohortShare * looked));
}

/** The newest date of every unusual kind, then the newest. `size`: null for {@link cohortSize}. */
export function chooseCohort(recent: readonly RecentDate[], size: number | null): Cohort {
  const newestFirst = [...recent].sort((a, b) => (a.gameDate < b.gameDate ? 1 : -1)).slice(0, datesLookedAt);
  const fit = newestFirst.filter(({ unfit }) => unfit === null);
  const wanted = size ?? cohortSize(newestFirst.length);
  const chosen = new Map<string, string>();
  for (const kind of unusualKinds) {
    if (chosen.size >= wanted) break;
    const found = newestOf(fit, kind, chosen);
    if (found) chosen.set(found.gameDate, found.why);
  }
  for (const { gameDate } of fit) {
    if (chosen.size >= wanted) break;
    if (!chosen.has(gameDate)) chosen.set(gameDate, 'one of the newest');
  }
  return {
    chosen: [...chosen]
      .map(([gameDate, why]) => ({ gameDate, why }))
      .sort((a, b) => (a.gameDate < b.gameDate ? -1 : 1)),
    unfit: newestFirst.flatMap(({ gameDate, unfit }) => (unfit === null ? [] : [{ gameDate, why: unfit }])),
  };
}

function newestOf(
  fit: readonly RecentDate[],
  kind: UnusualKind,
  taken: ReadonlyMap<string, string>,
): ChosenDate | null {
  for (const { gameDate, unusual } of fit) {
    const why = unusual.get(kind);
    if (why !== undefined && !taken.has(gameDate)) return { gameDate, why };
  }
  return null;
}
