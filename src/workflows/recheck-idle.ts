/** A recheck of a date of which nothing runs: what it owes is asked once. */
import type { RecheckMessage } from '../contracts/decisions';
import { now, type DateRun } from './date-run';
import { unfinished } from './run-state';

/** Begins a pass for what the date owes and for what stands on a bypass; where there is nothing, says so. */
export function recheckIdle(date: DateRun, { requestId, by }: RecheckMessage): void {
  date.recheck = null;
  const standing = date.state.bypasses.map(({ processor }) => processor);
  const owed = [...new Set([...unfinished(date.state), ...standing])];
  const effect = owed.length > 0 ? `${owed.join(', ')} checked once` : 'nothing is waiting';
  date.apply({ type: 'rechecked', by, effect, at: now() });
  if (owed.length > 0)
    date.inbox.push({ requestId, kind: 'recheck', source: 'recheck', processors: owed, by });
}
