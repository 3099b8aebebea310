/** The sources: one line each. What reads this list is `src/tables/catalogue.ts` and `src/plan/registry.ts`. */
export { nbacSchedule } from './nbac-schedule';
export { nbacTeamBoxscore } from './nbac-team-boxscore';
export { nbacGamebookPlayerStats } from './nbac-gamebook-player-stats';
export { nbacPlayerBoxscores } from './nbac-player-boxscores';
export { nbacInjuryReport } from './nbac-injury-report';
