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
    const found = [...tablesOf(own)].flatMap(([table, versions]) => {
      const reign = versions.slice(versions.findLastIndex((one) => one.code_commit !== build) + 1);
      const [first] = reign;
      return first ? [{ table, at: first.published_at, hasBefore: reign.length < versions.length }] : [];
    });
    if (found.length === 0) return [];
    const instants = found.flatMap(({ at, hasBefore }) => (hasBefore ? [at] : [])).sort();
    const without = found.flatMap(({ table, hasBefore }) => (hasBefore ? [] : [table]));
    return [{ gameDate, tables: found.map(({ table }) => table), before: instants[0] ?? null, without }];
  });
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
