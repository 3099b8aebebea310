/** What holds a date up. Pure. */
import type { DateStanding } from '../contracts/date-state';
import { isHeld, type LookVerdict } from '../contracts/phase3';

/** What holds the pass up: of the level that it is at, what the newest look has found unready. */
export function heldNow({ gate, open, running }: DateStanding): LookVerdict[] {
  return (gate?.verdicts ?? []).filter(
    (verdict) => isHeld(verdict) && open.includes(verdict.processor) && !running.includes(verdict.processor),
  );
}

/** The same, once the date waits for it. */
export function heldBy(state: DateStanding): LookVerdict[] {
  return state.gate?.waitingSince ? heldNow(state) : [];
}
