/** The mark that a bypass leaves on what is built over it: in its manifest, in its rows, and in everything downstream. */
import type { ManifestRow } from '../tables/orchestration';
import type { Bypass } from './decisions';
import type { PolicyBypass } from './phase3';

/** The `bypass` of a manifest, as JSON. */
export type BypassMark =
  | PolicyBypass
  | {
      readonly kind: 'person';
      readonly bypass_id: string;
      readonly by: string;
      readonly reason: string;
      /** The tables that were missing. */
      readonly tables: readonly string[];
      /** ISO 8601, UTC: until when it holds. */
      readonly until: string;
      /** Marks of the upstreams that it is built on, and releases of its games. */
      readonly inherited: readonly string[];
    }
  /** What is built on a partition that stands on a decision stands on it too, and so does what has a game that was released. */
  | { readonly kind: 'inherited'; readonly inherited: readonly string[] };

/** The mark of a manifest; null when it has none. Written by the processor's activity, so the shape is ours. */
export function parseBypass(json: string | null): BypassMark | null {
  return json === null ? null : (JSON.parse(json) as BypassMark);
}

/** The persons' bypasses and releases that a mark names, its own first. A bypass by policy has no id: nobody decided it. */
export function bypassIdsOf(mark: BypassMark | null): string[] {
  switch (mark?.kind) {
    case 'person':
      return [mark.bypass_id, ...mark.inherited];
    case 'inherited':
      return [...mark.inherited];
    case 'policy':
    case undefined:
      return [];
  }
}

/** The manifest of a table's newest version, which is live; null when it has none. */
export function newestManifest(manifests: readonly ManifestRow[], table: string): ManifestRow | null {
  let newest: ManifestRow | null = null;
  for (const manifest of manifests)
    if (manifest.table_name === table && (!newest || manifest.version > newest.version)) newest = manifest;
  return newest;
}

/** The live versions of a date: the newest manifest of each table. */
export function liveManifests(manifests: readonly ManifestRow[]): ManifestRow[] {
  const tables = new Set(manifests.map((manifest) => manifest.table_name));
  return [...tables].sort().flatMap((table) => newestManifest(manifests, table) ?? []);
}

/**
 * Persons' bypasses that live versions stand on: what is open of them outlives the run in which they were decided. A pinned
 * version is not rid of its bypass by rows that arrive, so nothing waits for them.
 */
export function standingBypasses(manifests: readonly ManifestRow[]): Bypass[] {
  return liveManifests(manifests).flatMap((live): Bypass[] => {
    const mark = parseBypass(live.bypass);
    if (mark?.kind !== 'person' || live.pin !== null) return [];
    return [
      {
        bypassId: mark.bypass_id,
        processor: live.processor,
        by: mark.by,
        reason: mark.reason,
        at: live.published_at,
        tables: [...mark.tables],
        status: 'standing',
        version: live.version,
        until: mark.until,
      },
    ];
  });
}
