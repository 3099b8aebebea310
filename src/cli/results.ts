/** From states to the exit code that a script tests. */
import type { RunState } from '../contracts/phase3';
import { exitCodes, type ExitCode } from './context';

/** The exit code of a command that waited for these states: a failure first, then what is not ready. */
export function exitCodeOf(states: readonly RunState[]): ExitCode {
  const has = (...wanted: RunState[]): boolean => states.some((state) => wanted.includes(state));
  if (has('failed', 'cancelled', 'abandoned')) return exitCodes.failed;
  if (has('blocked', 'waiting', 'quarantined', 'running')) return exitCodes.notReady;
  return has('upstream_failed') ? exitCodes.failed : exitCodes.done;
}
