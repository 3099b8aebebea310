/** What is owed to the audit, as entries: the same words from whoever owes one. */
import type { ManifestRow } from '../tables/orchestration';
import { overId, type DecidedGame, type GameDecision } from './game-decisions';
import type { TriggerMessage } from './messages';
import type { AuditEntry, AuditKind, Bypass, Waiver } from './decisions';
import { isSatisfied, type ProcessorResult } from './phase3';

/** An entry that nobody decided. */
export function systemEntry(entryId: string, kind: AuditKind, reason: string, at: string): AuditEntry {
  return { entryId, kind, by: 'system', reason, processor: null, tables: [], evidence: {}, at };
}

/** That a version has been built on the bypass that was open for it; none where it did without. */
export function usedEntries(
  waiver: Waiver | undefined,
  { processor, outcome, version, rowCount, missingGames, bypassIds }: ProcessorResult,
  at: string,
): AuditEntry[] {
  if (!waiver || !isSatisfied(outcome) || bypassIds?.[0] !== waiver.bypassId) return [];
  const { bypassId, tables } = waiver;
  const reason = `version ${version ?? 0} of ${processor} was built with it`;
  return [
    {
      ...systemEntry(`${bypassId}/${processor}/used/${version ?? 0}`, 'bypass_used', reason, at),
      ...{ processor, tables },
      evidence: { bypassId, version, rowCount, missingGames },
    },
  ];
}

/** That a bypass is over, and why. */
export function clearedEntry(bypass: Bypass, reason: string, at: string): AuditEntry {
  return endEntry(bypass, 'cleared', reason, at);
}

/** That the time of a bypass is over while a version stands on it. */
export function expiredEntry(bypass: Bypass, at: string): AuditEntry {
  const { version, until } = bypass;
  return endEntry(bypass, 'expired', `it held until ${until}, and version ${version ?? 0} stands on it`, at);
}

function endEntry(
  { bypassId, processor, tables, by, version }: Bypass,
  how: 'cleared' | 'expired',
  reason: string,
  at: string,
): AuditEntry {
  // One decision may be about several processors; a version that stands on it may be restored, and be cleared again.
  const entryId = `${bypassId}/${processor}/${how}${version === null ? '' : `/${version}`}`;
  return {
    ...systemEntry(entryId, `bypass_${how}`, reason, at),
    ...{ processor, tables, evidence: { bypassId, by, version } },
  };
}

/** What is said of a version in the audit. */
type Version = Pick<ManifestRow, 'game_date' | 'processor' | 'version'>;

/** That a version which was not stored as it was built was taken back; none where nothing could be put back. */
export function rolledBackEntries(
  bad: Version,
  restored: Version | null,
  reason: string,
  at: string,
): AuditEntry[] {
  if (!restored) return [];
  const { game_date: gameDate, processor, version } = bad;
  return [
    {
      ...systemEntry(`rolled-back/${gameDate}/${processor}/${version}`, 'rolled_back', reason, at),
      ...{ processor, evidence: { version, liveVersion: restored.version } },
    },
  ];
}

/** That a decision about a game is over, and why. */
export function overEntry(
  { decisionId, kind, by, gameId }: GameDecision,
  how: 'cleared' | 'expired',
  reason: string,
  at: string,
): AuditEntry {
  const over = kind === 'discard' ? 'discard_cleared' : (`${kind}_${how}` as const);
  return {
    ...systemEntry(overId(decisionId, how), over, reason, at),
    evidence: { decisionId, by, game: gameId },
  };
}

/** What of a request is to be audited: that of a person's decision. */
export function decisionEntries(message: TriggerMessage, at: string): AuditEntry[] {
  const { kind, requestId, by, reason, processors } = message;
  const evidence = evidenceOf(message);
  if (!evidence) return [];
  const [only] = processors?.length === 1 ? processors : [];
  return [
    {
      ...{
        entryId: requestId,
        kind: kind as AuditKind,
        by: by ?? '',
        reason: reason ?? '',
        processor: only ?? null,
      },
      ...{ tables: [], evidence, at },
    },
  ];
}

/** What is to be done, as the entry of a request has it. */
function evidenceOf(message: TriggerMessage): object | null {
  const { kind, processors, source, version, before, force, game, rules, until, estimate } = message;
  switch (kind) {
    case 'restore':
      return before === undefined ? { version } : { before };
    case 'unpin':
    case 'rerun':
      return { processors: processors ?? null, source, ...(force ? { force } : {}) };
    case 'release':
    case 'discard':
    case 'estimate':
      // Messages without them are refused where they come in.
      return {
        ...{ game: game ?? '', rules: rules ?? [] },
        ...(until === undefined ? {} : { until }),
        ...(estimate === undefined ? {} : { estimate }),
      } satisfies DecidedGame;
    case 'trigger':
    case 'run':
    case 'backfill':
    case 'recheck':
    case 'bypass':
      return null;
  }
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
