import { processorOf } from '../../src/plan/registry';
import type { ProcessorName } from '../../src/contracts/phase3';
import { checkDependencies } from '../../src/gate/check-dependencies';
import type { RowsByTable } from '../../src/games/evidence';
import { readSnapshot } from '../../src/gate/read-snapshot';
import type { TableName } from '../../src/tables/catalogue';
import type { Warehouse } from '../../src/warehouse/warehouse';
import {
  defense,
  drop,
  gameDate,
  goodNight,
  offense,
  player,
  policyAfter,
  published,
} from '../support/fixtures';

/** A warehouse of one date that tells what it was asked, and refuses what a gate has no business with. */
function warehouseWith(snapshot = goodNight(1), scheduleRowsAround = 0) {
  const reads: { gameDate: string; tables: readonly TableName[] }[] = [];
  const counts: unknown[] = [];
  const known: Partial<Warehouse> = {
    readDate: (date, tables) => {
      reads.push({ gameDate: date, tables });
      const held: RowsByTable = { ...snapshot.rows, partition_manifest: snapshot.partition_manifest };
      const rows = Object.fromEntries(tables.map((table) => [table, held[table] ?? []]));
      return Promise.resolve(rows as never);
    },
    countRows: (table, from, to) => {
      counts.push({ table, from, to });
      return Promise.resolve(scheduleRowsAround);
    },
  };
  return { warehouse: known as Warehouse, reads, counts };
}

describe('a snapshot', () => {
  const everySource = ['nbac_schedule', 'nbac_team_boxscore', 'nbac_gamebook_player_stats'];

  it.each<[ProcessorName, readonly TableName[]]>([
    [offense, ['team_offense_game_summary']],
    [defense, ['team_defense_game_summary']],
    [player, ['player_game_summary', 'team_offense_game_summary']],
  ])('for %s is read at one instant: every source, what it publishes and stands on', async (name, tables) => {
    const { warehouse, reads } = warehouseWith();
    await readSnapshot(warehouse, gameDate, [processorOf(name)]);
    expect(reads).toEqual([{ gameDate, tables: expect.any(Array) as unknown }]);
    expect([...reads[0]!.tables].sort()).toEqual([...everySource, ...tables, 'partition_manifest'].sort());
  });

  it('for a level is read once for all its processors', async () => {
    const { warehouse, reads } = warehouseWith();
    await readSnapshot(warehouse, gameDate, [offense, defense].map(processorOf));
    expect(reads).toHaveLength(1);
    expect(new Set(reads[0]?.tables).size).toBe(reads[0]?.tables.length);
    expect(reads[0]?.tables).toEqual(
      expect.arrayContaining(['team_offense_game_summary', 'team_defense_game_summary']),
    );
  });

  it('holds the rows that were read, of sources that nobody asked about too', async () => {
    const night = published(drop(goodNight(1), 'nbac_schedule'), offense, defense);
    const snapshot = await readSnapshot(warehouseWith(night, 1).warehouse, gameDate, [processorOf(offense)]);
    expect(snapshot).toMatchObject({ gameDate, partition_manifest: night.partition_manifest });
    const { team_offense_game_summary: offenseRows, nbac_gamebook_player_stats: gamebook } = night.rows;
    expect(snapshot.rows['team_offense_game_summary']).toBe(offenseRows);
    expect(snapshot.rows['nbac_gamebook_player_stats']).toBe(gamebook);
    expect(snapshot.rows).not.toHaveProperty('team_defense_game_summary');
  });

  it('knows the schedule by the rows of the date itself, without asking again', async () => {
    const { warehouse, counts } = warehouseWith();
    expect((await readSnapshot(warehouse, gameDate, [processorOf(offense)])).isCalendarKnown).toBe(true);
    expect(counts).toEqual([]);
  });

  it('knows the schedule of a day without games by its neighbours, half a year either way', async () => {
    const { warehouse, counts } = warehouseWith(goodNight(0), 1);
    expect((await readSnapshot(warehouse, gameDate, [processorOf(offense)])).isCalendarKnown).toBe(true);
    expect(counts).toEqual([{ table: 'nbac_schedule', from: '2024-07-19', to: '2025-07-14' }]);
  });

  it('does not know the schedule where nothing is loaded around', async () => {
    const { warehouse } = warehouseWith(goodNight(0), 0);
    expect((await readSnapshot(warehouse, gameDate, [processorOf(offense)])).isCalendarKnown).toBe(false);
  });
});

describe('the dependency check', () => {
  it('gives a verdict for each processor that was asked for, in that order, on one snapshot', async () => {
    const { warehouse, reads } = warehouseWith();
    const verdicts = await checkDependencies(
      warehouse,
      gameDate,
      [player, offense].map(processorOf),
      policyAfter(1),
    );
    expect(verdicts.map(({ processor, canRun }) => [processor, canRun])).toEqual([
      [player, false],
      [offense, true],
    ]);
    expect(reads).toHaveLength(1);
  });

  it('lets an error of the warehouse through: it is no verdict', async () => {
    const { warehouse } = warehouseWith();
    const broken = { ...warehouse, readDate: () => Promise.reject(new Error('reset')) };
    await expect(checkDependencies(broken, gameDate, [processorOf(offense)], policyAfter(1))).rejects.toThrow(
      'reset',
    );
  });
});
