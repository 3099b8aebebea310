/**
 * Which kept versions a restore publishes again, so that what is live afterwards stands on what is live: of the tables that are
 * named the versions that are named, of everything downstream the newest that was built on their rows. Writes nothing.
 */
import { builtOnOf } from '../contracts/manifests';
import type { RestoreWanted } from '../contracts/messages';
import { adoptedVersion } from '../contracts/phase3';
import { pinOf } from '../gate/pins';
import { currentManifest, publishedRows, type DateSnapshot } from '../gate/snapshot';
import type { Processor } from '../processors/define-processor';
import type { Row } from '../tables/define-table';
import type { ManifestRow } from '../tables/orchestration';
import { contentHash } from './fingerprint';
import { describePruned, type ReadKept } from './kept-reader';
import { manifestsOf } from './read-back';

/** A kept version that is published again. */
export interface RestoredTable {
  readonly processor: Processor;
  /** The version that is live. */
  readonly live: ManifestRow;
  /** The version that is published again, with its rows. */
  readonly wanted: ManifestRow;
  readonly rows: readonly Row[];
  /** The number that it gets, and those of the upstreams that it then stands on. */
  readonly version: number;
  readonly upstreams: readonly { readonly tableName: string; readonly version: number }[];
}

export interface RestorePlan {
  readonly kind: 'planned';
  /** In the order in which they are published: what is read goes before what reads it. */
  readonly tables: readonly RestoredTable[];
  /** What stands on them and has no kept version that would: a run builds it anew. */
  readonly rebuilt: readonly Processor[];
}

/** `why` is a clause. `isNothing`: everything is as it was wanted already. */
export interface RefusedRestore {
  readonly kind: 'refused';
  readonly why: string;
  readonly isNothing?: true;
}

/**
 * Plans a restore on a snapshot of the date. Every row that would be published is read first, so that nothing is begun that
 * cannot be ended.
 */
export async function planRestore(
  snapshot: DateSnapshot,
  processors: readonly Processor[],
  wanted: RestoreWanted,
  readKept: ReadKept,
): Promise<RestorePlan | RefusedRestore> {
  const named = namedVersions(snapshot, processors, wanted);
  if (named.kind === 'refused') return named;
  const tables: RestoredTable[] = [];
  const rebuilt: Processor[] = [];
  /** What is to be live: by table, the hash of its rows and its number. Null for what a run has yet to build. */
  const after = new Map<string, { readonly content: string; readonly version: number } | null>();
  for (const processor of processors) {
    const { table } = processor;
    const live = currentManifest(snapshot, table);
    if (!live) continue;
    const own = named.versions.get(processor);
    const upstreams = Object.values(processor.upstreams);
    const isBelow = upstreams.some(
      (one) => rebuilt.includes(one) || tables.some((restored) => restored.processor === one),
    );
    after.set(table.name, { content: live.content_hash, version: live.version });
    if (!own && !isBelow) continue;
    const apart = own && whyApart(own, snapshot, after);
    // Who names one table and its version means just this one.
    if (own && 'version' in wanted && apart) return { kind: 'refused', why: apart };
    const others = manifestsOf(table, snapshot.partition_manifest).reverse();
    const candidates = [...(own ? [own] : []), ...others.filter((one) => isBuiltOn(one, processor, after))];
    let chosen: RestoredTable | null = null;
    for (const candidate of candidates) {
      if (chosen || whyApart(candidate, snapshot, after)) continue;
      const { rows, pruned } = await readKept(candidate);
      if (contentHash(table, rows) !== candidate.content_hash) {
        if (candidate === own)
          return { kind: 'refused', why: pruned ? describePruned(pruned) : whyDamaged(candidate, rows) };
        continue;
      }
      chosen = { processor, live, wanted: candidate, rows, ...numbersOf(candidate, live, after) };
    }
    if (chosen) tables.push(chosen);
    else rebuilt.push(processor);
    after.set(table.name, chosen && { content: chosen.wanted.content_hash, version: live.version + 1 });
  }
  return { kind: 'planned', tables, rebuilt };
}

interface NamedVersions {
  readonly kind: 'named';
  readonly versions: ReadonlyMap<Processor, ManifestRow>;
}

/** The versions that a restore names. */
function namedVersions(
  snapshot: DateSnapshot,
  processors: readonly Processor[],
  wanted: RestoreWanted,
): NamedVersions | RefusedRestore {
  return 'version' in wanted
    ? namedVersion(snapshot, processors, wanted)
    : versionsBefore(snapshot, processors, wanted.before);
}

