/** From states and results to the exit code that a script tests. */
import { resultsOf, type DateState } from '../contracts/date-state';
import { stateOfResults, type RunState } from '../contracts/phase3';
import { exitCodes, type ExitCode } from './context';

/** The exit code of a command that waited for these states: a failure first, then what is not ready. */
export function exitCodeOf(states: readonly RunState[]): ExitCode {
  const has = (...wanted: RunState[]): boolean => states.some((state) => wanted.includes(state));
  if (has('failed', 'cancelled', 'abandoned')) return exitCodes.failed;
  if (has('blocked', 'waiting', 'quarantined', 'running')) return exitCodes.notReady;
  if (has('upstream_failed')) return exitCodes.failed;
  return has('partial', 'disputed', 'questioned') ? exitCodes.partial : exitCodes.done;
}

/** The exit code of a command that waited for one date: partial where something live was built without some games. */
export function exitCodeOfDate(state: RunState, date: DateState | null): ExitCode {
  const code = exitCodeOf([state]);
  return code === exitCodes.done && date ? exitCodeOf([state, stateOfResults(resultsOf(date))]) : code;
}
