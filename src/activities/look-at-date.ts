/** `checkDependencies`: one look at a date, on one snapshot. The look that opens a pass claims the date. */
import { ApplicationFailure } from '@temporalio/common';
import { parseHead } from '../audit/chain';
import type { CheckDependenciesRequest, Look, OpenedPass } from '../contracts/activities';
import { standingBypasses } from '../contracts/bypass-mark';
import { furtherHead, type AuditHead } from '../contracts/decisions';
import { failureTypes } from '../contracts/failures';
import { adoptionPrefix } from '../contracts/identity';
import type { News } from '../contracts/news';
import { isSatisfied, isTrouble, type ProcessorName } from '../contracts/phase3';
import { policyNow, type PolicySettings } from '../contracts/policy';
import { inOrderOfEnd, newestResults, recordedDate } from '../contracts/run-record';
import { withExpectedArrivals } from '../gate/check-dependencies';
import { frontier } from '../gate/frontier';
import type { ProcessorVersions } from '../gate/judge-processor';
import { readSnapshot, snapshotOf, tablesOfSnapshot } from '../gate/read-snapshot';
import { planOf, processorNames, processors, triggerNames, triggers } from '../plan/registry';
import type { RunHistoryRow } from '../tables/orchestration';
import { FencedError } from '../publishing/fenced-error';
import type { TableName, TableRow } from '../tables/catalogue';
import type { DateRecord, FenceToken, Warehouse } from '../warehouse/warehouse';

export interface LookOptions {
  readonly warehouse: Warehouse;
  readonly policy: PolicySettings;
  readonly versions: ProcessorVersions;
  readonly clock: () => Date;
  /** Whether a run of a date's own workflow is open. */
  readonly hasOwnRun: (gameDate: string) => Promise<boolean>;
}

/** Throws `InvalidRunInput` (not retryable) for an override that is no instant. */
export async function lookAtDate(
  request: CheckDependenciesRequest,
  { warehouse, policy: settings, versions, clock, hasOwnRun }: LookOptions,
): Promise<Look> {
  const { gameDate, runId, pass, overrides, opens } = request;
  if (overrides.now !== undefined && Number.isNaN(Date.parse(overrides.now)))
    throw ApplicationFailure.create({
      type: failureTypes.invalidRunInput,
      message: `overrides.now is "${overrides.now}", expected an instant such as 2025-01-16T08:00:00Z`,
      nonRetryable: true,
    });
  const token = { gameDate, runId, pass };
  const tables = tablesOfSnapshot(processors);
  const record = opens ? await claim(token, request, tables, { warehouse, clock, hasOwnRun }) : null;
  const opened = record && openedBy(record, versions);
  const now = policyNow(settings, overrides, clock);
  const policy = request.isPastDeadline ? { ...now, isPastDeadline: true } : now;
  // What the claim has read is what is judged.
  const snapshot = record
    ? await snapshotOf(warehouse, gameDate, record, policy)
    : await readSnapshot(warehouse, gameDate, processors, policy);
  const found = frontier({
    registered: { processors, sources: triggerNames },
    snapshot,
    policy,
    versions,
    request: {
      ...request,
      ...(opened && knownAfter(request, opened)),
      heard: newsOfGames(request.heard ?? {}),
    },
  });
  const verdicts = await withExpectedArrivals(warehouse, gameDate, found.verdicts);
  const expected = new Map(verdicts.map((verdict) => [verdict.processor, verdict.expected]));
  return {
    ...{ ...found, verdicts, policy, opened },
    settled: found.settled.map((result) => {
      const own = result.details && expected.get(result.processor);
      return own ? { ...result, expected: own } : result;
    }),
  };
}

/** Throws `FencedError` where the date is left to a run of its own, or to another that has claimed it. */
async function claim<T extends TableName>(
  token: FenceToken,
  { unlessHeld }: Pick<CheckDependenciesRequest, 'unlessHeld'>,
  tables: readonly T[],
  { warehouse, clock, hasOwnRun }: Pick<LookOptions, 'warehouse' | 'clock' | 'hasOwnRun'>,
): Promise<DateRecord & { [K in T]: readonly TableRow<K>[] }> {
  const at = clock().toISOString();
  if (!unlessHeld) return warehouse.claimDate(token, at, tables);
  const record = await warehouse.claimDate(token, at, [...tables, 'date_fence' as const], true);
  const [held] = record.date_fence;
  if (held?.run_id !== token.runId) throw new FencedError(token, `run ${held?.run_id ?? 'unknown'}`);
  // Asked once the date is claimed: a run that begins afterwards claims it in its turn, and what is published here is refused.
  if (await hasOwnRun(token.gameDate)) throw new FencedError(token, 'its own run');
  return record;
}

/** Of what was heard, that of sources whose rows say that a game was played. */
function newsOfGames(heard: News): News {
  const ofGames = triggers.flatMap(({ isOfPlayedGames, name }) => (isOfPlayedGames ? [name] : []));
  return Object.fromEntries(Object.entries(heard).filter(([source]) => ofGames.includes(source)));
}

/** What the run that asks did not know yet. */
function knownAfter(
  { owed, standing = [] }: CheckDependenciesRequest,
  opened: OpenedPass,
): Pick<CheckDependenciesRequest, 'owed' | 'standing'> {
  return {
    owed: [...owed, ...opened.owed],
    standing: [...standing, ...opened.standing.map(({ processor }) => processor)],
  };
}

function openedBy(record: DateRecord, versions: ProcessorVersions): OpenedPass {
  return {
    plan: planOf(versions),
    owed: owedOf(record.run_history),
    standing: standingBypasses(record.partition_manifest),
    auditHead: headOfRecord(record),
    troubleSince: troubleSince(record.run_history),
  };
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
function owedOf(history: readonly RunHistoryRow[]): ProcessorName[] {
  const newest = newestResults(history);
  return processorNames.filter((name) => {
    const result = newest.get(name);
    return result !== undefined && !isSatisfied(result.outcome) && result.outcome !== 'skipped';
  });
}
