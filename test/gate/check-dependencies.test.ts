import { checkDependencies } from '../../src/gate/check-dependencies';
import type { Warehouse } from '../../src/warehouse/warehouse';
import { gameDate, goodNight, offense, policyAfter } from '../support/fixtures';

it('an ETA that takes long holds nobody up: the verdict has none', async () => {
  const night = goodNight(5);
  const warehouse = {
    readDate: async (date: string) => ({ ...night, nbac_team_boxscore: [], gameDate: date }),
    countRows: async () => 1,
    dateRange: async () => null,
    arrivals: () => new Promise<never>(() => undefined),
  } as unknown as Warehouse;
  const [verdict] = await checkDependencies(warehouse, gameDate, [offense], policyAfter(1));
  expect(verdict).toMatchObject({ canRun: false, missing: ['nbac_team_boxscore'], expected: [] });
});
