/** The one way on which rows become a live version: staged, judged, published with their manifest, read back, compared. */
import type { ManifestRow } from '../tables/orchestration';
import { putLive, type PartitionWrite, type PutLive, type WriteOptions } from './put-live';
import { ownVersion, readBack, readLive, type Stored } from './read-back';

export type PublishedRows = Stored | Exclude<PutLive, { kind: 'published' }>;

/**
 * Publishes rows as the next version of a partition, and makes sure that they are stored: {@link Stored} says what came of it.
 * `isOwn` tells a version that another attempt of the same work has published: what became of that one is the answer.
 *
 * Throws `FencedError` when another pass holds the date, or this attempt was given up on.
 */
export async function publishRows(
  write: PartitionWrite,
  isOwn: (manifest: ManifestRow) => boolean,
  options: WriteOptions,
): Promise<PublishedRows> {
  const { fence, table } = write;
  const put = await putLive(write, options);
  if (put.kind === 'published')
    return readBack({ own: put.manifest, fence, table, built: put.staged }, options);
  if (put.kind !== 'version_moved') return put;
  const found = await readLive(options.warehouse, fence.gameDate, table);
  const own = ownVersion(found.manifests, isOwn);
  return own ? readBack({ own, fence, table, built: null }, options, found) : put;
}
