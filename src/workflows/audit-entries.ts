/** What is owed to the audit, as entries. Pure. */
import type { TriggerMessage } from '../contracts/messages';
import type { AuditEntry, AuditKind, Bypass } from '../contracts/decisions';
import type { ProcessorResult } from '../contracts/phase3';

/** An entry that nobody decided. */
export function systemEntry(entryId: string, kind: AuditKind, reason: string, at: string): AuditEntry {
  return { entryId, kind, by: 'system', reason, processor: null, tables: [], evidence: {}, at };
}

/** That a version has been built on a bypass. */
export function usedEntry(
  bypass: Bypass,
  { version, rowCount, missingGames }: ProcessorResult,
  at: string,
): AuditEntry {
  const { bypassId, processor, tables } = bypass;
  const reason = `version ${version ?? 0} of ${processor} was built with it`;
  return {
    ...systemEntry(`${bypassId}/used/${version ?? 0}`, 'bypass_used', reason, at),
    ...{ processor, tables },
    evidence: { bypassId, version, rowCount, missingGames },
  };
}

/** That a bypass is over, and why. */
export function clearedEntry(bypass: Bypass, reason: string, at: string): AuditEntry {
  const version = bypass.version === null ? '' : `/${bypass.version}`;
  return {
    // A version that stands on it may be restored, and be cleared again.
    ...systemEntry(`${bypass.bypassId}/cleared${version}`, 'bypass_cleared', reason, at),
    ...{ processor: bypass.processor, tables: bypass.tables },
    evidence: { bypassId: bypass.bypassId, by: bypass.by, version: bypass.version },
  };
}

/** What of a request is to be audited: a rerun, a restore. */
export function decisionEntries(
  { kind, requestId, by, reason, processors, source, version, force }: TriggerMessage,
  at: string,
): AuditEntry[] {
  if (kind !== 'rerun' && kind !== 'restore') return [];
  const [only] = processors?.length === 1 ? processors : [];
  const evidence =
    kind === 'restore'
      ? { version }
      : { processors: processors ?? null, source, ...(force ? { force } : {}) };
  return [
    {
      ...{ entryId: requestId, kind, by: by ?? '', reason: reason ?? '', processor: only ?? null },
      ...{ tables: [], evidence, at },
    },
  ];
}

/** That the gate let a version pass by policy, without some games; none where it did not. */
export function policyEntries(
  gameDate: string,
  { processor, outcome, version, policyBypass, missingGames }: ProcessorResult,
  at: string,
): AuditEntry[] {
  if (outcome !== 'published' || !policyBypass) return [];
  const { rule, readyGames, finalGames } = policyBypass;
  const tables = [...new Set(missingGames.flatMap(({ table }) => (table ? [table] : [])))];
  return [
    {
      ...systemEntry(
        `policy/${gameDate}/${processor}/${version ?? 0}`,
        'policy_bypass',
        `${rule}: ${readyGames} of ${finalGames} games are ready`,
        at,
      ),
      ...{ by: 'policy', processor, tables },
      evidence: { version, missingGames },
    },
  ];
}
