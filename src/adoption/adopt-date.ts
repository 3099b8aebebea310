/**
 * Adopts partitions that were there before this system: writes a manifest for each and touches none of their rows.
 *
 * An adopted partition is on record and can be compared, but it is never current: nobody knows what it was built from.
 * So it satisfies no dependency, and the first run of its date builds a version of its own.
 */
import { randomUUID } from 'node:crypto';
import { adoptionPrefix } from '../contracts/identity';
import { adoptedVersion } from '../contracts/phase3';
import { currentManifest, gamesOf, publishedRows, type DateSnapshot } from '../gate/snapshot';
import { readSnapshot } from '../gate/read-snapshot';
import { processors } from '../plan/registry';
import type { Processor } from '../processors/define-processor';
import type { RuleContext } from '../processors/define-rule';
import { checkRows, filledRows, type CheckResult } from '../publishing/check-rows';
import { contentHash } from '../publishing/fingerprint';
import type { TableName } from '../tables/catalogue';
import type { ManifestRow, RunHistoryRow } from '../tables/orchestration';
import type { FenceToken, PublishResult, Warehouse } from '../warehouse/warehouse';

export interface Adopter {
  /** Who decided it. */
  readonly by: string;
  /** Why, in their words. */
  readonly reason: string;
}

/** What came of one partition. */
export interface AdoptedPartition {
  readonly gameDate: string;
  readonly table: TableName;
  readonly outcome: 'adopted' | 'already_published' | 'refused';
  readonly rows: number;
  /** Checks that its rows would not have passed. They are recorded with it, and hold nothing up. */
  readonly failedChecks: readonly { readonly check: string; readonly detail: string }[];
  /** Why it was refused; empty otherwise. */
  readonly detail: string;
}

/** Adopts what is there for one date: nothing where the tables hold no rows. */
export async function adoptDate(
  warehouse: Warehouse,
  gameDate: string,
  adopter: Adopter,
  clock: () => Date = () => new Date(),
): Promise<AdoptedPartition[]> {
  const snapshot = await readSnapshot(warehouse, gameDate, processors);
  const rowsOf = ({ table }: Processor): number => publishedRows(snapshot, table).length;
  const told = (processor: Processor, outcome: AdoptedPartition['outcome'], detail: string) => ({
    ...{ gameDate, table: processor.table.name, outcome, rows: rowsOf(processor), detail },
    failedChecks: [],
  });
  const found = processors.filter((processor) => rowsOf(processor) > 0);
  const isPublished = ({ table }: Processor): boolean => currentManifest(snapshot, table) !== null;
  const known = found.filter(isPublished).map((one): AdoptedPartition => told(one, 'already_published', ''));
  const wanted = found.filter((one) => !isPublished(one));
  if (wanted.length === 0) return known;

  const { date_fence: fences } = await warehouse.readDate(gameDate, ['date_fence']);
  // The claim of an adoption that was broken off stays open and would lock the date; one that is alive is fenced off.
  const holder = fences.find((fence) => fence.state === 'open' && !fence.run_id.startsWith(adoptionPrefix));
  if (holder) {
    const detail =
      `run ${holder.run_id}, pass ${holder.pass} works on ${gameDate}; adopt the date when that run has ended ` +
      `(a terminated run never does: then \`phase3 run ${gameDate}\` takes the date over)`;
    return [...known, ...wanted.map((one): AdoptedPartition => told(one, 'refused', detail))];
  }

  const token: FenceToken = { gameDate, runId: `${adoptionPrefix}${randomUUID()}`, pass: 1 };
  const startedAt = clock().toISOString();
  await warehouse.claimDate(token, startedAt);
  const adopted: AdoptedPartition[] = [];
  try {
    // Read again: only from the claim on does nobody else publish this date.
    const claimed = await readSnapshot(warehouse, gameDate, processors);
    for (const processor of wanted)
      adopted.push(await adoptPartition(warehouse, processor, claimed, token, adopter, clock()));
  } finally {
    const row = historyOf(token, startedAt, clock(), adopter, adopted);
    await warehouse.closePass(token, clock().toISOString(), row);
  }
  return [...known, ...adopted];
}

