/** Plays drawn schedules, and says of the shortest one that fails what happened in it and how to play it again. */
import fc from 'fast-check';
import { schedule, type Step } from './steps';
import { simulate } from './world';

/**
 * Throws with the shortest schedule that fails. Returns what has come about in all of them, by name. Without `seed` and
 * `path`, PHASE3_SIMULATION_SEED and PHASE3_SIMULATION_PATH say which schedules are played; else they are new each time.
 */
export async function play(parameters: fc.Parameters<[readonly Step[]]>): Promise<ReadonlySet<string>> {
  const { PHASE3_SIMULATION_SEED: seed, PHASE3_SIMULATION_PATH: path } = process.env;
  const reached = new Set<string>();
  const property = fc.asyncProperty(schedule, async (steps) => {
    for (const what of await simulate(steps)) reached.add(what);
  });
  const details = await fc.check(property, {
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(path === undefined ? {} : { path }),
    ...parameters,
  });
  if (!details.failed) return reached;
  const [steps = []] = details.counterexample ?? [];
  const lines: string[] = [];
  const why = await simulate(steps, (line) => lines.push(line)).then(
    () => `it does not fail when it is played again; at first it did: ${String(details.errorInstance)}`,
    (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error)),
  );
  throw new Error(
    [
      `schedule ${details.numRuns} fails; play it again with PHASE3_SIMULATION_SEED=${details.seed} PHASE3_SIMULATION_PATH=${details.counterexamplePath ?? ''}`,
      ...lines,
      why,
    ].join('\n'),
  );
}
