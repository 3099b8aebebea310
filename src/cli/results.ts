/** From states and answers to what a person reads and a script tests. */
import type { DateState } from '../contracts/date-state';
import { processorNames, type ProcessorResult, type RunState } from '../contracts/phase3';
import { exitCodes, type ExitCode } from './context';

/** Results in the registry's order. */
export function resultsOf(state: DateState): ProcessorResult[] {
  return processorNames.flatMap((name) => state.results[name] ?? []);
}

/** The exit code of a command that waited for these states: a failure first, then what is not ready. */
export function exitCodeOf(states: readonly RunState[]): ExitCode {
  const has = (...wanted: RunState[]): boolean => states.some((state) => wanted.includes(state));
  if (has('failed', 'cancelled', 'abandoned')) return exitCodes.failed;
  if (has('blocked', 'waiting', 'quarantined', 'running')) return exitCodes.notReady;
  return has('upstream_failed') ? exitCodes.failed : exitCodes.done;
}
