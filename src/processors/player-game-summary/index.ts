/** Player summaries: the box score of everybody who was listed, and the usage rate of those who played. */
import { nbacGamebookPlayerStats } from '../../sources/nbac-gamebook-player-stats';
import { faultOfPlayerRows, isActivePlayer } from '../../sources/nbac-gamebook-player-stats/whole-game';
import { nbacInjuryReport } from '../../sources/nbac-injury-report';
import { nbacPlayerBoxscores } from '../../sources/nbac-player-boxscores';
import { nbacSchedule } from '../../sources/nbac-schedule';
import { defineProcessor } from '../define-processor';
import { teamOffenseGameSummary } from '../team-offense-game-summary';
import { columns, playerParts } from './build';
import { onePerPlayer } from './one-per-player';
import { rules } from './rules';
import { table } from './table';

export const playerGameSummary = defineProcessor({
  name: 'PlayerGameSummaryProcessor',
  version: '1.1.0',
  description: 'Player stats - requires team possessions',
  table,
  reads: { schedule: nbacSchedule, gamebook: nbacGamebookPlayerStats },
  // Offence alone: usage divides by the offence's plays, so a defence that fails does not stop the players.
  upstreams: { offense: teamOffenseGameSummary },
  triggers: [nbacGamebookPlayerStats, nbacPlayerBoxscores, nbacInjuryReport],
  timeoutMs: 20 * 60_000,
  judge: (game, { gamebook }) => faultOfPlayerRows(game, gamebook),
  expected: { gamebook: { perGame: 10, usable: isActivePlayer }, offense: { perGame: 2 } },
  whole: onePerPlayer,
  parts: (game, { gamebook, offense }) => playerParts(game, gamebook, offense),
  madeFrom: { player: 'gamebook', team: 'offense' },
  columns,
  rules,
  highlight: {
    title: 'Top usage rates',
    figure: 'usage_rate',
    of: 'player_full_name',
    fewest: { column: 'minutes_played', value: 5, heading: 'players with 5 minutes and more' },
    columns: [
      { column: 'team_abbr', heading: 'team' },
      { column: 'minutes_played', heading: 'minutes', digits: 1 },
      { column: 'points', heading: 'points' },
      { column: 'usage_rate', heading: 'usage %', digits: 1 },
      { column: 'ts_pct', heading: 'TS', digits: 3 },
      { column: 'efg_pct', heading: 'eFG', digits: 3 },
    ],
  },
  waivable: { offense: 'usage rates of its players are null' },
});
