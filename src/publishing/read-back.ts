/**
 * Reads back what was published, and holds it against what was built. A version that was not stored as it was built does not
 * stay live: the version before is published again, as the next one.
 */
import type { PassToken } from '../contracts/activities';
import type { Row, TableDefinition } from '../tables/define-table';
import { partitionManifest, type ManifestRow } from '../tables/orchestration';
import { describeDifference } from './describe-difference';
import { contentHash, stageIdFrom } from './fingerprint';
import { manifestAgain } from './manifest';
import { againWrite } from './publish-again';
import { putLive, type WriteOptions } from './put-live';
import { holdSameRows } from './same-rows';

/** What is on record of a partition and its live rows, as of one instant. */
export interface Found {
  /** Of its table, ascending by version. */
  readonly manifests: readonly ManifestRow[];
  readonly rows: readonly Row[];
}

/** What a publication has come to. */
export type Stored =
  | { readonly kind: 'published'; readonly manifest: ManifestRow }
  /**
   * It is not what was built. `restored`: the version that puts the one before it back; null where nothing was put back, and
   * the dependency check holds what is live for not current. `why` is a sentence without its full stop.
   */
  | {
      readonly kind: 'mis_stored';
      readonly bad: ManifestRow;
      readonly restored: ManifestRow | null;
      readonly why: string;
    };

/** A publication and who answers for it. */
export interface Publication {
  readonly own: ManifestRow;
  readonly fence: PassToken;
  readonly table: TableDefinition;
  /** The rows that were built; null where another attempt has built them. */
  readonly built: readonly Row[] | null;
}

/**
 * Tells whether a publication is stored as it was built, and puts the version before back where it is not. Every attempt that
 * asks again gets the same answer. `found` saves the read where it was made after the publication.
 *
 * Throws `FencedError` when the date was taken over, or this attempt given up on, before that was done.
 */
export async function readBack(
  publication: Publication,
  options: WriteOptions,
  found?: Found,
): Promise<Stored> {
  const { own, fence, table } = publication;
  const now = found ?? (await readLive(options.warehouse, fence.gameDate, table));
  const rollback = rollbackOf(own, now);
  if (rollback) return rolledBack(publication, rollback, options, now);
  const newest = now.manifests.at(-1);
  const isOfPass = own.run_id === fence.runId && own.pass === fence.pass;
  // Somebody has published since, or an earlier pass has answered for it.
  if ((newest && newest.version > own.version) || !isOfPass) return { kind: 'published', manifest: own };
  if (newest?.stage_id !== own.stage_id)
    return misStored(own, 'its manifest is missing', 'nothing was put back');
  const difference = await differenceOf(publication, options, now);
  if (difference === null) return { kind: 'published', manifest: own };
  return rollBack(publication, difference, options, now);
}

/** The newest of these versions that puts no other back: what an attempt has published itself. */
export function ownVersion(
  manifests: readonly ManifestRow[],
  isOwn: (manifest: ManifestRow) => boolean,
): ManifestRow | undefined {
  const rollbacks = new Set(manifests.map(rollbackIdOf));
  return manifests.filter((manifest) => isOwn(manifest) && !rollbacks.has(manifest.stage_id)).at(-1);
}

/** What is on record of a partition, and its live rows. */
export async function readLive(
  warehouse: WriteOptions['warehouse'],
  gameDate: string,
  table: TableDefinition,
): Promise<Found> {
  const stored = await warehouse.readDate(gameDate, [partitionManifest.name, table.name]);
  const { partition_manifest: manifests = [], [table.name]: rows = [] } = stored;
  // Decoded by its declaration, from which its type follows.
  return { manifests: manifestsOf(table, manifests as readonly ManifestRow[]), rows };
}

/** The manifests of one table, ascending by version. */
export function manifestsOf({ name }: TableDefinition, manifests: readonly ManifestRow[]): ManifestRow[] {
  return manifests
    .filter((manifest) => manifest.table_name === name)
    .sort((one, other) => one.version - other.version);
}

