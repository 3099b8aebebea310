/** The activities, made from what they need. The only export that workers see. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import {
  buildActivityOf,
  type Activities,
  type RunProcessorRequest,
  type RunProcessorResult,
} from '../contracts/activities';
import { failureTypes } from '../contracts/failures';
import { adoptionPrefix, identityOf } from '../contracts/identity';
import type { Notification } from '../contracts/notifications';
import { standingBypasses } from '../contracts/bypass-mark';
import { inOrderOfEnd, newestResults, recordedDate } from '../contracts/run-record';
import { furtherHead, type AuditHead } from '../contracts/overrides';
import { isSatisfied, isTrouble, type ProcessorName } from '../contracts/phase3';
import { appendAudit } from '../audit/append-audit';
import { parseHead, spellHead } from '../audit/chain';
import { checkDependencies } from '../gate/check-dependencies';
import type { ProcessorVersions } from '../gate/judge-processor';
import { currentManifest } from '../gate/snapshot';
import { processorNames, processorOf, processors } from '../plan/registry';
import type { RunHistoryRow } from '../tables/orchestration';
import type { DateRecord, Warehouse } from '../warehouse/warehouse';
import { unbuilt, type BuildInfo } from '../contracts/code-identity';
import { askDate } from './ask-date';
import { withFailures } from './failures';
import { planNightly } from './plan-nightly';
import { restoreVersion } from './restore-version';
import { policyNow, type PolicySettings } from '../contracts/policy';
import { runProcessor } from './run-processor';

export interface ActivityDependencies {
  readonly warehouse: Warehouse;
  /** Client of the Temporal server that the worker serves. */
  readonly client: Pick<Client, 'workflow'>;
  readonly policy: PolicySettings;
  /** Delivers news to people. Left out, nobody is told. */
  readonly notify?: (notification: Notification, attempt: number) => Promise<void>;
  readonly versions?: ProcessorVersions;
  /** What code runs, for manifests; unknown where it is left out. */
  readonly build?: BuildInfo;
  readonly clock?: () => Date;
}

/** Well below the heartbeat time-out in `activity-stubs.ts`, so that a busy moment is not taken for a death. */
const heartbeatEveryMs = 2_000;

