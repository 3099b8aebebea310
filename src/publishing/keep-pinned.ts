/** Keeps a pinned version as it was restored: rows that somebody altered are put back from the kept ones, and the pin stays. */
import { spellHead } from '../audit/chain';
import type { PassToken, RunProcessorRequest, RunProcessorResult } from '../contracts/activities';
import type { AuditHead } from '../contracts/decisions';
import { describePin } from '../contracts/pin';
import { pinnedResult, type PinnedProcessor } from '../gate/judge-pinned';
import type { DateSnapshot } from '../gate/snapshot';
import type { Processor } from '../processors/define-processor';
import type { ManifestRow } from '../tables/orchestration';
import { stageIdFrom } from './fingerprint';
import { manifestAgain } from './manifest';
import { againWrite } from './publish-again';
import { failedResult, isOfPass } from './publish-partition';
import { publishRows } from './publish-rows';
import type { WriteOptions } from './put-live';

/**
 * What comes of a processor whose live version is pinned: `unchanged`, `published` where its rows had to be put back, `failed`
 * where they are not kept any more.
 *
 * Throws `FencedError` when another pass holds the date, or this attempt was given up on.
 */
export async function keepPinned(
  request: RunProcessorRequest,
  { table }: Processor,
  snapshot: DateSnapshot,
  pinned: PinnedProcessor,
  options: WriteOptions,
): Promise<RunProcessorResult> {
  const { gameDate, runId, pass, liveVersion, auditHead = null } = request;
  const { manifest: live, altered } = pinned;
  const unchanged = pinnedResult(pinned);
  // What an attempt of this pass has put back, and was lost before it could say so.
  const isOwn = isOfPass(request, live) && live.version > liveVersion;
  if (altered === null)
    return {
      kind: 'settled',
      result: isOwn ? { ...unchanged, outcome: 'published', reason: live.reason } : unchanged,
    };
  // The snapshot has what is kept of rows that somebody altered, if that is what was published.
  const rows = snapshot.asPublished?.[table.name];
  if (!rows)
    return { kind: 'settled', result: { ...unchanged, outcome: 'failed', reason: whyNotPutBack(pinned) } };
  const fence = { gameDate, runId, pass };
  const manifest = putBackManifest(pinned, fence, auditHead, options.clock().toISOString());
  const put = await publishRows(
    againWrite({ fence, table, manifest, rows, version: live.version }),
    ({ stage_id: stageId }) => stageId === manifest.stage_id,
    options,
  );
  switch (put.kind) {
    case 'published': {
      const { version, reason, row_count: rowCount } = put.manifest;
      return { kind: 'settled', result: { ...unchanged, outcome: 'published', version, reason, rowCount } };
    }
    case 'mis_stored':
      return failedResult(pinned.verdict, put, options.clock().toISOString());
    case 'refused':
      return { kind: 'settled', result: { ...unchanged, outcome: 'failed', reason: put.why } };
    case 'version_moved':
    case 'upstream_moved':
      return { kind: 'upstream_moved', detail: `${table.name} is not at version ${live.version} any more` };
  }
}

/** The manifest of a pinned version whose rows are put back. `publishedAt` is ISO 8601, UTC. */
export function putBackManifest(
  { manifest: live, altered, pin }: PinnedProcessor,
  fence: PassToken,
  auditHead: AuditHead | null,
  publishedAt: string,
): ManifestRow {
  return manifestAgain(live, {
    ...{ fence, version: live.version + 1, stageId: putBackIdOf(live), publishedAt },
    reason: `${altered ?? ''}; the rows of version ${live.version} were put back, since it is ${describePin(pin)}`,
    auditHead: spellHead(auditHead),
  });
}

/** Why altered rows of a pinned version stay as they are, as a sentence. */
export function whyNotPutBack({ manifest: { version }, altered }: PinnedProcessor): string {
  return `${altered ?? ''}, and the kept rows of the pinned version ${version} are not the published rows, so nothing was put back`;
}

/** One for each version whose rows are put back, so that an attempt finds what another has done. */
function putBackIdOf({ table_name: table, game_date: gameDate, stage_id: stageId }: ManifestRow): string {
  return stageIdFrom('put back', table, gameDate, stageId);
}
