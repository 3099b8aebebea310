/** Opens a pass: claims the date, and says what is on record of it and by which policy it goes. */
import { ApplicationFailure } from '@temporalio/common';
import { parseHead } from '../audit/chain';
import type { OpenPassRequest, OpenPassResult } from '../contracts/activities';
import { standingBypasses } from '../contracts/bypass-mark';
import { failureTypes } from '../contracts/failures';
import { adoptionPrefix } from '../contracts/identity';
import { furtherHead, type AuditHead } from '../contracts/decisions';
import { isSatisfied, isTrouble, type ProcessorName } from '../contracts/phase3';
import { policyNow, type PolicySettings } from '../contracts/policy';
import { inOrderOfEnd, newestResults, recordedDate } from '../contracts/run-record';
import { currentManifest } from '../gate/snapshot';
import { processorNames, processors } from '../plan/registry';
import type { RunHistoryRow } from '../tables/orchestration';
import type { DateRecord, Warehouse } from '../warehouse/warehouse';

export interface OpenPassOptions {
  readonly warehouse: Warehouse;
  readonly policy: PolicySettings;
  readonly clock: () => Date;
}

/** Throws `InvalidRunInput` (not retryable) for an override that is no instant. */
export async function openPass(
  { gameDate, runId, pass, overrides }: OpenPassRequest,
  { warehouse, policy, clock }: OpenPassOptions,
): Promise<OpenPassResult> {
  if (overrides.now !== undefined && Number.isNaN(Date.parse(overrides.now)))
    throw ApplicationFailure.create({
      type: failureTypes.invalidRunInput,
      message: `overrides.now is "${overrides.now}", expected an instant such as 2025-01-16T08:00:00Z`,
      nonRetryable: true,
    });
  const known = await warehouse.claimDate({ gameDate, runId, pass }, clock().toISOString());
  return {
    policy: policyNow(policy, overrides, clock),
    published: publishedVersions(known),
    unsatisfied: unsatisfiedOf(known.run_history),
    standing: standingBypasses(known.partition_manifest),
    auditHead: headOfRecord(known),
    troubleSince: troubleSince(known.run_history),
  };
}

/** The live version of each processor that has one. */
function publishedVersions(known: DateRecord): Record<ProcessorName, number> {
  const live = processors.flatMap(({ name, table }) => {
    const manifest = currentManifest(known, table);
    return manifest ? [[name, manifest.version] as const] : [];
  });
  return Object.fromEntries(live);
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
