/** The bypasses of a date: which are open, which a live version stands on, and what becomes of them. Pure. */
import { resultsOf, type DateMemory } from '../contracts/date-state';
import type { AuditEntry, Bypass } from '../contracts/decisions';
import { isSatisfied, type ProcessorName, type ProcessorResult } from '../contracts/phase3';
import { clearedEntry, policyEntries, usedEntry } from './audit-entries';

/** The bypass of a processor, with this status if one is asked for; at most one is open, and one standing. */
export function bypassOf(
  state: DateMemory,
  name: ProcessorName,
  status: Bypass['status'] | null = null,
): Bypass | null {
  const own = state.bypasses.filter(({ processor }) => processor === name);
  return own.find((bypass) => status === null || bypass.status === status) ?? null;
}

/** Whether a bypass is open, or something that is live stands on one. */
export function isBypassed(state: DateMemory): boolean {
  return state.bypasses.length > 0 || resultsOf(state).some(({ bypassIds }) => (bypassIds ?? []).length > 0);
}

/** What a result makes of the bypass of its processor, and what of it is to be audited. */
export function afterBypass(state: DateMemory, result: ProcessorResult, at: string): DateMemory {
  const { processor, outcome, version, bypassIds = [] } = result;
  if (outcome === 'skipped') return withoutOpenBypass(state, processor, at);
  if (!isSatisfied(outcome)) return state;
  const due: AuditEntry[] = policyEntries(state.gameDate, result, at);
  const bypasses = state.bypasses.flatMap((bypass): Bypass[] => {
    if (bypass.processor !== processor || bypass.status === 'granting') return [bypass];
    if (bypassIds[0] === bypass.bypassId) {
      if (bypass.status === 'open') due.push(usedEntry(bypass, result, at));
      return [{ ...bypass, status: 'standing', version }];
    }
    const reason =
      bypass.status === 'open'
        ? `the missing input arrived before the bypass was used; version ${version ?? 0} was built without it`
        : `version ${version ?? 0} was built without it`;
    due.push(clearedEntry(bypass, reason, at));
    return [];
  });
  return { ...state, bypasses, auditDue: [...state.auditDue, ...due] };
}

/** Nothing is to be done, so there is nothing left that a bypass could be used for. */
function withoutOpenBypass(state: DateMemory, name: ProcessorName, at: string): DateMemory {
  const open = bypassOf(state, name, 'open');
  if (!open) return state;
  const entry = clearedEntry(open, 'there is nothing left to do, so the bypass was not used', at);
  return {
    ...state,
    bypasses: state.bypasses.filter((bypass) => bypass !== open),
    auditDue: [...state.auditDue, entry],
  };
}
