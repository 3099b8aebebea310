import { processorOf } from '../../src/plan/registry';
import type { ProcessorName } from '../../src/contracts/phase3';
import { checkDependencies } from '../../src/gate/check-dependencies';
import type { Arrival } from '../../src/contracts/arrival';
import type { RowsByTable } from '../../src/games/evidence';
import { readSnapshot } from '../../src/gate/read-snapshot';
import type { TableName } from '../../src/tables/catalogue';
import type { Warehouse } from '../../src/warehouse/warehouse';
import type { Row } from '../../src/tables/define-table';
import {
  change,
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
function warehouseWith(snapshot = goodNight(1), scheduleRowsAround = 0, arrivals: readonly Arrival[] = []) {
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
    arrivals: () => Promise.resolve(arrivals),
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
    expect([...reads[0]!.tables].sort()).toEqual(
      [...everySource, ...tables, 'bypass_audit', 'partition_manifest'].sort(),
    );
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

  const arrivedAt = (at: string): Arrival => ({ gameDate: '2025-01-16', arrivedAt: `${at}T08:00:00.000Z` });

  it.each([
    ['reaches past it', [], true],
    ['was written at about that time', [arrivedAt('2024-10-01'), arrivedAt('2025-01-09')], true],
    ['was written a week before', [{ gameDate, arrivedAt: '2025-01-08T00:00:00.000Z' }], true],
    ['was written earlier', [{ gameDate, arrivedAt: '2025-01-07T23:59:59.999Z' }], false],
    ['was written long before', [arrivedAt('2024-10-01')], false],
  ] as const)(
    'a day without games has none by a schedule that %s: %j is %s',
    async (_what, arrivals, known) => {
      const { warehouse, counts } = warehouseWith(goodNight(0), 1, arrivals);
      expect((await readSnapshot(warehouse, gameDate, [processorOf(offense)])).isCalendarKnown).toBe(known);
      expect(counts).toEqual([{ table: 'nbac_schedule', from: '2025-01-16', to: '2025-07-14' }]);
    },
  );

  it.each([
    ['2025-08-01', true, '2025-02-02'],
    ['2025-07-01', true, '2025-01-02'],
    ['2025-09-30', true, '2025-04-03'],
    ['2025-06-30', true, '2025-07-01'],
    ['2025-10-01', true, '2025-10-02'],
    ['2020-08-01', true, '2020-08-02'],
  ])('on %s, between seasons or in the bubble, it is asked from another day', async (date, known, from) => {
    const { warehouse, counts } = warehouseWith(goodNight(0), 1);
    expect((await readSnapshot(warehouse, date, [processorOf(offense)])).isCalendarKnown).toBe(known);
    expect(counts).toMatchObject([{ from }]);
  });

  it.each([
    [1, false, 'none'],
    [2, false, 'stragglers'],
    [0, true, 'all'],
  ])(
    '%i days after, past the deadline: %s, rows that never came are rebuilt: %s',
    async (days, past, rebuilt) => {
      const policy = { ...policyAfter(days), isPastDeadline: past };
      const { warehouse } = warehouseWith();
      const snapshot = await readSnapshot(warehouse, gameDate, [processorOf(offense)], policy);
      expect(snapshot.reconstructs).toBe(rebuilt);
    },
  );

  it('has what people decided, and what of it has expired where it is said what time it is', async () => {
    const decided = {
      ...{ seq: 1, entry_id: 'd-1', kind: 'release', decided_by: 'ana', reason: 'why' },
      evidence: JSON.stringify({ game: 'a game', rules: [], until: '2025-01-16T10:00:00.000Z' }),
    };
    const { rows } = goodNight(1);
    const night = { ...goodNight(1), rows: { ...rows, bypass_audit: [decided as unknown as Row] } };
    const overAt = async (now: string | null) => {
      const policy = now === null ? null : { ...policyAfter(1), now };
      const read = await readSnapshot(warehouseWith(night).warehouse, gameDate, [], policy);
      return read.decisions?.map(({ decisionId, over }) => [decisionId, over]);
    };
    expect(await overAt('2025-01-16T09:59:59.999Z')).toEqual([['d-1', null]]);
    expect(await overAt('2025-01-16T10:00:00.000Z')).toEqual([['d-1', 'expired']]);
    expect(await overAt(null)).toEqual([['d-1', null]]);
  });

  it.each([gameDate, '2025-08-01'])(
    'of %s does not know the schedule where nothing is loaded around',
    async (date) => {
      const { warehouse } = warehouseWith(goodNight(0), 0);
      expect((await readSnapshot(warehouse, date, [processorOf(offense)])).isCalendarKnown).toBe(false);
    },
  );

  const name = 'team_offense_game_summary';
  const live = published(goodNight(1), offense, defense);
  const rows = live.rows[name];
  const altered = change(live, name, () => true, { pace: 1 });
  it.each<[string, typeof live, readonly Row[], object]>([
    ['nothing of what was published where that is stored', live, rows, {}],
    ['what was published, where that is kept', altered, rows, { asPublished: { [name]: rows } }],
    ['nothing of it, where that is not kept', altered, rows.slice(1), {}],
  ])('has, beside the stored rows, %s', async (_what, snapshot, kept, asPublished) => {
    const asked: unknown[] = [];
    const { warehouse } = warehouseWith(snapshot);
    const readKept = async (...given: unknown[]): Promise<readonly Row[]> => {
      asked.push(given);
      return kept;
    };
    const found = await readSnapshot({ ...warehouse, readKept }, gameDate, [processorOf(offense)]);
    expect(found.asPublished).toEqual('asPublished' in asPublished ? asPublished.asPublished : undefined);
    expect(found).toHaveProperty('rows', expect.objectContaining({ [name]: snapshot.rows[name] }));
    expect('asPublished' in found).toBe('asPublished' in asPublished);
    // Of a table that nobody asked about nothing is read.
    expect(asked).toEqual(snapshot === live ? [] : [[name, gameDate, 'stage']]);
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
