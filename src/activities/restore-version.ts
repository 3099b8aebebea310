/**
 * Publishes a kept version again, as a new one: its rows are read back, held against what its manifest says of them,
 * staged and published as any others are, so that it is whole or not there at all.
 */
import { createHash } from 'node:crypto';
import type { RestoreVersionRequest, RestoreVersionResult } from '../contracts/activities';
import { rolledBackEntries } from '../contracts/audit-entries';
import { bypassIdsOf, parseBypass, standingBypasses } from '../contracts/bypass-mark';
import { spellHead } from '../audit/chain';
import { processorOf, processors } from '../plan/registry';
import type { Processor } from '../processors/define-processor';
import { contentHash } from '../publishing/fingerprint';
import { manifestAgain } from '../publishing/manifest';
import { publishRows } from '../publishing/publish-rows';
import type { PartitionWrite } from '../publishing/put-live';
import { manifestsOf, readBack, type Stored } from '../publishing/read-back';
import { rowsOfTable } from '../games/evidence';
import { currentManifest } from '../gate/snapshot';
import type { Row, TableDefinition } from '../tables/define-table';
import { partitionManifest, type ManifestRow } from '../tables/orchestration';
import type { Warehouse } from '../warehouse/warehouse';
import { withFailures } from './failures';

export interface RestoreOptions {
  readonly warehouse: Warehouse;
  readonly clock: () => Date;
  /** Whether Temporal has cancelled or given up on this attempt: then it must not publish any more. */
  readonly isGivenUp: () => boolean;
}

/**
 * Restores `version` of the processor's table under the pass that holds the date's fence. The new version keeps what the
 * restored one says of its inputs, so it is current only if those are what they were; nothing built on the version that it
 * replaces is touched, and a warning names it.
 *
 * Throws `PassFenced` (not retryable) when another pass holds the date, and `CodeFault` (not retryable) for a bug.
 */
export async function restoreVersion(
  request: RestoreVersionRequest,
  options: RestoreOptions,
): Promise<RestoreVersionResult> {
  const processor = processorOf(request.processor);
  return withFailures(() => restore(request, processor, options), { processor, gameDate: request.gameDate });
}

async function restore(
  request: RestoreVersionRequest,
  { table: definition }: Processor,
  options: RestoreOptions,
): Promise<RestoreVersionResult> {
  const { gameDate, runId, pass, version } = request;
  const table = definition.name;
  const stored = await options.warehouse.readDate(gameDate, [partitionManifest.name, table]);
  const manifestsOfDate = rowsOfTable(stored, partitionManifest);
  const rows = rowsOfTable(stored, definition);
  const manifests = manifestsOf(definition, manifestsOfDate);
  const live = manifests.at(-1);
  const isOwn = ({ stage_id: stageId }: ManifestRow): boolean => stageId === stageIdOf(request);
  // This very request has published before: an attempt that was lost, or the request came again, perhaps after others.
  const own = manifests.find(isOwn);
  if (own) {
    const publication = { own, fence: { gameDate, runId, pass }, table: definition, built: null };
    const found = await readBack(publication, options, { manifests, rows });
    return resultOf(request, found, manifestsOfDate, options);
  }
  const wanted = manifests.find((manifest) => manifest.version === version);
  if (!live || !wanted) {
    const kept = manifests.map((manifest) => manifest.version).join(', ');
    return refused(
      `there is no version ${version} of ${table} for ${gameDate}; ${kept ? `kept are ${kept}` : 'none was published'}`,
    );
  }
  const isLive = contentHash(definition, rows) === wanted.content_hash;
  if (isLive && live.content_hash === wanted.content_hash)
    return refused(
      wanted === live
        ? `version ${version} of ${table} is live already`
        : `version ${live.version} of ${table}, which is live, has the rows of version ${version}`,
    );
  const kept = await options.warehouse.readKept(table, gameDate, wanted.stage_id);
  if (contentHash(definition, kept) !== wanted.content_hash)
    return refused(
      `the kept rows of version ${version} of ${table} are not the published rows: ${kept.length} rows, the manifest has ${wanted.row_count}`,
    );
  const write = writeOf(request, definition, live, wanted, kept, options);
  const put = await publishRows(write, isOwn, options);
  switch (put.kind) {
    case 'published':
    case 'mis_stored':
      return resultOf(request, put, manifestsOfDate, options);
    case 'refused':
      return refused(put.why);
    case 'version_moved':
      return refused(`${table} is at version ${put.live?.version ?? 0} now`);
    case 'upstream_moved':
      throw new Error('a restore reads no upstream');
  }
}

