/** Team offence: what each team did with the ball, and the possessions that players' usage rates divide by. */
import { nbacGamebookPlayerStats } from '../../sources/nbac-gamebook-player-stats';
import { nbacPlayerBoxscores } from '../../sources/nbac-player-boxscores';
import { nbacSchedule } from '../../sources/nbac-schedule';
import { nbacTeamBoxscore } from '../../sources/nbac-team-boxscore';
import { faultOfTeamRows, isPlayedTeamRow } from '../../sources/nbac-team-boxscore/whole-game';
import { defineProcessor } from '../define-processor';
import { bothSides } from '../formulas/team-sides';
import { columns } from './build';
import { history } from './history';
import { rules } from './rules';
import { table } from './table';

export const teamOffenseGameSummary = defineProcessor({
  name: 'TeamOffenseGameSummaryProcessor',
  version: '1.1.0',
  description: 'Team stats - foundation for player calculations',
  table,
  reads: { schedule: nbacSchedule, teams: nbacTeamBoxscore },
  triggers: [nbacGamebookPlayerStats, nbacPlayerBoxscores, nbacTeamBoxscore],
  timeoutMs: 30 * 60_000,
  judge: (game, { teams }) => faultOfTeamRows(game, teams),
  expected: { teams: { perGame: 2, usable: isPlayedTeamRow } },
  parts: (game, { teams }) => bothSides(game, teams),
  madeFrom: { team: 'teams', opponent: 'teams' },
  columns,
  rules,
  history,
});
