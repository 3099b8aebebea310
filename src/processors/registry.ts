/** The processors: one line each. What reads this list is `src/tables/catalogue.ts` and `src/plan/registry.ts`. */
export { teamOffenseGameSummary } from './team-offense-game-summary';
export { teamDefenseGameSummary } from './team-defense-game-summary';
export { playerGameSummary } from './player-game-summary';
