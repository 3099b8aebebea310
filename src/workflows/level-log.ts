/** The level log of a date, in the plan's words. Each function adds to a memory what there is to say. */
import type { DateMemory, JournalLevel } from '../contracts/date-state';
import { describeStandsOn } from '../contracts/bypass-mark';
import { describeRequest, type TriggerMessage } from '../contracts/messages';
import { canBuild, isSatisfied, type GameVerdict, type ProcessorResult } from '../contracts/phase3';
import type { PlannedLevel } from '../contracts/plan';
import type { Taken } from './take-in';

/** Lines kept: what a run carries over must stay small. `journalDropped` counts the others. */
const mostLines = 200;

/** Adds a line; the oldest one goes where there are too many. */
export function say(memory: DateMemory, level: JournalLevel, message: string): void {
  const journal = [...memory.journal, { at: memory.at, level, message }];
  memory.journal = journal.slice(-mostLines);
  memory.journalDropped += journal.length - memory.journal.length;
}

/** Lines of each kind that one batch may bring; the others are counted. */
const mostOfKind = 20;

/** What came in a batch and is no new request. `effect` is what came of its rechecks. */
export function sayMessages(memory: DateMemory, taken: Taken, effect: string): void {
  const { again, triedAgain, refused, rechecks, leftOut } = taken;
  const whos = [...new Set(rechecks.map(({ by }) => by))];
  const times = rechecks.length > whos.length ? ` (${rechecks.length} times)` : '';
  const few = <T>(level: JournalLevel, all: readonly T[], lineOf: (one: T) => string): void => {
    for (const one of all.slice(0, mostOfKind)) say(memory, level, lineOf(one));
    const more = all.length - mostOfKind;
    if (more > 0) say(memory, level, `... and ${more} more of that kind`);
  };
  few('INFO', triedAgain, (one) => `Request ${one} failed before and is tried again`);
  few('INFO', again, (one) => `Request ${one} is a repetition and joins the first one`);
  few('WARNING', refused, ({ why }) => `A message was refused: ${why}`);
  few('INFO', whos, (by) => `Recheck requested by ${by}${times}: ${effect}`);
  const senders = 'were not taken, and their senders have to send them again';
  if (leftOut > 0) say(memory, 'WARNING', `No room for more requests: ${leftOut} ${senders}`);
}

/** What came of a processor, its warnings and what it stands on first. */
export function sayResult(memory: DateMemory, result: ProcessorResult): void {
  const { processor, outcome, reason, warnings, missingGames, bypassIds = [], policyBypass } = result;
  const warn = (what: string): void => say(memory, 'WARNING', `${processor}${what}`);
  for (const warning of warnings) warn(`: ${warning}`);
  const named = (games: readonly GameVerdict[]): string =>
    games
      .map((game) => `${game.gameId} (${game.table ?? 'game'}: ${game.status}, ${game.detail})`)
      .join('; ');
  const left = missingGames.filter((game) => !canBuild(game) && !game.isLive);
  const kept = missingGames.filter((game) => !canBuild(game) && game.isLive);
  const made = missingGames.filter(({ status }) => status === 'reconstructed');
  const released = missingGames.filter(({ status }) => status === 'released');
  if (isSatisfied(outcome) && left.length > 0) warn(` runs without ${named(left)}`);
  if (isSatisfied(outcome) && kept.length > 0) warn(` keeps the live rows of ${named(kept)}`);
  if (isSatisfied(outcome) && made.length > 0) warn(` runs without team rows of ${named(made)}`);
  if (isSatisfied(outcome) && released.length > 0) warn(` runs with ${named(released)}`);
  if (isSatisfied(outcome) && bypassIds.length > 0)
    warn(` was built with ${describeStandsOn(bypassIds, result.decisions)}`);
  if (policyBypass) {
    const { rule, readyGames, finalGames } = policyBypass;
    warn(` ran by policy (${rule}): ${readyGames} of ${finalGames} games are ready`);
  }
  if (outcome === 'waiting') return;
  const why = outcome === 'unchanged' ? ` - unchanged, ${reason}` : '';
  if (isSatisfied(outcome)) say(memory, 'INFO', `✅ ${processor} completed${why}`);
  else if (outcome === 'skipped') say(memory, 'INFO', `${processor} skipped - ${reason}`);
  else say(memory, 'ERROR', `❌ ${processor} ${outcome} - ${reason}`);
}

/** That a level has ended, and without whom. */
export function sayLevelDone(memory: DateMemory, level: PlannedLevel): void {
  const bad = level.processors.filter((name) => {
    const outcome = memory.results[name]?.outcome;
    return outcome !== undefined && !isSatisfied(outcome) && outcome !== 'skipped';
  });
  const next = level === memory.levels.at(-1) ? '' : ' - proceeding to next level';
  if (bad.length === 0) say(memory, 'INFO', `✅ Level ${level.level} complete${next}`);
  else say(memory, 'WARNING', `Level ${level.level} ended without ${bad.join(', ')}${next}`);
}

/** What a person has decided by a request. What changes what is live by itself is a warning. */
export function sayDecision(memory: DateMemory, message: TriggerMessage): void {
  const what = describeRequest(message);
  if (what !== null) say(memory, message.kind === 'rerun' ? 'INFO' : 'WARNING', what);
}
