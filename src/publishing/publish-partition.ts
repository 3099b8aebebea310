/** What a processor builds, on its way to be published. */
import { spellHead } from '../audit/chain';
import type { PassToken, RunProcessorResult } from '../contracts/activities';
import { rolledBackEntries } from '../contracts/audit-entries';
import { standsOn, standsOnMark, type BypassMark } from '../contracts/bypass-mark';
import type { CodeIdentity } from '../contracts/code-identity';
import type { AuditHead } from '../contracts/decisions';
import type { GateVerdict, ProcessorResult } from '../contracts/phase3';
import type { UpstreamUse } from '../gate/judge-games';
import { inputsByGame } from '../gate/inputs-by-game';
import { upstreamVersions, type SelectedNight } from '../gate/select-inputs';
import type { DateSnapshot } from '../gate/snapshot';
import type { Processor } from '../processors/define-processor';
import type { Row } from '../tables/define-table';
import type { ManifestRow, QuarantineRow } from '../tables/orchestration';
import { buildRows, type BuiltRows } from './build-rows';
import { checkRows, filledRows, type CheckResult } from './check-rows';
import { contentHash } from './fingerprint';
import { manifestOf } from './manifest';
import { judgeByHistory, type OwnHistory } from './own-history';
import { publishRows } from './publish-rows';
import { rawKeptOf } from './raw-kept';
import type { WriteOptions } from './put-live';
import type { Stored } from './read-back';
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
  /** What its table had in the nights before; null where nothing is held against them. It never rejects. */
  readonly history: Promise<OwnHistory | null>;
  /** Hash of everything that it is built from. */
  readonly print: string;
  readonly stageId: string;
  /** What it stands on, if on a decision. */
  readonly mark: BypassMark | null;
  /** What of it goes into each row that is built now: the bypass, its own or an upstream's. */
  readonly bypassId: string | null;
  /** Why it is built. */
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly now: string;
}

/**
 * Builds the rows and publishes them, if what the warehouse holds of them passes the checks: refused if a version moved. What a
 * blocking check refuses goes into quarantine, and the live version stays. What is not stored as it was built has failed, and
 * it is rolled back to the version before.
 *
 * Throws `FencedError` when another pass holds the date, or this attempt was given up on.
 */
export async function publishPartition(build: Build, options: WriteOptions): Promise<RunProcessorResult> {
  const { request, processor, snapshot, verdict, live, print } = build;
  const built = rowsOf(build);
  let checks: readonly CheckResult[] = [];
  const expectedVersion = live?.version ?? 0;
  const put = await publishRows(
    {
      ...{ fence: fenceOf(request), table: processor.table, stageId: build.stageId, rows: built.rows },
      ...{ expectedVersion, upstreamVersions: upstreamVersions(processor, snapshot) },
      raw: rawKeptOf(request.gameDate, processor, build.night),
      judge: async (staged) => {
        checks = checkStaged(build, staged, built.rows, await build.history);
        const failed = checks.filter((check) => check.blocking && !check.passed);
        return failed.length > 0
          ? { kind: 'refused', why: whyRefused(failed), quarantine: quarantineOf(build, staged, failed) }
          : { kind: 'accepted', manifest: manifestFor(build, staged, checks) };
      },
    },
    // An attempt of this very pass that was thought dead has published the same thing.
    (other) => other.version > expectedVersion && other.fingerprint === print && isOfPass(request, other),
    options,
  );
  switch (put.kind) {
    case 'published':
      return {
        ...settled(verdict, {
          ...{ outcome: 'published', reason: build.reason },
          ...{ version: put.manifest.version, rowCount: put.manifest.row_count },
          warnings: warningsOf(built, checks),
          ...standsOnMark(build.mark),
        }),
        warned: [...new Set(checks.filter(({ passed }) => !passed).map(({ name }) => name))],
      };
    case 'mis_stored':
      return failedResult(verdict, put, options.clock().toISOString());
    case 'refused':
      return settled(verdict, {
        outcome: 'quarantined',
        reason: `${put.why} (stage ${build.stageId})`,
        version: live?.version ?? null,
        rowCount: put.staged.length,
        warnings: [],
        ...standsOn(live),
      });
    case 'version_moved':
      return {
        kind: 'upstream_moved',
        detail: `${processor.table.name} is at version ${put.live?.version ?? 0} now`,
      };
    case 'upstream_moved':
      return {
        kind: 'upstream_moved',
        detail: `${put.tableName} changed to version ${put.version} while it was read`,
      };
  }
}

/** The rows of a build. */
export function rowsOf({ processor, night, now, bypassId, use }: Build): BuiltRows {
  return buildRows(processor, night, { processedAt: now, bypassId, use });
}

/** What comes of a processor whose publication was not stored as it was built; what of it is owed to the audit is due. */
export function failedResult(
  verdict: GateVerdict,
  { bad, restored, why }: Extract<Stored, { kind: 'mis_stored' }>,
  at: string,
): RunProcessorResult {
  const live = restored ?? bad;
  const answer = settled(verdict, {
    ...{ outcome: 'failed', reason: why, version: live.version, rowCount: live.row_count, warnings: [] },
    ...standsOn(live),
  });
  return { ...answer, due: rolledBackEntries(bad, restored, why, at) };
}

function fenceOf({ gameDate, runId, pass }: PassToken): PassToken {
  return { gameDate, runId, pass };
}

/** Whether a version was published by the pass. */
export function isOfPass(
  { runId, pass }: Pick<PassToken, 'runId' | 'pass'>,
  manifest: Pick<ManifestRow, 'run_id' | 'pass'>,
): boolean {
  return manifest.run_id === runId && manifest.pass === pass;
}

function whyRefused(failed: readonly CheckResult[]): string {
  return failed.map((check) => `${check.name}: ${check.detail}`).join('; ');
}

/** The row that says what a blocking check has refused. */
function quarantineOf(
  { request, processor, print, stageId, now }: Build,
  staged: readonly Row[],
  failed: readonly CheckResult[],
): QuarantineRow {
  return {
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
  };
}

/** The manifest of rows that have been staged, and checked. */
export function manifestFor(
  build: Build,
  staged: readonly Row[],
  checks: readonly CheckResult[],
): ManifestRow {
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

/** Checks what was staged against what was built, and against the rules. */
export function checkStaged(
  { processor, night, use, snapshot }: Build,
  staged: readonly Row[],
  built: readonly Row[],
  history: OwnHistory | null,
): CheckResult[] {
  // Cell by cell: a hash of each side would say the same, and takes ten times as long.
  const isSame = holdSameRows(processor.table, built, staged);
  const published = Object.keys(processor.upstreams).map((alias) => [
    alias,
    night.games.flatMap(({ inputs }) => inputs[alias] ?? []),
  ]);
  const kept = keptGames(night);
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
      kept,
    ),
    ...byHistory(processor, history, staged, kept),
    ...night.rules.map((rule) => ({ ...rule, samples: [] })),
  ];
}

/** How the rows that were built stand out from the table's history, where it has a rule for that. */
function byHistory(
  { history: rule, table }: Processor,
  history: OwnHistory | null,
  staged: readonly Row[],
  kept: ReadonlySet<unknown>,
): CheckResult[] {
  const built = filledRows(table, staged).filter((row) => !kept.has(row['game_id']));
  return rule && history ? [judgeByHistory(rule, table, history, built)] : [];
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
  outcome: Pick<
    ProcessorResult,
    'outcome' | 'reason' | 'version' | 'rowCount' | 'warnings' | 'bypassIds' | 'decisions'
  >,
): Extract<RunProcessorResult, { kind: 'settled' }> {
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
