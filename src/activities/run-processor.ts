/** Runs a processor on a date: reads, decides whether anything is to be built, and hands it to the publish. */
import type { RunProcessorRequest, RunProcessorResult } from '../contracts/activities';
import { overEntry, policyEntries, rolledBackEntries, usedEntries } from '../contracts/audit-entries';
import type { BuildInfo } from '../contracts/code-identity';
import type { AuditEntry } from '../contracts/decisions';
import type { GateVerdict } from '../contracts/phase3';
import { rowsOfTable } from '../games/evidence';
import { decisionsOver } from '../gate/decisions-over';
import { judgePinned } from '../gate/judge-pinned';
import { judgeProcessor, notPublished, type ProcessorVersions } from '../gate/judge-processor';
import { readSnapshot } from '../gate/read-snapshot';
import { currentManifest, type DateSnapshot } from '../gate/snapshot';
import { unchangedResult, whyRebuild } from '../gate/why-rebuild';
import { processorOf } from '../plan/registry';
import type { Processor } from '../processors/define-processor';
import { keepPinned } from '../publishing/keep-pinned';
import { readOwnHistory } from '../publishing/own-history';
import { prepareBuild } from '../publishing/prepare-build';
import { failedResult, isOfPass, publishPartition } from '../publishing/publish-partition';
import { liveRollback, manifestsOf, ownVersion, readBack, type Stored } from '../publishing/read-back';
import type { ManifestRow } from '../tables/orchestration';
import type { Warehouse } from '../warehouse/warehouse';
import { withFailures } from './failures';

export interface RunProcessorOptions {
  readonly warehouse: Warehouse;
  readonly versions: ProcessorVersions;
  /** What code runs, for the manifest. */
  readonly build: BuildInfo;
  readonly clock: () => Date;
  /** Attempt of the activity, which stage ids begin with. */
  readonly attempt: number;
  /** Whether Temporal has cancelled or given up on this attempt: then it must not publish any more. */
  readonly isGivenUp: () => boolean;
}

/**
 * Runs one processor for one date under the pass that holds the date's fence.
 *
 * Returns `unchanged` when the live version was built from just these inputs by this processor version and its stored
 * rows still hash to the manifest, unless somebody forces a rebuild; of a pinned version rows that were altered are put back.
 * Throws `PassFenced` (not retryable) when another pass
 * holds the date, and `CodeFault` (not retryable) when the processor's code throws.
 */
export async function runProcessor(
  request: RunProcessorRequest,
  options: RunProcessorOptions,
): Promise<RunProcessorResult> {
  const processor = processorOf(request.processor);
  const { gameDate, waiver } = request;
  const { answer, snapshot } = await withFailures(
    async () => {
      const read = await readSnapshot(options.warehouse, gameDate, [processor], request.policy);
      return { snapshot: read, answer: await buildOrSettle(request, processor, read, options) };
    },
    { processor, gameDate },
  );
  if (answer.kind !== 'settled') return answer;
  const at = options.clock().toISOString();
  const { result } = answer;
  const due = [
    ...(answer.due ?? []),
    ...decisionsOver(snapshot).map(({ decision, how, reason }) => overEntry(decision, how, reason, at)),
    ...policyEntries(gameDate, result, at),
    ...usedEntries(waiver, result, at),
  ];
  return due.length > 0 ? { ...answer, due } : answer;
}

async function buildOrSettle(
  request: RunProcessorRequest,
  processor: Processor,
  snapshot: DateSnapshot,
  options: RunProcessorOptions,
): Promise<RunProcessorResult> {
  const { versions } = options;
  const { policy, forced } = request;
  const owed = owedOfOthers(request, processor, snapshot);
  const pinned = forced ? null : judgePinned(processor, snapshot, versions);
  // The gate judged an earlier instant; what counts is what is read now.
  const verdict =
    pinned?.verdict ?? judgeProcessor(processor, snapshot, policy, { versions, waiver: request.waiver });
  if (!verdict.canRun) return { kind: 'not_ready', detail: whyNot(verdict) };
  const answer = pinned
    ? await keepPinned(request, processor, snapshot, pinned, options)
    : await settle(request, processor, options, snapshot, verdict);
  return answer.kind !== 'settled' || owed.length === 0
    ? answer
    : { ...answer, due: [...owed, ...(answer.due ?? [])] };
}

/** What the audit lacks if the run of an earlier pass ended between its rollback and its answer; there already otherwise. */
function owedOfOthers(
  request: RunProcessorRequest,
  { table }: Processor,
  { partition_manifest: all }: DateSnapshot,
): AuditEntry[] {
  const found = liveRollback(manifestsOf(table, all));
  if (!found || isOfPass(request, found.restored)) return [];
  const { bad, restored } = found;
  return rolledBackEntries(bad, restored, restored.reason, restored.published_at);
}

async function settle(
  request: RunProcessorRequest,
  processor: Processor,
  options: RunProcessorOptions,
  snapshot: DateSnapshot,
  verdict: GateVerdict,
): Promise<RunProcessorResult> {
  const { versions } = options;
  const { forced } = request;
  const live = currentManifest(snapshot, processor.table);
  // An attempt that this look let in has published and was lost before it could say so, and perhaps before it read it back.
  const isOfLook = (manifest: ManifestRow): boolean =>
    isOfPass(request, manifest) && manifest.version > request.liveVersion;
  const isOwn = live !== null && isOfLook(live);
  const lost = isOwn ? await readBackLost(request, snapshot, processor, isOfLook, options) : null;
  if (lost?.kind === 'mis_stored') return failedResult(verdict, lost, options.clock().toISOString());
  const changed = whyRebuild(processor, verdict, snapshot, versions);
  if (live && changed === null && (isOwn || !forced)) {
    const unchanged = unchangedResult(verdict, live);
    return {
      kind: 'settled',
      result: isOwn ? { ...unchanged, outcome: 'published', reason: live.reason } : unchanged,
    };
  }
  const reason = [changed, forced].filter(Boolean).join('; ') || notPublished;
  const { warehouse, build, attempt, clock } = options;
  const prepared = prepareBuild(request, processor, snapshot, verdict, reason, {
    ...{ versions, build, attempt, now: clock().toISOString() },
    history: readOwnHistory(warehouse, processor, request.gameDate),
  });
  return publishPartition(prepared, options);
}

/** What became of the version that a lost attempt has published; null where it published none. */
async function readBackLost(
  { gameDate, runId, pass }: RunProcessorRequest,
  { rows, partition_manifest: all }: DateSnapshot,
  { table }: Processor,
  isOfLook: (manifest: ManifestRow) => boolean,
  options: RunProcessorOptions,
): Promise<Stored | null> {
  const manifests = manifestsOf(table, all);
  const own = ownVersion(manifests, isOfLook);
  if (!own) return null;
  const publication = { own, fence: { gameDate, runId, pass }, table, built: null };
  return readBack(publication, options, { manifests, rows: rowsOfTable(rows, table) });
}

function whyNot(verdict: GateVerdict): string {
  if (verdict.skip) return 'the date has no game any more';
  return `missing since the dependency check: ${verdict.missing.join(', ')}`;
}
