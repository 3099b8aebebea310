/** What the rules of the game made of a night, for the record of what is built from it. Pure. */
import type { GameEvidence } from '../evidence';
import { brokenRules } from './judge-game';

/** One line of the record. A failed one is a warning: a game that breaks a blocking rule is not built at all. */
export interface RuleCheck {
  readonly name: string;
  readonly blocking: false;
  readonly passed: boolean;
  readonly detail: string;
}

/**
 * The results over games that are built: one line for all rules, and one for each that was broken or could not be run
 * everywhere. Of warnings only those that are about the sources named.
 */
export function ruleChecks(games: readonly GameEvidence[], sources: readonly string[]): RuleCheck[] {
  const [first] = games;
  if (!first) return [];
  const lines = first.rules.flatMap(({ rule }): RuleCheck[] => {
    if (!rule.needs.every((source) => sources.includes(source))) return [];
    const results = games.flatMap(({ game, rules }) =>
      rules.filter((own) => own.rule === rule).map((result) => ({ game, result })),
    );
    const broken = results.flatMap(({ game, result }) =>
      brokenRules([result], false).map(({ detail }) => `${game.gameId}: ${detail}`),
    );
    const notRun = results.filter(({ result }) => result.status === 'not_run').length;
    if (broken.length === 0 && notRun === 0) return [];
    const without = notRun > 0 ? [`not run for ${notRun} of ${games.length} games`] : [];
    return [
      {
        ...{ name: rule.name, blocking: false, passed: broken.length === 0 },
        detail: [...broken.slice(0, 3), ...without].join('; '),
      },
    ];
  });
  const all = {
    ...{ name: 'rules_of_the_game', blocking: false as const, passed: true },
    detail: `${first.rules.length} rules, ${games.length} games`,
  };
  return [all, ...lines];
}
