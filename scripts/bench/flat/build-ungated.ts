/**
 * The baseline's build: reads, builds, stages, checks and publishes like the product's, but asks neither whether the date
 * is ready nor whether the offence below the players is current, and a publish does not care what moved meanwhile.
 */
import { buildRows } from '../../../src/activities/build-rows';
import type { RunProcessorRequest } from '../../../src/contracts/activities';
import type { ProcessorResult } from '../../../src/contracts/phase3';
import type { ProcessorVersions } from '../../../src/gate/judge-processor';
import { readSnapshot } from '../../../src/gate/read-snapshot';
import { readyGames, selectInputs, upstreamVersions } from '../../../src/gate/select-inputs';
import { currentManifest } from '../../../src/gate/snapshot';
import { processors } from '../../../src/plan/processors';
import { runChecks } from '../../../src/publishing/checks';
import { contentHash, fingerprint } from '../../../src/publishing/fingerprint';
import type { Warehouse } from '../../../src/warehouse/warehouse';

/** Builds and publishes one partition. Throws when a check fails or the publish is refused. */
export async function buildUngated(
  { processor: name, gameDate, runId, pass }: RunProcessorRequest,
  warehouse: Warehouse,
  versions: ProcessorVersions,
): Promise<ProcessorResult> {
  const snapshot = await readSnapshot(warehouse, gameDate, [name]);
  const { table, version: registryVersion } = processors[name];
  const processorVersion = versions[name] ?? registryVersion;
  const live = currentManifest(snapshot, table);
  const games = readyGames(name, snapshot);
  const print = fingerprint(name, processorVersion, selectInputs(name, snapshot));
  const processedAt = new Date().toISOString();
  const { rows, warnings } = buildRows(name, games, { processedAt, bypassId: null });
  const stageId = `flat-${runId}-${table}`;
  const staged = await warehouse.stage({ table, gameDate, stageId, rows });
  const checks = runChecks(name, staged, {
    games: games.map(({ game }) => ({ gameId: game.gameId, teams: [game.away, game.home] })),
    offense: name === 'PlayerGameSummaryProcessor' ? games.flatMap((game) => game.offenseRows) : [],
  });
  const failed = checks.filter((check) => check.blocking && !check.passed);
  const hash = contentHash(table, staged);
  if (failed.length > 0 || hash !== contentHash(table, rows))
    throw new Error(`${table} of ${gameDate} fails ${failed.map((check) => check.name).join(', ')}`);
  const version = (live?.version ?? 0) + 1;
  const result = await warehouse.publish({
    fence: { gameDate, runId, pass },
    table,
    expectedVersion: live?.version ?? 0,
    upstreamVersions: [],
    manifest: {
      game_date: gameDate,
      table_name: table,
      version,
      processor: name,
      processor_version: processorVersion,
      fingerprint: print,
      content_hash: hash,
      row_count: staged.length,
      upstream_versions: JSON.stringify(
        upstreamVersions(name, snapshot).map((up) => ({ table_name: up.tableName, version: up.version })),
      ),
      missing_games: '[]',
      checks: JSON.stringify(checks),
      reason: 'launched with everything else',
      bypass: null,
      audit_head: null,
      stage_id: stageId,
      run_id: runId,
      pass,
      published_at: processedAt,
    },
  });
  if (result.kind !== 'published') throw new Error(`${table} of ${gameDate} was refused: ${result.kind}`);
  return {
    processor: name,
    outcome: 'published',
    reason: 'launched with everything else',
    version,
    rowCount: staged.length,
    missing: [],
    missingGames: [],
    warnings,
    policyBypass: null,
  };
}
