/** The publish: stage, check, swap in atomically. The only path on which new rows go live. */
import { spellHead } from '../audit/chain';
import type { PassToken, RunProcessorResult } from '../contracts/activities';
import { bypassIdsOf, parseBypass, type BypassMark } from '../contracts/bypass-mark';
import type { CodeIdentity } from '../contracts/code-identity';
import type { AuditHead } from '../contracts/decisions';
import type { GateVerdict, ProcessorResult } from '../contracts/phase3';
import type { UpstreamUse } from '../gate/judge-games';
import { inputsByGame } from '../gate/inputs-by-game';
import { upstreamVersions, type SelectedNight } from '../gate/select-inputs';
import type { DateSnapshot } from '../gate/snapshot';
import type { Processor } from '../processors/define-processor';
import type { Row } from '../tables/define-table';
import type { ManifestRow } from '../tables/orchestration';
import type { Warehouse } from '../warehouse/warehouse';
import { buildRows, type BuiltRows } from './build-rows';
import { checkRows, type CheckResult } from './check-rows';
import { FencedError } from './fenced-error';
import { contentHash } from './fingerprint';
import { manifestOf } from './manifest';
import { holdSameRows } from './same-rows';

/** What was found and decided before a partition is built. */
export interface Build {
  /** Who builds, for which date, under which pass. */
  readonly request: PassToken & { readonly auditHead?: AuditHead | null };
  readonly processor: Processor;
  readonly code: CodeIdentity;
  readonly snapshot: DateSnapshot;
  readonly verdict: GateVerdict;
  readonly live: ManifestRow | null;
  readonly use: UpstreamUse;
  readonly night: SelectedNight;
  /** Hash of everything that it is built from. */
  readonly print: string;
  readonly stageId: string;
  /** What it stands on, if on a bypass. */
  readonly mark: BypassMark | null;
  /** Why it is built. */
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly now: string;
}

export interface PublishOptions {
  readonly warehouse: Pick<Warehouse, 'stage' | 'publish' | 'quarantine'>;
  /** Whether Temporal has cancelled or given up on this attempt: then it must not publish any more. */
  readonly isGivenUp: () => boolean;
}

/**
 * Builds the rows, stages them, checks what the warehouse then holds, and publishes it: live rows and manifest in one
 * transaction, refused if a version moved or another pass holds the date. What a blocking check refuses goes into quarantine,
 * and the live version stays.
 *
 * Throws {@link FencedError} when another pass holds the date, or this attempt was given up on.
 */
export async function publishPartition(
  build: Build,
  { warehouse, isGivenUp }: PublishOptions,
): Promise<RunProcessorResult> {
  const { request, processor, snapshot, stageId, live } = build;
  const { gameDate } = request;
  const built = buildRows(processor, build.night, {
    processedAt: build.now,
    bypassId: bypassIdsOf(build.mark)[0] ?? null,
    use: build.use,
  });
  const { name: table } = processor.table;
  const staged = await warehouse.stage({ table, gameDate, stageId, rows: built.rows });
  const checks = checkStaged(build, staged, built.rows);
  const failed = checks.filter((check) => check.blocking && !check.passed);
  if (failed.length > 0) return quarantine(build, staged, failed, warehouse);

  const manifest = manifestFor(build, staged, checks);
  if (isGivenUp()) throw new FencedError(request, 'nobody: the attempt was given up on');
  const result = await warehouse.publish({
    fence: fenceOf(request),
    ...{ manifest, table, expectedVersion: live?.version ?? 0 },
    upstreamVersions: upstreamVersions(processor, snapshot),
  });
  const published = ({ version, row_count: rowCount }: ManifestRow): RunProcessorResult =>
    settled(build.verdict, {
      ...{ outcome: 'published', reason: build.reason, version, rowCount },
      warnings: warningsOf(built, checks),
      bypassIds: bypassIdsOf(build.mark),
    });
  switch (result.kind) {
    case 'published':
      return published(manifest);
    case 'version_moved':
      // An attempt of this very pass that was thought dead has published the same thing.
      if (result.live && isSameBuild(build, result.live)) return published(result.live);
      return { kind: 'upstream_moved', detail: `${table} is at version ${result.live?.version ?? 0} now` };
    case 'upstream_moved':
      return {
        kind: 'upstream_moved',
        detail: `${result.tableName} changed to version ${result.version} while it was read`,
      };
    case 'fenced':
      throw new FencedError(request, result.holder);
  }
}

