/** How dates stand by the record: the newest pass of each, and what its live versions stand on. */
import { liveManifests, bypassIdsOf, parseBypass } from '../contracts/bypass-mark';
import { adoptionPrefix } from '../contracts/identity';
import type { ProcessorName, ProcessorResult, RunState } from '../contracts/phase3';
import type { ManifestRow, RunHistoryRow } from '../tables/orchestration';
import type { Warehouse } from '../warehouse/warehouse';
import type { RecordedStanding } from './protocol';

/** One line a date with a record, dates ascending. The level logs stay where they are: a list has no room for them. */
export async function recordedStandings(
  warehouse: Warehouse,
  from: string,
  to: string,
): Promise<RecordedStanding[]> {
  const newest = new Map<string, RunHistoryRow>();
  const manifests = new Map<string, ManifestRow[]>();
  for await (const rows of warehouse.exportRows('run_history', from, to))
    for (const row of rows as readonly RunHistoryRow[]) {
      const other = newest.get(row.game_date);
      if (!other || isNewer(row, other)) newest.set(row.game_date, row);
    }
  for await (const rows of warehouse.exportRows('partition_manifest', from, to))
    for (const row of rows as readonly ManifestRow[])
      manifests.set(row.game_date, [...(manifests.get(row.game_date) ?? []), row]);
  const dates = [...new Set([...newest.keys(), ...manifests.keys()])].sort();
  return dates.map((gameDate) => standingOf(gameDate, newest.get(gameDate), manifests.get(gameDate) ?? []));
}

/** An adoption ran nothing: it is the answer only where there is no other. */
function isNewer(row: RunHistoryRow, other: RunHistoryRow): boolean {
  const [isRun, otherIsRun] = [row, other].map(({ run_id }) => !run_id.startsWith(adoptionPrefix));
  return isRun === otherIsRun ? row.ended_at > other.ended_at : isRun === true;
}

function standingOf(
  gameDate: string,
  row: RunHistoryRow | undefined,
  manifests: readonly ManifestRow[],
): RecordedStanding {
  const marks = liveManifests(manifests).flatMap(({ bypass }) => bypassIdsOf(parseBypass(bypass)));
  // Written by `recordPass`, so the shape is ours.
  const results = row
    ? Object.values(JSON.parse(row.processors) as Partial<Record<ProcessorName, ProcessorResult>>)
    : [];
  return {
    gameDate,
    state: (row?.state ?? 'unknown') as RunState | 'unknown',
    endedAt: row?.ended_at ?? null,
    missing: row ? (JSON.parse(row.missing) as string[]) : [],
    bypassIds: [...new Set(marks)],
    reasons: results
      .filter(({ outcome }) => outcome !== 'published' && outcome !== 'unchanged')
      .map(({ processor, outcome, reason }) => `${processor} ${outcome}: ${reason}`),
  };
}
