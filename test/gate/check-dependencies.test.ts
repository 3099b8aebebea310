/** The gate's answer as a whole: when rows are to be expected, and what a pass need not start. */
import { processorOf } from '../../src/plan/registry';
import type { GateVerdict, ProcessorName } from '../../src/contracts/phase3';
import { checkDependencies, type CheckOptions } from '../../src/gate/check-dependencies';
import type { DateSnapshot } from '../../src/gate/snapshot';
import type { Warehouse } from '../../src/warehouse/warehouse';
import {
  change,
  defense,
  gameDate,
  goodNight,
  ofTeam,
  offense,
  player,
  policyAfter,
  published,
} from '../support/fixtures';

it('an ETA that takes long holds nobody up: the verdict has none', async () => {
  const night = goodNight(5);
  const warehouse = {
    readDate: async () => ({ ...night.rows, nbac_team_boxscore: [] }),
    countRows: async () => 1,
    dateRange: async () => null,
    arrivals: () => new Promise<never>(() => undefined),
  } as unknown as Warehouse;
  const [verdict] = await checkDependencies(warehouse, gameDate, [processorOf(offense)], policyAfter(1));
  expect(verdict).toMatchObject({ canRun: false, missing: ['nbac_team_boxscore'], expected: [] });
});

describe('what a pass need not start', () => {
  const night = published(goodNight(3), offense, defense, player);
  const pass = { runId: 'another run', pass: 1 };
  const marked = { kind: 'person', bypass_id: 'b-1', processor: player };

  function warehouseOf(snapshot: DateSnapshot): Warehouse {
    const { rows, partition_manifest } = snapshot;
    return { readDate: async () => ({ ...rows, partition_manifest }) } as unknown as Warehouse;
  }

  function check(snapshot: DateSnapshot, options: CheckOptions = { pass }): Promise<GateVerdict[]> {
    return checkDependencies(
      warehouseOf(snapshot),
      gameDate,
      [offense, defense, player].map(processorOf),
      policyAfter(1),
      options,
    );
  }

  it('is what would be built as it is: the result says so, as a run would', async () => {
    const verdicts = await check(night);
    expect(verdicts.map(({ unchanged }) => unchanged)).toEqual(
      [offense, defense, player].map((processor) => ({
        ...{ processor, outcome: 'unchanged', version: 1, missing: [], missingGames: [], policyBypass: null },
        ...{ reason: 'inputs and stored rows are the same as in version 1', warnings: [], bypassIds: [] },
        rowCount: expect.any(Number) as number,
      })),
    );
  });

  const correction = change(night, 'nbac_team_boxscore', ofTeam('ATL'), { turnovers: 40 });
  it.each<[string, readonly ProcessorName[], DateSnapshot, ...CheckOptions[]]>([
    ['nothing is published', [], goodNight(3)],
    ['team rows moved, on which the players stand too', [], correction],
    [
      'stored rows of the players were touched',
      [offense, defense],
      change(night, 'player_game_summary', () => true, { points: 1 }),
    ],
    [
      'the offence has another version, and the players stand on it',
      [defense],
      night,
      { pass, versions: { [offense]: '9.0.0' } },
    ],
    ['this very pass has published them', [], night, { pass: { runId: 'run', pass: 1 } }],
    [
      'an earlier pass of the same run has published them',
      [offense, defense, player],
      night,
      { pass: { runId: 'run', pass: 2 } },
    ],
    [
      'somebody has waived something for the players',
      [offense, defense],
      night,
      { pass, waivers: { [player]: { bypassId: 'b', by: 'ana', reason: 'why', tables: ['nbac_schedule'] } } },
    ],
    [
      'the players stand on a bypass whose rows have come',
      [offense, defense],
      {
        ...night,
        partition_manifest: night.partition_manifest.map((row) =>
          row.table_name === 'player_game_summary' ? { ...row, bypass: JSON.stringify(marked) } : row,
        ),
      },
    ],
    ['somebody only asks', [], night, {}],
  ])('is what is left when %s', async (_, unchanged, snapshot, ...options) => {
    const found = await check(snapshot, ...options);
    expect(found.flatMap((verdict) => (verdict.unchanged ? verdict.processor : []))).toEqual(unchanged);
  });
});
