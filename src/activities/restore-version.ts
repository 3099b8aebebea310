/**
 * Publishes kept versions again, as new ones, and pins them: their rows are read back, held against what their manifests say of
 * them, staged and published as any others are. What stands on them is restored with them.
 */
import type { PassToken, RestoreVersionRequest, RestoreVersionResult } from '../contracts/activities';
import { rolledBackEntries } from '../contracts/audit-entries';
import { standsOn } from '../contracts/bypass-mark';
import type { AuditEntry } from '../contracts/decisions';
import type { ProcessorName, ProcessorResult } from '../contracts/phase3';
import { parsePin, standingOf } from '../contracts/pin';
import { spellHead } from '../audit/chain';
import { gamesWithout } from '../gate/judge-pinned';
import type { ProcessorVersions } from '../gate/judge-processor';
import { readSnapshot } from '../gate/read-snapshot';
import { currentManifest, type DateSnapshot } from '../gate/snapshot';
import { downstreamsOf } from '../plan/levels';
import { processors } from '../plan/registry';
import type { Processor } from '../processors/define-processor';
import { againWrite } from '../publishing/publish-again';
import { publishRows, type PublishedRows } from '../publishing/publish-rows';
import { keptReader } from '../publishing/kept-reader';
import { planRestore, type RestoredTable, type RestorePlan } from '../publishing/plan-restore';
import { readBack, type Stored } from '../publishing/read-back';
import { afterRestore, stageIdOfRestore } from '../publishing/restored-manifests';
import type { ManifestRow, RawKeptRow } from '../tables/orchestration';
import { WarehouseError } from '../warehouse/errors';
import type { Warehouse } from '../warehouse/warehouse';
import { withFailures } from './failures';

export interface RestoreOptions {
  readonly warehouse: Warehouse;
  readonly clock: () => Date;
  readonly versions: ProcessorVersions;
  /** Whether Temporal has cancelled or given up on this attempt: then it must not publish any more. */
  readonly isGivenUp: () => boolean;
}

/** How often what moves while it is restored is planned anew. */
const mostTurns = 5;

/**
 * Restores what is wanted under the pass that holds the date's fence, upstreams first. An attempt that follows another goes on
 * where that one was lost. What was restored, and everything that stands on it, is to be looked at afterwards: what has no kept
 * version that stands on the restored rows is built anew.
 *
 * Throws `PassFenced` (not retryable) when another pass holds the date, and `CodeFault` (not retryable) for a bug.
 */
export async function restoreVersion(
  request: RestoreVersionRequest,
  options: RestoreOptions,
): Promise<RestoreVersionResult> {
  return withFailures(async () => {
    for (let turn = 1; turn <= mostTurns; turn += 1) {
      const answer = await restore(request, options);
      if (answer !== 'moved') return answer;
    }
    throw new Error(`${request.gameDate} was published ${mostTurns} times while it was restored`);
  });
}

async function restore(
  request: RestoreVersionRequest,
  options: RestoreOptions,
): Promise<RestoreVersionResult | 'moved'> {
  const { gameDate, wanted } = request;
  const { warehouse } = options;
  const snapshot = await readSnapshot(warehouse, gameDate, processors, request.policy);
  // This very request has published before: an attempt that was lost, or the request came again, perhaps after others.
  const own = ownVersions(request, snapshot);
  const isOwn = (manifest: ManifestRow): boolean => [...own.values()].includes(manifest);
  if ([...own].some(([{ table }, manifest]) => currentManifest(snapshot, table) !== manifest))
    return answerOf(await readEach(request, own, options), snapshot, options);
  const before: DateSnapshot = {
    ...snapshot,
    partition_manifest: snapshot.partition_manifest.filter((manifest) => !isOwn(manifest)),
  };
  const plan = await planRestore(before, processors, wanted, keptReader(warehouse, gameDate));
  if (plan.kind === 'refused' && own.size > 0)
    return answerOf(await readEach(request, own, options), snapshot, options);
  return plan.kind === 'refused' ? plan : publishAll(request, before, plan, own, options);
}

type Outcome = readonly [Processor, Stored | Extract<PublishedRows, { kind: 'refused' }>];

/** Publishes one table after another. What cannot be ended is left to the run, which builds what then stands on nothing. */
async function publishAll(
  request: RestoreVersionRequest,
  before: DateSnapshot,
  { tables }: RestorePlan,
  own: ReadonlyMap<Processor, ManifestRow>,
  options: RestoreOptions,
): Promise<RestoreVersionResult | 'moved'> {
  const { requestId, by, reason } = request;
  const decision = {
    ...{ requestId, by, reason, auditHead: spellHead(request.auditHead), fence: fenceOf(request) },
    ...{ at: options.clock().toISOString(), versions: options.versions },
  };
  const after = afterRestore(before, tables, decision);
  const outcomes: Outcome[] = [];
  for (const restored of tables) {
    const { processor } = restored;
    const known = own.get(processor);
    const manifest = known ?? after.manifests.get(processor);
    if (!manifest) throw new Error(`${processor.name} was planned without a manifest`);
    const put = await unlessBroken(
      () =>
        known
          ? readOwn(request, processor, known, options)
          : publish(request, restored, manifest, after.raw.get(processor), options),
      outcomes.length > 0,
    );
    if (put.kind === 'version_moved' || put.kind === 'upstream_moved') return 'moved';
    if (put.kind === 'refused' && outcomes.length === 0) return { kind: 'refused', why: put.why };
    outcomes.push([processor, put]);
    if (put.kind !== 'published') break;
  }
  return answerOf(outcomes, after.snapshot, options);
}

