/** What a build has published of what is live, and what the rollback of a build has pinned. Pure. */
import { liveManifests } from '../contracts/manifests';
import { parsePin } from '../contracts/pin';
import type { ManifestRow } from '../tables/orchestration';

/** What is needed of a manifest. */
export type Published = Pick<
  ManifestRow,
  'game_date' | 'table_name' | 'version' | 'processor' | 'code_commit' | 'published_at' | 'pin'
>;

/** A date of which a build has published something that is live. */
export interface PublishedDate {
  readonly gameDate: string;
  readonly tables: readonly string[];
  /** ISO 8601, UTC: what was live just before this instant is of builds before it. Null: nothing was, of none of its tables. */
  readonly before: string | null;
  /** Those of its tables that were not live before: no version of them can be put back. */
  readonly without: readonly string[];
}

/** The dates of which `build` has published a live version, ascending. */
export function publishedBy(manifests: readonly Published[], build: string): PublishedDate[] {
  return [...byDate(manifests)].flatMap(([gameDate, own]): PublishedDate[] => {
    const tables = tablesOf(own);
    const bad = [...tables].filter(([, versions]) => versions.at(-1)?.code_commit === build);
    if (bad.length === 0) return [];
    const before = lastBefore([...tables.values()], build);
    const without = bad.flatMap(([table, versions]) => (hasBefore(versions, before) ? [] : [table]));
    const names = bad.map(([table]) => table);
    return [{ gameDate, tables: names, before: without.length < names.length ? before : null, without }];
  });
}

/**
 * The newest instant before which no table had live rows of `build`: what is restored is restored as of one instant, and a table
 * that another build has mended since may have been bad then. Null where none is live.
 */
function lastBefore(tables: readonly (readonly Published[])[], build: string): string | null {
  let before: string | null = null;
  for (;;) {
    const starts = tables.flatMap((versions) => {
      const earlier = versions.filter(({ published_at: at }) => before === null || at < before);
      if (earlier.at(-1)?.code_commit !== build) return [];
      const first = earlier.findLastIndex(({ code_commit: by }) => by !== build) + 1;
      return earlier[first]?.published_at ?? [];
    });
    const [earliest] = starts.sort();
    if (earliest === undefined) return before;
    before = earliest;
  }
}

function hasBefore(versions: readonly Published[], before: string | null): boolean {
  return before !== null && versions.some(({ published_at: at }) => at < before);
}

/** What the request ids of a rollback's restores begin with; the pins of what they restore have them. */
export const rollbackPrefix = 'rollback/';

/** A date with processors that are pinned by the rollback of a build. */
export interface PinnedDate {
  readonly gameDate: string;
  readonly processors: readonly string[];
}

/** Dates that are pinned by a rollback, and by nothing else a person has decided, ascending. */
export function pinnedByRollback(manifests: readonly ManifestRow[]): PinnedDate[] {
  return [...byDate(manifests)].flatMap(([gameDate, own]): PinnedDate[] => {
    const processors = liveManifests(own).flatMap(({ processor, pin }) =>
      parsePin(pin)?.request_id.startsWith(rollbackPrefix) ? [processor] : [],
    );
    return processors.length > 0 ? [{ gameDate, processors }] : [];
  });
}

/** What a build that became current without a promotion leaves pinned, as a sentence; null where nothing is. */
export function sayPinned(dates: readonly PinnedDate[]): string | null {
  const [first] = dates;
  if (!first) return null;
  const which = dates.length === 1 ? first.gameDate : `${dates.length} dates from ${first.gameDate} on`;
  return (
    `What a rollback has restored of ${which} stays pinned: a build that is started lifts no pin. ` +
    'When it is known to be right, `phase3 deploy promote --reason "WHY"` builds it again (`phase3 deploy status`).'
  );
}

function byDate<T extends Published>(manifests: readonly T[]): Map<string, T[]> {
  return grouped(manifests, ({ game_date: gameDate }) => gameDate);
}

/** Versions of each table, oldest first. */
function tablesOf(manifests: readonly Published[]): Map<string, Published[]> {
  const inOrder = [...manifests].sort((a, b) => a.version - b.version);
  return grouped(inOrder, ({ table_name: table }) => table);
}

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
}
