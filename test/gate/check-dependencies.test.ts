/** The gate's answer as a whole: when rows are to be expected. */
import { processorOf } from '../../src/plan/registry';
import { checkDependencies } from '../../src/gate/check-dependencies';
import type { Warehouse } from '../../src/warehouse/warehouse';
import { gameDate, goodNight, offense, policyAfter } from '../support/fixtures';

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