/** One for each request, so that an attempt finds what another attempt has published. */
function stageIdOf({ processor, gameDate, requestId }: RestoreVersionRequest): string {
  return createHash('sha256')
    .update(['restore', processorOf(processor).table.name, gameDate, requestId].join('/'))
    .digest('hex')
    .slice(0, 32);
}

/** The kept rows, to be published as the version after the live one. */
function writeOf(
  request: RestoreVersionRequest,
  table: TableDefinition,
  live: ManifestRow,
  wanted: ManifestRow,
  rows: readonly Row[],
  { clock }: RestoreOptions,
): PartitionWrite {
  const { gameDate, version, runId, pass, by, reason } = request;
  const fence = { gameDate, runId, pass };
  const stageId = stageIdOf(request);
  const manifest = manifestAgain(wanted, {
    ...{ fence, stageId, version: live.version + 1, publishedAt: clock().toISOString() },
    reason: `version ${version} was restored by ${by}: ${reason}`,
    auditHead: spellHead(request.auditHead),
  });
  return {
    ...{ fence, table, stageId, rows, expectedVersion: live.version, upstreamVersions: [] },
    judge: (staged) =>
      contentHash(table, staged) === wanted.content_hash
        ? { kind: 'accepted', manifest }
        : {
            kind: 'refused',
            why: `the rows of version ${version} of ${table.name} changed when they were staged`,
            quarantine: null,
          },
  };
}

function resultOf(
  { processor }: RestoreVersionRequest,
  stored: Stored,
  manifestsOfDate: readonly ManifestRow[],
  { clock }: RestoreOptions,
): RestoreVersionResult {
  const isStored = stored.kind === 'published';
  const live = isStored ? stored.manifest : (stored.restored ?? stored.bad);
  const { version, row_count: rowCount, bypass } = live;
  const answer: RestoreVersionResult = {
    kind: 'restored',
    standing: standingBypasses([live])[0] ?? null,
    result: {
      ...{ processor, outcome: isStored ? 'published' : 'failed', version, rowCount },
      reason: isStored ? live.reason : stored.why,
      ...{ missing: [], missingGames: [], policyBypass: null },
      warnings: isStored ? builtOnOthers(manifestsOfDate, processorOf(processor), version) : [],
      bypassIds: bypassIdsOf(parseBypass(bypass)),
    },
  };
  if (isStored) return answer;
  return {
    ...answer,
    due: rolledBackEntries(stored.bad, stored.restored, stored.why, clock().toISOString()),
  };
}

function refused(why: string): RestoreVersionResult {
  return { kind: 'refused', why };
}

/** Live versions that were built on another version of the restored table than is live now, as sentences. */
function builtOnOthers(manifests: readonly ManifestRow[], restored: Processor, version: number): string[] {
  const table = restored.table.name;
  return processors
    .filter(({ upstreams }) => Object.values(upstreams).includes(restored))
    .flatMap((downstream) => {
      const live = currentManifest({ partition_manifest: manifests }, downstream.table);
      // Written by `runProcessor`, so the shape is ours.
      const upstreams = JSON.parse(live?.upstream_versions ?? '[]') as {
        table_name: string;
        version: number;
      }[];
      const built = upstreams.find(({ table_name: upstream }) => upstream === table);
      return live && built && built.version !== version
        ? [`${live.table_name} version ${live.version} was built on version ${built.version} of ${table}`]
        : [];
    });
}
