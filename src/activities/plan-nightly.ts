/** Which date a nightly launch is for, and whether it still needs asking. */
import { ApplicationFailure } from '@temporalio/common';
import type { PlanNightlyRequest, PlanNightlyResult } from '../contracts/activities';
import { failureTypes } from '../contracts/failures';
import { addDays } from '../contracts/game-date';
import { newYorkDate } from '../contracts/new-york';
import { isSatisfied, processorNames, type ProcessorName, type ProcessorResult } from '../contracts/phase3';
import type { ManifestRow, RunHistoryRow } from '../tables/orchestration';
import type { Warehouse } from '../warehouse/warehouse';

/** Plans one launch. The date follows from the instant the schedule meant, so a launch that comes late is for the same one. */
export async function planNightly(
  warehouse: Pick<Warehouse, 'readDate'>,
  { scheduledAt, ask }: PlanNightlyRequest,
): Promise<PlanNightlyResult> {
  const at = new Date(scheduledAt);
  if (Number.isNaN(at.getTime()))
    throw ApplicationFailure.create({
      type: failureTypes.invalidRunInput,
      message: `scheduledAt is "${scheduledAt}", expected an instant such as 2025-01-16T11:30:00Z`,
      nonRetryable: true,
    });
  // The calendar's day before, not 24 hours before: on the days of a clock change these differ.
  const gameDate = addDays(newYorkDate(at), -1);
  if (ask === 'all') return { gameDate, isDue: true, reason: `${gameDate} is asked whatever is known of it` };
  const record = await warehouse.readDate(gameDate, ['run_history', 'partition_manifest', 'nbac_schedule']);
  const open = whatIsOpen(record.run_history, record.partition_manifest, record.nbac_schedule.length);
  return open === null
    ? { gameDate, isDue: false, reason: `${gameDate} is complete: nothing on its record is open` }
    : { gameDate, isDue: true, reason: `${gameDate} is not complete: ${open}` };
}

/** What keeps a date from being complete; null when nothing does. */
function whatIsOpen(
  history: readonly RunHistoryRow[],
  manifests: readonly ManifestRow[],
  scheduledGames: number,
): string | null {
  const newest = newestResults(history);
  if (newest.size === 0) return 'no processor was ever run for it';
  const open = processorNames.flatMap((name) => {
    const why = whyOpen(newest.get(name), scheduledGames);
    return why === null ? [] : [`${name} ${why}`];
  });
  const bypassed = liveManifests(manifests).flatMap(({ table_name, version, bypass }) =>
    isByPerson(bypass) ? [`version ${version} of ${table_name} stands on a bypass`] : [],
  );
  const reasons = [...open, ...bypassed];
  return reasons.length === 0 ? null : reasons.join('; ');
}

function whyOpen(result: ProcessorResult | undefined, scheduledGames: number): string | null {
  if (!result) return 'has no result';
  const { outcome, missingGames } = result;
  if (missingGames.length > 0)
    return `is ${outcome} without ${missingGames.map((game) => game.gameId).join(', ')}`;
  // The schedule came after the launch that found none.
  if (outcome === 'skipped')
    return scheduledGames > 0 ? `was skipped, but the schedule lists ${scheduledGames} games now` : null;
  return isSatisfied(outcome) ? null : `is ${outcome}`;
}

/** The newest recorded result of every processor that ever had one. */
function newestResults(history: readonly RunHistoryRow[]): Map<ProcessorName, ProcessorResult> {
  const newest = new Map<ProcessorName, ProcessorResult>();
  const inOrder = [...history].sort((a, b) => (a.ended_at < b.ended_at ? -1 : 1));
  for (const row of inOrder) {
    // Written by `recordPass`, so the shape is ours.
    const results = JSON.parse(row.processors) as Partial<Record<ProcessorName, ProcessorResult>>;
    for (const name of processorNames) {
      const result = results[name];
      if (result) newest.set(name, result);
    }
  }
  return newest;
}

/** The newest version of every table. */
function liveManifests(manifests: readonly ManifestRow[]): ManifestRow[] {
  return manifests.filter(
    (manifest) =>
      !manifests.some(
        (other) => other.table_name === manifest.table_name && other.version > manifest.version,
      ),
  );
}

/** A person's bypass waits for what is missing. The two-day rule's does not: its missing games are in the results. */
function isByPerson(bypass: string | null): boolean {
  return bypass !== null && (JSON.parse(bypass) as { kind?: string }).kind !== 'policy';
}
