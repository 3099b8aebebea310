/** How dates stand by the record: the newest result of every processor, and what live versions stand on. */
import { bypassIdsOf, liveManifests, parseBypass } from '../contracts/bypass-mark';
import { isSatisfied } from '../contracts/phase3';
import { recordedDate, type PassRow } from '../contracts/run-record';
import type { ManifestRow, RunHistoryRow } from '../tables/orchestration';
import type { Warehouse } from '../warehouse/warehouse';
import type { RecordedStanding } from './protocol';

/** One line a date with a record, dates ascending. The level logs stay where they are: a list has no room for them. */
export async function recordedStandings(
  warehouse: Warehouse,
  from: string,
  to: string,
): Promise<RecordedStanding[]> {
  const passes = new Map<string, PassRow[]>();
  const manifests = new Map<string, ManifestRow[]>();
  for await (const rows of warehouse.exportRows('run_history', from, to))
    for (const { game_date, run_id, pass, state, processors, ended_at } of rows as readonly RunHistoryRow[])
      passes.set(game_date, [
        ...(passes.get(game_date) ?? []),
        { run_id, pass, state, processors, ended_at },
      ]);
  for await (const rows of warehouse.exportRows('partition_manifest', from, to))
    for (const row of rows as readonly ManifestRow[])
      manifests.set(row.game_date, [...(manifests.get(row.game_date) ?? []), row]);
  const dates = [...new Set([...passes.keys(), ...manifests.keys()])].sort();
  return dates.map((gameDate) =>
    standingOf(gameDate, passes.get(gameDate) ?? [], manifests.get(gameDate) ?? []),
  );
}

function standingOf(
  gameDate: string,
  passes: readonly PassRow[],
  manifests: readonly ManifestRow[],
): RecordedStanding {
  const marks = liveManifests(manifests).flatMap(({ bypass }) => bypassIdsOf(parseBypass(bypass)));
  const recorded = recordedDate(passes);
  const open = (recorded?.results ?? []).filter(({ outcome }) => !isSatisfied(outcome));
  return {
    gameDate,
    state: recorded?.state ?? 'unknown',
    endedAt: recorded?.endedAt ?? null,
    missing: [...new Set(open.flatMap(({ missing }) => missing))],
    bypassIds: [...new Set(marks)],
    reasons: open.map(({ processor, outcome, reason }) => `${processor} ${outcome}: ${reason}`),
  };
}
