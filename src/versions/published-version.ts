/** A published version as a person sees it: its manifest with its JSON read, and what became of its rows. Pure. */
import { parseBypass, type BypassMark } from '../contracts/bypass-mark';
import { builtOnOf, missingGamesOf, type BuiltOn } from '../contracts/manifests';
import type { GameVerdict } from '../contracts/phase3';
import { parsePin, standingOf, type PinStanding } from '../contracts/pin';
import { contentHash } from '../publishing/fingerprint';
import type { KeptRows } from '../publishing/kept-reader';
import { tableOf, type TableName } from '../tables/catalogue';
import type { ManifestRow } from '../tables/orchestration';

/**
 * Whether a version's rows can still be read: as they were published, with other figures, or not at all, because newer versions
 * took their place (`pruned`) or nobody knows why (`gone`).
 */
export type Kept = 'kept' | 'altered' | 'pruned' | 'gone';

/** That the rows of a version were removed, and by which setting. */
export interface Pruned {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** `PHASE3_KEEP_VERSIONS` then. */
  readonly keepVersions: number;
}

/** What tells one version from another. */
export interface VersionStamp {
  readonly version: number;
  /** ISO 8601, UTC. */
  readonly publishedAt: string;
  readonly rowCount: number;
  /** Why it was built. */
  readonly reason: string;
  readonly processorVersion: string;
  readonly codeCommit: string | null;
  readonly fingerprint: string;
  readonly builtOn: readonly BuiltOn[];
}

/** Everything that is known of a published version. */
export interface PublishedVersion extends VersionStamp {
  readonly table: TableName;
  readonly isLive: boolean;
  readonly rows: Kept;
  /** Null where its rows were not pruned. */
  readonly pruned: Pruned | null;
  readonly missingGames: readonly Pick<GameVerdict, 'gameId' | 'status' | 'detail'>[];
  readonly bypass: BypassMark | null;
  /** The decision that it was restored by; whether that is questioned is known of live versions. */
  readonly pin: PinStanding | null;
  readonly processor: string;
  readonly sourceHash: string | null;
  readonly contentHash: string;
  readonly runId: string;
  readonly pass: number;
}

export function stampOf(manifest: ManifestRow): VersionStamp {
  return {
    ...{ version: manifest.version, publishedAt: manifest.published_at, rowCount: manifest.row_count },
    ...{ reason: manifest.reason, processorVersion: manifest.processor_version },
    ...{ codeCommit: manifest.code_commit, fingerprint: manifest.fingerprint, builtOn: builtOnOf(manifest) },
  };
}

/** `pin`: what is known of the pin of a live version. */
export function describeVersion(
  manifest: ManifestRow,
  kept: KeptRows,
  isLive: boolean,
  pin: PinStanding | null = null,
): PublishedVersion {
  const own = parsePin(manifest.pin);
  const rows = keptOf(manifest, kept);
  const { pruned } = kept;
  return {
    ...{ table: manifest.table_name, isLive, rows, ...stampOf(manifest) },
    pruned: pruned && { at: pruned.pruned_at, keepVersions: pruned.keep_versions },
    missingGames: missingGamesOf(manifest).map(({ gameId, status, detail }) => ({ gameId, status, detail })),
    bypass: parseBypass(manifest.bypass),
    pin: pin ?? (own && standingOf(own, null)),
    ...{ processor: manifest.processor, sourceHash: manifest.source_hash },
    ...{ contentHash: manifest.content_hash, runId: manifest.run_id, pass: manifest.pass },
  };
}

/** What became of a version's rows, from what the warehouse still has under its stage id. */
export function keptOf(manifest: ManifestRow, { rows, pruned }: KeptRows): Kept {
  if (contentHash(tableOf(manifest.table_name), rows) === manifest.content_hash) return 'kept';
  if (rows.length > 0) return 'altered';
  return pruned ? 'pruned' : 'gone';
}

/** The version of one partition that was live at an instant (ISO 8601, UTC); null before its first. */
export function liveAt(manifests: readonly ManifestRow[], instant: string): ManifestRow | null {
  const at = Date.parse(instant);
  return newest(manifests.filter(({ published_at }) => Date.parse(published_at) <= at));
}

/** The manifest with the highest version of one partition; null when there is none. */
export function newest(manifests: readonly ManifestRow[]): ManifestRow | null {
  return manifests.reduce<ManifestRow | null>(
    (best, one) => (best === null || one.version > best.version ? one : best),
    null,
  );
}

/** Manifests by game date and table, ascending by both; those of one partition ascending by version. */
export function partitionsOf(manifests: readonly ManifestRow[]): ManifestRow[][] {
  const partitions = new Map<string, ManifestRow[]>();
  for (const manifest of manifests) {
    const key = `${manifest.game_date} ${manifest.table_name}`;
    partitions.set(key, [...(partitions.get(key) ?? []), manifest]);
  }
  return [...partitions]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, rows]) => rows.sort((a, b) => a.version - b.version));
}
