/** How dates stand by the record: the newest result of every processor, and what live versions stand on. */
import { standsOn } from '../contracts/bypass-mark';
import { liveManifests } from '../contracts/manifests';
import { isSatisfied, lackingGames, withOrWithout, type StaleUpstream } from '../contracts/phase3';
import { recordedDate, type PassRow } from '../contracts/run-record';
import { readSnapshot, type AgePolicy } from '../gate/read-snapshot';
import type { PinStanding } from '../contracts/pin';
import { judgePinned } from '../gate/judge-pinned';
import { pinOf } from '../gate/pins';
import { staleTables } from '../gate/stale-tables';
import { processors } from '../plan/registry';
import type { ManifestRow, RunHistoryRow } from '../tables/orchestration';
import type { Warehouse } from '../warehouse/warehouse';
import type { RecordedStanding } from './protocol';

/** One line a date with a record, dates ascending. The level logs stay where they are: a list has no room for them. */
export async function recordedStandings(
  warehouse: Warehouse,
  from: string,
  to: string,
  policy: AgePolicy,
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
  const looks = dates.length <= mostDatesLookedAt;
  const standings: RecordedStanding[] = [];
  for (const gameDate of dates) {
    const stale = looks ? await staleOn(warehouse, gameDate, policy) : null;
    standings.push(standingOf(gameDate, passes.get(gameDate) ?? [], manifests.get(gameDate) ?? [], stale));
  }
  return standings;
}

/** A date's rows have to be read to see whether it is current: a list of a season would take its time. */
const mostDatesLookedAt = 31;

/** Live versions of a date that are not what a run would build now. */
export async function staleOn(
  warehouse: Warehouse,
  gameDate: string,
  policy: AgePolicy,
): Promise<StaleUpstream[]> {
  return staleTables(await readSnapshot(warehouse, gameDate, processors, policy), processors);
}

/** The pins of a date's live versions, by table. */
export async function pinsOn(
  warehouse: Warehouse,
  gameDate: string,
  policy: AgePolicy,
): Promise<ReadonlyMap<string, PinStanding>> {
  const snapshot = await readSnapshot(warehouse, gameDate, processors, policy);
  return new Map(
    processors.flatMap((processor): [string, PinStanding][] => {
      const pinned = judgePinned(processor, snapshot);
      return pinned ? [[processor.table.name, pinned.pin]] : [];
    }),
  );
}

function standingOf(
  gameDate: string,
  passes: readonly PassRow[],
  manifests: readonly ManifestRow[],
  stale: readonly StaleUpstream[] | null,
): RecordedStanding {
  const marks = liveManifests(manifests).map(standsOn);
  const recorded = recordedDate(passes);
  const open = (recorded?.results ?? []).filter(({ outcome }) => !isSatisfied(outcome));
  const lacking = lackingGames((recorded?.results ?? []).filter(({ outcome }) => isSatisfied(outcome)));
  // They are left out by a decision, so the date lacks nothing; that they are is said all the same.
  const discarded = (recorded?.results ?? []).flatMap(({ missingGames }) =>
    missingGames.filter(({ status, isLive }) => status === 'discarded' && isLive !== true),
  );
  const named = new Map([...lacking, ...discarded].map((game) => [game.gameId, game]));
  return {
    gameDate,
    state: recorded?.state ?? 'unknown',
    endedAt: recorded?.endedAt ?? null,
    missing: [...new Set(open.flatMap(({ missing }) => missing))],
    bypassIds: [...new Set(marks.flatMap(({ bypassIds }) => bypassIds))],
    decisions: Object.assign({}, ...marks.map((mark) => mark.decisions)) as RecordedStanding['decisions'],
    reasons: [
      ...open.map(({ processor, outcome, reason }) => `${processor} ${outcome}: ${reason}`),
      ...[...named.values()].map(
        (game) => `${withOrWithout(game)} ${game.gameId}: ${game.status}, ${game.detail}`,
      ),
      ...(stale ?? []).map(({ processor, reason, isQuestioned }) =>
        isQuestioned ? `${processor}: ${reason}` : `${processor} is stale: ${reason}`,
      ),
    ],
    lacking: lacking.map(({ gameId }) => gameId),
    without: lacking.flatMap((game) => (withOrWithout(game) === 'without' ? [game.gameId] : [])),
    held: lacking.flatMap(({ gameId, status }) => (status === 'held' ? [gameId] : [])),
    pinned: processors.flatMap((processor) =>
      pinOf(processor, { partition_manifest: manifests }) ? [processor.name] : [],
    ),
    isStale: stale && stale.some(({ isQuestioned }) => !isQuestioned),
  };
}
