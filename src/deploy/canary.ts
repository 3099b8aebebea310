/** Tries a build on a cohort of recent dates in a shadow, and holds it against what is live. Nothing live is written. */
import type { RecordedStanding } from '../control/protocol';
import { addDays } from '../contracts/game-date';
import { newestManifest } from '../contracts/manifests';
import { bypassesOf } from '../contracts/phase3';
import { tellingTables, unusualOn, type DateRows } from '../games/unusual';
import { processors } from '../plan/registry';
import type { Row } from '../tables/define-table';
import type { ManifestRow, RunHistoryRow } from '../tables/orchestration';
import type { CanaryReport, RowDifferences } from './canary-report';
import { worst } from './canary-report';
import { chooseCohort, datesLookedAt, fewestDates, type Cohort, type RecentDate } from './cohort';
import { judgeCriteria, type Evidence } from './criteria';
import { rowsOf, type Live } from './live';
import { fullNights, passesOfBuild, troublesOf } from './night-samples';
import { DifferenceList } from './row-differences';
import { Shadow } from './shadow';
import {
  buildDates,
  liveSide,
  newestPasses,
  passesIn,
  rowsOn,
  TrialError,
  type Rows,
  type Trial,
} from './trial';

/** A date is built once for its rows, on a worker that has just started, and then for its time. */
const timedRounds = 2;
/** Within so many days the newest dates with games are looked for: a summer is shorter. */
const daysLookedBack = 200;

export interface CanaryPlan extends Trial {
  /** How many dates; null for a tenth of the newest. */
  readonly size: number | null;
  readonly now: () => Date;
}

export interface CanaryOutcome {
  readonly cohort: Cohort;
  readonly report: CanaryReport;
  readonly differences: RowDifferences;
}

/** What is known of the live deployment before anything is tried. */
interface LiveState {
  readonly base: string | null;
  readonly cohort: Cohort;
  readonly standings: ReadonlyMap<string, RecordedStanding>;
  readonly manifests: readonly ManifestRow[];
  readonly nights: readonly number[];
}

/** Runs it. Throws {@link TrialError} where there is nothing to compare with. */
export async function runCanary(plan: CanaryPlan): Promise<CanaryOutcome> {
  const live = await lookAtLive(plan);
  const { cohort } = live;
  for (const { gameDate, why } of cohort.unfit) plan.say(`${gameDate} is not taken: ${why}.`);
  for (const { gameDate, why } of cohort.chosen) plan.say(`${gameDate} is taken: ${why}.`);
  const shadow = await Shadow.create(plan);
  try {
    const { rows } = await liveSide(plan, shadow, datesOf(live));
    const list = new DifferenceList();
    const evidence = await tryOut(plan, shadow, live, rows, list);
    const criteria = judgeCriteria(evidence);
    const report: CanaryReport = {
      ...{ build: plan.build, base: live.base, at: plan.now().toISOString() },
      dates: cohort.chosen.map(({ gameDate }) => gameDate),
      ...{ verdict: worst(criteria), criteria, differences: list.total, accepted: null },
    };
    return { cohort, report, differences: list.result(plan.build) };
  } finally {
    await shadow.remove();
  }
}

async function lookAtLive({ live, size, config }: CanaryPlan): Promise<LiveState> {
  const range = await live.dateRange('partition_manifest');
  if (!range)
    throw new TrialError(
      'Nothing is published, so there is nothing that a new build could be compared with.',
    );
  const from = later(range.from, addDays(range.to, -daysLookedBack));
  const manifests = await rowsOf<ManifestRow>(live, 'partition_manifest', from, range.to);
  const dates = [...new Set(manifests.map(({ game_date }) => game_date))].sort().slice(-datesLookedAt);
  const [first = from, last = range.to] = [dates[0], dates.at(-1)];
  const standings = new Map((await live.standings(first, last)).map((one) => [one.gameDate, one]));
  const unusual = unusualOn(await tellingRows(live, dates));
  const isEmbedded = config.warehouse.kind === 'duckdb';
  const recent = dates.map((gameDate): RecentDate => ({
    gameDate,
    unfit: whyUnfit(standings.get(gameDate), isEmbedded),
    unusual: unusual.get(gameDate) ?? new Map(),
  }));
  const cohort = chooseCohort(recent, size);
  if (cohort.chosen.length === 0)
    throw new TrialError(
      `None of the ${dates.length} newest dates can be compared: ${cohort.unfit.map(({ gameDate, why }) => `${gameDate} ${why}`).join('; ')}.`,
    );
  const base = (await live.health())?.build.id ?? null;
  const history = await rowsOf<RunHistoryRow>(live, 'run_history', first, last);
  const own = base === null ? history : passesOfBuild(history, manifests, base);
  return { base, cohort, standings, manifests, nights: measureOf(own, history) };
}

