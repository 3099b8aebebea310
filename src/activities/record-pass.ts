/** Records a pass: releases the date and writes its row of the run history, in one transaction. Tells what it no longer is, and prunes older versions. */
import { spellHead } from '../audit/chain';
import type { RecordPassRequest, RecordPassResult } from '../contracts/activities';
import { liveManifests } from '../contracts/manifests';
import type { TriggerMessage } from '../contracts/messages';
import { isSatisfied, type ProcessorName, type ProcessorResult } from '../contracts/phase3';
import { pruneVersions } from '../publishing/prune-versions';
import type { ManifestRow, RunHistoryRow } from '../tables/orchestration';
import { WarehouseError } from '../warehouse/errors';
import type { Warehouse } from '../warehouse/warehouse';
import { recallOf } from './recall';

export interface RecordPassOptions {
  readonly warehouse: Warehouse;
  readonly clock: () => Date;
  /** The build that records it; null where nothing was built. */
  readonly build: string | null;
  /** `PHASE3_KEEP_VERSIONS`. */
  readonly keepVersions: number;
  /** Told of what could not be pruned: the next pass of the date tries again, and nobody waits for it. */
  readonly log: { warn(message: string, fields: Record<string, unknown>): void };
}

export async function recordPass(
  request: RecordPassRequest,
  options: RecordPassOptions,
): Promise<RecordPassResult> {
  const { warehouse, clock, log } = options;
  const { gameDate, runId, pass, results } = request;
  const row: RunHistoryRow = {
    game_date: gameDate,
    run_id: runId,
    pass,
    workflow_id: request.workflowId,
    state: request.state,
    requests: JSON.stringify(request.requests.map(asRecorded)),
    processors: JSON.stringify(Object.fromEntries(results.map((result) => [result.processor, result]))),
    missing: JSON.stringify([...new Set(results.flatMap(({ missing }) => missing))]),
    probes: request.probes,
    waited_ms: request.waitedMs,
    journal: JSON.stringify(request.journal),
    audit_head: spellHead(request.auditHead ?? null),
    code_commit: options.build,
    started_at: request.startedAt,
    ended_at: request.endedAt,
  };
  await warehouse.closePass({ gameDate, runId, pass }, clock().toISOString(), row);
  // The pass holds the date no longer, so whatever a late attempt of it could publish is there by now.
  const { partition_manifest: manifests } = await warehouse.readDate(gameDate, ['partition_manifest']);
  const warn = (message: string, fields: Record<string, unknown>): void => log.warn(message, fields);
  // Before older versions are pruned: what readers had may be among them.
  const recalled = await recallOf(request, manifests, { warehouse, warn });
  try {
    await pruneVersions({ gameDate, runId, pass }, manifests, options);
  } catch (error) {
    if (!(error instanceof WarehouseError)) throw error;
    log.warn(`${gameDate}: older versions were not pruned: ${error.message}`, { gameDate });
  }
  return { overtaken: overtakenBy(results, manifests), recalled };
}

function overtakenBy(
  results: readonly ProcessorResult[],
  manifests: readonly ManifestRow[],
): ProcessorName[] {
  const live = new Map(liveManifests(manifests).map(({ processor, version }) => [processor, version]));
  return results.flatMap(({ processor, outcome, version }) =>
    isSatisfied(outcome) && live.get(processor) !== version ? [processor] : [],
  );
}

function asRecorded(message: TriggerMessage): object {
  const { requestId, kind, source, processors, by, reason, version, before, force, game, until } = message;
  return {
    request_id: requestId,
    ...{ kind, source, processors: processors ?? null },
    // JSON leaves out what is undefined.
    ...{ by, reason, version, before, force, game, until, correlation_id: message.correlationId },
  };
}