async function adoptPartition(
  warehouse: Warehouse,
  processor: Processor,
  snapshot: DateSnapshot,
  token: FenceToken,
  adopter: Adopter,
  at: Date,
): Promise<AdoptedPartition> {
  const table = processor.table.name;
  const rows = publishedRows(snapshot, processor.table);
  const checks = checkRows(processor, rows, contextOf(processor, snapshot));
  const hash = contentHash(processor.table, rows);
  const manifest = manifestOf(processor, token, rows.length, hash, checks, adopter, at);
  const result = await warehouse.adopt({
    fence: token,
    table,
    manifest,
    expectedVersion: 0,
    upstreamVersions: [],
  });
  return {
    gameDate: token.gameDate,
    table,
    outcome: result.kind === 'published' ? 'adopted' : 'refused',
    rows: rows.length,
    failedChecks: checks
      .filter((check) => !check.passed)
      .map((check) => ({ check: check.name, detail: check.detail })),
    detail: whyRefused(result),
  };
}

/** What the rules look at: a game that was postponed, or is not over, owes no rows. */
function contextOf({ upstreams }: Processor, snapshot: DateSnapshot): RuleContext {
  const games = gamesOf(snapshot).flatMap(({ game }) => (game.isFinal ? [game] : []));
  const ids = new Set(games.map(({ gameId }) => gameId));
  const published = Object.entries(upstreams).map(([alias, { table }]) => [
    alias,
    filledRows(table, publishedRows(snapshot, table)).filter((row) => ids.has(String(row['game_id']))),
  ]);
  return {
    games,
    published: Object.fromEntries(published) as RuleContext['published'],
    waived: new Set(),
  };
}

function whyRefused(result: PublishResult): string {
  switch (result.kind) {
    case 'published':
      return '';
    case 'fenced':
      return `the date was taken over by ${result.holder}`;
    case 'version_moved':
      return `version ${result.live?.version ?? 0} was published meanwhile`;
    case 'upstream_moved':
      return `${result.tableName} moved to version ${result.version} meanwhile`;
  }
}

function manifestOf(
  { name, table }: Processor,
  token: FenceToken,
  rowCount: number,
  hash: string,
  checks: readonly CheckResult[],
  { by, reason }: Adopter,
  at: Date,
): ManifestRow {
  return {
    game_date: token.gameDate,
    table_name: table.name,
    version: 1,
    processor: name,
    processor_version: adoptedVersion,
    source_hash: null,
    code_commit: null,
    fingerprint: adoptedVersion,
    inputs: null,
    content_hash: hash,
    row_count: rowCount,
    upstream_versions: '[]',
    missing_games: '[]',
    checks: JSON.stringify(
      checks.map(({ name: check, blocking, passed, detail }) => ({ check, blocking, passed, detail })),
    ),
    reason: `adopted as found, by ${by}: ${reason}`,
    bypass: null,
    pin: null,
    audit_head: null,
    stage_id: token.runId,
    run_id: token.runId,
    pass: token.pass,
    published_at: at.toISOString(),
  };
}

function historyOf(
  token: FenceToken,
  startedAt: string,
  endedAt: Date,
  { by, reason }: Adopter,
  adopted: readonly AdoptedPartition[],
): RunHistoryRow {
  const journal = adopted.map(({ table, outcome, rows, failedChecks, detail }) => ({
    at: endedAt.toISOString(),
    level: failedChecks.length > 0 || outcome === 'refused' ? 'WARNING' : 'INFO',
    message: [
      `${table}: ${rows} rows ${outcome}${detail ? ` (${detail})` : ''}`,
      ...failedChecks.map((failed) => `would have failed the check ${failed.check}: ${failed.detail}`),
    ].join('; '),
  }));
  return {
    game_date: token.gameDate,
    run_id: token.runId,
    pass: token.pass,
    workflow_id: token.runId,
    state: adopted.some(({ outcome }) => outcome === 'adopted') ? adoptedVersion : 'refused',
    requests: JSON.stringify([{ request_id: token.runId, kind: 'adopt', by, reason }]),
    // No processor ran, so none has a result.
    processors: '{}',
    missing: '[]',
    probes: 0,
    waited_ms: 0,
    audit_head: null,
    code_commit: null,
    journal: JSON.stringify(journal),
    started_at: startedAt,
    ended_at: endedAt.toISOString(),
  };
}
