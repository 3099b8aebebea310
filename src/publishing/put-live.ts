/** The only place from which rows of analytics tables go live or into quarantine; a fence test lists who calls what. */
import type { PassToken } from '../contracts/activities';
import type { Row, TableDefinition } from '../tables/define-table';
import type { ManifestRow, QuarantineRow } from '../tables/orchestration';
import type { PublishRequest, PublishResult, Warehouse } from '../warehouse/warehouse';
import { FencedError } from './fenced-error';

/** What is to be the next version of a partition. */
export interface PartitionWrite {
  /** The pass that holds the date. */
  readonly fence: PassToken;
  readonly table: TableDefinition;
  readonly stageId: string;
  readonly rows: readonly Row[];
  /** The version that it replaces; 0 when there is none. */
  readonly expectedVersion: number;
  readonly upstreamVersions: PublishRequest['upstreamVersions'];
  /** Raw rows that its manifest names and that may not be kept yet. */
  readonly raw?: PublishRequest['raw'];
  /** Judges the rows as the warehouse holds them. */
  readonly judge: (staged: readonly Row[]) => Judged | Promise<Judged>;
}

/** The manifest to publish with, or why not, as a clause; with `quarantine` the refused rows are kept. */
export type Judged =
  | { readonly kind: 'accepted'; readonly manifest: ManifestRow }
  | { readonly kind: 'refused'; readonly why: string; readonly quarantine: QuarantineRow | null };

export interface WriteOptions {
  readonly warehouse: Pick<Warehouse, 'stage' | 'publish' | 'quarantine' | 'readDate' | 'readKept'>;
  readonly clock: () => Date;
  /** Whether Temporal has cancelled or given up on this attempt: then it must not publish any more. */
  readonly isGivenUp: () => boolean;
}

/** `staged`: the rows as they were read back from the stage. */
export type PutLive =
  | { readonly kind: 'published'; readonly manifest: ManifestRow; readonly staged: readonly Row[] }
  | { readonly kind: 'refused'; readonly why: string; readonly staged: readonly Row[] }
  | Extract<PublishResult, { kind: 'version_moved' | 'upstream_moved' }>;

/**
 * Stages rows, judges what the warehouse then holds, and publishes it with its manifest in one transaction. Nobody has read
 * yet what is live then: whoever calls this must.
 *
 * Throws {@link FencedError} when another pass holds the date, or this attempt was given up on.
 */
export async function putLive(
  write: PartitionWrite,
  { warehouse, isGivenUp }: WriteOptions,
): Promise<PutLive> {
  const { fence, stageId, rows, expectedVersion, upstreamVersions, raw } = write;
  const { name: table } = write.table;
  const staged = await warehouse.stage({ table, gameDate: fence.gameDate, stageId, rows });
  const judged = await write.judge(staged);
  if (judged.kind === 'refused') {
    if (judged.quarantine) await warehouse.quarantine(judged.quarantine);
    return { kind: 'refused', why: judged.why, staged };
  }
  if (isGivenUp()) throw new FencedError(fence, 'nobody: the attempt was given up on');
  const { manifest } = judged;
  const result = await warehouse.publish({
    ...{ fence, table, manifest, expectedVersion, upstreamVersions },
    ...(raw ? { raw } : {}),
  });
  if (result.kind === 'fenced') throw new FencedError(fence, result.holder);
  return result.kind === 'published' ? { kind: 'published', manifest, staged } : result;
}
