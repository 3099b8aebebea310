/** The rules as they are listed: those of the game, with all the sources that each is held against, and those of history. */
import { calendar } from '../games/evidence';
import type { GameRule } from '../games/rules/define-rule';
import { gameRules } from '../games/rules/registry';
import { processors } from './registry';

export interface ListedRule extends Omit<GameRule, 'find' | 'needs'> {
  /** Of a rule of the game its sources, the calendar first, which every game comes from; else the table whose history it is. */
  readonly sources: readonly string[];
}

/** Every rule, blocking ones first. */
export const listedRules: readonly ListedRule[] = [
  ...gameRules.map(({ find: _, needs, ...rule }) => ({ ...rule, sources: [calendar.table.name, ...needs] })),
  ...processors.flatMap(({ history, table }): ListedRule[] => {
    if (!history) return [];
    const { id, name, sentence, tolerance, since } = history;
    return [{ id, name, sentence, blocking: false, tolerance, since, sources: [table.name] }];
  }),
];
