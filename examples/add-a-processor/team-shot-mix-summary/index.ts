/** Shot mix: how fast each team played and where its shots came from, downstream of team offence. */
import { nbacGamebookPlayerStats } from '../../sources/nbac-gamebook-player-stats';
import { nbacSchedule } from '../../sources/nbac-schedule';
import { nbacTeamBoxscore } from '../../sources/nbac-team-boxscore';
import { defineProcessor } from '../define-processor';
import { teamOffenseGameSummary } from '../team-offense-game-summary';
import { columns, shotMixParts } from './build';
import { rules } from './rules';
import { table } from './table';

export const teamShotMixSummary = defineProcessor({
  name: 'TeamShotMixProcessor',
  version: '1.0.0',
  description: 'Shot mix - from team possessions',
  table,
  reads: { schedule: nbacSchedule },
  upstreams: { offense: teamOffenseGameSummary },
  triggers: [nbacTeamBoxscore, nbacGamebookPlayerStats],
  timeoutMs: 10 * 60_000,
  // All that it reads is the published offence, which the dependency check looks at by itself.
  judge: () => null,
  expected: { offense: { perGame: 2 } },
  parts: (game, { offense }) => shotMixParts(game, offense),
  madeFrom: { team: 'offense' },
  columns,
  rules,
  waivable: { offense: 'the game has no shot mix' },
});