function namedVersion(
  snapshot: DateSnapshot,
  processors: readonly Processor[],
  { processor: name, version }: Extract<RestoreWanted, { version: number }>,
): NamedVersions | RefusedRestore {
  const processor = processors.find((one) => one.name === name);
  if (!processor) return { kind: 'refused', why: `there is no processor ${name}` };
  const { table } = processor;
  const manifests = manifestsOf(table, snapshot.partition_manifest);
  const live = manifests.at(-1);
  const own = manifests.find((one) => one.version === version);
  if (!live || !own) {
    const kept = manifests.map((one) => one.version).join(', ');
    const known = kept ? `kept are ${kept}` : 'none was published';
    return {
      kind: 'refused',
      why: `there is no version ${version} of ${table.name} for ${snapshot.gameDate}; ${known}`,
    };
  }
  // What is live and not pinned is published again for the sake of the pin: it is kept from now on.
  if (pinOf(processor, snapshot) === null || !isLiveNow(processor, snapshot, own))
    return { kind: 'named', versions: new Map([[processor, own]]) };
  const why =
    own === live
      ? `version ${version} of ${table.name} is live already, and pinned`
      : `version ${live.version} of ${table.name}, which is live and pinned, has the rows of version ${version}`;
  return { kind: 'refused', why, isNothing: true };
}

/** Of each table the version that was live just before an instant (ISO 8601, UTC): what was published at it is after it. */
function versionsBefore(
  snapshot: DateSnapshot,
  processors: readonly Processor[],
  before: string,
): NamedVersions | RefusedRestore {
  const at = Date.parse(before);
  const versions = new Map(
    processors.flatMap((processor): [Processor, ManifestRow][] => {
      const earlier = manifestsOf(processor.table, snapshot.partition_manifest).filter(
        ({ published_at: publishedAt }) => Date.parse(publishedAt) < at,
      );
      const newest = earlier.at(-1);
      return newest ? [[processor, newest]] : [];
    }),
  );
  if (versions.size === 0)
    return {
      ...{ kind: 'refused', isNothing: true },
      why: `nothing of ${snapshot.gameDate} was published before ${before}`,
    };
  if ([...versions].every(([processor, own]) => isLiveNow(processor, snapshot, own)))
    return {
      ...{ kind: 'refused', isNothing: true },
      why: `what is live of ${snapshot.gameDate} is what was live before ${before}`,
    };
  return { kind: 'named', versions };
}

/** Whether a version's rows are those that are live, as published and as stored. */
function isLiveNow({ table }: Processor, snapshot: DateSnapshot, own: ManifestRow): boolean {
  const live = currentManifest(snapshot, table);
  return (
    live?.content_hash === own.content_hash &&
    contentHash(table, publishedRows(snapshot, table)) === own.content_hash
  );
}

type After = ReadonlyMap<string, { readonly content: string; readonly version: number } | null>;

/** Why a version does not stand on what is to be live, as a clause; null where it does. */
function whyApart(own: ManifestRow, snapshot: DateSnapshot, after: After): string | null {
  for (const { table, version } of builtOnOf(own)) {
    const content = snapshot.partition_manifest.find(
      (one) => one.table_name === table && one.version === version,
    )?.content_hash;
    const live = after.get(table);
    if (live && content === live.content) continue;
    const now = live ? `version ${live.version} is live` : 'it is to be built again';
    return `version ${own.version} of ${own.table_name} was built on version ${version} of ${table}, and ${now}: restore the date before an instant, or ${table} first, which brings ${own.table_name} with it`;
  }
  return null;
}

/** Whether a version says of every upstream what it was built on: of what was adopted, or did without one, nobody knows. */
function isBuiltOn(own: ManifestRow, { upstreams }: Processor, after: After): boolean {
  const known = new Set(builtOnOf(own).map(({ table }) => table));
  return (
    own.processor_version !== adoptedVersion &&
    Object.values(upstreams).every(({ table }) => known.has(table.name) || !after.has(table.name))
  );
}

function numbersOf(
  own: ManifestRow,
  live: ManifestRow,
  after: After,
): Pick<RestoredTable, 'version' | 'upstreams'> {
  return {
    version: live.version + 1,
    upstreams: builtOnOf(own).map(({ table: tableName, version }) => ({
      tableName,
      version: after.get(tableName)?.version ?? version,
    })),
  };
}

function whyDamaged({ version, table_name: table, row_count: count }: ManifestRow, rows: readonly Row[]) {
  return `the kept rows of version ${version} of ${table} are not the published rows: ${rows.length} rows, the manifest has ${count}`;
}