/** The live build's nights; where it has hardly any yet, those of every build. */
function measureOf(own: readonly RunHistoryRow[], all: readonly RunHistoryRow[]): number[] {
  const nights = fullNights(own, processors.length);
  return nights.length >= fewestDates ? nights : fullNights(all, processors.length);
}

/** Why a date's live rows are no measure: not what the live version would build from what is there. */
function whyUnfit(standing: RecordedStanding | undefined, isEmbedded: boolean): string | null {
  if (!standing) return 'nothing is recorded of it';
  const { state, pinned, decisions, isStale } = standing;
  if (!['published', 'unchanged', 'partial'].includes(state)) return `it is ${state}`;
  if (pinned.length > 0) return `${pinned.join(', ')} is pinned, so live is not what would be built`;
  if (bypassesOf(standing).length > 0) return 'it stands on a bypass, which holds once';
  if (isStale) return 'live is stale: the live version would build it again, too';
  // A shadow in BigQuery has no audit, and would not know of them.
  if (!isEmbedded && Object.keys(decisions).length > 0)
    return 'it stands on decisions that the shadow does not have';
  return null;
}

async function tellingRows(live: Live, dates: readonly string[]): Promise<DateRows[]> {
  const [from = '', to = ''] = [dates[0], dates.at(-1)];
  const byDate = new Map(dates.map((date): [string, Record<string, Row[]>] => [date, {}]));
  for (const table of tellingTables)
    for await (const row of live.export(table, from, to)) {
      const rows = byDate.get(String(row['game_date']));
      if (rows) (rows[table] ??= []).push(row);
    }
  return [...byDate].map(([gameDate, rows]) => ({ gameDate, rows }));
}

/** Has the shadow build the cohort, and gathers what the criteria ask for. */
async function tryOut(
  plan: CanaryPlan,
  shadow: Shadow,
  live: LiveState,
  rows: Rows,
  list: DifferenceList,
): Promise<Evidence> {
  const dates = datesOf(live);
  const evidence = { dates: dates.length, errors: [] as string[], rulesFailed: [] as string[] };
  const nothing = { ...evidence, nights: [], liveNights: live.nights, differences: null };
  const failed = (await shadow.up()) ?? (await buildAll(plan, shadow, live, 'for its rows'));
  if (failed !== null) return { ...nothing, errors: [failed] };
  for (const row of await newestPasses(shadow, dates)) {
    const heldLive = new Set(live.standings.get(row.game_date)?.held);
    const troubles = troublesOf(row, heldLive);
    evidence.errors.push(...troubles.errors);
    evidence.rulesFailed.push(...troubles.rulesFailed);
  }
  await compare(shadow, dates, rows, list);
  const known = new Set((await passesIn(shadow, dates)).map(({ run_id, pass }) => `${run_id} ${pass}`));
  for (let round = 1; round <= timedRounds; round += 1) {
    const late = await buildAll(plan, shadow, live, `for its time, ${round} of ${timedRounds}`);
    if (late !== null) evidence.errors.push(late);
  }
  const timed = (await passesIn(shadow, dates)).filter(({ run_id, pass }) => !known.has(`${run_id} ${pass}`));
  return {
    ...evidence,
    nights: fullNights(timed, processors.length),
    liveNights: live.nights,
    differences: list.total,
  };
}

function datesOf({ cohort }: LiveState): string[] {
  return cohort.chosen.map(({ gameDate }) => gameDate);
}

/** Builds every date of the cohort; a sentence at the first that comes to no end, null otherwise. */
function buildAll(plan: CanaryPlan, shadow: Shadow, live: LiveState, what: string): Promise<string | null> {
  const nowOf = (gameDate: string): string => publishedAt(live, gameDate);
  const rebuilding = { by: 'canary', reason: `canary of build ${plan.build}`, processors: null };
  return buildDates(plan, shadow, datesOf(live), { ...rebuilding, nowOf, what });
}

/** When the live version was published, which the rules of age judged by. */
function publishedAt({ manifests }: LiveState, gameDate: string): string {
  const own = manifests.filter(({ game_date }) => game_date === gameDate);
  const published = processors.flatMap(({ table }) => newestManifest(own, table.name)?.published_at ?? []);
  return published.sort().at(-1) ?? '';
}

async function compare(
  shadow: Shadow,
  dates: readonly string[],
  rows: Rows,
  list: DifferenceList,
): Promise<void> {
  const [from = '', to = ''] = [dates[0], dates.at(-1)];
  for (const { table } of processors) {
    const ours = await shadow.rows(table.name, from, to);
    const theirs = rows.get(table.name) ?? [];
    list.add(
      table,
      dates.map((gameDate) => ({ gameDate, live: rowsOn(theirs, gameDate), ours: rowsOn(ours, gameDate) })),
    );
  }
}

function later(a: string, b: string): string {
  return a > b ? a : b;
}
