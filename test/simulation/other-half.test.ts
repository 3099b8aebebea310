/** The other half of the schedules of `simulation.test.ts`. */
jest.mock('../../src/processors/registry', (): unknown => jest.requireActual('./toy-processors'));

import { playHalf } from './halves';

test('whatever happens, and in whatever order', playHalf, 1_800_000);
