/** The level log of a date, in the plan's words. Pure. */
import type { DateState, JournalLevel, JournalLine } from '../contracts/date-state';
import type { TriggerMessage } from '../contracts/messages';
import { isSatisfied, type ProcessorResult } from '../contracts/phase3';
import type { PlannedLevel } from '../plan/registry';

/** Lines kept: what a run carries over must stay small. `journalDropped` counts the others. */
const mostLines = 200;

/** A line before it has its instant. */
export type Line = readonly [JournalLevel, string];

/** Adds lines of one instant; the oldest ones go where there are too many. */
export function withLines(state: DateState, at: string, ...lines: Line[]): DateState {
  if (lines.length === 0) return state;
  const journal: JournalLine[] = [
    ...state.journal,
    ...lines.map(([level, message]) => ({ at, level, message })),
  ];
  const dropped = Math.max(0, journal.length - mostLines);
  return { ...state, journal: journal.slice(dropped), journalDropped: state.journalDropped + dropped };
}

/** What came of a processor, its warnings and what it stands on first. */
export function linesOfResult(result: ProcessorResult): Line[] {
  const { processor, outcome, reason } = result;
  const lines: Line[] = result.warnings.map((warning) => ['WARNING', `${processor}: ${warning}`]);
  if (result.missingGames.length > 0 && isSatisfied(outcome))
    lines.push([
      'WARNING',
      `${processor} runs without ${result.missingGames
        .map((game) => `${game.gameId} (${game.table ?? 'game'}: ${game.status}, ${game.detail})`)
        .join('; ')}`,
    ]);
  if (isSatisfied(outcome) && result.bypassIds?.length)
    lines.push(['WARNING', `${processor} was built with bypass ${result.bypassIds.join(', ')}`]);
  if (result.policyBypass)
    lines.push([
      'WARNING',
      `${processor} ran by policy (${result.policyBypass.rule}): ${result.policyBypass.readyGames} of ${result.policyBypass.finalGames} games are ready`,
    ]);
  switch (outcome) {
    case 'published':
      return [...lines, ['INFO', `✅ ${processor} completed`]];
    case 'unchanged':
      return [...lines, ['INFO', `✅ ${processor} completed - unchanged, ${reason}`]];
    case 'skipped':
      return [...lines, ['INFO', `${processor} skipped - ${reason}`]];
    case 'waiting':
      return lines;
    case 'blocked':
    case 'quarantined':
    case 'failed':
    case 'upstream_failed':
      return [...lines, ['ERROR', `❌ ${processor} ${outcome} - ${reason}`]];
  }
}

/** That a level has ended, and without whom. */
export function levelDoneLine(state: DateState, level: PlannedLevel, isLast: boolean): Line {
  const bad = level.processors.filter((name) => {
    const outcome = state.results[name]?.outcome;
    return outcome !== undefined && !isSatisfied(outcome) && outcome !== 'skipped';
  });
  const next = isLast ? '' : ' - proceeding to next level';
  return bad.length === 0
    ? ['INFO', `✅ Level ${level.level} complete${next}`]
    : ['WARNING', `Level ${level.level} ended without ${bad.join(', ')}${next}`];
}

/** What a person has decided by a request: a rerun, a restore. */
export function decisionLines({ kind, by, reason, processors, version, force }: TriggerMessage): Line[] {
  const named = processors?.join(', ');
  if (kind === 'rerun')
    return [
      [
        'INFO',
        `Rerun of ${named ?? 'the date'}${force ? ', even if unchanged,' : ''} by ${by ?? ''}: ${reason ?? ''}`,
      ],
    ];
  if (kind === 'restore')
    return [
      ['WARNING', `Restore of version ${version ?? 0} of ${named ?? ''} by ${by ?? ''}: ${reason ?? ''}`],
    ];
  return [];
}
