/** The bypasses of a date: which are open, which a live version stands on, and what becomes of them. Pure. */
import type { DateMemory } from '../contracts/date-state';
import type { AuditEntry, Bypass } from '../contracts/decisions';
import { say } from './level-log';
import { isSatisfied, type ProcessorName, type ProcessorResult } from '../contracts/phase3';
import { clearedEntry, expiredEntry } from '../contracts/audit-entries';

/** The bypass of a processor, with this status if one is asked for; at most one is open, and one standing. */
export function bypassOf(
  state: DateMemory,
  name: ProcessorName,
  status: Bypass['status'] | null = null,
): Bypass | null {
  const own = state.bypasses.filter(({ processor }) => processor === name);
  return own.find((bypass) => status === null || bypass.status === status) ?? null;
}

/**
 * Those whose time is over at an instant, ms since the epoch, and of which that was not noticed. With one that is being used a
 * version is built, and people are notified when it stands on it.
 */
export function overdueBypasses({ bypasses, running }: DateMemory, atMs: number): Bypass[] {
  return bypasses.filter(
    ({ processor, until, status, isExpired }) =>
      !(status === 'open' && running.includes(processor)) && !isExpired && Date.parse(until) <= atMs,
  );
}

/** Bypasses whose time is over: one that was not used goes; what stands on another stays, and needs a person. */
export function bypassesExpired(memory: DateMemory, { bypasses }: { bypasses: readonly Bypass[] }): void {
  const { at } = memory;
  const entries = bypasses.map((bypass) =>
    bypass.status === 'open'
      ? clearedEntry(bypass, `it held until ${bypass.until} and was not used`, at)
      : expiredEntry(bypass, at),
  );
  memory.auditDue = [...memory.auditDue, ...entries];
  memory.bypasses = memory.bypasses.flatMap((one): Bypass[] => {
    if (!bypasses.includes(one)) return [one];
    return one.status === 'open' ? [] : [{ ...one, isExpired: true }];
  });
  for (const { processor, bypassId, status } of bypasses)
    say(
      memory,
      'WARNING',
      `Bypass ${bypassId} of ${processor} has expired${status === 'open' ? ' unused' : ''}`,
    );
}

/** What a result makes of the bypass of its processor; what of it is to be audited is owed. */
export function applyToBypass(memory: DateMemory, result: ProcessorResult): void {
  const { processor, outcome, version, bypassIds = [] } = result;
  const { at } = memory;
  const due: AuditEntry[] = [];
  const what = `version ${version ?? 0} was built without it`;
  memory.bypasses = memory.bypasses.flatMap((bypass): Bypass[] => {
    const isOpen = bypass.status === 'open';
    // What is pinned is not rid of its bypass by what arrives: nothing of it is waited for.
    if (bypass.processor === processor && result.pin && bypass.status === 'standing') return [];
    if (bypass.processor !== processor) return [bypass];
    // With nothing to be done, there is nothing left that an open one could be used for.
    if (!isSatisfied(outcome) && !(outcome === 'skipped' && isOpen)) return [bypass];
    if (outcome !== 'skipped' && bypassIds[0] === bypass.bypassId)
      return [{ ...bypass, status: 'standing', version }];
    const arrived = `the missing input arrived before the bypass was used; ${what}`;
    const nothing = 'there is nothing left to do, so the bypass was not used';
    due.push(clearedEntry(bypass, outcome === 'skipped' ? nothing : isOpen ? arrived : what, at));
    return [];
  });
  memory.auditDue = [...memory.auditDue, ...due];
}
