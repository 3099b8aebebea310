/** Makes another build current: on record first, its worker in place, new runs on it, open ones woken. */
import { entryOf, notTaken, type BuildDecision } from './record';
import type { PutOnRecord } from './take-over';
import {
  CrossedError,
  NoWorkerError,
  type Deployed,
  type DeploymentVersions,
  type OpenRun,
} from './versions';

/** Processes of builds, where this home starts them; elsewhere they are their operators' affair, and nothing is done. */
export interface BuildProcesses {
  /** Makes `build` the one whose worker works on the warehouse. */
  run(build: string): Promise<void>;
  /** Runs older builds, without a warehouse, for the runs that are open on them. */
  runOlder(): Promise<void>;
}

export interface MoveParts {
  readonly versions: DeploymentVersions;
  readonly putOnRecord: PutOnRecord;
  readonly processes: BuildProcesses;
}

/** How long a worker that has just started may take until Temporal lists it, ms. */
const polledWithinMs = 10_000;

/**
 * Carries out a decision that was taken on `seen`. Where it cannot be, the record says so, and the former worker runs again. Throws
 * {@link CrossedError} when somebody else has decided since. Returns the open runs that were woken; each goes on at its next quiet
 * moment.
 */
export async function moveTo(parts: MoveParts, decision: BuildDecision, seen: Deployed): Promise<OpenRun[]> {
  const { versions, putOnRecord, processes } = parts;
  const { build, before, by } = decision;
  if ((await versions.look()).current !== before) throw new CrossedError(crossed);
  await putOnRecord([entryOf(decision)]);
  try {
    await processes.run(build);
    // Known is not enough: a build whose image is gone is known for long.
    if (!(await versions.untilPolled(build, polledWithinMs)))
      throw new NoWorkerError('no worker of it polls');
    await versions.setCurrent(build, seen.token, by);
  } catch (error) {
    // An answer may be lost of what the server has done: then it goes on.
    const { current } = await versions.look();
    if (current !== build) {
      await takeBackMove(parts, decision, current, error as Error);
      throw error instanceof CrossedError ? new CrossedError(crossed, { cause: error }) : error;
    }
  }
  await processes.runOlder();
  return versions.wakeOthers(build);
}

/** Says that a decision was not carried out, and lets the former worker run again: whoever was faster has put his own in place. */
async function takeBackMove(
  { processes, putOnRecord }: MoveParts,
  decision: BuildDecision,
  current: string | null,
  why: Error,
): Promise<void> {
  const restart =
    current === decision.before && current !== null ? processes.run(current) : Promise.resolve();
  const [restarted] = await Promise.allSettled([restart]);
  const [recorded] = await Promise.allSettled([
    putOnRecord([notTaken(decision, why.message, new Date().toISOString())]),
  ]);
  const also = [restarted, recorded].flatMap((one) =>
    one.status === 'rejected' ? [(one.reason as Error).message] : [],
  );
  // Without its entry the record is right all the same: the next decision, or what is current, says what this one came to.
  if (also.length > 0) throw new Error(`${why.message} ${also.join(' ')}`, { cause: why });
}

const crossed =
  'Somebody else has changed the deployment meanwhile: `phase3 deploy status` shows what is current.';

/** The runs that are still open on other builds than `build`, once each had its quiet moment or `withinMs` is over. */
export async function settleOn(
  versions: DeploymentVersions,
  build: string,
  withinMs: number,
  pause: (ms: number) => Promise<unknown>,
): Promise<OpenRun[]> {
  const until = Date.now() + withinMs;
  for (;;) {
    const others = (await versions.openRuns()).filter((run) => run.build !== build);
    if (others.length === 0 || Date.now() >= until) return others;
    await pause(250);
  }
}
