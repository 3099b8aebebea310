/**
 * What is asked about dates without changing any: of the worker that holds the warehouse ({@link ControlClient}), or of a
 * warehouse that this process has open itself. Both give the same answers.
 */
import { unbuilt, type BuildInfo } from '../contracts/code-identity';
import { policyNow, type PolicySettings } from '../contracts/policy';
import { explainFigure } from '../explain-figure/explain-figure';
import type { AgePolicy } from '../gate/read-snapshot';
import { checkRun } from '../gate/check-dependencies';
import { gamesOf, type ListedGame } from '../plan/calendar';
import { calendarTable, processorOf } from '../plan/registry';
import type { Row } from '../tables/define-table';
import { differenceOf } from '../versions/read-versions';
import type { Warehouse } from '../warehouse/warehouse';
import type { ControlClient } from './client';
import type { DateRecord, Questions } from './protocol';
import { questionsOf } from './questions';
import { recordedStandings, staleOn } from './standings';
import { found } from './versions';

export type DateReads = Questions &
  Pick<
    ControlClient,
    | 'dateRange'
    | 'standings'
    | 'games'
    | 'dateRecord'
    | 'versionsDifference'
    | 'check'
    | 'export'
    | 'explainFigure'
  >;

/** The games of the dates of a range. */
export async function listedGames(
  warehouse: Pick<Warehouse, 'exportRows'>,
  from: string,
  to: string,
): Promise<ListedGame[]> {
  const scheduled: Row[] = [];
  // A game may have rows in two batches.
  for await (const rows of warehouse.exportRows(calendarTable, from, to)) scheduled.push(...rows);
  return gamesOf(scheduled);
}

/** What is on record of a date, with what is not current of it. */
export async function recordOf(
  warehouse: Warehouse,
  gameDate: string,
  policy: AgePolicy,
): Promise<DateRecord> {
  const known = await warehouse.readDate(gameDate, ['run_history', 'partition_manifest', 'bypass_audit']);
  const isPublished = known.partition_manifest.length > 0;
  return { ...known, stale: isPublished ? await staleOn(warehouse, gameDate, policy) : [] };
}

/** Reads a warehouse that several processes may open. */
export function readsOf(
  warehouse: Warehouse,
  settings: PolicySettings,
  build: BuildInfo = unbuilt,
): DateReads {
  const now = (): AgePolicy => policyNow(settings, {}, () => new Date());
  return {
    ...questionsOf(warehouse, settings, build),
    dateRange: (table) => warehouse.dateRange(table),
    standings: (from, to) => recordedStandings(warehouse, from, to, now()),
    games: (from, to) => listedGames(warehouse, from, to),
    dateRecord: (gameDate) => recordOf(warehouse, gameDate, now()),
    versionsDifference: (table, gameDate, before, after) =>
      found(differenceOf(warehouse, table, gameDate, before, after)),
    check: async ({ game_date: gameDate, processors, overrides }) => ({
      verdicts: await checkRun(
        warehouse,
        gameDate,
        processors.map(processorOf),
        policyNow(settings, overrides, () => new Date()),
      ),
    }),
    async *export(table, from, to) {
      for await (const rows of warehouse.exportRows(table, from, to)) yield* rows;
    },
    explainFigure: ({ game_date: gameDate, ...query }) =>
      explainFigure(
        warehouse,
        { gameDate, ...query },
        policyNow(settings, {}, () => new Date()),
      ),
  };
}