/** One for each version that is taken back, so that an attempt finds what another has done. */
function rollbackIdOf({ table_name: table, game_date: gameDate, stage_id: stageId }: ManifestRow): string {
  return stageIdFrom('rollback', table, gameDate, stageId);
}

function rollbackOf(own: ManifestRow, { manifests }: Found): ManifestRow | undefined {
  return manifests.find((manifest) => manifest.stage_id === rollbackIdOf(own));
}

/**
 * The rollback that is live, if one is, and the version that it took back. A run that ended before it could answer has said
 * nothing of it in the audit: whoever builds next does.
 */
export function liveRollback(
  manifests: readonly ManifestRow[],
): { readonly bad: ManifestRow; readonly restored: ManifestRow } | null {
  const restored = manifests.at(-1);
  const bad = manifests.find((manifest) => rollbackIdOf(manifest) === restored?.stage_id);
  return restored && bad ? { bad, restored } : null;
}

/** How the live rows differ from those of the publication, as a clause; null where they are the same. */
async function differenceOf(
  { own, table, fence, built }: Publication,
  { warehouse }: WriteOptions,
  { rows }: Found,
): Promise<string | null> {
  // Cell by cell where the rows are at hand: their hash would say the same, and takes ten times as long.
  if (built ? holdSameRows(table, built, rows) : contentHash(table, rows) === own.content_hash) return null;
  const kept = built ?? (await warehouse.readKept(table.name, fence.gameDate, own.stage_id));
  return (
    (contentHash(table, kept) === own.content_hash && describeDifference(table, kept, rows)) ||
    `${rows.length} rows are stored where ${own.row_count} were built, and their hash differs`
  );
}

/** Publishes the version before once more. What that comes to is read back once, and nothing further is tried. */
async function rollBack(
  publication: Publication,
  difference: string,
  options: WriteOptions,
  { manifests }: Found,
): Promise<Stored> {
  const { own, table, fence } = publication;
  const nothing = (why: string): Stored => misStored(own, difference, `${why}, so nothing was put back`);
  const before = manifests.filter(({ version }) => version < own.version).at(-1);
  if (!before) return nothing('there is no version before it');
  const rows = await options.warehouse.readKept(table.name, fence.gameDate, before.stage_id);
  if (contentHash(table, rows) !== before.content_hash)
    return nothing(`the kept rows of version ${before.version} are not the published rows`);
  const manifest = manifestAgain(before, {
    ...{ fence, version: own.version + 1, stageId: rollbackIdOf(own), auditHead: own.audit_head },
    reason: `${sentenceOf(own, difference)}; rolled back to version ${before.version}`,
    publishedAt: options.clock().toISOString(),
  });
  const write = againWrite({ fence, table, manifest, rows, version: before.version });
  const put = await putLive(write, options);
  if (put.kind === 'refused') return nothing(put.why);
  // Where the version has moved, another attempt may have put it back.
  const now = await readLive(options.warehouse, fence.gameDate, table);
  const rollback = rollbackOf(own, now);
  return rollback
    ? rolledBack(publication, rollback, options, now)
    : nothing(`version ${now.manifests.at(-1)?.version ?? 0} is on record since`);
}

/** What is said of a version that was put back: whether that at least is stored as it was built. */
async function rolledBack(
  { own, table, fence }: Publication,
  rollback: ManifestRow,
  options: WriteOptions,
  found: Found,
): Promise<Stored> {
  const isLive = found.manifests.at(-1) === rollback;
  const difference = isLive
    ? await differenceOf({ own: rollback, table, fence, built: null }, options, found)
    : null;
  const why =
    difference === null
      ? rollback.reason
      : `${rollback.reason}; but ${sentenceOf(rollback, difference)} either, and nothing further was put back`;
  return { kind: 'mis_stored', bad: own, restored: rollback, why };
}

function misStored(bad: ManifestRow, difference: string, what: string): Stored {
  return { kind: 'mis_stored', bad, restored: null, why: `${sentenceOf(bad, difference)}; ${what}` };
}

function sentenceOf({ version, table_name: table }: ManifestRow, difference: string): string {
  return `version ${version} of ${table} was not stored as it was built (${difference})`;
}
