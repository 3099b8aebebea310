/** Reads a {@link DateSnapshot} through the port: one statement for all tables that are wanted. */
import { addDays } from '../contracts/game-date';
import type { InputTableName, ProcessorName } from '../contracts/phase3';
import { processors } from '../plan/processors';
import type { Warehouse } from '../warehouse/warehouse';
import type { DateSnapshot } from './snapshot';

/** A schedule row within this many days says that the schedule of that part of the year is loaded. */
const scheduleReachDays = 180;

/** Everything that the given processors read, publish or stand on, for one date. Tables not wanted are left empty. */
export async function readSnapshot(
  warehouse: Warehouse,
  gameDate: string,
  names: readonly ProcessorName[],
): Promise<DateSnapshot> {
  const wanted = new Set<InputTableName>([
    'nbac_schedule',
    'nbac_team_boxscore',
    'nbac_gamebook_player_stats',
  ]);
  for (const name of names) {
    wanted.add(processors[name].table);
    for (const upstream of processors[name].upstreams) wanted.add(processors[upstream].table);
  }
  const rows = await warehouse.readDate(gameDate, [...wanted, 'partition_manifest']);
  const scheduleKnown =
    rows.nbac_schedule.length > 0 ||
    (await warehouse.countRows(
      'nbac_schedule',
      addDays(gameDate, -scheduleReachDays),
      addDays(gameDate, scheduleReachDays),
    )) > 0;
  const none: DateSnapshot = {
    gameDate,
    scheduleKnown,
    nbac_schedule: [],
    nbac_team_boxscore: [],
    nbac_gamebook_player_stats: [],
    team_offense_game_summary: [],
    team_defense_game_summary: [],
    player_game_summary: [],
    partition_manifest: [],
  };
  return { ...none, ...rows };
}
