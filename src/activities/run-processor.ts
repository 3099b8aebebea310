/** Builds one partition: read, compare, build, stage, check, publish. The only path on which new rows are published. */
import { createHash } from 'node:crypto';
import type { RunProcessorRequest, RunProcessorResult } from '../contracts/activities';
import type { GateVerdict, ProcessorResult } from '../contracts/phase3';
import type { OffenseUse } from '../gate/judge-games';
import { judgeProcessor, notPublished, offenseUse, type ProcessorVersions } from '../gate/judge-processor';
import { readSnapshot } from '../gate/read-snapshot';
import { unchangedResult, whyRebuild } from '../gate/why-rebuild';
import { readyGames, selectInputs, upstreamVersions } from '../gate/select-inputs';
import { currentManifest, type DateSnapshot } from '../gate/snapshot';
import { processors } from '../plan/processors';
import { bypassIdsOf, parseBypass } from '../contracts/bypass-mark';
import { bypassMark } from '../publishing/bypass-mark';
import { runChecks, type CheckResult } from '../publishing/checks';
import { spellHead } from '../audit/chain';
import { contentHash, fingerprint } from '../publishing/fingerprint';
import type { Row } from '../tables/define-table';
import type { ManifestRow, QuarantineRow } from '../tables/orchestration';
import type { Warehouse } from '../warehouse/warehouse';
import { buildRows } from './build-rows';
import { fenced } from './fenced';

export interface RunProcessorOptions {
  readonly warehouse: Warehouse;
  readonly versions: ProcessorVersions;
  readonly clock: () => Date;
  /** Attempt of the activity: keeps two attempts from staging over each other. */
  readonly attempt: number;
  /** Whether Temporal has cancelled or given up on this attempt: then it must not publish any more. */
  readonly isGivenUp: () => boolean;
}

/**
 * Runs one processor for one date under the pass that holds the date's fence.
 *
 * Returns `unchanged` when the live version was built from just these inputs by this processor version and its stored
 * rows still hash to the manifest. Throws `PassFenced` (not retryable) when another pass holds the date.
 */
export async function runProcessor(
  request: RunProcessorRequest,
  options: RunProcessorOptions,
): Promise<RunProcessorResult> {
  const { warehouse, versions } = options;
  const { processor: name, gameDate, policy } = request;
  const snapshot = await readSnapshot(warehouse, gameDate, [name]);
  // The gate judged an earlier instant; what counts is what is read now.
  const verdict = judgeProcessor(name, snapshot, policy, { versions, waiver: request.waiver });
  if (!verdict.canRun) return { kind: 'not_ready', detail: whyNot(verdict) };

  const manifest = currentManifest(snapshot, processors[name].table);
  const rebuildReason = whyRebuild(verdict, snapshot, versions);
  if (rebuildReason === null && manifest) {
    const unchanged = unchangedResult(verdict, manifest);
    // An attempt of this very pass has published and was lost before it could say so.
    const isOwn = manifest.run_id === request.runId && manifest.pass === request.pass;
    return {
      kind: 'settled',
      result: isOwn ? { ...unchanged, outcome: 'published', reason: manifest.reason } : unchanged,
    };
  }
  const offense = offenseUse(name, snapshot, versions, new Set(verdict.bypass?.tables));
  return buildAndPublish(request, options, snapshot, verdict, offense, rebuildReason ?? notPublished);
}

