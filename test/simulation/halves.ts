/** The schedules of a test run in two halves, since tests have two processes. */
import { play } from './play';

/** How many schedules are played. */
const all = Number(process.env['PHASE3_SIMULATION_RUNS'] ?? (process.env['CI'] === 'true' ? 10_000 : 1_000));

/** What some thousand schedules must have come to: less, and they would prove little. */
const wanted = [
  ...['a publish', 'a publish by a late attempt', 'a restored version', 'a replay'],
  ...['decision: completed', 'decision: rejected', 'decision: failed'],
  ...[
    'audit: bypass_used',
    'audit: bypass_cleared',
    'audit: policy_bypass',
    'audit: rerun',
    'audit: restore',
    'audit: unpin',
    'audit: rolled_back',
  ],
  ...['audit: deadline_extended', 'audit: cancelled', 'audit: abandoned', 'audit: not_taken'],
  ...['run: published', 'run: unchanged', 'run: skipped', 'run: blocked', 'run: failed', 'run: continued'],
  ...['run: cancelled', 'run: abandoned'],
];

/** Plays half of the schedules. */
export async function playHalf(): Promise<void> {
  const numRuns = Math.ceil(all / 2);
  const reached = await play({
    numRuns,
    ...(process.env['PHASE3_SIMULATION_SEED'] === undefined ? { seed: 1 } : {}),
  });
  if (numRuns >= 2_500) expect(wanted.filter((what) => !reached.has(what))).toEqual([]);
}
