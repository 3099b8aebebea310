import type { ProcessorName } from '../../src/contracts/phase3';
import { checkDependencies } from '../../src/gate/check-dependencies';
import { readSnapshot } from '../../src/gate/read-snapshot';
import type { TableName } from '../../src/tables/catalogue';
import type { Warehouse } from '../../src/warehouse/warehouse';
import { defense, gameDate, goodNight, offense, player, policyAfter, published } from '../support/fixtures';

/** A warehouse of one date that tells what it was asked, and refuses what a gate has no business with. */
function warehouseWith(snapshot = goodNight(1), scheduleRowsAround = 0) {
  const reads: { gameDate: string; tables: readonly TableName[] }[] = [];
  const counts: unknown[] = [];
  const known: Partial<Warehouse> = {
    readDate: (date, tables) => {
      reads.push({ gameDate: date, tables });
      const rows = Object.fromEntries(
        tables.map((table) => [table, table in snapshot ? snapshot[table as keyof typeof snapshot] : []]),
      );
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
  it.each<[ProcessorName, readonly TableName[]]>([
    [offense, ['nbac_schedule', 'nbac_team_boxscore', 'team_offense_game_summary']],
    [defense, ['nbac_schedule', 'nbac_team_boxscore', 'team_defense_game_summary']],
    [
      player,
      [
        'nbac_schedule',
        'nbac_gamebook_player_stats',
        'player_game_summary',
        // What tells whether the offence is current.
        'team_offense_game_summary',
        'nbac_team_boxscore',
      ],
    ],
  ])('for %s is read at one instant: what it reads, publishes and stands on', async (name, tables) => {
    const { warehouse, reads } = warehouseWith();
    await readSnapshot(warehouse, gameDate, [name]);
    expect(reads).toHaveLength(1);
    expect(reads[0]?.gameDate).toBe(gameDate);
    expect(reads[0]?.tables).toEqual(expect.arrayContaining([...tables, 'partition_manifest']));
  });

  it('for a level is read once for all its processors', async () => {
    const { warehouse, reads } = warehouseWith();
    await readSnapshot(warehouse, gameDate, [offense, defense]);
    expect(reads).toHaveLength(1);
    expect(new Set(reads[0]?.tables).size).toBe(reads[0]?.tables.length);
    expect(reads[0]?.tables).toEqual(
      expect.arrayContaining(['team_offense_game_summary', 'team_defense_game_summary']),
    );
  });

  it.each([offense, defense, player] as const)(
    'for %s has every raw row where the schedule has no game: they say that it is late',
    async (name) => {
      const late = { ...goodNight(1), nbac_schedule: [] };
      const snapshot = await readSnapshot(warehouseWith(late, 1).warehouse, gameDate, [name]);
      expect(snapshot.nbac_team_boxscore).toHaveLength(2);
      expect(snapshot.nbac_gamebook_player_stats).toHaveLength(20);
    },
  );

  it('holds the rows that were read, and nothing in tables that were not', async () => {
    const night = published(goodNight(1), offense, defense);
    const snapshot = await readSnapshot(warehouseWith(night).warehouse, gameDate, [offense]);
    expect(snapshot.team_offense_game_summary).toBe(night.team_offense_game_summary);
    expect(snapshot.team_defense_game_summary).toEqual([]);
    expect(snapshot.gameDate).toBe(gameDate);
  });

  it('knows the schedule by the rows of the date itself, without asking again', async () => {
    const { warehouse, counts } = warehouseWith();
    expect((await readSnapshot(warehouse, gameDate, [offense])).scheduleKnown).toBe(true);
    expect(counts).toEqual([]);
  });

  it('knows the schedule of a day without games by its neighbours, half a year either way', async () => {
    const { warehouse, counts } = warehouseWith(goodNight(0), 1);
    expect((await readSnapshot(warehouse, gameDate, [offense])).scheduleKnown).toBe(true);
    expect(counts).toEqual([{ table: 'nbac_schedule', from: '2024-07-19', to: '2025-07-14' }]);
  });

  it('does not know the schedule where nothing is loaded around', async () => {
    const { warehouse } = warehouseWith(goodNight(0), 0);
    expect((await readSnapshot(warehouse, gameDate, [offense])).scheduleKnown).toBe(false);
  });
});

describe('the dependency check', () => {
  it('gives a verdict for each processor that was asked for, in that order, on one snapshot', async () => {
    const { warehouse, reads } = warehouseWith();
    const verdicts = await checkDependencies(warehouse, gameDate, [player, offense], policyAfter(1));
    expect(verdicts.map(({ processor, canRun }) => [processor, canRun])).toEqual([
      [player, false],
      [offense, true],
    ]);
    expect(reads).toHaveLength(1);
  });

  it('lets an error of the warehouse through: it is no verdict', async () => {
    const { warehouse } = warehouseWith();
    const broken = { ...warehouse, readDate: () => Promise.reject(new Error('reset')) };
    await expect(checkDependencies(broken, gameDate, [offense], policyAfter(1))).rejects.toThrow('reset');
  });

  it('judges by the versions that are being tried', async () => {
    const { warehouse } = warehouseWith(published(goodNight(1), offense));
    const [verdict] = await checkDependencies(warehouse, gameDate, [player], policyAfter(1), {
      versions: {
        [offense]: '2.0.0',
      },
    });
    expect(verdict?.staleUpstreams).toHaveLength(1);
  });
});
