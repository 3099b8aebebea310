/** Which date a nightly launch is for, and whether it still needs asking. */
import { ApplicationFailure } from '@temporalio/common';
import type { PlanNightlyRequest, PlanNightlyResult } from '../contracts/activities';
import { failureTypes } from '../contracts/failures';
import { addDays } from '../contracts/game-date';
import { newYorkDate } from '../contracts/new-york';
import { newestResults, recordedDate } from '../contracts/run-record';
import { bypassIdsOf, parseBypass } from '../contracts/bypass-mark';
import { liveManifests } from '../contracts/manifests';
import {
  canBuild,
  isLacking,
  isSatisfied,
  type GameVerdict,
  type ProcessorResult,
} from '../contracts/phase3';
import { calendar, rowsOfTable } from '../games/evidence';
import { defaultSource, processorNames } from '../plan/registry';
import { partitionManifest, runHistory, type ManifestRow, type RunHistoryRow } from '../tables/orchestration';
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
  const source = defaultSource;
  if (ask === 'all')
    return { gameDate, source, isDue: true, reason: `${gameDate} is run whatever its state` };
  const rows = await warehouse.readDate(gameDate, [
    ...[runHistory.name, partitionManifest.name, calendar.table.name],
  ]);
  const history = rowsOfTable(rows, runHistory);
  // Somebody has decided that this date is not to be run; asking again would overrule it.
  if (recordedDate(history)?.state === 'cancelled')
    return { gameDate, source, isDue: false, reason: `${gameDate} was cancelled` };
  const scheduled = rowsOfTable(rows, calendar.table).length;
  const open = whatIsOpen(history, rowsOfTable(rows, partitionManifest), scheduled);
  return open === null
    ? { gameDate, source, isDue: false, reason: `${gameDate} is complete` }
    : { gameDate, source, isDue: true, reason: `${gameDate} is not complete: ${open}` };
}

/** What keeps a date from being complete; null when nothing does. */
function whatIsOpen(
  history: readonly RunHistoryRow[],
  manifests: readonly ManifestRow[],
  scheduledGames: number,
): string | null {
  const newest = newestResults(history);
  if (newest.size === 0) return 'no processor ever ran for it';
  const open = processorNames.flatMap((name) => {
    const why = whyOpen(newest.get(name), scheduledGames);
    return why === null ? [] : [`${name} ${why}`];
  });
  // A person's bypass waits for what is missing. The two-day rule's does not: its missing games are in the results.
  const bypassed = liveManifests(manifests).flatMap(({ table_name, version, bypass }) =>
    bypassIdsOf(parseBypass(bypass)).length > 0
      ? [`version ${version} of ${table_name} was built with a bypass`]
      : [],
  );
  const reasons = [...open, ...bypassed];
  return reasons.length === 0 ? null : reasons.join('; ');
}

function whyOpen(result: ProcessorResult | undefined, scheduledGames: number): string | null {
  if (!result) return 'has no result';
  const { outcome, missingGames } = result;
  const lacking = missingGames.filter(isLacking);
  if (lacking.length > 0) return `is ${outcome} without ${lacking.map(whatOf).join(', ')}`;
  // The schedule came after the launch that found none.
  if (outcome === 'skipped')
    return scheduledGames > 0 ? `was skipped, but the schedule lists ${scheduledGames} games now` : null;
  return isSatisfied(outcome) ? null : `is ${outcome}`;
}

function whatOf(game: GameVerdict): string {
  return canBuild(game) ? `team rows of ${game.gameId}` : game.gameId;
}
