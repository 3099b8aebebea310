/**
 * Some hundred schedules of whatever may happen to a date, each played on the real workflow and the real activities, on a
 * server, a warehouse and a clock that are simulated.
 *
 * A failure prints the seed, the path and the shortest schedule that fails, with what happened in it.
 * PHASE3_SIMULATION_RUNS says how many are tried; PHASE3_SIMULATION_SEED and PHASE3_SIMULATION_PATH play one again.
 */
jest.mock('../../src/processors/registry', (): unknown => jest.requireActual('./toy-processors'));

import { play } from './play';

const numRuns = Number(process.env['PHASE3_SIMULATION_RUNS'] ?? 300);

test('whatever happens, and in whatever order', async () => {
  const before = process.cpuUsage();
  await play({ numRuns });
  const { user, system } = process.cpuUsage(before);
  console.log(`${((user + system) / 1000 / numRuns).toFixed(2)} ms CPU each`);
}, 600_000);
