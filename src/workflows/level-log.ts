/** The level log of a date, in the plan's words. Pure. */
import type { DateMemory, JournalLevel, JournalLine } from '../contracts/date-state';
import type { TriggerMessage } from '../contracts/messages';
import { isSatisfied, type ProcessorResult } from '../contracts/phase3';
import type { PlannedLevel } from '../contracts/plan';
import type { Taken } from './take-in';

/** Lines kept: what a run carries over must stay small. `journalDropped` counts the others. */
const mostLines = 200;

/** A line before it has its instant. */
export type Line = readonly [JournalLevel, string];

/** Adds lines of one instant; the oldest ones go where there are too many. */
export function withLines(state: DateMemory, at: string, ...lines: Line[]): DateMemory {
  if (lines.length === 0) return state;
  const journal: JournalLine[] = [
    ...state.journal,
    ...lines.map(([level, message]) => ({ at, level, message })),
  ];
  const dropped = Math.max(0, journal.length - mostLines);
  return { ...state, journal: journal.slice(dropped), journalDropped: state.journalDropped + dropped };
}

/** Lines of each kind that one batch may bring; the others are counted. */
const mostOfKind = 20;

/** What came in a batch and is no new request. `effect` is what came of its rechecks. */
export function messageLines(
  { again, triedAgain, refused, rechecks, leftOut }: Taken,
  effect: string,
): Line[] {
  const whos = [...new Set(rechecks.map(({ by }) => by))];
  const times = rechecks.length > whos.length ? ` (${rechecks.length} times)` : '';
  const left: Line = [
    'WARNING',
    `No room for more requests: ${leftOut} were not taken, and their senders have to send them again`,
  ];
  return [
    ...few(triedAgain.map((one): Line => ['INFO', `Request ${one} failed before and is tried again`])),
    ...few(again.map((one): Line => ['INFO', `Request ${one} is a repetition and joins the first one`])),
    ...few(refused.map(({ why }): Line => ['WARNING', `A message was refused: ${why}`])),
    ...few(whos.map((by): Line => ['INFO', `Recheck requested by ${by}${times}: ${effect}`])),
    ...(leftOut > 0 ? [left] : []),
  ];
}

function few(lines: readonly Line[]): Line[] {
  const [first] = lines;
  const more = lines.length - mostOfKind;
  if (!first || more <= 0) return [...lines];
  return [...lines.slice(0, mostOfKind), [first[0], `... and ${more} more of that kind`]];
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
export function levelDoneLine(state: DateMemory, level: PlannedLevel, isLast: boolean): Line {
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
