/** Every rule of the game, blocking ones first. `phase3 rules` lists them, and `docs/reference/rules.md` is made of them. */
import type { GameRule } from './define-rule';
import { idRules } from './ids';
import { lengthRules } from './length';
import { lineRules } from './lines';
import { peopleRules } from './people';
import { scheduleRules } from './schedule';
import { sumRules } from './sums';
import { totalRules } from './totals';
import { warningRules } from './warnings';

/** In the order in which they are run and listed: what says most of a fault's cause comes first. */
export const gameRules: readonly GameRule[] = inOrder([
  ...scheduleRules,
  ...idRules,
  ...peopleRules,
  ...lengthRules,
  ...lineRules,
  ...sumRules,
  ...totalRules,
  ...warningRules,
]);

function inOrder(rules: readonly GameRule[]): GameRule[] {
  return [...rules.filter(({ blocking }) => blocking), ...rules.filter(({ blocking }) => !blocking)];
}
