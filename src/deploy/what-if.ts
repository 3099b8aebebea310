/** What another build makes of dates, in a shadow, against what is live, told as of the worker's own code. Nothing live is written. */
import { newestManifest } from '../contracts/manifests';
import { resultsOfPass } from '../contracts/run-record';
import { foreseenTables, type FoundTable } from '../control/foreseen-table';
import type { WhatIfDate } from '../control/protocol';
import { processors } from '../plan/registry';
import type { Processor } from '../processors/define-processor';
import type { RunHistoryRow } from '../tables/orchestration';
import type { VersionRows } from '../versions/compare-versions';
import { rowsOf } from './live';
import { Shadow } from './shadow';
import {
  buildDates,
  liveSide,
  newestPasses,
  rowsOn,
  shadowSide,
  TrialError,
  type Side,
  type Trial,
} from './trial';

export interface WhatIfPlan extends Trial {
  /** Ascending. */
  readonly dates: readonly string[];
  /** Only these, and what stands on them; null for all. */
  readonly processors: readonly string[] | null;
}

/** Throws {@link TrialError} where the build comes to no end with a date. */
export async function whatIfBy(plan: WhatIfPlan): Promise<WhatIfDate[]> {
  const { build, dates } = plan;
  const unaudited = await decidedOn(plan);
  const shadow = await Shadow.create(plan);
  try {
    const live = await liveSide(plan, shadow, dates);
    const known = new Set((await historyOf(plan)).map(({ run_id: runId }) => runId));
    const failed =
      (await shadow.up()) ??
      (await buildDates(plan, shadow, dates, {
        ...{ by: 'plan', reason: `what-if of build ${build}`, processors: plan.processors },
        ...{ nowOf: () => null, what: 'to be compared' },
      }));
    if (failed !== null) throw new TrialError(`Build ${build} cannot be compared: ${failed}`);
    // In a copy of the warehouse the live passes are on record as well.
    const passes = (await newestPasses(shadow, dates)).filter(({ run_id: runId }) => !known.has(runId));
    const ours = await shadowSide(shadow, dates);
    return dates.map((gameDate) => {
      const pass = passes.find(({ game_date }) => game_date === gameDate);
      const warnings = unaudited.has(gameDate)
        ? ['it stands on decisions about games, which the shadow does not have']
        : [];
      return { gameDate, tables: foreseenTables(foundOn(gameDate, { live, ours, pass, warnings })) };
    });
  } finally {
    await shadow.remove();
  }
}

function historyOf({ live, dates }: WhatIfPlan): Promise<RunHistoryRow[]> {
  return rowsOf<RunHistoryRow>(live, 'run_history', dates[0] ?? '', dates.at(-1) ?? '');
}

/** Dates that stand on decisions which the shadow would not know of: in BigQuery it has no audit. */
async function decidedOn({ config, live, dates }: WhatIfPlan): Promise<ReadonlySet<string>> {
  if (config.warehouse.kind === 'duckdb') return new Set();
  const standings = await live.standings(dates[0] ?? '', dates.at(-1) ?? '');
  const decided = standings.filter(({ decisions }) => Object.keys(decisions).length > 0);
  return new Set(decided.map(({ gameDate }) => gameDate));
}

interface OnDate {
  readonly live: Side;
  readonly ours: Side;
  /** What came of the date in the shadow. */
  readonly pass: RunHistoryRow | undefined;
  readonly warnings: readonly string[];
}

function foundOn(gameDate: string, { live, ours, pass, warnings }: OnDate): FoundTable[] {
  if (!pass) throw new TrialError(`Nothing is on record of the run of ${gameDate} in the shadow.`);
  const results = resultsOfPass(pass);
  return processors.map((processor) => {
    const result = results.find((one) => one.processor === processor.name);
    const [before, after] = [live, ours].map((side) => versionOn(side, processor, gameDate));
    const isPublished = result?.outcome === 'published';
    return {
      processor,
      outcome: result?.outcome ?? 'unchanged',
      reason: result?.reason ?? 'it is not among what was asked for',
      verdict: { missingGames: result?.missingGames ?? [] },
      live: before ?? null,
      next: isPublished && after ? asNext(after, before ?? null) : null,
      warnings: [...warnings, ...(result?.warnings ?? [])],
    };
  });
}

/** What is live on a side; null where nothing is. */
function versionOn({ rows, manifests }: Side, { table }: Processor, gameDate: string): VersionRows | null {
  const manifest = newestManifest(rowsOn(manifests, gameDate), table.name);
  return manifest && { manifest, rows: rowsOn(rows.get(table.name) ?? [], gameDate) };
}

/** As the version that it would be here: a shadow may have begun to count anew. */
function asNext({ manifest, rows }: VersionRows, live: VersionRows | null): VersionRows {
  return { manifest: { ...manifest, version: (live?.manifest.version ?? 0) + 1 }, rows };
}
