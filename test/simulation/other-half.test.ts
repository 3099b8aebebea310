/** The other half of the schedules of `simulation.test.ts`. */
jest.mock('../../src/processors/registry', (): unknown => jest.requireActual('./toy-processors'));
jest.mock('../../src/games/rules/registry', (): unknown => jest.requireActual('./toy-rules'));

import { playHalf } from './halves';

test('whatever happens, and in whatever order', playHalf, 1_800_000);