async function buildAndPublish(
  request: RunProcessorRequest,
  options: RunProcessorOptions,
  snapshot: DateSnapshot,
  verdict: GateVerdict,
  offense: OffenseUse,
  reason: string,
): Promise<RunProcessorResult> {
  const { warehouse, clock } = options;
  const { processor: name, gameDate, runId, pass } = request;
  const { table, version: registryVersion } = processors[name];
  const processorVersion = options.versions[name] ?? registryVersion;
  const live = currentManifest(snapshot, table);
  const games = readyGames(name, snapshot, offense);
  const print = fingerprint(name, processorVersion, selectInputs(name, snapshot, offense));
  const now = clock().toISOString();
  const mark = bypassMark(
    name,
    (upstream) => currentManifest(snapshot, processors[upstream].table),
    verdict,
    offense !== 'ignored',
  );
  const bypassIds = bypassIdsOf(mark);
  const built = buildRows(name, games, {
    processedAt: now,
    bypassId: bypassIds[0] ?? null,
    isOffenseWaived: offense !== 'required',
  });
  const stageId = createHash('sha256')
    .update([table, gameDate, print, runId, pass, options.attempt].join('/'))
    .digest('hex')
    .slice(0, 32);

  const staged = await warehouse.stage({ table, gameDate, stageId, rows: built.rows });
  const checks = checkStaged(name, staged, built.rows, games, snapshot);
  const failed = checks.filter((check) => check.blocking && !check.passed);
  if (failed.length > 0) {
    const row: QuarantineRow = {
      game_date: gameDate,
      table_name: table,
      stage_id: stageId,
      processor: name,
      fingerprint: print,
      row_count: staged.length,
      checks: JSON.stringify(failed),
      run_id: runId,
      pass,
      quarantined_at: now,
    };
    await warehouse.quarantine(row);
    return settled(verdict, {
      outcome: 'quarantined',
      reason: `${failed.map((check) => `${check.name}: ${check.detail}`).join('; ')} (stage ${stageId})`,
      version: live?.version ?? null,
      rowCount: staged.length,
      warnings: [],
      bypassIds: bypassIdsOf(parseBypass(live?.bypass ?? null)),
    });
  }

  const manifest: ManifestRow = {
    game_date: gameDate,
    table_name: table,
    version: (live?.version ?? 0) + 1,
    processor: name,
    processor_version: processorVersion,
    fingerprint: print,
    content_hash: contentHash(table, staged),
    row_count: staged.length,
    upstream_versions: JSON.stringify(
      offense === 'ignored'
        ? []
        : upstreamVersions(name, snapshot).map(({ tableName, version }) => ({
            table_name: tableName,
            version,
          })),
    ),
    missing_games: JSON.stringify(
      verdict.missingGames.map((game) => ({
        game_id: game.gameId,
        status: game.status,
        table: game.table,
        detail: game.detail,
      })),
    ),
    checks: JSON.stringify(
      checks.map(({ name: check, blocking, passed, detail }) => ({ check, blocking, passed, detail })),
    ),
    reason,
    bypass: mark ? JSON.stringify(mark) : null,
    audit_head: spellHead(request.auditHead ?? null),
    stage_id: stageId,
    run_id: runId,
    pass,
    published_at: now,
  };
  const warnings = [
    ...vanishingGames(snapshot[table], staged),
    ...built.warnings,
    ...checks.filter((check) => !check.passed).map((check) => `${check.name}: ${check.detail}`),
  ];
  if (options.isGivenUp()) throw fenced(request, 'nobody: the attempt was given up on');
  const result = await warehouse.publish({
    fence: { gameDate, runId, pass },
    manifest,
    table,
    expectedVersion: live?.version ?? 0,
    upstreamVersions: upstreamVersions(name, snapshot),
  });
  const published = (version: number, rowCount: number): RunProcessorResult =>
    settled(verdict, { outcome: 'published', reason, version, rowCount, warnings, bypassIds });
  switch (result.kind) {
    case 'published':
      return published(manifest.version, manifest.row_count);
    case 'version_moved':
      // An attempt of this very pass that was thought dead has published the same thing.
      if (result.live?.fingerprint === print && result.live.run_id === runId && result.live.pass === pass)
        return published(result.live.version, result.live.row_count);
      return { kind: 'upstream_moved', detail: `${table} is at version ${result.live?.version ?? 0} now` };
    case 'upstream_moved':
      return {
        kind: 'upstream_moved',
        detail: `${result.tableName} moved to version ${result.version} while it was read`,
      };
    case 'fenced':
      throw fenced(request, result.holder);
  }
}

function checkStaged(
  name: RunProcessorRequest['processor'],
  staged: readonly Row[],
  built: readonly Row[],
  games: ReturnType<typeof readyGames>,
  snapshot: DateSnapshot,
): CheckResult[] {
  const isPlayer = name === 'PlayerGameSummaryProcessor';
  const context = {
    games: games.map(({ game }) => ({ gameId: game.gameId, teams: [game.away, game.home] as const })),
    offense: isPlayer ? games.flatMap((game) => game.offenseRows) : [],
    // Games without rows of their teams are here by a bypass only.
    waivedTeams: new Set(
      isPlayer
        ? games.flatMap(({ game, offenseRows }) =>
            [game.away, game.home].filter((team) => !offenseRows.some((row) => row.team_abbr === team)),
          )
        : [],
    ),
  };
  const table = processors[name].table;
  const same = contentHash(table, staged) === contentHash(table, built);
  return [
    {
      name: 'staged_as_built',
      blocking: true,
      passed: same,
      detail: same
        ? ''
        : `${built.length} rows were built for ${snapshot.gameDate}, ${staged.length} came back changed`,
      samples: [],
    },
    ...runChecks(name, staged, context),
  ];
}

/** Games that are live and would be so no more, because their raw rows are no longer ready. Published, but not silently. */
function vanishingGames(live: readonly Row[], staged: readonly Row[]): string[] {
  const kept = new Set(staged.map((row) => row['game_id']));
  const gone = [...new Set(live.map((row) => row['game_id']))].filter((gameId) => !kept.has(gameId));
  return gone.map(
    (gameId) => `${String(gameId)} was published and is not ready any more: its rows leave the live version`,
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
  if (verdict.skip) return 'there is no game on this date any more';
  return `missing since the gate opened: ${verdict.missing.join(', ')}`;
}
