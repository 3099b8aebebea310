/**
 * Ten thousand schedules of whatever may happen to a date, each played on the real workflow, on the SDK's own runtime, and on
 * the real activities; server, warehouse and clock are simulated. This is one half of them, `other-half.test.ts` the other.
 *
 * A failure prints the shortest schedule that fails, with what happened in it, and how to play it again:
 * PHASE3_SIMULATION_SEED and PHASE3_SIMULATION_PATH. PHASE3_SIMULATION_RUNS says how many are played.
 */
jest.mock('../../src/processors/registry', (): unknown => jest.requireActual('./toy-processors'));
jest.mock('../../src/games/rules/registry', (): unknown => jest.requireActual('./toy-rules'));

import { playHalf } from './halves';

test('whatever happens, and in whatever order', playHalf, 1_800_000);
