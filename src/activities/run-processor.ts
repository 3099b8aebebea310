/** Builds one partition: read, compare, build, stage, check, publish. The only path on which new rows are published. */
import { createHash } from 'node:crypto';
import type { RunProcessorRequest, RunProcessorResult } from '../contracts/activities';
import { bypassIdsOf, parseBypass, type BypassMark } from '../contracts/bypass-mark';
import type { GateVerdict, ProcessorResult } from '../contracts/phase3';
import { spellHead } from '../audit/chain';
import type { UpstreamUse } from '../gate/judge-games';
import { judgeProcessor, notPublished, upstreamUse, type ProcessorVersions } from '../gate/judge-processor';
import { readSnapshot } from '../gate/read-snapshot';
import { selectInputs, selectNight, upstreamVersions, type SelectedNight } from '../gate/select-inputs';
import { currentManifest, publishedRows, type DateSnapshot } from '../gate/snapshot';
import { unchangedResult, whyRebuild } from '../gate/why-rebuild';
import { processorOf } from '../plan/registry';
import type { Processor } from '../processors/define-processor';
import { buildRows, type BuiltRows } from '../publishing/build-rows';
import { bypassMark } from '../publishing/bypass-mark';
import { checkRows, type CheckResult } from '../publishing/check-rows';
import { codeOf, type BuildInfo, type CodeIdentity } from '../contracts/code-identity';
import { contentHash, fingerprint } from '../publishing/fingerprint';
import { manifestOf } from '../publishing/manifest';
import type { Row } from '../tables/define-table';
import type { ManifestRow } from '../tables/orchestration';
import type { Warehouse } from '../warehouse/warehouse';
import { fenced } from './fenced';

export interface RunProcessorOptions {
  readonly warehouse: Warehouse;
  readonly versions: ProcessorVersions;
  /** What code runs, for the manifest. */
  readonly build: BuildInfo;
  readonly clock: () => Date;
  /** Attempt of the activity: keeps two attempts from staging over each other. */
  readonly attempt: number;
  /** Whether Temporal has cancelled or given up on this attempt: then it must not publish any more. */
  readonly isGivenUp: () => boolean;
}

/** What one run of a processor has found and decided before it builds. */
interface Build {
  readonly request: RunProcessorRequest;
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

/**
 * Runs one processor for one date under the pass that holds the date's fence.
 *
 * Returns `unchanged` when the live version was built from just these inputs by this processor version and its stored
 * rows still hash to the manifest, unless somebody forces a rebuild. Throws `PassFenced` (not retryable) when another pass
 * holds the date.
 */
export async function runProcessor(
  request: RunProcessorRequest,
  options: RunProcessorOptions,
): Promise<RunProcessorResult> {
  const { warehouse, versions } = options;
  const { gameDate, policy, forced } = request;
  const processor = processorOf(request.processor);
  const snapshot = await readSnapshot(warehouse, gameDate, [processor]);
  // The gate judged an earlier instant; what counts is what is read now.
  const verdict = judgeProcessor(processor, snapshot, policy, { versions, waiver: request.waiver });
  if (!verdict.canRun) return { kind: 'not_ready', detail: whyNot(verdict) };

  const live = currentManifest(snapshot, processor.table);
  // An attempt of this very pass has published and was lost before it could say so.
  const isOwn = live?.run_id === request.runId && live.pass === request.pass;
  const changed = whyRebuild(processor, verdict, snapshot, versions);
  if (live && changed === null && (isOwn || !forced)) {
    const unchanged = unchangedResult(verdict, live);
    return {
      kind: 'settled',
      result: isOwn ? { ...unchanged, outcome: 'published', reason: live.reason } : unchanged,
    };
  }
  return publishBuild(
    prepare(request, options, snapshot, verdict, changed ?? forced ?? notPublished),
    options,
  );
}

/** Selects and hashes what is built from. */
function prepare(
  request: RunProcessorRequest,
  { versions, clock, attempt, build }: RunProcessorOptions,
  snapshot: DateSnapshot,
  verdict: GateVerdict,
  reason: string,
): Build {
  const { gameDate, runId, pass } = request;
  const processor = processorOf(request.processor);
  const code = codeOf(processor, build, versions);
  const use = upstreamUse(processor, snapshot, versions, new Set(verdict.bypass?.tables));
  const print = fingerprint(processor.name, code.version, selectInputs(processor, snapshot, use));
  return {
    ...{ request, processor, code, snapshot, verdict, use, print, reason },
    live: currentManifest(snapshot, processor.table),
    night: selectNight(processor, snapshot, use),
    stageId: createHash('sha256')
      .update([processor.table.name, gameDate, print, runId, pass, attempt].join('/'))
      .digest('hex')
      .slice(0, 32),
    mark: bypassMark(
      processor,
      ({ table }) => currentManifest(snapshot, table),
      verdict,
      (alias) => use[alias] === 'ignored',
    ),
    now: clock().toISOString(),
  };
}

/** Stages, checks, and publishes or quarantines. */
async function publishBuild(
  build: Build,
  { warehouse, isGivenUp }: RunProcessorOptions,
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
  if (isGivenUp()) throw fenced(request, 'nobody: the attempt was given up on');
  const result = await warehouse.publish({
    fence: fenceOf(request),
    ...{ manifest, table, expectedVersion: live?.version ?? 0 },
    upstreamVersions: upstreamVersions(processor, snapshot),
  });
  const published = ({ version, row_count: rowCount }: ManifestRow): RunProcessorResult =>
    settled(build.verdict, {
      ...{ outcome: 'published', reason: build.reason, version, rowCount },
      warnings: warningsOf(build, staged, built, checks),
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
      throw fenced(request, result.holder);
  }
}

function fenceOf({ gameDate, runId, pass }: RunProcessorRequest) {
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
  warehouse: Warehouse,
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
  const isSame = contentHash(processor.table, staged) === contentHash(processor.table, built);
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
    ...checkRows(processor, staged, {
      games: night.games.map(({ game }) => game),
      published: Object.fromEntries(published) as Readonly<Record<string, readonly Row[]>>,
      waived: new Set(Object.keys(use)),
    }),
  ];
}

function warningsOf(
  { processor, snapshot }: Build,
  staged: readonly Row[],
  built: BuiltRows,
  checks: readonly CheckResult[],
): string[] {
  return [
    ...vanishingGames(publishedRows(snapshot, processor.table), staged),
    ...built.warnings,
    ...checks.filter((check) => !check.passed).map((check) => `${check.name}: ${check.detail}`),
  ];
}

/** Games that are live and would be so no more, because their raw rows are no longer ready. Published, but not silently. */
function vanishingGames(live: readonly Row[], staged: readonly Row[]): string[] {
  const kept = new Set(staged.map((row) => row['game_id']));
  const gone = [...new Set(live.map((row) => row['game_id']))].filter((gameId) => !kept.has(gameId));
  return gone.map(
    (gameId) => `${String(gameId)} was published and is no longer ready: its rows leave the live version`,
  );
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

function whyNot(verdict: GateVerdict): string {
  if (verdict.skip) return 'the date has no game any more';
  return `missing since the dependency check: ${verdict.missing.join(', ')}`;
}
