/** Plays drawn schedules, and says of the shortest one that fails what happened in it and how to play it again. */
import fc from 'fast-check';
import { schedule, type Step } from './steps';
import { simulate } from './world';

/** Throws with the shortest schedule that fails. */
export async function play(parameters: fc.Parameters<[readonly Step[]]>): Promise<void> {
  const { PHASE3_SIMULATION_SEED: seed, PHASE3_SIMULATION_PATH: path } = process.env;
  const details = await fc.check(
    fc.asyncProperty(schedule, (steps) => simulate(steps)),
    {
      ...parameters,
      ...(seed === undefined ? {} : { seed: Number(seed) }),
      ...(path === undefined ? {} : { path }),
    },
  );
  if (!details.failed) return;
  const [steps = []] = details.counterexample ?? [];
  const lines: string[] = [];
  const error = await simulate(steps, (line) => lines.push(line)).then(
    () => 'it does not fail when it is played again',
    (thrown: unknown) => (thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)),
  );
  throw new Error(
    [
      `schedule ${details.numRuns} fails; play it again with PHASE3_SIMULATION_SEED=${details.seed} PHASE3_SIMULATION_PATH=${details.counterexamplePath ?? ''}`,
      ...lines,
      error,
    ].join('\n'),
  );
}
