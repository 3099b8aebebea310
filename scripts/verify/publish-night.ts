/** The pure engine on a night in memory: evidence, gate, build, checks. What a run publishes, and what it says of the rest. */
import { codeOf } from '../../src/contracts/code-identity';
import { defaultPolicySettings, policyNow } from '../../src/contracts/policy';
import { inputsByGame } from '../../src/gate/inputs-by-game';
import { judgeProcessor } from '../../src/gate/judge-processor';
import { selectInputs, selectNight, upstreamVersions } from '../../src/gate/select-inputs';
import { currentManifest, publishedRows, type DateSnapshot } from '../../src/gate/snapshot';
import { processors } from '../../src/plan/registry';
import type { Processor } from '../../src/processors/define-processor';
import { buildRows } from '../../src/publishing/build-rows';
import { checkRows } from '../../src/publishing/check-rows';
import { contentHash, fingerprint } from '../../src/publishing/fingerprint';
import { manifestOf } from '../../src/publishing/manifest';
import type { Row } from '../../src/tables/define-table';

/** The raw rows of one date. */
export type RawNight = Readonly<
  Record<'nbac_schedule' | 'nbac_team_boxscore' | 'nbac_gamebook_player_stats', readonly Row[]>
>;

const processedAt = '2030-01-02T00:00:00.000Z';
/** Days after every night: what is ready goes on, and what never came is rebuilt. */
const policy = policyNow(defaultPolicySettings, { now: '2030-01-01T12:00:00Z' }, () => new Date());

/** What is live of a night after a run, and what the run said. */
export interface Published {
  /** Rows by table and key. */
  readonly rows: ReadonlyMap<string, Row>;
  readonly warnings: readonly string[];
  /** What is held, missing, kept back or contradicted: a sentence each. */
  readonly withheld: readonly string[];
}

/** A night's first run, then a run for each of `later`: all rows that are there by then. */
export function publish(night: RawNight, ...later: readonly RawNight[]): Published {
  const [first] = [night.nbac_schedule, night.nbac_team_boxscore, night.nbac_gamebook_player_stats].flat();
  let ran = run({
    ...{ gameDate: String(first?.['game_date']), isCalendarKnown: true, reconstructs: 'stragglers' },
    ...{ partition_manifest: [], rows: { ...night } },
  });
  for (const next of later) ran = run({ ...ran.snapshot, rows: { ...ran.snapshot.rows, ...next } });
  const rows = processors.flatMap(({ table }) =>
    publishedRows(ran.snapshot, table).map((row): [string, Row] => [keyOf(table, row), row]),
  );
  return { rows: new Map(rows), warnings: ran.warnings, withheld: ran.withheld };
}

function keyOf({ name, key }: Processor['table'], row: Row): string {
  return [name, ...key.map((column) => String(row[column]))].join('/');
}

interface Ran {
  readonly snapshot: DateSnapshot;
  readonly warnings: string[];
  readonly withheld: string[];
}

function run(before: DateSnapshot): Ran {
  let snapshot = before;
  const warnings: string[] = [];
  const withheld: string[] = [];
  for (const processor of processors) {
    const verdict = judgeProcessor(processor, snapshot, policy);
    for (const { gameId, status, detail } of verdict.missingGames)
      (status === 'reconstructed' ? warnings : withheld).push(`${gameId} ${status}: ${detail}`);
    if (!verdict.canRun) {
      withheld.push(`${processor.name} cannot run: ${verdict.skip ?? verdict.missing.join()}`);
      continue;
    }
    const selected = selectNight(processor, snapshot);
    const built = buildRows(processor, selected, { processedAt, bypassId: null });
    const published = Object.keys(processor.upstreams).map((alias) => [
      alias,
      selected.games.flatMap(({ inputs }) => inputs[alias] ?? []),
    ]);
    const checks = checkRows(
      processor,
      built.rows,
      {
        games: selected.games.map(({ game }) => game),
        published: Object.fromEntries(published) as Record<string, readonly Row[]>,
        waived: new Set(),
      },
      new Set(selected.kept.map((row) => row['game_id'])),
    );
    const refused = checks.filter(({ blocking, passed }) => blocking && !passed);
    withheld.push(...refused.map(({ name, detail }) => `${processor.name}: ${name}: ${detail}`));
    if (refused.length > 0) continue;
    warnings.push(...built.warnings);
    for (const check of [...checks, ...selected.rules])
      if (!check.passed) warnings.push(`${check.name}: ${check.detail}`);
    snapshot = withVersion(processor, snapshot, built.rows);
  }
  return { snapshot, warnings, withheld };
}

function withVersion(processor: Processor, snapshot: DateSnapshot, rows: readonly Row[]): DateSnapshot {
  const { table, version, name } = processor;
  const manifest = manifestOf({
    ...{ gameDate: snapshot.gameDate, processor, code: codeOf(processor) },
    version: (currentManifest(snapshot, table)?.version ?? 0) + 1,
    fingerprint: fingerprint(name, version, selectInputs(processor, snapshot)),
    inputs: inputsByGame(processor, selectNight(processor, snapshot)),
    contentHash: contentHash(table, rows),
    rowCount: rows.length,
    upstreamVersions: upstreamVersions(processor, snapshot),
    ...{ missingGames: [], checks: [], reason: 'a test', mark: null, auditHead: null },
    ...{ stageId: 'stage', runId: 'run', pass: 1, publishedAt: processedAt },
  });
  return {
    ...snapshot,
    rows: { ...snapshot.rows, [table.name]: rows },
    partition_manifest: [...snapshot.partition_manifest, manifest],
  };
}
