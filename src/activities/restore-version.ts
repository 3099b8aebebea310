/**
 * Publishes a kept version again, as a new one: its rows are read back, held against what its manifest says of them,
 * staged and published as any others are, so that it is whole or not there at all.
 */
import { createHash } from 'node:crypto';
import type { RestoreVersionRequest, RestoreVersionResult } from '../contracts/activities';
import { bypassIdsOf, parseBypass, standingBypasses } from '../contracts/bypass-mark';
import { spellHead } from '../audit/chain';
import { processorOf, processors } from '../plan/registry';
import type { Processor } from '../processors/define-processor';
import { contentHash } from '../publishing/fingerprint';
import { rowsOfTable } from '../games/evidence';
import { currentManifest } from '../gate/snapshot';
import type { Row, TableDefinition } from '../tables/define-table';
import { partitionManifest, type ManifestRow } from '../tables/orchestration';
import type { Warehouse } from '../warehouse/warehouse';
import { FencedError } from '../publishing/fenced-error';
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
  const { gameDate, version } = request;
  const table = definition.name;
  const [manifestsOfDate, liveRows] = await readLive(options.warehouse, gameDate, definition);
  const manifests = manifestsOfDate
    .filter((manifest) => manifest.table_name === table)
    .sort((a, b) => a.version - b.version);
  const live = manifests.at(-1);
  const restored = (manifest: ManifestRow): RestoreVersionResult =>
    resultOf(request, manifest, manifestsOfDate);
  // This very request has published before: an attempt that was lost, or the request came again, perhaps after others.
  const own = manifests.find((manifest) => manifest.stage_id === stageIdOf(request));
  if (own) return restored(own);
  const wanted = manifests.find((manifest) => manifest.version === version);
  if (!live || !wanted) {
    const kept = manifests.map((manifest) => manifest.version).join(', ');
    return refused(
      `there is no version ${version} of ${table} for ${gameDate}; ${kept ? `kept are ${kept}` : 'none was published'}`,
    );
  }
  const isLive = contentHash(definition, liveRows) === wanted.content_hash;
  if (isLive && live.content_hash === wanted.content_hash)
    return refused(
      wanted === live
        ? `version ${version} of ${table} is live already`
        : `version ${live.version} of ${table}, which is live, has the rows of version ${version}`,
    );
  const problem = await stageKept(request, definition, wanted, options.warehouse);
  if (problem !== null) return refused(problem);
  if (options.isGivenUp()) throw new FencedError(request, 'nobody: the attempt was given up on');
  return publishAgain(request, live, wanted, restored, options);
}

/** One for each request, so that an attempt finds what another attempt has published. */
function stageIdOf({ processor, gameDate, requestId }: RestoreVersionRequest): string {
  return createHash('sha256')
    .update(['restore', processorOf(processor).table.name, gameDate, requestId].join('/'))
    .digest('hex')
    .slice(0, 32);
}

/** Stages the kept rows; a sentence where they are not the rows that were published. */
async function stageKept(
  request: RestoreVersionRequest,
  definition: TableDefinition,
  wanted: ManifestRow,
  warehouse: Warehouse,
): Promise<string | null> {
  const { gameDate, version } = request;
  const table = definition.name;
  const rows = await warehouse.readKept(table, gameDate, wanted.stage_id);
  if (contentHash(definition, rows) !== wanted.content_hash)
    return `the kept rows of version ${version} of ${table} are not the published rows: ${rows.length} rows, the manifest has ${wanted.row_count}`;
  const staged = await warehouse.stage({ table, gameDate, stageId: stageIdOf(request), rows });
  return contentHash(definition, staged) === wanted.content_hash
    ? null
    : `the rows of version ${version} of ${table} changed when they were staged`;
}

/** Publishes what was staged as the version after the live one. */
async function publishAgain(
  request: RestoreVersionRequest,
  live: ManifestRow,
  wanted: ManifestRow,
  restored: (manifest: ManifestRow) => RestoreVersionResult,
  { warehouse, clock }: RestoreOptions,
): Promise<RestoreVersionResult> {
  const { gameDate, processor, version, runId, pass, by, reason } = request;
  const table = processorOf(processor).table.name;
  const stageId = stageIdOf(request);
  const manifest: ManifestRow = {
    ...wanted,
    version: live.version + 1,
    reason: `version ${version} was restored by ${by}: ${reason}`,
    audit_head: spellHead(request.auditHead),
    ...{ stage_id: stageId, run_id: runId, pass, published_at: clock().toISOString() },
  };
  const result = await warehouse.publish({
    fence: { gameDate, runId, pass },
    ...{ manifest, table, expectedVersion: live.version, upstreamVersions: [] },
  });
  switch (result.kind) {
    case 'published':
      return restored(manifest);
    case 'version_moved':
      if (result.live?.stage_id === stageId) return restored(result.live);
      return refused(`${table} is at version ${result.live?.version ?? 0} now`);
    case 'upstream_moved':
      throw new Error('a restore reads no upstream');
    case 'fenced':
      throw new FencedError(request, result.holder);
  }
}

function resultOf(
  { processor }: RestoreVersionRequest,
  manifest: ManifestRow,
  manifestsOfDate: readonly ManifestRow[],
): RestoreVersionResult {
  const { version, reason, row_count: rowCount, bypass } = manifest;
  return {
    kind: 'restored',
    standing: standingBypasses([manifest])[0] ?? null,
    result: {
      ...{ processor, outcome: 'published', reason, version, rowCount, missing: [], missingGames: [] },
      warnings: builtOnOthers(manifestsOfDate, processorOf(processor), version),
      policyBypass: null,
      bypassIds: bypassIdsOf(parseBypass(bypass)),
    },
  };
}

function refused(why: string): RestoreVersionResult {
  return { kind: 'refused', why };
}

/** The manifests of a date and the live rows of one table, as of one instant. */
async function readLive(
  warehouse: Warehouse,
  gameDate: string,
  table: TableDefinition,
): Promise<[readonly ManifestRow[], readonly Row[]]> {
  const rows = await warehouse.readDate(gameDate, [partitionManifest.name, table.name]);
  return [rowsOfTable(rows, partitionManifest), rowsOfTable(rows, table)];
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