/** What is begun is answered for, also where the warehouse refuses to go on; what passes is tried again. */
async function unlessBroken(work: () => Promise<PublishedRows>, isBegun: boolean): Promise<PublishedRows> {
  try {
    return await work();
  } catch (error) {
    if (!isBegun || !(error instanceof WarehouseError) || error.kind === 'unavailable') throw error;
    return { kind: 'refused', why: error.message, staged: [] };
  }
}

function publish(
  request: RestoreVersionRequest,
  { processor: { table }, wanted, rows, upstreams }: RestoredTable,
  manifest: ManifestRow,
  raw: readonly RawKeptRow[] | undefined,
  options: RestoreOptions,
): Promise<PublishedRows> {
  const write = againWrite({
    ...{ fence: fenceOf(request), table, manifest, rows, version: wanted.version },
    ...{ upstreamVersions: upstreams, raw },
  });
  return publishRows(write, ({ stage_id: stageId }) => stageId === manifest.stage_id, options);
}

/** What this request has published, by whichever attempt. */
function ownVersions(
  { requestId, gameDate }: RestoreVersionRequest,
  { partition_manifest: manifests }: DateSnapshot,
): ReadonlyMap<Processor, ManifestRow> {
  return new Map(
    processors.flatMap((processor) => {
      const stageId = stageIdOfRestore(requestId, gameDate, processor.table.name);
      const own = manifests.find((manifest) => manifest.stage_id === stageId);
      return own ? [[processor, own]] : [];
    }),
  );
}

async function readEach(
  request: RestoreVersionRequest,
  own: ReadonlyMap<Processor, ManifestRow>,
  options: RestoreOptions,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [processor, manifest] of own)
    outcomes.push([processor, await readOwn(request, processor, manifest, options)]);
  return outcomes;
}

function readOwn(
  request: RestoreVersionRequest,
  { table }: Processor,
  own: ManifestRow,
  options: RestoreOptions,
): Promise<Stored> {
  return readBack({ own, fence: fenceOf(request), table, built: null }, options);
}

function fenceOf({ gameDate, runId, pass }: RestoreVersionRequest): PassToken {
  return { gameDate, runId, pass };
}

function answerOf(
  outcomes: readonly Outcome[],
  snapshot: DateSnapshot,
  { clock }: RestoreOptions,
): RestoreVersionResult {
  const at = clock().toISOString();
  const due = outcomes.flatMap(([, stored]): AuditEntry[] =>
    stored.kind === 'mis_stored' ? rolledBackEntries(stored.bad, stored.restored, stored.why, at) : [],
  );
  return {
    kind: 'restored',
    results: outcomes.map(([processor, stored]) => resultOf(processor, stored, snapshot)),
    looksAt: standingOn(
      outcomes.flatMap(([processor, { kind }]) => (kind === 'published' ? [processor] : [])),
      snapshot,
    ),
    ...(due.length > 0 ? { due } : {}),
  };
}

/** What was restored, and what is published on it. */
function standingOn(restored: readonly Processor[], snapshot: DateSnapshot): ProcessorName[] {
  const below = restored.flatMap(({ name }) => downstreamsOf(processors, name));
  return processors.flatMap((processor) =>
    restored.includes(processor) ||
    (below.includes(processor) && currentManifest(snapshot, processor.table) !== null)
      ? [processor.name]
      : [],
  );
}

function resultOf(
  { name: processor, table }: Processor,
  stored: Outcome[1],
  snapshot: DateSnapshot,
): ProcessorResult {
  const live =
    stored.kind === 'published'
      ? stored.manifest
      : stored.kind === 'mis_stored'
        ? (stored.restored ?? stored.bad)
        : currentManifest(snapshot, table);
  const pin = parsePin(live?.pin ?? null);
  return {
    ...{ processor, version: live?.version ?? null, rowCount: live?.row_count ?? null },
    ...(stored.kind === 'published'
      ? { outcome: 'published', reason: stored.manifest.reason }
      : { outcome: 'failed', reason: stored.why }),
    ...{ missing: [], missingGames: live ? gamesWithout(live) : [], warnings: [], policyBypass: null },
    ...standsOn(live),
    ...(pin ? { pin: standingOf(pin, null) } : {}),
  };
}