function fenceOf({ gameDate, runId, pass }: PassToken): PassToken {
  return { gameDate, runId, pass };
}

function isSameBuild({ request, print }: Build, live: ManifestRow): boolean {
  return live.fingerprint === print && live.run_id === request.runId && live.pass === request.pass;
}

/** Keeps what a blocking check refused, and leaves the live version as it is. */
async function quarantine(
  { request, processor, print, stageId, now, live, verdict }: Build,
  staged: readonly Row[],
  failed: readonly CheckResult[],
  warehouse: PublishOptions['warehouse'],
): Promise<RunProcessorResult> {
  await warehouse.quarantine({
    game_date: request.gameDate,
    table_name: processor.table.name,
    stage_id: stageId,
    processor: processor.name,
    fingerprint: print,
    row_count: staged.length,
    checks: JSON.stringify(failed),
    run_id: request.runId,
    pass: request.pass,
    quarantined_at: now,
  });
  return settled(verdict, {
    outcome: 'quarantined',
    reason: `${failed.map((check) => `${check.name}: ${check.detail}`).join('; ')} (stage ${stageId})`,
    version: live?.version ?? null,
    rowCount: staged.length,
    warnings: [],
    bypassIds: bypassIdsOf(parseBypass(live?.bypass ?? null)),
  });
}

function manifestFor(build: Build, staged: readonly Row[], checks: readonly CheckResult[]): ManifestRow {
  const { request, processor, snapshot, live, use } = build;
  return manifestOf({
    ...{ processor, checks, code: build.code, mark: build.mark, reason: build.reason },
    gameDate: request.gameDate,
    version: (live?.version ?? 0) + 1,
    fingerprint: build.print,
    inputs: inputsByGame(processor, build.night),
    contentHash: contentHash(processor.table, staged),
    rowCount: staged.length,
    upstreamVersions: upstreamVersions(processor, snapshot).filter(({ alias }) => use[alias] !== 'ignored'),
    missingGames: build.verdict.missingGames,
    auditHead: spellHead(request.auditHead ?? null),
    ...{ stageId: build.stageId, runId: request.runId, pass: request.pass, publishedAt: build.now },
  });
}

function checkStaged(
  { processor, night, use, snapshot }: Build,
  staged: readonly Row[],
  built: readonly Row[],
): CheckResult[] {
  // Cell by cell: a hash of each side would say the same, and takes ten times as long.
  const isSame = holdSameRows(processor.table, built, staged);
  const published = Object.keys(processor.upstreams).map((alias) => [
    alias,
    night.games.flatMap(({ inputs }) => inputs[alias] ?? []),
  ]);
  return [
    {
      name: 'staged_as_built',
      blocking: true,
      passed: isSame,
      detail: isSame
        ? ''
        : `${built.length} rows were built for ${snapshot.gameDate}, ${staged.length} were read back, and differ`,
      samples: [],
    },
    ...checkRows(
      processor,
      staged,
      {
        games: night.games.map(({ game }) => game),
        published: Object.fromEntries(published) as Readonly<Record<string, readonly Row[]>>,
        waived: new Set(Object.keys(use)),
      },
      keptGames(night),
    ),
    ...night.rules.map((rule) => ({ ...rule, samples: [] })),
  ];
}

/** Games whose rows are carried over: what holds of them was seen to when they were built. */
function keptGames({ kept }: SelectedNight): ReadonlySet<unknown> {
  return new Set(kept.map((row) => row['game_id']));
}

function warningsOf(built: BuiltRows, checks: readonly CheckResult[]): string[] {
  return [
    ...built.warnings,
    ...checks.filter((check) => !check.passed).map((check) => `${check.name}: ${check.detail}`),
  ];
}

function settled(
  verdict: GateVerdict,
  outcome: Pick<ProcessorResult, 'outcome' | 'reason' | 'version' | 'rowCount' | 'warnings' | 'bypassIds'>,
): RunProcessorResult {
  return {
    kind: 'settled',
    result: {
      ...outcome,
      processor: verdict.processor,
      missing: [],
      missingGames: verdict.missingGames,
      policyBypass: verdict.policyBypass,
    },
  };
}
