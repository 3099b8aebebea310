/** Kept rows that are published once more: nothing is built, so the only question is whether they are still what they were. */
import type { PassToken } from '../contracts/activities';
import type { Row, TableDefinition } from '../tables/define-table';
import type { ManifestRow } from '../tables/orchestration';
import { contentHash } from './fingerprint';
import type { PartitionWrite } from './put-live';

/** What is published again: the manifest of the new version, and the kept rows of `version`. */
export interface Again {
  readonly fence: PassToken;
  readonly table: TableDefinition;
  readonly manifest: ManifestRow;
  readonly version: number;
  readonly rows: readonly Row[];
  readonly upstreamVersions?: PartitionWrite['upstreamVersions'];
  readonly raw?: PartitionWrite['raw'];
}

/** The write of rows that are published again, as the version that the manifest has. */
export function againWrite({
  fence,
  table,
  manifest,
  version,
  rows,
  upstreamVersions = [],
  raw,
}: Again): PartitionWrite {
  return {
    ...{ fence, table, rows, upstreamVersions },
    ...(raw ? { raw } : {}),
    ...{ stageId: manifest.stage_id, expectedVersion: manifest.version - 1 },
    judge: (staged) =>
      contentHash(table, staged) === manifest.content_hash
        ? { kind: 'accepted', manifest }
        : {
            ...{ kind: 'refused', quarantine: null },
            why: `the rows of version ${version} of ${table.name} changed when they were staged`,
          },
  };
}
