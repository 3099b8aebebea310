/** The rules of the game as they are listed: with all the sources that each is held against. */
import { calendar } from '../games/evidence';
import type { GameRule } from '../games/rules/define-rule';
import { gameRules } from '../games/rules/registry';

export interface ListedRule extends Omit<GameRule, 'find' | 'needs'> {
  /** The calendar first: every game comes from it. */
  readonly sources: readonly string[];
}

/** Every rule, blocking ones first. */
export const listedRules: readonly ListedRule[] = gameRules.map(({ find: _, needs, ...rule }) => ({
  ...rule,
  sources: [calendar.table.name, ...needs],
}));
