/** The toy's games are no basketball: no rule of the game is asked of them. */
import type { GameRule } from '../../src/games/rules/define-rule';

export const gameRules: readonly GameRule[] = [];
