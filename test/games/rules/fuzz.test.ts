/**
 * Single corruptions of real nights against the pure engine: rules, build, checks. What differs from the clean night must be
 * held, or come with a warning that names it; only what nobody can know from the night may get through in silence.
 */
import { defaultPolicySettings, policyNow } from '../../../src/contracts/policy';
import { judgeProcessor } from '../../../src/gate/judge-processor';
import { inputsByGame } from '../../../src/gate/inputs-by-game';
import { selectNight } from '../../../src/gate/select-inputs';
import type { DateSnapshot } from '../../../src/gate/snapshot';
import { processors } from '../../../src/plan/registry';
import type { Processor } from '../../../src/processors/define-processor';
import { buildRows } from '../../../src/publishing/build-rows';
import { checkRows } from '../../../src/publishing/check-rows';
import { codeOf } from '../../../src/contracts/code-identity';
import { contentHash, fingerprint } from '../../../src/publishing/fingerprint';
import { manifestOf } from '../../../src/publishing/manifest';
import { selectInputs, upstreamVersions } from '../../../src/gate/select-inputs';
import type { Row } from '../../../src/tables/define-table';
import { demoNights, describeWithSeason, seasonNights, type Night } from '../../support/nights';
import { kinds, pick, random, type Kind } from './corruptions';

const processedAt = '2030-01-02T00:00:00.000Z';
/** Days after every night: what is ready goes on, and what never came is rebuilt. */
const policy = policyNow(defaultPolicySettings, { now: '2030-01-01T12:00:00Z' }, () => new Date());

/** What a run publishes of a night, and what it says. */
interface Published {
  readonly rows: ReadonlyMap<string, Row>;
  readonly warnings: readonly string[];
  /** Games that are held, missing or kept back, by table. */
  readonly withheld: number;
}

function publish(night: Night): Published {
  const gameDate = String(
    night.nbac_team_boxscore[0]?.['game_date'] ?? night.nbac_schedule[0]?.['game_date'],
  );
  let snapshot: DateSnapshot = {
    ...{ gameDate, isCalendarKnown: true, partition_manifest: [], reconstructs: 'stragglers' },
    rows: { ...night },
  };
  const rows = new Map<string, Row>();
  const warnings: string[] = [];
  let withheld = 0;
  for (const processor of processors) {
    const verdict = judgeProcessor(processor, snapshot, policy);
    withheld += verdict.missingGames.length;
    if (!verdict.canRun) {
      withheld += 1;
      continue;
    }
    const selected = selectNight(processor, snapshot);
    const built = buildRows(processor, selected, { processedAt, bypassId: null });
    const checks = checkRows(processor, built.rows, {
      games: selected.games.map(({ game }) => game),
      published: Object.fromEntries(
        Object.keys(processor.upstreams).map((alias) => [
          alias,
          selected.games.flatMap(({ inputs }) => inputs[alias] ?? []),
        ]),
      ),
      waived: new Set(),
    });
    if (checks.some(({ blocking, passed }) => blocking && !passed)) {
      withheld += 1;
      continue;
    }
    warnings.push(...built.warnings);
    for (const check of [...checks, ...selected.rules])
      if (!check.passed) warnings.push(`${check.name}: ${check.detail}`);
    for (const row of built.rows)
      rows.set([processor.table.name, ...processor.table.key.map((key) => String(row[key]))].join('/'), row);
    snapshot = published(processor, snapshot, built.rows);
  }
  return { rows, warnings, withheld };
}

function published(processor: Processor, snapshot: DateSnapshot, rows: readonly Row[]): DateSnapshot {
  const { table, version, name } = processor;
  const manifest = manifestOf({
    ...{ gameDate: snapshot.gameDate, processor, code: codeOf(processor), version: 1 },
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

const figures = (row: Row): string =>
  JSON.stringify({ ...row, data_hash: null, processed_at: null, bypass_id: null });

type Finding = 'held' | 'warned' | 'the same' | 'silently wrong';

function judge(clean: Published, corrupted: Published): Finding {
  const wrong = [...corrupted.rows].filter(([key, row]) => {
    const own = clean.rows.get(key);
    return !own || figures(own) !== figures(row);
  });
  const gone = [...clean.rows.keys()].filter((key) => !corrupted.rows.has(key));
  if (wrong.length > 0)
    return corrupted.warnings.length > clean.warnings.length ? 'warned' : 'silently wrong';
  if (gone.length === 0) return 'the same';
  return corrupted.withheld > clean.withheld ? 'held' : 'silently wrong';
}

interface Tried {
  readonly kind: Kind;
  readonly seed: number;
  readonly what: string;
  readonly finding: Finding;
}

/** Tries kinds in turn, each on nights of its own. */
function fuzz(nights: readonly Night[], times: number, seed: number): Tried[] {
  const clean = new Map<Night, Published>();
  const tried: Tried[] = [];
  for (let index = 0; tried.length < times && index < 20 * times; index += 1) {
    const own = random(seed + index);
    const night = pick(own, nights);
    const kind = kinds[index % kinds.length]!;
    const corrupted = kind.corrupt(night, own);
    if (!corrupted) continue;
    const before = clean.get(night) ?? publish(night);
    clean.set(night, before);
    const finding = judge(before, publish(corrupted.night));
    tried.push({ kind, seed: seed + index, what: corrupted.what, finding });
  }
  return tried;
}

function through(tried: readonly Tried[]): string[] {
  return tried
    .filter(({ finding, kind }) => finding === 'silently wrong' && !kind.isClosed)
    .map(({ kind, seed, what }) => `${kind.name} (seed ${seed}): ${what}`);
}

function counted(tried: readonly Tried[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { finding } of tried) counts[finding] = (counts[finding] ?? 0) + 1;
  return counts;
}

/** Prints what was not held, where somebody asks for it (`FUZZ_PRINT=1`). */
function print(tried: readonly Tried[]): void {
  if (!process.env['FUZZ_PRINT']) return;
  const others = tried.filter(({ finding }) => finding !== 'held');
  console.log(
    counted(tried),
    others.map(({ kind, finding, what }) => `${finding}: ${kind.name} ${what}`).join('\n'),
  );
}

it('of 500 corruptions of the playoffs of 2017 none gets through that the night itself contradicts', () => {
  const tried = fuzz(demoNights(), 500, 1);
  print(tried);
  expect(tried).toHaveLength(500);
  expect(through(tried)).toEqual([]);
});

/** Finds what one kind comes to, again and again. */
function ofKind(name: string, nights: readonly Night[], times: number): Record<string, number> {
  const kind = kinds.find((one) => one.name === name)!;
  const tried = Array.from({ length: times }, (_, index): Tried => {
    const own = random(1000 + index);
    const night = pick(own, nights);
    const corrupted = kind.corrupt(night, own)!;
    return {
      kind,
      seed: index,
      what: corrupted.what,
      finding: judge(publish(night), publish(corrupted.night)),
    };
  });
  return counted(tried);
}

it('a team scaled by 1.3 in every source alike is found, though no two sources contradict each other', () => {
  expect(ofKind('a team scaled by 1.3 in every source', demoNights(), 30)).not.toHaveProperty(
    'silently wrong',
  );
});

describeWithSeason('the season of 2024-25', () => {
  it('of 500 corruptions none gets through that the night itself contradicts', () => {
    const tried = fuzz(seasonNights(), Number(process.env['FUZZ_TIMES'] ?? 500), 7);
    print(tried);
    expect(through(tried)).toEqual([]);
  });
});