export function createActivities(dependencies: ActivityDependencies): Activities {
  const { warehouse, client, policy } = dependencies;
  const identity = identityOf(warehouse.prefix);
  const clock = dependencies.clock ?? (() => new Date());
  const versions = dependencies.versions ?? {};

  const runOne = (request: RunProcessorRequest): Promise<RunProcessorResult> =>
    asActivity(({ info, cancellationSignal }) =>
      runProcessor(request, {
        warehouse,
        versions,
        build: dependencies.build ?? unbuilt,
        clock,
        attempt: info.attempt,
        isGivenUp: () => cancellationSignal.aborted,
      }),
    );

  return {
    openPass: (request) =>
      asActivity(async () => {
        const { gameDate, runId, pass, overrides } = request;
        if (overrides.now !== undefined && Number.isNaN(Date.parse(overrides.now)))
          throw ApplicationFailure.create({
            type: failureTypes.invalidRunInput,
            message: `overrides.now is "${overrides.now}", expected an instant such as 2025-01-16T08:00:00Z`,
            nonRetryable: true,
          });
        const known = await warehouse.claimDate({ gameDate, runId, pass }, clock().toISOString());
        const published: Record<ProcessorName, number> = {};
        for (const { name, table } of processors) {
          const live = currentManifest(known, table);
          if (live) published[name] = live.version;
        }
        return {
          policy: policyNow(policy, overrides, clock),
          published,
          unsatisfied: unsatisfiedOf(known.run_history),
          standing: standingBypasses(known.partition_manifest),
          auditHead: headOfRecord(known),
          troubleSince: troubleSince(known.run_history),
        };
      }),

    checkDependencies: (request) =>
      asActivity(() =>
        checkDependencies(warehouse, request.gameDate, request.processors.map(processorOf), request.policy, {
          versions,
          waivers: request.waivers ?? {},
          forced: request.forced ?? [],
          pass: request.pass ?? null,
        }),
      ),

    ...Object.fromEntries(processorNames.map((name) => [buildActivityOf(name), runOne])),

    restoreVersion: (request) =>
      asActivity(({ cancellationSignal }) =>
        restoreVersion(request, { warehouse, clock, isGivenUp: () => cancellationSignal.aborted }),
      ),

    recordPass: (request) =>
      asActivity(async () => {
        const { gameDate, runId, pass } = request;
        const row: RunHistoryRow = {
          game_date: gameDate,
          run_id: runId,
          pass,
          workflow_id: request.workflowId,
          state: request.state,
          requests: JSON.stringify(
            request.requests.map(
              ({ requestId, kind, source, processors: named, by, reason, correlationId }) => ({
                request_id: requestId,
                kind,
                source,
                processors: named ?? null,
                ...(by === undefined ? {} : { by }),
                ...(reason === undefined ? {} : { reason }),
                ...(correlationId === undefined ? {} : { correlation_id: correlationId }),
              }),
            ),
          ),
          processors: JSON.stringify(
            Object.fromEntries(request.results.map((result) => [result.processor, result])),
          ),
          missing: JSON.stringify([...new Set(request.results.flatMap((result) => result.missing))]),
          probes: request.probes,
          waited_ms: request.waitedMs,
          journal: JSON.stringify(request.journal),
          audit_head: spellHead(request.auditHead ?? null),
          started_at: request.startedAt,
          ended_at: request.endedAt,
        };
        await warehouse.closePass({ gameDate, runId, pass }, clock().toISOString(), row);
      }),

    askDate: (request) =>
      asActivity(async () => {
        await askDate(client, identity, request);
      }),

    appendAudit: ({ entries, known, ...origin }) =>
      asActivity(async () => ({ heads: await appendAudit(warehouse, origin, entries, known) })),

    notify: (request) => asActivity(async ({ info }) => dependencies.notify?.(request, info.attempt)),

    planNightly: (request) => asActivity(() => planNightly(warehouse, request)),
  };
}

/** Says that it is alive for as long as `work` takes, and puts its errors into words that workflows know. */
async function asActivity<T>(work: (context: Context) => Promise<T>): Promise<T> {
  const context = Context.current();
  // What runs within a workflow task has nobody who listens.
  const heartbeat = context.info.isLocal
    ? undefined
    : setInterval(() => context.heartbeat(), heartbeatEveryMs);
  try {
    return await withFailures(() => work(context));
  } finally {
    clearInterval(heartbeat);
  }
}

/** Where the audit ended when the date's newest records were written; entries since then are found by who appends. */
function headOfRecord(known: DateRecord): AuditHead | null {
  const heads = [...known.partition_manifest, ...known.run_history].map((row) => parseHead(row.audit_head));
  return heads.reduce<AuditHead | null>(furtherHead, null);
}

/** When a date that anyone but a backfill asked for was left in trouble; null when it was not. */
function troubleSince(history: readonly RunHistoryRow[]): string | null {
  const recorded = recordedDate(history);
  if (!recorded || !isTrouble(recorded.state)) return null;
  const [newest] = inOrderOfEnd(history.filter((row) => !row.run_id.startsWith(adoptionPrefix))).reverse();
  const run = history.filter((row) => row.run_id === newest?.run_id);
  const kinds = run.flatMap((row) =>
    (JSON.parse(row.requests) as { kind?: string }[]).map((request) => request.kind),
  );
  return kinds.length > 0 && kinds.every((kind) => kind === 'backfill') ? null : recorded.endedAt;
}

/** Processors whose newest recorded result does not satisfy what depends on them. */
function unsatisfiedOf(history: readonly RunHistoryRow[]): ProcessorName[] {
  const newest = newestResults(history);
  return processorNames.filter((name) => {
    const result = newest.get(name);
    return result !== undefined && !isSatisfied(result.outcome) && result.outcome !== 'skipped';
  });
}
