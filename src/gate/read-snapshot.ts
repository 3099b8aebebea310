/** Reads a {@link DateSnapshot} through the port: one statement for all tables that are wanted. */
import { addDays } from '../contracts/game-date';
import type { InputTableName, ProcessorName } from '../contracts/phase3';
import { processors } from '../plan/processors';
import type { Warehouse } from '../warehouse/warehouse';
import type { DateSnapshot } from './snapshot';

/** A schedule row within this many days says that the schedule of that part of the year is loaded. */
const scheduleReachDays = 180;

/**
 * Everything that the given processors read, publish or stand on, for one date. Tables not wanted are left empty; only
 * where the schedule has no game are all raw tables read, since rows without a schedule mean that the schedule is late.
 */
export async function readSnapshot(
  warehouse: Warehouse,
  gameDate: string,
  names: readonly ProcessorName[],
): Promise<DateSnapshot> {
  const wanted = new Set<InputTableName>();
  for (const name of names.flatMap((one) => [one, ...processors[one].upstreams])) {
    wanted.add(processors[name].table);
    for (const input of processors[name].inputs) wanted.add(input);
  }
  const none: DateSnapshot = {
    gameDate,
    scheduleKnown: true,
    nbac_schedule: [],
    nbac_team_boxscore: [],
    nbac_gamebook_player_stats: [],
    team_offense_game_summary: [],
    team_defense_game_summary: [],
    player_game_summary: [],
    partition_manifest: [],
  };
  const snapshot = { ...none, ...(await warehouse.readDate(gameDate, [...wanted, 'partition_manifest'])) };
  if (snapshot.nbac_schedule.length > 0) return snapshot;
  const [raw, scheduled] = await Promise.all([
    warehouse.readDate(gameDate, ['nbac_team_boxscore', 'nbac_gamebook_player_stats']),
    warehouse.countRows(
      'nbac_schedule',
      addDays(gameDate, -scheduleReachDays),
      addDays(gameDate, scheduleReachDays),
    ),
  ]);
  return { ...snapshot, ...raw, scheduleKnown: scheduled > 0 };
}
